"""Which gates a plan names: those that somebody judges."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.environment.model import Model
from modelyard.review.rollout_line import rollout_line

NAMED = ("error_rate at most 0.01", "p99_ms at most 80")
OF_TRITON = ("error_rate at most 0.01", "server_error_rate at most 0.01", "p99_ms at most 80")


@pytest.mark.parametrize(
    ("declared", "splitter", "gates"),
    [
        ({}, None, OF_TRITON),
        ({"runtime": "torchserve"}, None, NAMED),
        ({"runtime": "kserve", "kserve": {"server": "triton"}}, None, OF_TRITON),
        ({"runtime": "kserve", "kserve": {"server": "triton", "mode": "knative"}}, "Knative", ()),
        ({"runtime": "seldon", "seldon": {"server": "triton"}}, "Seldon", ()),
        ({"target": "sagemaker"}, "SageMaker", ()),
    ],
)
def test_gates_are_named_where_the_gateway_splits(
    declared: dict[str, Any], splitter: str | None, gates: tuple[str, ...]
) -> None:
    rollout = {"stable": 1, "canary": 2, "gates": {"error_rate": 0.01, "p99_ms": 80}}
    model = Model.model_validate(
        {
            "name": "m",
            "task": "ranking",
            "source": "../models/m",
            "resources": {"gpus": 0},
            "rollout": rollout,
            **declared,
        }
    )
    line = rollout_line(model)
    assert line is not None
    assert (model.splitter, line.gates) == (splitter, gates)
    assert model.rollout is not None and model.rollout.gates.are_named


def test_no_gate_is_named() -> None:
    declared = {"name": "m", "task": "ranking", "source": "../models/m", "rollout": {"stable": 1, "canary": 2}}
    model = Model.model_validate(declared)
    assert model.rollout is not None and not model.rollout.gates.are_named
