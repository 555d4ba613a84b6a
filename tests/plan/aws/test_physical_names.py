"""Names are made as docs/physical-names.md says."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pulumi
import pytest
from modelyard.capacity.gpu_node_pool import GpuNodePool
from modelyard.capacity.serving_cluster import ServingCluster
from modelyard.cost.budget import Budget
from modelyard.governance.pod_identity_role import PodIdentityRole
from modelyard.graph import ResourceGraph
from modelyard.network.network import Network
from modelyard.registry.container_registry import ContainerRegistry
from modelyard.registry.model_store import ModelStore
from modelyard.serving.sagemaker.endpoint import SageMakerEndpoint

from .program import PLATFORM, REGION, TOYS, cloud_resources, graph_of

DOCUMENT = Path(__file__).parents[3] / "docs" / "physical-names.md"
NAMES = ("name", "bucket", "nodeGroupName", "scheduledActionName")


def everything(opts: pulumi.ResourceOptions) -> None:
    of: dict[str, Any] = {"region": REGION, "ownership": PLATFORM.args()}
    network = Network("prod-east", {**of, "cluster_name": "prod-east"}, opts)  # pyright: ignore[reportArgumentType]
    cluster_args: Any = {
        **of,
        "name": "east",
        "vpc_id": network.vpc_id,
        "private_subnet_ids": network.private_subnet_ids,
        "api_access": {"bastion": True},
        "node_autoscaler": "karpenter",
    }
    cluster = ServingCluster("prod-east", cluster_args, opts)
    night = {"name": "night", "recurrence": "0 20 * * *", "min_nodes": 0, "desired_nodes": 0, "max_nodes": 0}
    pool_args: Any = {
        **of,
        "name": "l4",
        "accelerator": "L4",
        "cluster": "east",
        "cluster_name": cluster.name,
        "node_role_arn": cluster.node_role_arn,
        "subnet_ids": network.private_subnet_ids,
        "schedules": [night],
        "compact": True,
    }
    GpuNodePool("prod-east-l4", pool_args, opts)
    registry_args: Any = {**of, "repositories": ["toys/tagging"]}
    ContainerRegistry("prod-images-us-east-1", registry_args, opts)
    store_args: Any = {**of, "organization": "retail"}
    ModelStore("prod-models-us-east-1", store_args, opts)
    Budget("prod-toys", {"monthly_usd": 100, "ownership": TOYS.args()}, opts)
    role_args: Any = {
        "region": REGION,
        "cluster_name": cluster.name,
        "namespace": "toys",
        "service_account": "tagging",
        "policy": "{}",
        "ownership": TOYS.args(),
    }
    PodIdentityRole("prod-east-tagging", role_args, opts)
    endpoint_args: Any = {
        **of,
        "model": "m" * 40,
        "artefact": "s3://models/toys/tagging/model.tar.gz",
        "instance_type": "ml.m5.xlarge",
        "scaling": {
            "max_replicas": 3,
            "target_concurrency": 4,
            "schedules": [{"days": "mon", "start": "08:00", "end": "20:00", "min_replicas": 2}],
        },
    }
    SageMakerEndpoint("prod-" + "m" * 40 + "-us-east-1", endpoint_args, opts)


@cache
def graph() -> ResourceGraph:
    return graph_of(everything)


def documented() -> dict[str, tuple[str, int]]:
    rows = re.findall(r"^\| `(aws:\S+)` \| (\w+) \|.*\| (\d+) \|$", DOCUMENT.read_text(), re.MULTILINE)
    return {token: (way, int(limit)) for token, way, limit in rows}


def named() -> list[tuple[str, str, str]]:
    """Type, logical and physical name of every resource that has one."""
    found = []
    for resource in cloud_resources(graph()):
        key = next((name for name in NAMES if name in resource.inputs), None)
        # The other bucket resources name the bucket that they are about.
        if key is not None and not (key == "bucket" and resource.type != "aws:s3/bucket:Bucket"):
            found.append((resource.type, resource.name, resource.inputs[key]))
    return found


def test_every_named_type_has_a_written_rule_and_no_rule_is_idle() -> None:
    assert {type_ for type_, _, _ in named()} == set(documented())


@pytest.mark.parametrize("token", sorted(documented()))
def test_names_follow_their_rule_and_fit(token: str) -> None:
    way, limit = documented()[token]
    for type_, logical, physical in named():
        if type_ == token:
            suffixed = re.fullmatch(re.escape(logical) + r"-[0-9a-f]{7}", physical) is not None
            assert suffixed is (way == "autonamed"), physical
            assert len(physical) <= limit
