"""A field that takes one of several shapes: the shape is picked by its keys, so that an error speaks of one only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import Discriminator


def alternatives(pick: Callable[[Any], str | None], allowed: str) -> Discriminator:
    """A discriminator for a union of tagged types.

    Args:
        pick: value to tag, or None for a value that fits no shape. Tags are in parentheses: ``(eks)``.
        allowed: what the error then says must be written. The value is not shown: it may be a secret.
    """
    return Discriminator(pick, custom_error_type="refused", custom_error_message=f"must be {allowed}")


def is_tag(step: str | int) -> bool:
    """Whether a step of an error's location is a tag and no key of the file."""
    return isinstance(step, str) and step.startswith("(") and step.endswith(")")
