"""Why a program was not accepted, all reasons at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason: the resource, the path of the property at fault (empty for the resource itself), the reason."""

    urn: str
    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.urn}: {self.path}: {self.reason}" if self.path else f"{self.urn}: {self.reason}"


class Refused(Exception):
    """One refusal on its way to the list of all."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(str(refusal))


class InputsRefused(Exception):
    """Resources that the engine or a provider refuses. ``refusals`` holds all that were found."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        count = len(self.refusals)
        head = "1 input was refused" if count == 1 else f"{count} inputs were refused"
        super().__init__("\n".join([f"{head}:", *(f"  {refusal}" for refusal in self.refusals)]))


class ProgramFailed(Exception):
    """The program raised. ``__cause__`` is its own exception, its traceback cut to the program's frames.

    ``refusals`` are those that were found before it raised.
    """

    def __init__(self, message: str, refusals: Sequence[Refusal] = ()) -> None:
        self.refusals = tuple(refusals)
        super().__init__("\n".join([message, *(f"  {refusal}" for refusal in self.refusals)]))
