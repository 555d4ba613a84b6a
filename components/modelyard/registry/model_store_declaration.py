"""A model store as its component is asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, StringConstraints

from ..environment.model_store import ModelStore


class ModelStoreDeclaration(ModelStore):
    """With what models declare."""

    expire_captured_days: Annotated[
        Mapping[Annotated[str, StringConstraints(pattern=r"^[^/].*/$")], Annotated[int, Field(ge=1, le=3650)]],
        Field(max_length=900),
    ] = {}
