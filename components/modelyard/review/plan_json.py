"""The plan document as JSON, for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from ..graph import Resource, plain
from ..sizing.cold_start import ColdStart
from .change_text import sentence
from .changes import Changes
from .choice_json import choice_json
from .model_text import cold_start_assumptions
from .plan import BudgetLine, ModelLine, ModelPlace, PlanDocument, PredictedPlace
from .recreation_text import recreation_sentence
from .shown_inputs import shown_inputs

FORMAT = 1
"""Raised when a key changes its meaning or goes; new keys do not raise it."""


def to_json(document: PlanDocument) -> dict[str, Any]:
    """The whole document as JSON-ready data.

    Values that only the cloud knows are ``"[unknown]"``, secrets ``"[secret]"``. Resources are in an
    order of their own (:mod:`.reading_order`), stack after stack; nothing depends on the machine or the time.
    """
    return {**_head(document), "resources": list(_resources(document)), **_tail(document)}


def lines(document: PlanDocument) -> Iterator[str]:
    """:func:`to_json` as text, one resource a line, so that two plans can be compared with ``diff``."""
    yield "{\n"
    for key, value in _head(document).items():
        yield f'  "{key}": {_indented(value)},\n'
    yield '  "resources": ['
    separator = "\n"
    for resource in _resources(document):
        yield f"{separator}    {_compact(resource)}"
        separator = ",\n"
    yield "\n  ]"
    for key, value in _tail(document).items():
        yield f',\n  "{key}": {_indented(value)}'
    yield "\n}\n"


def _head(document: PlanDocument) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": document.version,
        "environment": document.environment,
        "tier": document.tier,
        "stacks": [{"name": s.name, "layer": s.layer, "resources": len(s.graph)} for s in document.stacks],
        "notices": list(document.notices),
        "policies": [
            {"policy": v.policy, "level": v.level, "urn": v.urn, "message": v.message} for v in document.policies
        ],
        "policies_checked": list(document.policies_checked),
        "budgets": [_budget(line) for line in document.budgets],
        "costs": _numbers(document.costs.to_json()),
        "models": [_model(line) for line in document.models],
        "choices": [choice_json(each) for each in document.choices],
        "cold_start_assumptions": [asdict(each) for each in cold_start_assumptions(document.models)],
        "clusters": [asdict(line) for line in document.cluster_lines],
        "pools": [asdict(line) for line in document.pools],
        "placement": _numbers(document.placement.to_json()),
        "changes": None if document.changes is None else _changes(document.changes),
    }


def _changes(changes: Changes) -> dict[str, Any]:
    return {
        "since": changes.since,
        "since_version": changes.since_version,
        "declared": [{**asdict(each), "message": recreation_sentence(each)} for each in changes.recreations],
        "resources": [{**asdict(change), "message": sentence(change)} for change in changes.all],
    }


def _tail(document: PlanDocument) -> dict[str, Any]:
    return {"outputs": {stack: dict(sorted(plain(outputs).items())) for stack, outputs in document.outputs.items()}}


def _resources(document: PlanDocument) -> Iterator[dict[str, Any]]:
    for stack in document.stacks:
        for resource in stack.graph:
            yield _resource(resource, document.root)


def _resource(resource: Resource, root: str) -> dict[str, Any]:
    return {
        "urn": resource.urn,
        "type": resource.type,
        "name": resource.name,
        "stack": resource.stack,
        "parent": resource.parent,
        "custom": resource.custom,
        "provider": resource.provider,
        "protect": resource.protect,
        "dependencies": sorted(resource.dependencies),
        "inputs": shown_inputs(resource, root),
    }


def _budget(line: BudgetLine) -> dict[str, Any]:
    return {
        "department": line.department,
        "budget_usd": _number(line.budget_usd),
        "estimated_usd": _number(line.estimated_usd),
        "outcome": line.outcome,
        "broken": line.broken,
        "message": line.sentence,
    }


def _model(line: ModelLine) -> dict[str, Any]:
    return {
        "department": line.department,
        "model": line.model,
        "task": line.task,
        "runtime": line.runtime,
        "server": line.server,
        "release": line.release,
        "objective_p99_ms": line.objective_p99_ms,
        "objective_requests_per_second": line.objective_requests_per_second,
        "monthly_usd": None if line.monthly_usd is None else _number(line.monthly_usd),
        "usd_per_million": None if line.usd_per_million is None else float(round(line.usd_per_million, 6)),
        "rollout": _numbers(asdict(line.rollout)) if line.rollout else None,
        "places": [_place(place) for place in line.places],
    }


def _place(place: ModelPlace) -> dict[str, Any]:
    return {
        "target": place.target,
        "cluster": place.cluster if place.target == "kubernetes" else None,
        "region": None if place.target == "kubernetes" else place.cluster,
        "instance_type": place.instance_type,
        "image": place.image,
        "shares": dict(place.shares),
        "serving_usd": None if place.serving_usd is None else _number(place.serving_usd),
        "pool": place.pool,
        "overflow_pool": place.overflow_pool,
        "accelerator": place.accelerator,
        "min_replicas": place.min_replicas,
        "max_replicas": place.max_replicas,
        "needed_replicas": place.prediction.needed_replicas if place.prediction else None,
        "predicted_p99_ms": _finite(place.prediction.p99_ms) if place.prediction else None,
        "prediction_source": place.prediction.source if place.prediction else None,
        "prediction": _prediction(place.prediction) if place.prediction else None,
        "sleeps": place.sleeps,
        "cold_start": _cold_start(place.cold_start) if place.cold_start else None,
    }


def _cold_start(start: ColdStart) -> dict[str, Any]:
    return {
        "low_seconds": round(start.low_seconds, 1),
        "high_seconds": round(start.high_seconds, 1),
        "parts": [
            {
                "name": part.name,
                "low_seconds": round(part.low_seconds, 1),
                "high_seconds": round(part.high_seconds, 1),
                "why": part.why,
            }
            for part in start.parts
        ],
        "unknown": list(start.unknown),
    }


def _prediction(predicted: PredictedPlace) -> dict[str, Any]:
    return {
        **asdict(predicted),
        "p99_ms": _finite(predicted.p99_ms),
        "p99_low_ms": _finite(predicted.p99_low_ms),
        "stages": [asdict(stage) for stage in predicted.stages],
    }


def _finite(ms: float | None) -> float | None:
    """Without end (requests are refused) is null."""
    return None if ms is None or math.isinf(ms) else ms


def _numbers(value: Any) -> Any:
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, Mapping):
        return {str(key): _numbers(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_numbers(item) for item in value]
    return value


def _number(amount: Decimal) -> int | float:
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _indented(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2).replace("\n", "\n  ")
