"""Fields that are named alike in a declaration and in the message."""

from __future__ import annotations

from typing import Any


def assign(message: Any, declared: Any, *names: str, **renamed: str) -> None:
    """Set the fields ``names`` of ``message`` from ``declared``, and by ``renamed`` those that it calls otherwise
    (``message's=declared's``); what is None is left out."""
    for field, name in [*((name, name) for name in names), *renamed.items()]:
        value = getattr(declared, name)
        if value is not None:
            setattr(message, field, value)
