"""Models whose backends take any parameters, or none."""

from __future__ import annotations

from typing import Literal

from .model import ModelDeclaration
from .texts import ParameterValue, Text


class DaliModel(ModelDeclaration):
    """A DALI pipeline: ``model.dali``, or ``dali.py``."""

    format: Literal["dali"]
    parameters: dict[Text, ParameterValue] = {}

    def parameter_texts(self, release: str) -> dict[str, str]:
        return {**self.free_texts(self.parameters), **super().parameter_texts(release)}


class BuiltInModel(ModelDeclaration):
    """Backends that Triton brings for trying things out: identity answers its input, repeat and square many times."""

    format: Literal["identity", "repeat", "square"]
    parameters: dict[Text, ParameterValue] = {}

    def parameter_texts(self, release: str) -> dict[str, str]:
        return {**self.free_texts(self.parameters), **super().parameter_texts(release)}


class CustomModel(ModelDeclaration):
    """Any other backend that is installed in the image."""

    format: Literal["custom"]
    backend: Text
    parameters: dict[Text, ParameterValue] = {}

    def parameter_texts(self, release: str) -> dict[str, str]:
        return {**self.free_texts(self.parameters), **super().parameter_texts(release)}
