"""The engine's own provider, ``pulumi``: stack references and the look-up of registered resources."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from pulumi.output import Unknown

from modelyard.graph import UNKNOWN, Secret
from modelyard.offline import wire

STACK_REFERENCE_TYPE = "pulumi:pulumi:StackReference"
STACK_OUTPUTS_FUNCTION = "pulumi:pulumi:readStackOutputs"


class UnknownStack(LookupError):
    """A StackReference to a stack that has not been planned."""

    def __init__(self, name: str, known: list[str]) -> None:
        close = difflib.get_close_matches(name, known, 1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        have = ", ".join(map(repr, known)) if known else "none"
        super().__init__(
            f"stack {name!r} is referenced but has not been planned{hint}: planned stacks are {have}; "
            "plan it before this one"
        )


class StackOutputs(Mapping[str, Any]):
    """A referenced stack's outputs as the SDK sees them: one unknown output leaves the others known.

    Deliberately no dict: the SDK takes a dict that holds one unknown to be unknown as a whole, which is true of a
    value but not of a stack, whose outputs are read one by one.
    """

    def __init__(self, outputs: Mapping[str, Any]) -> None:
        self._outputs = {name: _plain_for_sdk(value) for name, value in outputs.items()}

    def __getitem__(self, name: str) -> Any:
        return self._outputs[name]

    def __iter__(self) -> Any:
        return iter(self._outputs)

    def __len__(self) -> int:
        return len(self._outputs)


class BuiltinProvider:
    """Answers from the outputs of earlier runs, by full stack name ``organization/project/stack``."""

    def __init__(self, organization: str, project: str, references: Mapping[str, Mapping[str, Any]]) -> None:
        self._organization = organization
        self._project = project
        self._references = references

    def stack_reference(self, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """The state of a StackReference resource, as graph data and as the SDK reads it.

        ``name`` may leave out the organization, or the organization and the project, as with the Pulumi CLI.
        Raises UnknownStack.
        """
        outputs = self._references.get(self._full_name(name))
        if outputs is None:
            outputs = self._references.get(name)
        if outputs is None:
            raise UnknownStack(name, sorted(self._references))
        secrets = sorted(key for key, value in outputs.items() if wire.contains_secret(value))
        graph = {"name": name, "outputs": dict(outputs), "secretOutputNames": secrets}
        return graph, {"name": name, "outputs": StackOutputs(outputs), "secretOutputNames": secrets}

    def _full_name(self, name: str) -> str:
        parts = name.split("/")
        if len(parts) == 1:
            return f"{self._organization}/{self._project}/{name}"
        return f"{self._organization}/{name}" if len(parts) == 2 else name


def _plain_for_sdk(value: Any) -> Any:
    """A stack output with unknowns for the SDK and without secret marks: those travel as secretOutputNames."""
    if isinstance(value, Secret):
        return _plain_for_sdk(value.reveal())
    if value is UNKNOWN:
        return Unknown()
    if isinstance(value, Mapping):
        return {name: _plain_for_sdk(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_for_sdk(item) for item in value]
    return value
