"""Requests and answers that are kept, declared the same way for every target.

What one service alone has stays in its own section (``sagemaker.capture``, ``vertex.request_log``,
``azureml.data_collection``) and is added to this; whatever both could say is said here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from .declaration import Declaration
from .target import MANAGED, ManagedTarget

Content = Literal["input", "output", "input_and_output"]

OWN_SECTION: dict[ManagedTarget, str] = {
    "sagemaker": "capture",
    "vertex": "request_log",
    "azureml": "data_collection",
}
"""Where a target's own declaration says what it alone has."""

_SAME: dict[ManagedTarget, dict[str, str]] = {
    "sagemaker": {"percent": "percent", "content": "content"},
    "vertex": {"percent": "percent", "retention_days": "retention_days"},
    "azureml": {"sampling_percent": "percent", "collections": "content"},
}
"""Keys of those sections that say what a key of ``capture`` says."""


class Capture(Declaration):
    """Requests and answers kept for drift and later training: private, encrypted as the model's files are, and deleted
    after their time."""

    percent: Annotated[int, Field(ge=1, le=100)] = 10
    """Share of the requests."""
    content: Content = "input_and_output"
    retention_days: Annotated[int, Field(ge=1, le=3650)] = 90
    """Deleted after so long."""


def said_twice(sections: Mapping[ManagedTarget, Declaration | None]) -> Iterator[str]:
    """A sentence for each key of a target's own section that says what ``capture``, which is declared, says.

    Args:
        sections: ``model.sagemaker``, ``model.vertex`` and ``model.azureml``.
    """
    for target in MANAGED:
        name = OWN_SECTION[target]
        own = getattr(sections.get(target), name, None)
        for key, neutral in _SAME[target].items():
            if own is not None and key in own.model_fields_set:
                yield (
                    f"{target}.{name}.{key} says what capture.{neutral} says; delete {target}.{name}.{key}, or capture"
                )
