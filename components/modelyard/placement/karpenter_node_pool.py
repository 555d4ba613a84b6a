"""NodePools of Karpenter, on EKS with a controller of one's own and in EKS Auto Mode (``karpenter.sh/v1``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from modelyard.catalog import InstanceType
from modelyard.catalog.neuron_cores import neuron_cores
from modelyard.environment.device import NEURON_CORE
from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.pool import Pool, Taint, known_type
from modelyard.placement.pool_labels import cluster_of, declared_name, node_labels, shared_devices
from modelyard.placement.quantity import mebibytes, millicores
from modelyard.placement.reading import at, items, mapping, text, texts, whole
from modelyard.placement.region import region_of
from modelyard.placement.requests import is_device

NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
_EKS_CLUSTER = "aws:eks/cluster:Cluster"
_TYPE = "node.kubernetes.io/instance-type"
_ZONE = "topology.kubernetes.io/zone"
_CAPACITY = "karpenter.sh/capacity-type"


def karpenter_pools(resource: Resource, graph: ResourceGraph) -> Iterable[Pool]:
    """One pool of the first instance type that its requirements name; without any, its room is not known.

    It has no node until pods ask for one, and as many as fit into ``limits``: Karpenter starts none that would pass
    one of them (https://karpenter.sh/docs/concepts/nodepools/#speclimits).
    """
    spec = mapping(resource.inputs.get("spec"))
    template = mapping(at(spec, "template"))
    allowed = _allowed(at(template, "spec", "requirements"))
    labels = {
        **{key: values[0] for key, values in allowed.items() if len(values) == 1 and key not in (_TYPE, _ZONE)},
        **texts(at(template, "metadata", "labels")),
    }
    cluster = cluster_of(labels, None) or cluster_of(texts(at(resource.inputs, "metadata", "labels")), None)
    zones = tuple(sorted(allowed.get(_ZONE, ())))
    named = text(at(resource.inputs, "metadata", "annotations", "modelyard.dev/region"))
    region = named or (zones[0][:-1] if zones else _region(graph, cluster))
    type_name = next(iter(allowed.get(_TYPE, ())), None)
    machine = known_type("aws", region, type_name)
    capacity = allowed.get(_CAPACITY, ("on-demand",))
    spot = "spot" in capacity
    name = text(at(resource.inputs, "metadata", "name")) or resource.name
    room = shared_devices(machine, labels)
    replicas = whole(spec.get("replicas"))
    most = _most_nodes(mapping(spec.get("limits")), machine)
    yield Pool(
        urn=resource.urn,
        cluster=cluster,
        name=declared_name(labels, name),
        region=region,
        instance_type=type_name,
        instance=machine,
        spot=spot,
        min_size=replicas or 0,
        desired_size=replicas or 0,
        max_size=most if replicas is None else replicas,
        labels={
            **node_labels(type_name, region, machine),
            "karpenter.sh/nodepool": name,
            **({_CAPACITY: "spot" if spot else "on-demand"} if len(capacity) == 1 or spot else {}),
            **labels,
        },
        taints=tuple(_taint(each) for each in items(at(template, "spec", "taints"))),
        zones=zones,
        capacity="spot" if spot else "reserved" if "reserved" in capacity else "on_demand",
        **room,
    )


def _allowed(requirements: Any) -> dict[str, tuple[str, ...]]:
    """Values of the requirements that name some."""
    return {
        text(mapping(each).get("key")) or "": tuple(
            value for value in items(mapping(each).get("values")) if isinstance(value, str)
        )
        for each in items(requirements)
        if mapping(each).get("operator") == "In"
    }


def _most_nodes(limits: Mapping[str, Any], machine: InstanceType | None) -> int | None:
    """By what a whole machine has, and not by what it leaves to pods or how its GPUs are shared. None: no limit bounds
    them."""
    if machine is None:
        return whole(limits.get("nodes"))
    found: list[int] = []
    for key, amount in limits.items():
        if key == "nodes":
            limit, each = whole(amount), 1
        elif key == "cpu":
            limit, each = millicores(amount), machine.vcpu * 1000
        elif key == "memory":
            limit, each = mebibytes(amount), int(machine.memory_gib * 1024)
        elif is_device(key):
            cores = neuron_cores(machine.accelerator) if key == NEURON_CORE else None
            limit, each = whole(amount), machine.accelerator_count * (cores or 1)
        else:
            continue
        if limit is not None and each:
            found.append(limit // each)
    return min(found, default=None)


def _region(graph: ResourceGraph, cluster: str | None) -> str | None:
    """Of the cluster, where the same stack makes it; of the only one where none bears the name."""
    clusters = graph.of_type(_EKS_CLUSTER)
    named = [each for each in clusters if cluster in (text(each.inputs.get("name")), each.name)]
    found = named or (clusters if len(clusters) == 1 else [])
    return region_of(found[0], graph) if found else None


def _taint(value: Any) -> Taint:
    taint = mapping(value)
    return Taint(
        text(taint.get("key")) or "", text(taint.get("value")) or "", text(taint.get("effect")) or "NoSchedule"
    )
