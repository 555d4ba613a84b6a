"""The policy pack has nothing to say of what an endpoint declares by itself."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.review.verdicts import run_policies

from .sagemaker_program import COMPONENT, SERVERLESS, declared, rollout

NETWORK = {"vpc_id": "vpc-0123456789abcdef0", "subnet_ids": ["subnet-0123456789abcdef0"]}


@pytest.mark.parametrize(
    "args",
    [
        {},
        SERVERLESS,
        {**rollout(), **NETWORK, "p99_ms": 200, "data_url": "s3://models/toys/tagging/data", "capture": {}},
        {"kind": "async", "data_url": "s3://b/d", "scaling": {"min_replicas": 0, "max_replicas": 2}},
        {**COMPONENT, **NETWORK, "network_isolation": True},
    ],
    ids=["real time", "serverless", "canary in a network", "asleep", "components in a network"],
)
def test_no_policy_is_broken(args: dict[str, Any]) -> None:
    graph = declared(**args)
    assert [(found.policy, found.urn, found.message) for found in run_policies(graph)] == []
