"""What a sizing decides, and why there may be none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizing:
    """What the profile says about the objective, on one accelerator."""

    accelerator: str
    max_batch_size: int
    replicas: int
    predicted_p99_ms: float
    utilisation: float
    requests_per_second: float
    """Capacity of ``replicas`` at the utilisation limit."""
    source: str


@dataclass(frozen=True, slots=True)
class Infeasible:
    """No number of replicas meets the objective on this accelerator: a single request is too slow already."""

    accelerator: str
    best_p99_ms: float
    """With batches of one, the quickest that there is."""
    wanted_p99_ms: float
    fastest: str
    """Accelerator of the profile with the lowest latency for one request."""
    fastest_p99_ms: float

    def __str__(self) -> str:
        over = self.best_p99_ms - self.wanted_p99_ms
        sentence = (
            f"{self.wanted_p99_ms:g} ms cannot be met on {self.accelerator}: even without batching the 99th "
            f"percentile is about {self.best_p99_ms:g} ms, {over:g} ms too slow"
        )
        if self.fastest != self.accelerator and self.fastest_p99_ms <= self.wanted_p99_ms:
            return f"{sentence}; use a pool with {self.fastest} (about {self.fastest_p99_ms:g} ms)"
        if self.fastest != self.accelerator:
            return (
                f"{sentence}; {self.fastest}, the fastest in the profile, reaches about {self.fastest_p99_ms:g} "
                "ms: raise p99_ms or make the model faster"
            )
        return (
            f"{sentence}; no faster accelerator is in the profile: raise p99_ms to {self.best_p99_ms:g} or make "
            "the model faster"
        )
