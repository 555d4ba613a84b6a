"""Labels and taints of nodes: which a pool may name, and those that its cloud adds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..environment.cluster import SERVICE
from ..environment.cpu_pool import CpuPool
from ..environment.gpu_pool import GpuPool
from ..environment.target import Cloud
from .finding import Finding
from .node_refusals import BY_PODS
from .refusal import refusal
from .resolved_pool import ResolvedCpuPool, ResolvedGpuPool

GKE_CLASS = "cloud.google.com/compute-class"
"""Label and taint of the nodes that a ComputeClass brings, with its name ("About custom ComputeClasses")."""
AZURE_SPOT_TAINT = ("kubernetes.azure.com/scalesetpriority", "spot", "NoSchedule")
"""AKS puts it on spot nodes by itself ("Add an Azure Spot node pool to an AKS cluster")."""

_OWN_LABELS = re.compile(
    r"nvidia\.com/(gpu\.present|gpu\.deploy\..*|device-plugin\.config|mig\.config|mps\.capable)$|"
    r"gke-no-default-nvidia-gpu-device-plugin$|k8s\.amazonaws\.com/accelerator$|([a-z0-9.-]*\.)?modelyard\.dev/"
)
_FOREIGN_LABELS: dict[Cloud, re.Pattern[str]] = {
    "aws": re.compile(r"([a-z0-9.-]*\.)?(kubernetes\.io|k8s\.io|eks\.amazonaws\.com)/"),
    "gcp": re.compile(r"([a-z0-9.-]*\.)?(kubernetes\.io|k8s\.io|cloud\.google\.com)/"),
    "azure": re.compile(r"([a-z0-9.-]*\.)?(kubernetes\.io|k8s\.io|kubernetes\.azure\.com)/"),
}
_KARPENTER_LABELS = re.compile(r"([a-z0-9.-]*\.)?(karpenter\.sh|karpenter\.k8s\.aws)/")
_EKS_KEY_LIMIT = 63
_EKS_TAINTS = 50
_NODE_POOL_LABELS = 100


def cloud_taints(pool: GpuPool | CpuPool, cloud: Cloud) -> tuple[tuple[str, str, str], ...]:
    """Those that the cloud puts on the nodes by itself."""
    if cloud == "azure" and pool.capacity == "spot":
        return (AZURE_SPOT_TAINT,)
    if cloud == "gcp" and pool.provisioner == "compute_class":
        return ((GKE_CLASS, pool.name, "NoSchedule"),)
    return ()


def refused_labels(pool: GpuPool | CpuPool, cloud: Cloud) -> Iterator[Finding]:
    """Labels that are not the user's to set, or that what brings the nodes does not take."""
    of_node_group = cloud == "aws" and pool.provisioner == "managed"
    for key, value in pool.labels.items():
        shown = repr(key)
        if _OWN_LABELS.match(key):
            yield refusal("label-of-modelyard", "labels", key, label=shown)
        if _FOREIGN_LABELS[cloud].match(key):
            yield refusal("label-of-cloud", "labels", key, label=shown, service=SERVICE[cloud])
        if cloud == "aws" and pool.provisioner in BY_PODS and _KARPENTER_LABELS.match(key):
            yield refusal("label-of-karpenter", "labels", key, label=shown)
        if of_node_group and len(key) > _EKS_KEY_LIMIT:
            values = {"label": shown, "characters": len(key), "most": _EKS_KEY_LIMIT}
            yield refusal("label-key-of-node-group", "labels", key, **values)
        if of_node_group and not value:
            yield refusal("label-without-value", "labels", key, label=shown)


def refused_taints(pool: GpuPool | CpuPool, cloud: Cloud, *own: tuple[str, str, str]) -> Iterator[Finding]:
    """Taints that are on the nodes already, ``own`` among them, or whose key the cloud does not take."""
    seen = {(key, effect) for key, _, effect in (*own, *cloud_taints(pool, cloud))}
    for position, taint in enumerate(pool.taints):
        if (taint.key, taint.effect) in seen:
            yield refusal("taint-twice", "taints", position, taint=f"{taint.key}:{taint.effect}")
        seen.add((taint.key, taint.effect))
        if cloud == "aws" and pool.provisioner == "managed" and len(taint.key) > _EKS_KEY_LIMIT:
            values = {"characters": len(taint.key), "most": _EKS_KEY_LIMIT}
            yield refusal("taint-key-of-node-group", "taints", position, "key", **values)


def too_many(pool: ResolvedGpuPool | ResolvedCpuPool) -> list[Finding]:
    """More labels or taints, with those of Modelyard, than what brings the nodes takes."""
    if pool.cloud != "aws":
        return []
    found = []
    labels, taints = len(pool.labels), len(pool.taints)
    if pool.declared.provisioner == "managed" and taints > _EKS_TAINTS:
        own = taints - len(pool.declared.taints)
        found.append(refusal("taints-of-node-group", "taints", taints=taints, own=own, most=_EKS_TAINTS))
    if pool.declared.provisioner in BY_PODS and labels > _NODE_POOL_LABELS:
        own = labels - len(pool.declared.labels)
        found.append(refusal("labels-of-node-pool", "labels", labels=labels, own=own, most=_NODE_POOL_LABELS))
    return found
