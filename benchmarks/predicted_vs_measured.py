"""What `modelyard try` predicts, beside what it measures on the real Triton server.

``python benchmarks/predicted_vs_measured.py [--quick] [--only NAME] [--json FILE]``

Two subjects: a stage that waits as for an accelerator (``waiting_stage``), and the fraud ensemble, whose FIL model a
labelled xgboost in a Python backend stands in for. Each is profiled as `modelyard try --profile` does it: stage by
stage, batch by batch, nothing queueing. Then it is served with other batches, delays and instances, at rates that
the profile knows nothing of; every combination is measured several times, by turns, each time with other arrivals,
and predicted once, from the profile, the configuration and the rate alone.

The error of a point is that of the prediction against the median of its runs. Its own spread is what those runs
differ by, from the lowest to the highest, over their median. Where that is wider than the error, the error says
nothing, and the point is counted apart. Processor time and batches, which a noisy machine hardly moves, are compared
as well.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from compared import Compared, Configured, Point, document, show
from fraud_ensemble import EXAMPLE, RELEASE, XGBOOST, generated, transactions
from modelyard.repository.build import build
from modelyard.repository.load import read
from modelyard.repository.repository import Repository
from modelyard.repository.stages import pipeline, settings
from modelyard.sizing.prediction import Prediction, predict
from modelyard.sizing.profile import MeasuredProfile
from modelyard.trial.address import ServerAddress
from modelyard.trial.golden import Golden, read_golden
from modelyard.trial.load import LoadPlan, OpenLoop, load
from modelyard.trial.local_server import LocalServer, installed, started
from modelyard.trial.measured import Measured, measured
from modelyard.trial.profiling import MOST_UNREST, measure_profile, profiling_config, unrest
from modelyard.trial.profiling_idle import undelayed_config, with_idle_times
from modelyard.trial.requests import SampleRequest, samples
from modelyard.trial.statistics import between, counters
from modelyard.trial.substitution import reconfigured, substituted
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

HERE = Path(__file__).resolve().parent
CORES = len(os.sched_getaffinity(0))
ATTEMPTS = 3
"""A restless profile is taken again, before any load, up to so many times; the calmest counts."""


@dataclass(frozen=True)
class Subject:
    name: str
    repository: Repository
    requests: tuple[SampleRequest, ...]
    requirements: dict[str, tuple[str, ...]]
    points: tuple[tuple[Configured, tuple[float, ...]], ...]
    """Configurations and the rates that each is asked at."""
    calibration_rate: float
    """At which the sender's own processor time is taken."""
    golden: Golden | None = None
    """Requests that the stages are profiled with."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Predicted beside measured")
    parser.add_argument("--quick", action="store_true", help="few points, 2 runs of 2 seconds instead of 3 of 4")
    parser.add_argument("--only", choices=("waiting", "fraud"), help="one subject")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write profiles, runs and errors")
    arguments = parser.parse_args()
    repeats, seconds, profile_seconds = (2, 2.0, 8.0) if arguments.quick else (3, 4.0, 30.0)
    subjects = [each for each in (waiting(), fraud()) if arguments.only in (None, each.name)]
    if arguments.quick:
        subjects = [
            replace(each, points=tuple((of, rates[1::2]) for of, rates in each.points[:2])) for each in subjects
        ]
    total = sum(len(rates) for each in subjects for _, rates in each.points) * repeats + len(subjects)
    points: list[Point] = []
    profiles: dict[str, MeasuredProfile] = {}
    with _progress(total) as advance:
        for subject in subjects:
            found, profiles[subject.name] = compare(subject, repeats, seconds, profile_seconds, advance)
            points += found
    show(points)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(document(points, profiles, repeats, seconds, CORES), indent=1) + "\n")


def waiting() -> Subject:
    declared = read(HERE / "waiting_stage", "waiting", boundary=HERE)
    repository = build(declared, version=None, release=RELEASE)
    config = repository.served.config
    points = (
        (Configured(16, 0), (120.0, 220.0, 320.0, 420.0)),
        (Configured(16, 3000), (120.0, 240.0, 360.0)),
        (Configured(4, 0), (60.0, 110.0, 160.0, 200.0)),
        (Configured(4, 4000), (60.0, 130.0)),
        (Configured(8, 0, instances=2), (150.0, 300.0, 450.0)),
    )
    return Subject("waiting", repository, samples(config, count=16), {}, points, 80.0)


def fraud() -> Subject:
    points = (
        (Configured(64, 0), (80.0, 220.0, 400.0, 600.0)),
        (Configured(64, 1000), (80.0, 220.0, 400.0)),
        (Configured(8, 0), (80.0, 220.0, 400.0, 600.0)),
        (Configured(8, 3000), (80.0, 220.0, 400.0)),
        (Configured(4, 0), (150.0, 350.0)),
    )
    repository = generated()
    golden = read_golden(EXAMPLE / "models" / "fraud" / "golden.json", repository.served.config)
    return Subject("fraud", repository, transactions(), {"classifier": (XGBOOST,)}, points, 90.0, golden)


def compare(
    subject: Subject, repeats: int, seconds: float, profile_seconds: float, advance: Any
) -> tuple[list[Point], MeasuredProfile]:
    trial = substituted(subject.repository, release=RELEASE, requirements=subject.requirements)
    local = installed(trial)
    advance(f"{subject.name}: profile")
    profile, client_cpu_ms = _profile(subject, local, profile_seconds)
    runs: dict[tuple[Configured, float], list[Measured]] = {}
    with ExitStack() as servers:
        addresses = {configured: servers.enter_context(_started(local, configured)) for configured, _ in subject.points}
        for number in range(repeats):
            for configured, rates in subject.points:
                for rate in rates:
                    advance(f"{subject.name}: {configured}, {rate:g}/s, run {number + 1}")
                    address = addresses[configured]
                    run = _run(subject, local, address, configured, rate, seconds, seed=number + 1)
                    runs.setdefault((configured, rate), []).append(run)
    points = []
    for (configured, rate), found in runs.items():
        repository = _configured(local.trial.repository, configured)
        predicted = predict(
            profile, settings(repository), rate, CORES,
            pipeline=pipeline(repository), client_cpu_ms=client_cpu_ms,
        )  # fmt: skip
        points.append(_point(subject, configured, rate, predicted, found))
    return points, profile


def _profile(subject: Subject, local: LocalServer, seconds: float) -> tuple[MeasuredProfile, float]:
    """As `modelyard try --profile` does it, and the sender's processor time for a request."""
    repository = local.trial.repository
    profiled, undelayed = (
        replace(repository, models=tuple(reconfigured(model, change(model.config)) for model in repository.models))
        for change in (profiling_config, undelayed_config)
    )
    substitutes = {by.substitute.model: f"{by.substitute.engine.name} {by.version}" for by in local.served_by}
    attempts: list[MeasuredProfile] = []
    with started(local.serving(profiled)) as running:
        while len(attempts) < ATTEMPTS and not (attempts and unrest(attempts[-1]) < MOST_UNREST):
            measured_now = measure_profile(
                running.address,
                [model.config for model in profiled.models],
                source="benchmarks/predicted_vs_measured.py",
                substitutes=substitutes,
                golden=subject.golden,
                budget_s=seconds,
            )
            attempts.append(measured_now)
    profile = min(attempts, key=unrest)
    with started(local.serving(undelayed)) as running:
        profile = with_idle_times(
            profile, running.address, subject.repository.name, repository.stages(), subject.requests,
            seconds=seconds / 2,
        )  # fmt: skip
        result = load(running.address, _plan(subject, subject.calibration_rate, 3.0, seed=0))
    return profile, 1000 * result.generator_cpu_s / max(len(result.latency_ms), 1)


@contextmanager
def _started(local: LocalServer, configured: Configured) -> Iterator[ServerAddress]:
    repository = _configured(local.trial.repository, configured)
    with started(local.serving(repository)) as running:
        yield running.address


def _configured(repository: Repository, configured: Configured) -> Repository:
    """Every model that executes with these batches, this delay and so many instances."""
    models = []
    for model in repository.models:
        config = type(model.config)()
        config.CopyFrom(model.config)
        config.max_batch_size = configured.batch
        if not config.HasField("ensemble_scheduling"):
            config.dynamic_batching.Clear()
            config.dynamic_batching.max_queue_delay_microseconds = configured.delay_us
            if not config.instance_group:
                config.instance_group.add(kind="KIND_CPU")
            config.instance_group[0].count = configured.instances
        models.append(reconfigured(model, config))
    return replace(repository, models=tuple(models))


def _plan(subject: Subject, rate: float, seconds: float, *, seed: int) -> LoadPlan:
    return LoadPlan(
        model=subject.repository.name,
        loop=OpenLoop(rate, seed=seed),
        requests=subject.requests,
        seconds=seconds,
        warm_up_s=0.6,
    )


def _run(
    subject: Subject,
    local: LocalServer,
    address: ServerAddress,
    configured: Configured,
    rate: float,
    seconds: float,
    *,
    seed: int,
) -> Measured:
    stages = local.trial.repository.stages()
    before: list[Any] = []
    plan = _plan(subject, rate, seconds, seed=seed)
    result = load(address, plan, measuring=lambda: before.append(counters(address, stages)))
    statistics = between(before[0], counters(address, stages))
    if result.failures:
        sys.exit(f"{subject.name} did not answer: {dict(result.failures)}")
    return measured(result, statistics, instances=dict.fromkeys(stages, configured.instances))


def _point(
    subject: Subject, configured: Configured, rate: float, predicted: Prediction, runs: Sequence[Measured]
) -> Point:
    valid = [run for run in runs if run.invalid is None] or list(runs)
    # A finite run of random arrivals is asked at a rate of its own: answers are compared with what was sent.
    figures = {
        "p50_ms": Compared(predicted.p50_ms, tuple(run.p50_ms for run in valid)),
        "p99_ms": Compared(predicted.p99_ms, tuple(run.p99_ms for run in valid)),
        "throughput": Compared(
            predicted.throughput / rate, tuple(run.throughput * run.seconds / run.requests for run in valid)
        ),
    }
    if predicted.cpu_ms is not None:
        figures["cpu_ms"] = Compared(predicted.cpu_ms, tuple(run.cpu_ms or 0.0 for run in valid))
    for stage in predicted.stages:
        at = [next(each for each in run.stages if each.model == stage.model) for run in valid]
        figures[f"batch of {stage.model}"] = Compared(stage.mean_batch, tuple(each.mean_batch or 0 for each in at))
        figures[f"queue of {stage.model}"] = Compared(stage.queue_ms, tuple(max(each.queue_ms, 1e-3) for each in at))
    return Point(subject.name, configured, rate, figures, tuple(run.invalid for run in runs if run.invalid))


@contextmanager
def _progress(total: int) -> Iterator[Any]:
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        begun = -1

        def advance(description: str) -> None:
            nonlocal begun
            begun += 1
            bar.update(task, completed=begun, description=description)

        yield advance


if __name__ == "__main__":
    main()
