"""A model of version 1 with a canary of version 2, as a rollout declares them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from modelyard.environment.rollout import Rollout
from modelyard.serving.rollout.split import Split
from modelyard.serving.rollout.workloads import canary_workload, split
from modelyard.serving.triton.server import server
from modelyard.serving.triton.service_declaration import declaration, triton_workload
from modelyard.serving.workload.workload import Workload

HOSTNAME = "tagger.east.ml.example.org"


def rollout(**changes: Any) -> Rollout:
    return Rollout.model_validate({"stable": 1, "canary": 2, **changes})


def stable(**changes: Any) -> Workload:
    """Two to six replicas."""
    arguments: Any = {
        "ownership": {
            "department": "shop", "cost_center": "CC-1", "environment": "prod", "owner": "shop@example.org"
        },
        "model": "tagger",
        "cluster": "east",
        "stored": {"bucket": "models", "prefix": "shop/tagger", "region": "us-east-1", "digest": "1"},
        "resources": {"gpus": 0},
        "scaling": {"min_replicas": 2, "max_replicas": 6},
        "hostname": HOSTNAME,
        **changes,
    }  # fmt: skip
    return triton_workload(declaration("tagger", arguments))


def canary(declared: Rollout, of: Workload) -> Workload:
    configured = server(of.model, image="tritonserver", versions=[2])
    return canary_workload(of, declared, configured, replace(of.stored, digest="2"))


def traffic(**changes: Any) -> Split:
    declared, workload = rollout(**changes), stable()
    made = split(workload, declared, canary(declared, workload) if declared.canary else None)
    assert made is not None
    return made
