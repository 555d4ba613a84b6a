"""A trial's result for programs: JSON of schema 1. Durations and sizes carry their unit in the key.

======================  ==============================================================================================
``schema``              1
``model``               the model, ``environment`` (or null), ``started_at`` (UTC), ``release`` that is deployed, and
                        ``digest`` of the repository that is deployed
``conclusion``          the sentence that the terminal ends with; ``exit_code`` 0 or 3; ``seconds`` of each phase
``server``              ``name`` (Triton), ``version``, ``release`` that carries it, ``url`` (null: started here),
                        ``processor``, ``cores``
``models``              as configured: ``name``, ``format``, ``backend``, ``max_batch_size``, ``instances``, ...
``stages``              names of the models that execute, in the order in which a request meets them
``substitutes``         ``model``, its ``backend`` and ``release``; the ``engine`` and ``version`` that ran instead
``moved_to_cpu``        models whose GPU instances ran on the CPU
``smoke``               ``passed``, and ``checks``: ``name``, ``passed``, ``detail``, ``milliseconds``
``golden``              null without golden.json; ``passed``, ``cases``, ``mismatches``
``objective``           null without one; ``p99_ms``, ``requests_per_second`` of one replica, ``replicas``; ``verdict``
                        (met, missed, not judged) and ``why``
``load``                null without one; the fields of :class:`.measured.Measured`, and ``rate`` that was asked for
``predicted``           null without a profile; the fields of :class:`modelyard.sizing.prediction.Prediction`
``unpredicted``         why there is no prediction, or null
``profile``             path of the profile that was written, or null
``notices``             sentences
======================  ==============================================================================================
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from .result import TrialResult

SCHEMA = 1


def parts(result: TrialResult) -> Iterator[str]:
    """The document's text."""
    yield json.dumps(document(result), indent=2, ensure_ascii=True, allow_nan=False)
    yield "\n"


def document(result: TrialResult) -> dict[str, Any]:
    """The document as plain values."""
    return _plain(
        {
            "schema": SCHEMA,
            "model": result.model,
            "environment": result.environment,
            "started_at": result.started_at,
            "release": result.release,
            "digest": result.digest,
            "conclusion": result.conclusion,
            "exit_code": result.exit_code,
            "seconds": {name: round(seconds, 3) for name, seconds in result.seconds.items()},
            "server": asdict(result.server),
            "models": [asdict(model) for model in result.models],
            "stages": result.stages,
            "substitutes": [
                {
                    "model": each.substitute.model,
                    "backend": each.substitute.backend,
                    "release": each.substitute.release,
                    "engine": each.substitute.engine.name,
                    "version": each.version,
                }
                for each in result.substitutes
            ],
            "moved_to_cpu": result.moved,
            "smoke": {"passed": result.smoke.passed, "checks": [asdict(check) for check in result.smoke.checks]},
            "golden": _golden(result),
            "objective": _objective(result),
            "load": {"rate": result.rate, **asdict(result.measured)} if result.measured else None,
            "predicted": asdict(result.predicted) if result.predicted else None,
            "unpredicted": result.unpredicted,
            "profile": result.profile_path,
            "notices": result.notices,
        }
    )


def _golden(result: TrialResult) -> dict[str, Any] | None:
    golden = result.golden
    if golden is None:
        return None
    mismatches = [{**asdict(each), "sentence": str(each)} for each in golden.mismatches]
    return {"passed": golden.passed, "cases": golden.cases, "mismatches": mismatches}


def _objective(result: TrialResult) -> dict[str, Any] | None:
    if result.promise is None or result.outcome is None:
        return None
    return {**asdict(result.promise), **asdict(result.outcome)}


def _plain(value: Any) -> Any:
    """With texts as keys, and without the infinities that JSON lacks."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value
