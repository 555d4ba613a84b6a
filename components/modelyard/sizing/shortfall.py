"""Why an objective cannot be met, by how much, and what would help."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .offer import Offer


@dataclass(frozen=True, slots=True)
class Part:
    """Of a request's way, one step; milliseconds of a request that is alone."""

    model: str
    execution_ms: float
    """99th percentile, of one row."""
    delay_ms: float
    """Declared queue delay."""


@dataclass(frozen=True, slots=True)
class Reachable:
    """What one offer comes to."""

    offer: Offer
    alone_p99_ms: float | None = None
    """Of a request that meets no other: no number of replicas is quicker."""
    parts: tuple[Part, ...] = ()
    needed_replicas: int | None = None
    """That would keep the objective; None: no number does."""
    most_replicas: int = 0
    """That there may be."""
    rate: float = 0.0
    """Requests per second that those keep at the utilisation limit, whatever the latency."""
    missing: tuple[str, ...] = ()
    """Models that were measured neither on the accelerator nor on the CPU."""
    measured_on: tuple[str, ...] = ()
    """Accelerators on which they were."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """An accelerator of the profile that nobody offered."""

    accelerator: str
    replicas: int | None
    """That keep the objective there; None: none do."""
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Refused:
    """The profile may not size a deployment."""

    substitutes: tuple[str, ...]
    """Models whose times are a substitute's."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """No offer keeps the objective."""

    wanted_p99_ms: float
    rate: float
    reached: tuple[Reachable, ...]
    """For each offer."""
    source: str
    """Of the profile."""
    alternatives: tuple[Alternative, ...] = ()
    refused: Refused | None = None

    def __str__(self) -> str:
        objective = f"{self.wanted_p99_ms:.10g} ms at {self.rate:.10g} requests per second"
        if self.refused is not None:
            return (
                f"{objective} cannot be judged: the profile's times of {_names(self.refused.substitutes)} are a "
                "substitute's, not the deployed backend's; measure again with modelyard try --profile --server URL "
                "where that backend runs"
            )
        reasons = "; ".join(self._reason(each) for each in self.reached)
        helps = self._helps()
        return f"{objective} cannot be met: {reasons}" + (f". {_sentence(helps)}" if helps else "")

    def _reason(self, reached: Reachable) -> str:
        where = _where(reached.offer)
        if reached.missing:
            on = f", which the profile has only on {' and '.join(reached.measured_on)}" if reached.measured_on else ""
            return f"nothing is known of {_names(reached.missing)} {where}{on}"
        alone_ms = reached.alone_p99_ms or 0.0
        if alone_ms > self.wanted_p99_ms:
            return (
                f"{where} the 99th percentile of a request alone is {_ms(alone_ms)}, "
                f"{_ms(alone_ms - self.wanted_p99_ms)} too slow{_made_of(reached.parts)}"
            )
        if reached.needed_replicas is None:
            return f"{where} no number of replicas keeps it"
        # Latency, and not the rate alone, may be what asks for more replicas.
        missing = self.rate - reached.rate
        by = f", {_rate(missing)} too few" if missing > 0 else ", but not within the percentile"
        return (
            f"{where} it takes {reached.needed_replicas:,} replicas and there may be {reached.most_replicas:,}, which "
            f"keep {_rate(reached.rate)} requests per second{by}"
        )

    def _helps(self) -> list[str]:
        helps: list[str] = []
        good = [each for each in self.alternatives if each.replicas is not None]
        if good:
            best = min(good, key=lambda each: (each.replicas or 0, each.p99_ms))
            count = "one replica" if best.replicas == 1 else f"{best.replicas} replicas"
            helps.append(f"use {best.accelerator} ({count}, {_ms(best.p99_ms)})")
        known = [each for each in self.reached if each.alone_p99_ms is not None]
        slow = [each for each in known if (each.alone_p99_ms or 0) > self.wanted_p99_ms]
        for nearest in sorted(slow, key=lambda each: each.alone_p99_ms or 0)[:1]:
            helps += _faster(nearest, self.wanted_p99_ms)
        few = [each.needed_replicas for each in known if each.needed_replicas is not None]
        if few:
            helps.append(f"allow {min(few):,} replicas")
        if any(each.missing for each in self.reached):
            models = dict.fromkeys(model for each in self.reached for model in each.missing)
            helps.append(f"measure {_names(tuple(models))} there")
        return helps


def _faster(reached: Reachable, wanted_ms: float) -> list[str]:
    helps: list[str] = []
    alone_ms = reached.alone_p99_ms or 0.0
    delayed = [part for part in reached.parts if part.delay_ms > 0]
    if delayed:
        saved = sum(part.delay_ms for part in delayed)
        enough = " is enough" if alone_ms - saved <= wanted_ms else " is not enough by itself"
        names = _names(tuple(part.model for part in delayed))
        helps.append(f"declare no max_queue_delay_us for {names} ({_ms(saved)} less, which{enough})")
    if len(reached.parts) > 1:
        slowest = max(reached.parts, key=lambda part: part.execution_ms)
        helps.append(f"make {slowest.model!r} faster, the slowest step with {_ms(slowest.execution_ms)}")
    else:
        helps.append("make the model faster")
    helps.append(f"raise p99_ms to {_up(alone_ms):g}")
    return helps


def _made_of(parts: Sequence[Part]) -> str:
    if len(parts) == 1 and not parts[0].delay_ms:
        return ""
    each = ", ".join(
        f"{part.model!r} {_ms(part.execution_ms)}" + (f" and {_ms(part.delay_ms)} of delay" if part.delay_ms else "")
        for part in parts
    )
    return f" ({each})"


def _where(offer: Offer) -> str:
    return f"on {offer.gpus} {offer.accelerator}" if offer.gpus > 1 else f"on {offer.accelerator}"


def _names(models: Sequence[str]) -> str:
    quoted = [repr(model) for model in models]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _sentence(helps: Sequence[str]) -> str:
    joined = helps[0] if len(helps) == 1 else f"{', '.join(helps[:-1])}, or {helps[-1]}"
    return joined[0].upper() + joined[1:]


def _ms(value: float) -> str:
    return f"{value:.3g} ms"


def _rate(value: float) -> str:
    return f"{value:,.4g}" if value < 10_000 else f"{value:,.0f}"


def _up(value: float) -> float:
    """Rounded up to two digits, so that it is met."""
    digits = 10.0 ** (math.floor(math.log10(value)) - 1)
    return math.ceil(value / digits - 1e-9) * digits
