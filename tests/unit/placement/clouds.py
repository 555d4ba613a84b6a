"""Pools of every cloud as our components register them, with the fewest fields that say something."""

from __future__ import annotations

from typing import Any

from modelyard.graph import Resource

from .plan import resource

KUBERNETES_GPU_TAINT = {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}


def labels(name: str, **more: str) -> dict[str, str]:
    return {"modelyard.dev/cluster": "main", "modelyard.dev/pool": name, **more}


def shared(name: str, devices: int, way: str) -> dict[str, str]:
    return {**labels(name), "modelyard.dev/gpu-devices": str(devices), "modelyard.dev/gpu-sharing": way}


def gke_pool(name: str = "gpu", machine: str = "g2-standard-8", **changes: Any) -> Resource:
    config = {
        "machineType": machine,
        "labels": labels(name),
        "taints": [{"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}],
        **changes.pop("config", {}),
    }
    inputs = {
        "cluster": "prod-main",
        "location": "us-central1",
        "initialNodeCount": 0,
        "autoscaling": {"totalMinNodeCount": 1, "totalMaxNodeCount": 6, "locationPolicy": "BALANCED"},
        "nodeConfig": config,
        **changes,
    }
    return resource("gcp:container/nodePool:NodePool", name, inputs)


def gke_cluster(**changes: Any) -> Resource:
    return resource(
        "gcp:container/cluster:Cluster", "main", {"name": "prod-main", "location": "us-central1", **changes}
    )


def aks_pool(name: str = "gpu", size: str = "Standard_NC24ads_A100_v4", **changes: Any) -> Resource:
    inputs = {
        "agentPoolName": f"{name}0a1b",
        "resourceName": "prod-main",
        "vmSize": size,
        "enableAutoScaling": True,
        "count": 1,
        "minCount": 1,
        "maxCount": 4,
        "nodeLabels": labels(name),
        "nodeTaints": ["nvidia.com/gpu=present:NoSchedule"],
        **changes,
    }
    return resource("azure-native:containerservice:AgentPool", name, inputs)


def aks_cluster(*profiles: dict[str, Any]) -> Resource:
    inputs = {"resourceName": "prod-main", "location": "westeurope", "agentPoolProfiles": list(profiles)}
    return resource("azure-native:containerservice:ManagedCluster", "main", inputs)


def karpenter_pool(
    name: str = "gpu", types: tuple[str, ...] = ("g6.xlarge",), limits: dict[str, Any] | None = None, **changes: Any
) -> Resource:
    """``changes`` are requirements: their last key's word, with dashes for underscores, and its values."""
    keys = {"capacity-type": "karpenter.sh/capacity-type", "zone": "topology.kubernetes.io/zone"}
    wanted = {"node.kubernetes.io/instance-type": types}
    wanted |= {keys[key.replace("_", "-")]: values for key, values in changes.items()}
    requirements = [{"key": key, "operator": "In", "values": list(values)} for key, values in wanted.items() if values]
    spec = {
        "limits": limits if limits is not None else {"nvidia.com/gpu": "3"},
        "template": {
            "metadata": {"labels": labels(name)},
            "spec": {"requirements": requirements, "taints": [KUBERNETES_GPU_TAINT]},
        },
    }
    return resource("kubernetes:karpenter.sh/v1:NodePool", name, {"metadata": {"name": name}, "spec": spec})


def compute_class(name: str = "gpu", **priority: Any) -> Resource:
    first = {"machineType": "g2-standard-8", "gpu": {"type": "nvidia-l4", "count": 1}, **priority}
    return resource(
        "kubernetes:cloud.google.com/v1:ComputeClass",
        name,
        {
            "metadata": {"name": name, "labels": labels(name), "annotations": {"modelyard.dev/max-nodes": "5"}},
            "spec": {"priorities": [first], "nodePoolAutoCreation": {"enabled": True}},
        },
    )
