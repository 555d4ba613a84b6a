"""Pools with as many labels and taints as the clouds take."""

from __future__ import annotations

import pytest
from modelyard.capacity.eks.scale_from_zero import node_template_tags
from modelyard.environment.cpu_pool import CpuPool
from modelyard.environment.gpu_pool import GpuPool
from modelyard.environment.target import Cloud
from modelyard.resolve.cpu_pool import decide_cpu_pool
from modelyard.resolve.gpu_pool import resolve_gpu_pool

TEMPLATE = "k8s.io/cluster-autoscaler/node-template"


def taints(count: int) -> list[dict[str, str]]:
    return [{"key": f"example.com/taint-{each}"} for each in range(count)]


def labels(count: int) -> dict[str, str]:
    return {f"example.com/label-{each}": "x" for each in range(count)}


@pytest.mark.parametrize(
    ("cloud", "region", "pool"),
    [
        ("aws", "us-east-1", {"accelerator": "L4", "taints": taints(49)}),
        ("aws", "us-east-1", {"accelerator": "L4", "labels": labels(200)}),
        ("aws", "us-east-1",
         {"accelerator": "L4", "provisioner": "karpenter", "labels": labels(96), "taints": taints(60)}),
        ("gcp", "us-central1", {"accelerator": "L4", "labels": labels(200), "taints": taints(60)}),
        ("azure", "eastus", {"accelerator": "T4", "labels": labels(200), "taints": taints(60)}),
    ],
)  # fmt: skip
def test_so_many_are_taken(cloud: Cloud, region: str, pool: dict[str, object]) -> None:
    declared = GpuPool.model_validate({"name": "gpu", **pool})
    resolved = resolve_gpu_pool(declared, cluster="east", region=region, cloud=cloud)
    assert len(resolved.taints) == len(declared.taints) + 1
    assert declared.labels.items() <= resolved.labels.items()


def test_a_pool_without_gpus_has_the_same_limits() -> None:
    declared = CpuPool.model_validate({"name": "cpu", "instance_types": ["m6i.xlarge"], "taints": taints(51)})
    found = decide_cpu_pool(declared, cluster="east", region="us-east-1")
    assert found == [
        (("taints",), "are 51 with the 0 that Modelyard sets, and EKS takes 50 of a node group; delete some")
    ]


def test_an_auto_scaling_group_gets_no_more_tags_than_it_takes() -> None:
    named = {**labels(60), "modelyard.dev/pool": "gpu"}
    tags = node_template_tags(named, [("nvidia.com/gpu", "present", "NoSchedule")], {"nvidia.com/gpu": 1})
    assert len(tags) == 45
    first = (
        "resources/nvidia.com/gpu",
        "taint/nvidia.com/gpu",
        "label/modelyard.dev/pool",
    )
    assert list(tags)[:3] == [f"{TEMPLATE}/{each}" for each in first]
