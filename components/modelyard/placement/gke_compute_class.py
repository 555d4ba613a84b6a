"""ComputeClasses of GKE (``cloud.google.com/v1``), for which GKE makes node pools itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from modelyard.catalog.table import rows
from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.gke_node_pool import CLUSTER, gke_devices, gke_machine, gke_region, tpu_labels
from modelyard.placement.pool import Pool, Taint
from modelyard.placement.pool_labels import cluster_of, declared_name, node_labels
from modelyard.placement.reading import at, items, mapping, text, texts, whole
from modelyard.placement.region import clusters_behind, region_of

COMPUTE_CLASS = "kubernetes:cloud.google.com/v1:ComputeClass"
_LABEL = "cloud.google.com/compute-class"
_MOST_NODES = "modelyard.dev/max-nodes"
_REGION = "modelyard.dev/region"
"""Annotations: what the environment declares; a ComputeClass says neither."""


def compute_class_pools(resource: Resource, graph: ResourceGraph) -> Iterable[Pool]:
    """One pool of the first priority's machines; it has no node until pods ask for one.

    GKE puts the label and the taint ``cloud.google.com/compute-class`` on the nodes, and the toleration on pods that
    select the class ("About custom compute classes", GKE documentation), so that the taint keeps away others alone.
    """
    metadata = mapping(resource.inputs.get("metadata"))
    name = text(metadata.get("name")) or resource.name
    priority = next((mapping(each) for each in items(at(resource.inputs, "spec", "priorities"))), {})
    config = mapping(at(resource.inputs, "spec", "nodePoolConfig"))
    labels = {**texts(metadata.get("labels")), **texts(config.get("nodeLabels")), **texts(priority.get("nodeLabels"))}
    cluster = cluster_of(labels, None)
    region = texts(metadata.get("annotations")).get(_REGION) or _region_of_cluster(resource, graph)
    guest = _guest(mapping(priority.get("gpu")))
    named = text(priority.get("machineType")) or _tpu_machine(mapping(priority.get("tpu")))
    type_name, machine = gke_machine(named, guest, region)
    spot = priority.get("spot") is True
    yield Pool(
        urn=resource.urn,
        cluster=cluster,
        name=declared_name(labels, name),
        region=region,
        instance_type=type_name or None,
        instance=machine,
        spot=spot,
        min_size=0,
        desired_size=0,
        max_size=whole(texts(metadata.get("annotations")).get(_MOST_NODES)),
        labels={**node_labels(type_name or None, region, machine), _LABEL: name, **tpu_labels(type_name), **labels},
        taints=tuple(
            Taint(text(mapping(each).get("key")) or "", text(mapping(each).get("value")) or "", _effect(each))
            for each in items(config.get("taints"))
        ),
        zones=tuple(sorted(zone for zone in items(at(priority, "location", "zones")) if isinstance(zone, str))),
        capacity="spot" if spot else "flex_start" if at(priority, "flexStart", "enabled") is True else "on_demand",
        **gke_devices(machine, guest, labels, whole(priority.get("maxPodsPerNode"))),
    )


def _tpu_machine(tpu: Mapping[str, Any]) -> str:
    """Which a rule means that names no machine; empty where it names no TPU either."""
    asked = (tpu.get("type"), whole(tpu.get("count")), tpu.get("topology"))
    for row in rows("gke_tpus.csv"):
        if asked == (row["type"], int(row["chips_per_node"]), row["topology"]):
            return row["machine_type"]
    return ""


def _guest(gpu: Mapping[str, Any]) -> dict[str, Any] | None:
    """As a node pool names its accelerators."""
    if not gpu:
        return None
    shared = mapping(gpu.get("gpuSharing"))
    clients = {
        "gpuSharingStrategy": shared.get("sharingStrategy"),
        "maxSharedClientsPerGpu": shared.get("maxSharedClientsPerGPU"),
    }
    return {**gpu, "gpuPartitionSize": shared.get("gpuPartitionSize"), "gpuSharingConfig": clients}


def _region_of_cluster(resource: Resource, graph: ResourceGraph) -> str | None:
    """Of the one that its provider reaches, or of the only one."""
    clusters = clusters_behind(resource, graph, CLUSTER) or graph.of_type(CLUSTER)
    return gke_region(region_of(clusters[0], graph)) if len(clusters) == 1 else None


def _effect(taint: object) -> str:
    return text(mapping(taint).get("effect")) or "NoSchedule"
