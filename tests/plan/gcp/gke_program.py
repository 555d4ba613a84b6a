"""Programs of one component on Google Cloud, and what they declare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pulumi
from modelyard.capacity.cpu_node_pool import CpuNodePool
from modelyard.capacity.gpu_node_pool import GpuNodePool
from modelyard.capacity.serving_cluster import ServingCluster
from modelyard.governance.ownership import Ownership
from modelyard.graph import ResourceGraph
from modelyard.offline import Run, run
from recorded_graph import one, refused

PLATFORM = Ownership("platform", "CC-1000", "prod", "ml-platform@retail.example")
REGION = "us-central1"
POOL = "gcp:container/nodePool:NodePool"
CLUSTER = "gcp:container/cluster:Cluster"
NODES = "modelyard-prod@shop-prod.iam.gserviceaccount.com"

Declare = Callable[[], object]


def gpu_pool(component: str = "prod-central-l4", /, **args: Any) -> Declare:
    arguments: Any = {
        "cloud": "gcp",
        "region": REGION,
        "cluster": "central",
        "cluster_name": "prod-central",
        "project": "shop-prod",
        "service_account": NODES,
        "name": "l4",
        "accelerator": "L4",
        "ownership": PLATFORM.args(),
        **args,
    }
    return lambda: GpuNodePool(component, arguments)


def cpu_pool(component: str = "prod-central-cpu", /, **args: Any) -> Declare:
    arguments: Any = {
        "cloud": "gcp",
        "region": REGION,
        "cluster": "central",
        "cluster_name": "prod-central",
        "service_account": NODES,
        "name": "cpu",
        "instance_types": ["e2-standard-8"],
        "ownership": PLATFORM.args(),
        **args,
    }
    return lambda: CpuNodePool(component, arguments)


def cluster(component: str = "prod-central", /, **args: Any) -> Declare:
    arguments: Any = {
        "cloud": "gcp",
        "name": "central",
        "region": REGION,
        "network_name": "prod-net",
        "subnetwork_name": "prod-nodes",
        "pods_range": "pods",
        "services_range": "services",
        "ownership": PLATFORM.args(),
        **args,
        "gke": {"project": "shop-prod", **args.get("gke", {})},
    }

    def declare() -> None:
        made = ServingCluster(component, arguments)
        for output in ("name", "endpoint", "kubeconfig", "identity_issuer", "kubernetes_version"):
            pulumi.export(output, getattr(made, output))
        pulumi.export("service_account", made.nodes["service_account"])

    return declare


def planned(declare: Declare, mode: Literal["preview", "up"] = "preview") -> Run:
    return run(lambda: (declare(), None)[1], project="modelyard", stack="prod", mode=mode)


def graph_of(declare: Declare) -> ResourceGraph:
    return planned(declare).graph


def node_pool_of(declare: Declare, name: str | None = None) -> dict[str, Any]:
    """Inputs of the only node pool, or of the one of this name."""
    return dict(one(graph_of(declare), POOL, name).inputs)


def refusal(declare: Declare) -> str:
    return refused(lambda: planned(declare))


__all__ = [
    "CLUSTER", "NODES", "PLATFORM", "POOL", "REGION", "cluster", "cpu_pool", "gpu_pool", "graph_of", "node_pool_of",
    "planned", "refusal",
]  # fmt: skip
