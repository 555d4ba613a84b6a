"""From a profile and an objective to batches, delays, instances, replicas and accelerator: :func:`choose`.

How it searches:

- Largest batches from the largest that is declared and measured downwards (:mod:`.candidates`), without a delay: a
  delay is paid once by every stage, and batches form under a backlog anyway. A declared delay is kept.
- For each, the fewest replicas that stay below :data:`UTILISATION_LIMIT` of what they can keep, or more until the
  simulated 99th percentile meets the objective. Fewer replicas win, then the larger batch.
- In an ensemble, and where CPU stages share cores, a delay is tried as well, and taken if it saves a replica: it
  keeps the requests of a batch together on their way to the next stage.
- Of several accelerators the one with the lowest price for all its replicas, or without prices the fewest replicas.
- The rate of a replica is rounded up by at most 2 %, so that models alike are simulated once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .candidates import candidates, measured, on_all_gpus, shares_cores, times_of
from .declared_stage import DeclaredStage
from .offer import Offer
from .pipeline import Pipeline, chain
from .prediction import Prediction, prediction, replica_capacity, request_overhead
from .profile import MeasuredProfile
from .replica import LIGHT, Replica, alone_p99_ms, p99_ms, rounded_up, run_at
from .settings import Settings
from .shortfall import Alternative, Part, Reachable, Refused, Shortfall
from .simulation import Overhead

UTILISATION_LIMIT = 0.7
"""Of what the replicas can keep: room for bursts and for a rate that was guessed."""
DELAYS_US = (500, 2000)
MOST_REPLICAS = 10_000


@dataclass(frozen=True, slots=True)
class Choice:
    """What meets the objective."""

    offer: Offer
    settings: Settings
    """Instances are those of one GPU, as the configuration writes them."""
    replicas: int
    lost_replicas: int
    """So many of them may fail, and the others meet the objective."""
    prediction: Prediction
    """With all replicas."""
    capacity: float
    """Requests per second of all replicas at the utilisation limit."""
    usd_per_million: float | None
    """Dollars for a million inferences at the objective's rate; None: the offer is not priced."""
    others: tuple[Choice | Shortfall, ...] = ()
    """What the other offers come to."""

    @property
    def usd_per_hour(self) -> float | None:
        """Of all replicas."""
        return None if self.offer.usd_per_hour is None else self.replicas * self.offer.usd_per_hour


def choose(
    profile: MeasuredProfile,
    *,
    p99_ms: float,
    requests_per_second: float,
    declared: Sequence[DeclaredStage],
    offers: Sequence[Offer],
    pipeline: Pipeline | None = None,
    utilisation_limit: float = UTILISATION_LIMIT,
    lost_replicas: int = 0,
    most_replicas: int = MOST_REPLICAS,
) -> Choice | Shortfall:
    """The cheapest way to keep the objective.

    Args:
        profile: of the deployed backends; a substitute's times are refused.
        p99_ms: 99th percentile of the server's answer time.
        requests_per_second: over all replicas, each request of one row.
        declared: each model that executes.
        offers: kinds of replicas, at least one.
        pipeline: None: the declared models one after another.
        lost_replicas: that may be missing while the objective still holds.
        most_replicas: that there may be.
    """
    pipeline = pipeline or chain([stage.model for stage in declared])
    wanted = _Wanted(p99_ms, requests_per_second, utilisation_limit, lost_replicas, most_replicas)
    executing = set(pipeline.models)
    substitutes = tuple(model for model in profile.substitutes if model in executing)
    if substitutes:
        return Shortfall(p99_ms, requests_per_second, (), refused=Refused(substitutes), source=profile.source)
    found = [_on(offer, profile, declared, pipeline, wanted) for offer in offers]
    choices = sorted((each for each in found if isinstance(each, Choice)), key=_price)
    if choices:
        best = choices[0]
        return replace(best, others=tuple(each for each in found if each is not best))
    reached = tuple(part for each in found if isinstance(each, Shortfall) for part in each.reached)
    alternatives = tuple(_alternatives(profile, declared, pipeline, offers, wanted))
    return Shortfall(p99_ms, requests_per_second, reached, profile.source, alternatives)


@dataclass(frozen=True, slots=True)
class _Wanted:
    p99_ms: float
    rate: float
    utilisation_limit: float
    lost_replicas: int
    most_replicas: int


def _price(choice: Choice) -> tuple[float, int, float]:
    price = choice.usd_per_hour
    return (math.inf if price is None else price, choice.replicas, choice.prediction.p99_ms)


def _on(
    offer: Offer,
    profile: MeasuredProfile,
    declared: Sequence[DeclaredStage],
    pipeline: Pipeline,
    wanted: _Wanted,
) -> Choice | Shortfall:
    missing = tuple(model for model in pipeline.models if not _is_measured(profile, model, offer))
    if missing:
        known = tuple(dict.fromkeys(stage.accelerator for stage in profile.stages if stage.model in missing))
        part = Reachable(offer, missing=missing, measured_on=known)
        return Shortfall(wanted.p99_ms, wanted.rate, (part,), source=profile.source)
    overhead = request_overhead(profile, len(pipeline.steps))
    best: tuple[int, Settings, Replica] | None = None
    tried: list[tuple[Settings, Replica]] = []
    for settings in candidates(profile, declared, pipeline, offer, overhead):
        replica = _replica(settings, profile, pipeline, offer, overhead)
        tried.append((settings, replica))
        most = wanted.most_replicas if best is None else best[0] - 1
        needed = _replicas(replica, wanted, most)
        if needed is not None:
            best = (needed, settings, replica)
        if best is not None and best[0] == 1:
            break
    for settings in _delayed(tried[0][0], declared, pipeline, profile, offer):
        if best is not None and best[0] == 1:
            break
        replica = _replica(settings, profile, pipeline, offer, overhead)
        needed = _replicas(replica, wanted, wanted.most_replicas if best is None else best[0] - 1)
        if needed is not None:
            best = (needed, settings, replica)
    if best is None:
        return Shortfall(
            wanted.p99_ms, wanted.rate, (_reachable(offer, tried, declared, wanted),), source=profile.source
        )
    needed, settings, replica = best
    replicas = needed + wanted.lost_replicas
    capacity = replicas * replica.capacity
    run = run_at(replica, rounded_up(wanted.rate / replicas), wanted.p99_ms)
    usd = offer.usd_per_hour
    return Choice(
        offer=offer,
        settings=settings,
        replicas=replicas,
        lost_replicas=wanted.lost_replicas,
        prediction=prediction(
            run, pipeline, replica.settings, dict(replica.times),
            rate=wanted.rate, replicas=replicas, capacity=capacity, overhead=overhead, rows_per_request=1,
            source=profile.source, substitutes=(),
        ),
        capacity=capacity * wanted.utilisation_limit,
        usd_per_million=None if usd is None else replicas * usd / (wanted.rate * 3600) * 1e6,
    )  # fmt: skip


def _alternatives(
    profile: MeasuredProfile,
    declared: Sequence[DeclaredStage],
    pipeline: Pipeline,
    offers: Sequence[Offer],
    wanted: _Wanted,
) -> Iterable[Alternative]:
    """What the accelerators of the profile come to that nobody offered."""
    offered = {offer.accelerator for offer in offers}
    for accelerator in dict.fromkeys(stage.accelerator for stage in profile.stages):
        if accelerator in offered:
            continue
        found = _on(Offer(accelerator, cores=offers[0].cores), profile, declared, pipeline, wanted)
        if isinstance(found, Choice):
            yield Alternative(accelerator, found.replicas, found.prediction.p99_ms)
        elif found.reached[0].alone_p99_ms is not None:
            yield Alternative(accelerator, None, found.reached[0].alone_p99_ms)


def _is_measured(profile: MeasuredProfile, model: str, offer: Offer) -> bool:
    try:
        measured(profile, model, offer)
    except LookupError:
        return False
    return True


def _replica(
    settings: Settings, profile: MeasuredProfile, pipeline: Pipeline, offer: Offer, overhead: Overhead
) -> Replica:
    times = times_of(profile, settings, offer)
    whole = on_all_gpus(profile, settings, offer)
    shared = any(shares_cores(measured(profile, model, offer), offer) for model in pipeline.models)
    cores = offer.cores if shared else None
    capacity = replica_capacity(pipeline, whole, times, overhead=overhead, cores=cores)
    return Replica(pipeline, whole, tuple(times.items()), overhead, cores, capacity)


def _delayed(
    settings: Settings,
    declared: Sequence[DeclaredStage],
    pipeline: Pipeline,
    profile: MeasuredProfile,
    offer: Offer,
) -> Iterable[Settings]:
    together = len(pipeline.steps) > 1
    free = {
        stage.model
        for stage in declared
        if stage.max_queue_delay_us is None and (together or shares_cores(measured(profile, stage.model, offer), offer))
    }
    for delay_us in DELAYS_US if free else ():
        yield Settings(
            tuple(
                replace(stage, max_queue_delay_us=delay_us) if stage.model in free and stage.dynamic_batching else stage
                for stage in settings.stages
            )
        )


def _replicas(replica: Replica, wanted: _Wanted, most: int) -> int | None:
    """The fewest that keep the objective; None: more than ``most``."""
    fewest = max(1, math.ceil(wanted.rate / (replica.capacity * wanted.utilisation_limit) - 1e-9))
    if fewest > most:
        return None
    if _keeps(replica, wanted, fewest):
        return fewest
    if alone_p99_ms(replica) > wanted.p99_ms:
        return None
    low, high = fewest, fewest
    while not _keeps(replica, wanted, high):
        if high >= most or wanted.rate / high < replica.capacity * LIGHT:
            return None
        low, high = high, min(2 * high, most)
    while high - low > max(1, high // 50):
        middle = (low + high) // 2
        if _keeps(replica, wanted, middle):
            high = middle
        else:
            low = middle
    return high


def _keeps(replica: Replica, wanted: _Wanted, replicas: int) -> bool:
    return p99_ms(replica, rounded_up(wanted.rate / replicas), wanted.p99_ms) <= wanted.p99_ms


def _reachable(
    offer: Offer, tried: Sequence[tuple[Settings, Replica]], declared: Sequence[DeclaredStage], wanted: _Wanted
) -> Reachable:
    """What the candidate comes to that gets nearest, and what its 99th percentile is made of."""
    at_light = [(alone_p99_ms(replica), settings, replica) for settings, replica in tried]
    alone_ms, settings, replica = min(at_light, key=lambda each: each[0])
    most = max((each for _, each in tried), key=lambda each: each.capacity)
    declared_delays = {stage.model: stage.max_queue_delay_us for stage in declared if stage.max_queue_delay_us}
    by_model = dict(replica.times)
    parts = tuple(
        Part(
            step.model,
            execution_ms=by_model[step.model].of(1).p99_ms,
            delay_ms=(declared_delays.get(step.model) or 0) / 1000
            if (stage := settings.stage(step.model)) is not None and stage.dynamic_batching
            else 0.0,
        )
        for step in replica.pipeline.steps
    )
    needed = None
    if alone_ms <= wanted.p99_ms:
        needed = min(
            (count for _, each in tried if (count := _replicas(each, wanted, 1_000_000)) is not None), default=None
        )
    return Reachable(
        offer,
        alone_p99_ms=alone_ms,
        parts=parts,
        needed_replicas=needed,
        most_replicas=wanted.most_replicas,
        rate=wanted.most_replicas * most.capacity * wanted.utilisation_limit,
    )
