"""Priorities, and what happens to requests that wait too long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...environment.yaml_document import Steps
from ..repository import RepositoryModel
from .fault import Fault

_DELAY = 1
"""``ModelQueuePolicy.TimeoutAction.DELAY``."""


def faults(model: RepositoryModel) -> Iterator[Fault]:
    """triton-inference-server/server docs/user_guide/batcher.md, Preserve Ordering, Priority Levels, Queue Policy."""
    if not model.config.HasField("dynamic_batching"):
        return
    batching = model.config.dynamic_batching
    for field, message in [*_levels(batching), *_policies(batching)]:
        yield Fault(model.name, ("dynamic_batching", *field), f"dynamic batching of model {model.name!r} {message}")


def _levels(batching: Any) -> Iterator[tuple[Steps, str]]:
    levels, default = batching.priority_levels, batching.default_priority_level
    if levels and not 1 <= default <= levels:
        what = f"has default priority level {default}" if default else "has no default priority level"
        yield ("default_priority_level",), f"{what} and {levels} priority levels; name one from 1 to {levels}"
    if not levels and default:
        yield (
            ("default_priority_level",),
            f"has default priority level {default} and no priority levels; say how many there are, or delete it",
        )
    for level in sorted(batching.priority_queue_policy):
        if not 1 <= level <= levels:
            allowed = f"levels are 1 to {levels}" if levels else "it has no priority levels"
            yield ("priority_queue_policy", level), f"names a queue for priority {level}, and {allowed}; correct one"
    if batching.preserve_ordering and levels > 1:
        yield (
            ("preserve_ordering",),
            f"preserves the order of requests and has {levels} priority levels, which change it; keep one of the two",
        )


def _policies(batching: Any) -> Iterator[tuple[Steps, str]]:
    policies: list[tuple[Steps, str, Any]] = []
    if batching.HasField("default_queue_policy"):
        policies.append((("default_queue_policy",), "its queue", batching.default_queue_policy))
    for level in sorted(batching.priority_queue_policy):
        policy = batching.priority_queue_policy[level]
        policies.append((("priority_queue_policy", level), f"its queue of priority {level}", policy))
    for where, name, policy in policies:
        timeout_us = policy.default_timeout_microseconds
        if timeout_us and policy.timeout_action == _DELAY and batching.preserve_ordering:
            message = (
                f"preserves the order of requests, and {name} delays those that time out; reject them, or delete one"
            )
            yield (*where, "timeout_action"), message
        if not timeout_us and policy.timeout_action == _DELAY:
            message = f"delays requests that time out, and {name} has no default timeout: none ever does; set one"
            yield (*where, "timeout_action"), message
        if not timeout_us and policy.allow_timeout_override:
            message = (
                f"lets a request shorten its timeout, and {name} has no default timeout to shorten, so that Triton "
                "ignores the request's own; set the longest as default"
            )
            yield (*where, "allow_timeout_override"), message
