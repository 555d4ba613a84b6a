"""What a trial found: one object, for the terminal, JSON and HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .golden import GoldenResult
from .measured import Measured
from .smoke import Smoke
from .substitution import Substitute

if TYPE_CHECKING:
    from ..sizing.prediction import Prediction
    from .subject import Promise

WORKS = 0
MISSED = 3
"""Exit code: it is served, and an answer is wrong or missing, or the objective is missed here."""

Verdict = Literal["met", "missed", "not judged"]


@dataclass(frozen=True, slots=True)
class ServedBy:
    """A substitute and the version that was installed."""

    substitute: Substitute
    version: str

    def __str__(self) -> str:
        engine = self.substitute.engine.name
        return (
            f"{self.substitute.model}: {engine} {self.version} in a Python backend instead of "
            f"{self.substitute.backend} of release {self.substitute.release}"
        )


@dataclass(frozen=True, slots=True)
class ServedModel:
    """One model of the repository, as it was served."""

    name: str
    format: str
    backend: str
    """Declared; empty for an ensemble."""
    max_batch_size: int
    instances: int | None
    """None: left to Triton, or an ensemble."""
    queue_delay_us: int | None
    """None: no dynamic batching."""
    preferred_batch_sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ServerFound:
    """The server that answered."""

    version: str
    release: str | None
    """That carries the version; None: unknown."""
    url: str | None
    """Where it runs; None: started here."""
    processor: str | None
    """None: it runs elsewhere."""
    cores: int | None
    name: str = "Triton"
    """As its makers write it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the objective is kept."""

    verdict: Verdict
    why: str
    """One sentence."""


@dataclass(frozen=True, slots=True)
class TrialResult:
    """Everything that is known after a trial."""

    model: str
    environment: str | None
    started_at: str
    """In UTC, ISO 8601."""
    release: str
    """That is deployed."""
    digest: str
    """Of the repository that would be deployed."""
    server: ServerFound
    models: tuple[ServedModel, ...]
    stages: tuple[str, ...]
    """Models that execute, in the order in which a request meets them."""
    substitutes: tuple[ServedBy, ...]
    moved: tuple[str, ...]
    """Models whose GPU instances ran on the CPU."""
    smoke: Smoke
    golden: GoldenResult | None
    """None: there is no golden.json."""
    promise: Promise | None
    rate: float | None
    """Requests per second that were sent; None: no load."""
    measured: Measured | None
    predicted: Prediction | None
    unpredicted: str | None
    """Why there is no prediction; None: there is one, or there was no load."""
    outcome: Outcome | None
    """None: there is no objective."""
    profile_path: str | None
    """Of the profile that was written."""
    notices: tuple[str, ...]
    seconds: Mapping[str, float]
    """Of each phase."""

    @property
    def answers(self) -> bool:
        """Whether it answered, and as it should."""
        return self.smoke.passed and (self.golden is None or self.golden.passed)

    @property
    def exit_code(self) -> int:
        return WORKS if self.answers and (self.outcome is None or self.outcome.verdict != "missed") else MISSED

    @property
    def conclusion(self) -> str:
        """The trial in one sentence."""
        who = f"{self.server.name} {self.server.version}"
        if not self.smoke.passed:
            failed = next(check for check in self.smoke.checks if not check.passed)
            return f"{self.model} does not answer as declared on {who}: {failed.name}: {failed.detail}"
        if self.golden is not None and not self.golden.passed:
            return f"{self.model} answers wrongly on {who}: {self.golden.mismatches[0]}"
        works = f"{self.model} works on {who}"
        if self.outcome is None:
            return f"{works}; it has no objective"
        return f"{works}; {self.outcome.why}"
