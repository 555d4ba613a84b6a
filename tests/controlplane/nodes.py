"""Simulated nodes as a plan's pools would start them; KWOK reports them and their pods ready."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count

from modelyard.placement import Pool
from modelyard.placement.pool_labels import GPU_ALLOCATION

from .api import Api, Object, Refused, until

ZONES = "abc"
SECONDS = 180
"""For what takes some at most, on a machine that does other things besides."""

_MAKERS = (("apps/v1", "Deployment"), ("apps/v1", "ReplicaSet"), ("v1", "Pod"))
"""Pods, and what would make them anew."""
_NUMBERS = count(1)


def nodes_of(pool: Pool, number: int) -> list[Object]:
    """``number`` nodes with the pool's labels and taints, and the room that its first instance type leaves to pods."""
    room = pool.room
    assert room is not None, f"{pool.name}: the catalog does not know {pool.instance_type}"
    allocatable = {
        "cpu": f"{room.cpu_millicores}m",
        "memory": f"{room.memory_mib}Mi",
        "pods": str(room.pods),
        "ephemeral-storage": "80Gi",
        # GPUs that pods claim are no resource of a node: its ResourceSlice has them.
        **({pool.device: str(room.gpus)} if room.gpus and pool.labels.get(GPU_ALLOCATION) != "claim" else {}),
    }
    zones = pool.zones or [f"{pool.region}{letter}" for letter in ZONES]
    taints = [{"key": taint.key, "value": taint.value, "effect": taint.effect} for taint in pool.taints]
    return [
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": f"{pool.cluster}-{pool.name}-{index}",
                "annotations": {"kwok.x-k8s.io/node": "fake"},
                "labels": {
                    **pool.labels,
                    "topology.kubernetes.io/zone": zones[index % len(zones)],
                },
            },
            "spec": {"taints": taints},
            "status": {"allocatable": allocatable, "capacity": allocatable},
        }
        for index in range(number)
    ]


def start(api: Api, nodes: Iterable[Object]) -> None:
    """Make them, and wait until pods may be placed on them.

    Each has a name that no node had before, as in a cloud: KWOK leaves the pods of a node alone that is made right
    after another of its name went.
    """
    names = [
        api.create(_named(node, f"{node['metadata']['name']}-{next(_NUMBERS)}"))["metadata"]["name"] for node in nodes
    ]
    until(lambda: not _not_ready(api, names), SECONDS, lambda: f"not ready: {_not_ready(api, names)}")


def pool_of(api: Api) -> dict[str, str]:
    """Node to pool."""
    return {
        node["metadata"]["name"]: node["metadata"]["labels"]["modelyard.dev/pool"] for node in api.list("v1", "Node")
    }


def unschedulable(pods: Iterable[Object]) -> str | None:
    """What the scheduler says about one of these pods that it cannot place; None while it can, or has not tried."""
    for pod in pods:
        for condition in pod["status"].get("conditions", []):
            if condition["type"] == "PodScheduled" and condition["status"] == "False":
                return condition["message"]
    return None


def until_unschedulable(pods: Callable[[], Iterable[Object]], told: str) -> str:
    """What the scheduler says about one of these pods, once this is among it.

    Its first words may be of a cluster of which it has heard half: it looks again with every node that it hears of.
    """

    def verdict() -> str:
        return unschedulable(pods()) or ""

    return until(
        lambda: found if told in (found := verdict()) else "", SECONDS, lambda: f"{told!r}; it says: {verdict()}"
    )


def empty(api: Api) -> None:
    """Every Deployment, pod and node is gone."""
    until(lambda: not _deleted(api, *_MAKERS), SECONDS, lambda: f"left: {_deleted(api, *_MAKERS)}")
    _deleted(api, ("v1", "Node"))


def _deleted(api: Api, *kinds: tuple[str, str]) -> list[str]:
    """What was there of these kinds, and is told to go."""
    found = []
    for version, kind in kinds:
        for thing in api.list(version, kind):
            found.append(f"{kind} {thing['metadata']['name']}")
            try:
                api.delete({"apiVersion": version, "kind": kind, **thing})
            except Refused as refused:
                if refused.status != 409:
                    raise
    return found


def _named(node: Object, name: str) -> Object:
    metadata = node["metadata"]
    return {
        **node,
        "metadata": {**metadata, "name": name, "labels": {**metadata["labels"], "kubernetes.io/hostname": name}},
    }


def _not_ready(api: Api, names: list[str]) -> list[str]:
    ready = {
        node["metadata"]["name"]
        for node in api.list("v1", "Node")
        if any(each["type"] == "Ready" and each["status"] == "True" for each in node["status"].get("conditions", []))
        and not any(taint["key"].startswith("node.kubernetes.io/") for taint in node["spec"].get("taints", []))
    }
    return [name for name in names if name not in ready]
