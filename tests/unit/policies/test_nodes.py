"""imds-v2, node-image-pinned, node-pool-limits and spot-not-alone."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.graph import UNKNOWN, Resource

from .recorded import container, deployment, messages, resource

CLUSTER = "aws:eks/cluster:Cluster"
GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
POOL = "modelyard.dev/pool"


@pytest.mark.parametrize(
    ("resource_type", "inputs", "expected"),
    [
        (TEMPLATE, {"metadataOptions": {"httpTokens": "required"}}, []),
        ("aws:ec2/instance:Instance", {"metadataOptions": {"httpTokens": "required"}}, []),
        ("aws:ec2/instance:Instance", {"launchTemplate": {"id": UNKNOWN, "version": UNKNOWN}}, []),
        (
            TEMPLATE,
            {"metadataOptions": {"httpTokens": "optional"}},
            [
                "metadataOptions.httpTokens is 'optional', so a request forged through a pod gets the node's "
                "credentials; set it to 'required'."
            ],
        ),
        (
            "aws:ec2/instance:Instance",
            {"launchTemplate": {"id": "lt-1"}, "metadataOptions": {"httpTokens": "optional"}},
            [
                "metadataOptions.httpTokens is 'optional', so a request forged through a pod gets the node's "
                "credentials; set it to 'required'."
            ],
        ),
        (
            "aws:ec2/instance:Instance",
            {},
            [
                "metadataOptions.httpTokens is not set, so a request forged through a pod gets the node's "
                "credentials; set it to 'required'."
            ],
        ),
    ],
)
def test_imds_v2(resource_type: str, inputs: dict[str, Any], expected: list[str]) -> None:
    assert messages("imds-v2", resource(resource_type, inputs)) == expected


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ([{"alias": "al2023@v20260915"}], []),
        ([{"id": "ami-0123456789abcdef0"}], []),
        (
            [{"alias": "bottlerocket@latest"}],
            [
                "spec.amiSelectorTerms[0].alias is 'bottlerocket@latest', so each release of AWS exchanges all nodes "
                "of the pool; name a release: karpenter.image_release of the pool."
            ],
        ),
    ],
)
def test_node_image_pinned(terms: list[dict[str, str]], expected: list[str]) -> None:
    made = resource("kubernetes:karpenter.k8s.aws/v1:EC2NodeClass", {"spec": {"amiSelectorTerms": terms}})
    assert messages("node-image-pinned", made) == expected


def too_large(size: str, limit: int = 100) -> list[str]:
    return [
        f"scalingConfig.maxSize is {size}; at most {limit} nodes are allowed in a pool: lower it, or raise "
        "max_nodes in "
        "this policy's configuration."
    ]


@pytest.mark.parametrize(
    ("inputs", "settings", "expected"),
    [
        ({"scalingConfig": {"maxSize": 100}}, None, []),
        ({"scalingConfig": {"maxSize": 101.0}}, None, too_large("101")),
        ({"scalingConfig": {"maxSize": 5}}, {"max_nodes": 4.0}, too_large("5", 4)),
        ({}, None, too_large("not set")),
    ],
)
def test_node_pool_limits(inputs: dict[str, Any], settings: dict[str, Any] | None, expected: list[str]) -> None:
    assert messages("node-pool-limits", resource(GROUP, inputs), settings=settings) == expected


def test_a_karpenter_pool_needs_limits() -> None:
    token = "kubernetes:karpenter.sh/v1:NodePool"
    assert messages("node-pool-limits", resource(token, {"spec": {"limits": {"nvidia.com/gpu": 8}}})) == []
    assert messages("node-pool-limits", resource(token, {"spec": {"template": {}}})) == [
        "spec.limits is not set, so Karpenter may buy without end; limit cpu, memory and nvidia.com/gpu."
    ]


def group(pool: str, capacity: Any, cluster: str = "use1") -> Resource:
    inputs = {
        "clusterName": UNKNOWN,
        "capacityType": capacity,
        "labels": {POOL: pool, "modelyard.dev/cluster": cluster},
    }
    return resource(GROUP, inputs, f"{cluster}-{pool}", sources={"clusterName": (resource(CLUSTER, {}).urn,)})


def bound(*pools: str, affinity: bool = True) -> Resource:
    if affinity:
        expression = {"key": POOL, "operator": "In", "values": list(pools)}
        terms = {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}
        pod = {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}}
    else:
        pod = {"nodeSelector": {POOL: pools[0]}}
    found = deployment(pod={"containers": [container()], **pod})
    found.inputs["spec"]["template"]["metadata"]["annotations"] = {"modelyard.dev/cluster": "use1"}
    return found


def alone(pools: str) -> list[str]:
    return [
        f"the pods run only on {pools}, which is spot capacity, so all replicas can be gone at once; give the "
        "guaranteed "
        "replicas an on-demand pool and keep spot for the overflow."
    ]


ON_DEMAND, SPOT = group("l4", "ON_DEMAND"), group("l4-spot", "SPOT")


@pytest.mark.parametrize(
    ("found", "settings", "expected"),
    [
        ([ON_DEMAND, SPOT, bound("l4", "l4-spot")], None, []),
        ([ON_DEMAND, SPOT, deployment()], None, []),
        ([ON_DEMAND, SPOT, bound("l4-spot")], None, alone("pool 'l4-spot'")),
        ([ON_DEMAND, SPOT, bound("l4-spot", affinity=False)], None, alone("pool 'l4-spot'")),
        (
            [ON_DEMAND, SPOT, group("t4-spot", "SPOT"), bound("l4-spot", "t4-spot")],
            None,
            alone("pools 'l4-spot', 't4-spot'"),
        ),
        ([ON_DEMAND, group("l4-spot", UNKNOWN), bound("l4-spot")], None, []),
        ([bound("l4-spot")], None, []),
        ([bound("l4-spot")], {"pools": {"use1/l4-spot": "spot"}}, alone("pool 'l4-spot'")),
        ([bound("l4-spot")], {"pools": {"usw2/l4-spot": "spot", "use1/l4-spot": "on_demand"}}, []),
        (
            [deployment(pod={"containers": [], "nodeSelector": {"karpenter.sh/capacity-type": "spot"}})],
            None,
            [
                "the pods run only on nodes with karpenter.sh/capacity-type 'spot', so all replicas can be gone at "
                "once; let them run on on-demand nodes too."
            ],
        ),
        (
            [resource(CLUSTER, {}), SPOT, group("t4-spot", "SPOT")],
            None,
            [
                "all 2 node groups of the cluster are spot capacity, so its DNS and autoscaler can be gone at once; "
                "add an on-demand node group for them."
            ],
        ),
        ([resource(CLUSTER, {}), SPOT, ON_DEMAND], None, []),
        ([resource(CLUSTER, {})], None, []),
    ],
)
def test_spot_not_alone(found: list[Resource], settings: dict[str, Any] | None, expected: list[str]) -> None:
    assert messages("spot-not-alone", *found, settings=settings) == expected
