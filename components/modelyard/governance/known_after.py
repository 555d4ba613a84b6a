"""Values that carry an order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar, cast

import pulumi

Value = TypeVar("Value")


def known_after(value: pulumi.Output[Value], resources: Iterable[pulumi.Resource]) -> pulumi.Output[Value]:
    """The same value; whoever uses it is made after ``resources`` and deleted before them.

    Unlike ``Output.all(...)`` it does not hide a value that is known before ``resources`` exist, so that plans show
    it.
    """
    after = set(resources)

    async def with_resources() -> set[pulumi.Resource]:
        return await value.resources() | after

    future = cast(Awaitable[Value], value.future())
    return pulumi.Output(asyncio.ensure_future(with_resources()), future, value.is_known(), value.is_secret())
