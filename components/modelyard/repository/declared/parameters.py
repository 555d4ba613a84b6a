"""Parameters of a backend: typed here, text in the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ...environment.declaration import Declaration


class Parameters(Declaration):
    """What is left out keeps the backend's default."""

    keys: ClassVar[Mapping[str, str]] = {}
    """The backend's name of a field, where it is not the field's own."""
    switch: ClassVar[tuple[str, str]] = ("false", "true")
    """How the backend spells no and yes."""

    def texts(self, release: str) -> dict[str, str]:
        """As the backend of that release reads them, by its own names."""
        fields = type(self).model_fields
        return {
            self.keys.get(name, name): parameter_text(value, self.switch)
            for name in fields
            if (value := getattr(self, name)) is not None
        }


def parameter_text(value: Any, switch: tuple[str, str] = ("false", "true")) -> str:
    """A parameter's value as text: true and false as the backend spells them, numbers in their shortest form."""
    if isinstance(value, bool):
        return switch[value]
    return value if isinstance(value, str) else repr(value)
