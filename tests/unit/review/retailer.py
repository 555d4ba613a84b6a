"""A retailer's plan, small and made by hand, with one of everything that a reviewer must see."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from modelyard.graph import UNKNOWN, Resource, ResourceGraph, Secret
from modelyard.placement import place
from modelyard.review.plan import (
    BudgetLine,
    ModelLine,
    ModelPlace,
    PlanDocument,
    PredictedPlace,
    PredictedStage,
    RolloutLine,
    StackPlan,
)
from modelyard.review.verdicts import Verdict
from modelyard.sizing.cold_start import cold_start

from .dollars import estimate

PLANTED = "planted-secret-hunter2"
"""In the inputs and outputs of the plan; may be in no rendering."""
HOSTILE = "</script><script>alert('x')</script>"
"""A name that tries to break out of the page."""


def retailer(**changes: Any) -> PlanDocument:
    """The document, with any of its fields replaced."""
    foundation, merchandising = _foundation(), _merchandising()
    facts: dict[str, Any] = {
        "environment": "prod",
        "tier": "prod",
        "version": "0.1.0",
        "stacks": (
            StackPlan("prod-foundation", "foundation", foundation, {"endpoint": UNKNOWN, "token": Secret(PLANTED)}),
            StackPlan("prod-merchandising", "merchandising", merchandising, {"hostname": "tags.ml.example"}),
        ),
        "policies": VERDICTS,
        "policies_checked": ("bucket-encrypted", "department-tag", "image-pinned", "replicas"),
        "costs": estimate(),
        "placement": place(foundation, merchandising),
        "budgets": BUDGETS,
        "models": (MODEL,),
        "notices": ("nobody outside the VPC of cluster west can reach its API: declare a bastion",),
    }
    facts.update(changes)
    facts.setdefault("outputs", {stack.name: stack.outputs for stack in facts["stacks"]})
    return PlanDocument(**facts)


DEPLOYMENT_URN = (
    "urn:pulumi:prod-merchandising::modelyard::modelyard:index:TritonService$kubernetes:apps/v1:Deployment"
    "::product-tagging-east"
)
VERDICTS = (
    Verdict(
        "replicas", "advisory", DEPLOYMENT_URN, "1 replica of product-tagging is guaranteed; declare 2", "Replicas"
    ),
    Verdict(
        "image-pinned",
        "mandatory",
        DEPLOYMENT_URN,
        f"image 'tritonserver:latest' of {HOSTILE} is not pinned; name it by digest",
        "Images are pinned.",
    ),
)
BUDGETS = (
    BudgetLine("all", Decimal(14000), Decimal("9876.54"), "pass", "prod stays under its budget", False),
    BudgetLine(
        "merchandising",
        Decimal(4000),
        Decimal("4321.09"),
        "fail",
        "merchandising is estimated at $4,321.09 a month, $321.09 over its budget of $4,000.00",
        True,
    ),
    BudgetLine("supply-chain", Decimal(900), Decimal(0), "undetermined", "supply-chain has unpriced resources", False),
)


def _predicted(p99_ms: float) -> PredictedPlace:
    stage = PredictedStage("product-tagging", 16, 500, 1, utilisation=0.41, mean_batch=2.5, queue_ms=1.25)
    return PredictedPlace(2, 20.5, 38.0, p99_ms, 0.41, 512.0, (stage,), "an estimate for planning")


COLD_START = cold_start(node_there=False, image_unpacked_gb=15.5, model_bytes=3 * 1024**3, signal_seconds=30)
ROLLOUT = RolloutLine(
    stable=1,
    canary=2,
    percent=10,
    mirrored_percent=0,
    steps=(10, 50, 100),
    next_percent=50,
    pause_minutes=30,
    by="gateway",
    gates=("error_rate at most 0.01", "p99_ms at most 80"),
)
MODEL = ModelLine(
    department="merchandising",
    model="product-tagging",
    task="image_classification",
    release="26.07",
    objective_p99_ms=80,
    objective_requests_per_second=300,
    monthly_usd=Decimal("4321.09"),
    usd_per_million=Decimal("2.7403"),
    places=(
        ModelPlace("east", "l4", "l4-spot", "L4", 2, 6, _predicted(42.7), cold_start=COLD_START),
        ModelPlace("west", "l4", None, "L4", 2, 2, _predicted(95.0)),
    ),
    rollout=ROLLOUT,
)


def _foundation() -> ResourceGraph:
    stack = "prod-foundation"
    root = _stack(stack)
    network = _component(stack, "Network", "east", root)
    cluster = _component(stack, "ServingCluster", "east", root)
    pool = _component(stack, "GpuNodePool", "l4", cluster)
    provider = Resource(
        urn=_urn(stack, "pulumi:providers:aws", "modelyard-aws-us-east-1"),
        type="pulumi:providers:aws",
        name="modelyard-aws-us-east-1",
        inputs={"region": "us-east-1"},
        stack=stack,
    )
    resources = [root, provider, network, cluster, pool]
    for zone in "abc":
        inputs = {"vpcId": UNKNOWN, "availabilityZone": f"us-east-1{zone}"}
        resources.append(_resource(stack, "aws:ec2/subnet:Subnet", f"east-{zone}", inputs, network, provider))
    vpc = {"cidrBlock": "10.40.0.0/16", "tags": {"department": "platform"}}
    resources.append(_resource(stack, "aws:ec2/vpc:Vpc", "east", vpc, network, provider))
    resources.append(
        _resource(stack, "aws:eks/cluster:Cluster", "east", {"name": "prod-east", "version": "1.34"}, cluster, provider)
    )
    node_group = {
        "clusterName": UNKNOWN,
        "instanceTypes": ["g6.2xlarge", "g6.4xlarge"],
        "capacityType": "ON_DEMAND",
        "scalingConfig": {"minSize": 4, "desiredSize": 4, "maxSize": 8},
        "labels": {"modelyard.dev/cluster": "east", "modelyard.dev/pool": "l4"},
        "taints": [{"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}],
    }
    resources.append(_resource(stack, "aws:eks/nodeGroup:NodeGroup", "l4", node_group, pool, provider))
    resources.append(
        _resource(stack, "aws:secretsmanager/secretVersion:SecretVersion", "pager", {"s": Secret(PLANTED)}, root, None)
    )
    return ResourceGraph(resources)


def _merchandising() -> ResourceGraph:
    stack = "prod-merchandising"
    root = _stack(stack)
    service = _component(stack, "TritonService", "product-tagging-east", root)
    hostile = _component(stack, "TritonService", HOSTILE, root)
    template = {
        "metadata": {
            "labels": {"modelyard.dev/department": "merchandising", "modelyard.dev/model": "product-tagging"},
            "annotations": {"modelyard.dev/cluster": "east", "modelyard.dev/pool": "l4"},
        },
        "spec": {
            "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
            "nodeSelector": {"modelyard.dev/pool": "l4"},
            "containers": [
                {
                    "name": "triton",
                    "image": "tritonserver:latest",
                    "resources": {"limits": {"nvidia.com/gpu": "1", "cpu": "3", "memory": "12Gi"}},
                    "env": [{"name": "TOKEN", "value": Secret(PLANTED)}],
                }
            ],
        },
    }
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "product-tagging", "namespace": "merchandising"},
        "spec": {"replicas": 2, "template": template},
    }
    return ResourceGraph(
        [
            root,
            service,
            hostile,
            _resource(stack, "kubernetes:apps/v1:Deployment", "product-tagging-east", deployment, service, None),
        ]
    )


def _urn(stack: str, chain: str, name: str) -> str:
    return f"urn:pulumi:{stack}::modelyard::{chain}::{name}"


def _stack(stack: str) -> Resource:
    name = f"modelyard-{stack}"
    token = "pulumi:pulumi:Stack"
    return Resource(urn=_urn(stack, token, name), type=token, name=name, inputs={}, stack=stack, custom=False)


def _component(stack: str, kind: str, name: str, parent: Resource) -> Resource:
    token = f"modelyard:index:{kind}"
    chain = _chain(parent, token)
    return Resource(
        urn=_urn(stack, chain, name), type=token, name=name, inputs={}, stack=stack, parent=parent.urn, custom=False
    )


def _resource(
    stack: str, token: str, name: str, inputs: dict[str, Any], parent: Resource, provider: Resource | None
) -> Resource:
    return Resource(
        urn=_urn(stack, _chain(parent, token), name),
        type=token,
        name=name,
        inputs=inputs,
        stack=stack,
        parent=parent.urn,
        provider=provider.urn if provider else None,
    )


def _chain(parent: Resource, token: str) -> str:
    if parent.type == "pulumi:pulumi:Stack":
        return token
    return f"{parent.urn.split('::')[2]}${token}"
