"""Results of trials, made up: what the terminal, the JSON and the page are tested with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from modelyard.sizing.prediction import Prediction, StagePrediction
from modelyard.trial.golden import GoldenResult
from modelyard.trial.judgement import judged
from modelyard.trial.measured import Interval, Measured, Second, StageMeasured
from modelyard.trial.result import ServedBy, ServedModel, ServerFound, TrialResult
from modelyard.trial.smoke import Smoke, SmokeCheck
from modelyard.trial.subject import Promise
from modelyard.trial.substitution import Engine, Substitute

SHARES = (0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)
STAGES = ("preprocess", "classifier", "rules")
PROMISE = Promise(p99_ms=50, requests_per_second=200, replicas=2)
SUBSTITUTE = ServedBy(
    Substitute("classifier", "fil", "26.07", Engine("fil", "xgboost_json", "xgboost", "xgboost-cpu", "xgboost-cpu")),
    "3.2.0",
)


def measured(**more: Any) -> Measured:
    """Two hundred requests per second for five seconds, 12 ms at the 99th percentile."""
    given: dict[str, Any] = {
        "offered_per_second": 200.0,
        "seconds": 5.0,
        "requests": 1000,
        "answered": 1000,
        "failures": {},
        "throughput": 199.8,
        "mean_ms": 4.0,
        "p50_ms": 3.5,
        "p90_ms": 6.0,
        "p95_ms": 7.5,
        "p99_ms": 12.0,
        "p999_ms": 18.0,
        "max_ms": 19.5,
        "p50_interval_ms": Interval(3.4, 3.6),
        "p99_interval_ms": Interval(10.5, 14.0),
        "throughput_interval": Interval(195.0, 204.0),
        "latencies": tuple((share, 2 + 17.5 * share**6) for share in SHARES),
        "by_second": tuple(Second(at, 200, 200, 0, 3.5, 11.0) for at in range(5)),
        "stages": tuple(
            StageMeasured(name, 900, 0, 0, 1.11, {1: 800, 2: 100}, 0.25, 1.1, 0.22, 0.9) for name in STAGES
        ),
        "cpu_ms": 2.5,
        "generator_cpu_ms": 0.1,
        "late_p99_ms": 0.2,
        "late_requests": 0,
        "waited_in_flight": 0,
        "invalid": None,
    }
    return Measured(**(given | more))


def predicted() -> Prediction:
    return Prediction(
        rate=200,
        replicas=1,
        mean_ms=4.1,
        p50_ms=3.6,
        p90_ms=6.3,
        p95_ms=7.9,
        p99_ms=13.0,
        throughput=200,
        capacity=700,
        utilisation=0.29,
        stages=tuple(StagePrediction(name, 0.2, 0.2, 1.1, {1: 0.9, 2: 0.1}, 0.3, 1.0) for name in STAGES),
        cpu_ms=2.6,
        distribution=tuple((share, 2.1 + 18 * share**6) for share in SHARES),
        source="modelyard try --profile of fraud, 2026-11-22",
        substitutes=("classifier",),
    )


def result(**more: Any) -> TrialResult:
    """An ensemble with a substitute, a prediction and an objective that is not judged."""
    given: dict[str, Any] = {
        "model": "fraud",
        "environment": "prod",
        "started_at": "2026-11-22T08:00:00+00:00",
        "release": "26.07",
        "digest": "c0ffee" * 10,
        "server": ServerFound("2.51.0", "24.10", None, "A processor of eight words, or of a few less", 2),
        "models": tuple(
            [ServedModel(name, "python", "python", 64, 1, 0, ()) for name in STAGES]
            + [ServedModel("fraud", "ensemble", "", 64, None, None, ())]
        ),
        "stages": STAGES,
        "substitutes": (SUBSTITUTE,),
        "moved": (),
        "smoke": Smoke((SmokeCheck("HTTP: 1 row is answered", True, "yes", 5.1),)),
        "golden": GoldenResult(37, ()),
        "promise": PROMISE,
        "rate": 200.0,
        "measured": measured(),
        "predicted": predicted(),
        "unpredicted": None,
        "outcome": judged(PROMISE, measured(), rate=200.0, stand_ins=("classifier",)),
        "profile_path": None,
        "notices": (),
        "seconds": {"start": 2.1, "load": 7.0},
    }
    return TrialResult(**(given | more))


def without_load() -> TrialResult:
    return replace(
        result(), rate=None, measured=None, predicted=None, outcome=None, promise=None, substitutes=(), golden=None
    )
