"""A model of an ensemble that is declared in its own folder."""

from __future__ import annotations

from ...environment.declaration import Declaration
from .texts import Text


class ReferencedModel(Declaration):
    """Its folder holds a model.yaml of its own, or a hand-written config.pbtxt."""

    name: Text
    source: Text | None = None
    """Relative to the model.yaml that names it. Default: its name."""
