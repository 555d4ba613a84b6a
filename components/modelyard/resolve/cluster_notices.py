"""What somebody should know about a cluster before it is created."""

from __future__ import annotations

from collections.abc import Iterator

from ..environment.cluster import Cluster, ExistingKubeconfig
from ..environment.device import NVIDIA, TPU
from ..environment.eks import Eks
from ..environment.network import Network
from ..environment.target import Cloud
from .aks_notices import aks_notices
from .gke_notices import gke_notices
from .pool_room import scaled_by
from .pool_standby import standby_notices
from .resolved import ResolvedCluster
from .resolved_pool import ResolvedCpuPool, ResolvedGpuPool

_LOOKED_AT_NO_CLAIMS = ("1.34",)
"""Versions with claims whose cluster autoscaler has to be told to look at them (kubernetes/autoscaler,
docs/dra_support.md)."""

_OF_NEW_CLUSTERS = (
    "api_access",
    "control_plane_logs",
    "log_retention_days",
    "system_nodes",
    "gpu_software",
    "deletion_protection",
)
_EKS_OF_NEW_CLUSTERS = ("support", "addon_versions")


def cluster_notices(cluster: ResolvedCluster, tier: str, used_pools: set[str], images: list[str]) -> Iterator[str]:
    """Sentences about one cluster.

    Args:
        cluster: the cluster.
        tier: of the environment.
        used_pools: names of pools that a model runs in.
        images: what its models run.
    """
    declared = cluster.declared
    name = declared.name
    if declared.existing is None:
        yield from _ways_in(declared)
        outside = [image for image in images if not image.startswith("registry:") and ".dkr.ecr." not in image]
        if isinstance(declared.network, Network) and declared.network.nat == "none":
            reached = f" such as {outside[0].partition('@')[0]}" if outside else " of the cluster's own software"
            yield (
                f"cluster {name!r} has no NAT gateway, so its nodes cannot pull images from outside{reached}; "
                "mirror them into the image registry, or set network.nat"
            )
    else:
        yield (
            f"cluster {name!r} exists already: it has to have the NVIDIA device plugin, metrics-server, a gateway "
            "'modelyard' in gateway-system and the autoscaler's metric triton_queue_ms; Modelyard adds pools, "
            "namespaces and models there, and no ServiceMonitors or alerts"
        )
        yield from _missing_there(cluster)
        yield from _without_effect(declared)
        if declared.cloud == "aws" and declared.node_autoscaler == "karpenter":
            yield (
                f"Karpenter on cluster {name!r} needs the add-on eks-pod-identity-agent there, and authentication by "
                "access entries, which let its nodes join"
            )
        existing = declared.existing
        if isinstance(existing, ExistingKubeconfig) and existing.identity_issuer is None and images:
            yield (
                f"cluster {name!r} is reached by a kubeconfig: its owner lets the service accounts of models, which "
                "bear their names, read the model store"
            )
    for pool in cluster.gpu_pools:
        own = pool.declared.name
        if pool.declared.capacity == "spot" and tier == "prod" and len(pool.instance_types) == 1:
            yield (
                f"the spot pool {own!r} of cluster {name!r} has one instance type, {pool.instance_types[0]}; when "
                f"that has no capacity the pool has {_left(pool)}{_more_types(declared.cloud)}"
            )
        if pool.usd_per_hour is None:
            yield f"{pool.price_basis} of pool {own!r} has no price in the catalogue"
        yield from _pool_notices(pool)
        if pool.declared.dra and declared.cloud == "azure" and declared.kubernetes_version in _LOOKED_AT_NO_CLAIMS:
            yield (
                f"the node autoscaler of cluster {name!r} is AKS' own, which nothing says looks at claims before "
                f"Kubernetes 1.35: pool {own!r} may keep the nodes that it has; set kubernetes_version, or min_nodes"
            )
        yield from _unmeasured(declared, pool)
        yield from _image_notices(pool, tier)
        if own not in used_pools:
            yield f"pool {own!r} of cluster {name!r} serves no model"
    for pool in (*cluster.gpu_pools, *cluster.cpu_pools):
        yield from standby_notices(pool)
    if declared.existing is None:
        yield from _unnamed_in_metrics(cluster)
        yield from _addons_not_there(cluster)
    for pool in cluster.cpu_pools:
        yield from _image_notices(pool, tier)
    if declared.eks.disk_kms_key is not None and not isinstance(declared.existing, ExistingKubeconfig):
        yield (
            f"disks of nodes of cluster {name!r} are encrypted with {declared.eks.disk_kms_key}, whose own policy has "
            "to let AWSServiceRoleForAutoScaling use it; otherwise machines of managed groups end while they start"
        )
    if declared.cloud == "aws":
        yield from _unscaled(cluster)
        yield from _repaired_all_the_same(cluster)
    if declared.cloud == "azure":
        yield from aks_notices(cluster)
    if declared.cloud == "gcp":
        yield from gke_notices(cluster)


def _addons_not_there(cluster: ResolvedCluster) -> Iterator[str]:
    """Versions of add-ons that the cluster does not get."""
    declared = cluster.declared
    repaired = any(pool.repair for pool in (*declared.gpu_pools, *declared.cpu_pools))
    absent = {
        "eks-node-monitoring-agent": "a pool with repair" if not repaired else None,
        "aws-mountpoint-s3-csi-driver": "a model that streams its weights" if not cluster.streams_weights else None,
    }
    for addon in declared.eks.addon_versions:
        if (comes_with := absent.get(addon)) is not None:
            yield (
                f"eks.addon_versions of cluster {declared.name!r} names {addon}, which comes with {comes_with} and is "
                "not installed"
            )


def _unnamed_in_metrics(cluster: ResolvedCluster) -> Iterator[str]:
    """What the DCGM exporter does not tell of who uses a GPU.

    Follows its source (NVIDIA/dcgm-exporter tag 4.5.3-4.8.2, internal/pkg/transformation/kubernetes.go); nothing that
    was read says that a later release does otherwise.
    """
    name = cluster.declared.name
    shared = [pool.declared.name for pool in cluster.gpu_pools if pool.clients_per_device > 1]
    claimed = [pool.declared.name for pool in cluster.gpu_pools if pool.declared.dra]
    if cluster.declared.gpu_software.pod_labels and (shared or claimed):
        yield (
            f"gpu_software.pod_labels of cluster {name!r} reach no metric of pools whose GPUs pods share or claim "
            f"({', '.join((*shared, *claimed))}): pod, namespace and container are named there"
        )
    if shared and claimed:
        yield (
            f"metrics of GPUs that pods claim in pool {claimed[0]!r} of cluster {name!r} name no pod, as pods share "
            f"those of pool {shared[0]!r}, for which the exporter looks at devices alone; keep the two in two clusters"
        )


def _without_effect(declared: Cluster) -> Iterator[str]:
    """Settings of a new cluster, where there is one."""
    owned = [key for key in _OF_NEW_CLUSTERS if getattr(declared, key) != Cluster.model_fields[key].default]
    if declared.cloud == "aws":
        of_eks = _EKS_OF_NEW_CLUSTERS
        if isinstance(declared.existing, ExistingKubeconfig):
            of_eks = tuple(Eks.model_fields)
        owned += [f"eks.{key}" for key in of_eks if getattr(declared.eks, key) != Eks.model_fields[key].default]
    if owned:
        yield (
            f"without effect on cluster {declared.name!r}, which exists already and belongs to somebody else: "
            f"{', '.join(owned)}"
        )


def _missing_there(cluster: ResolvedCluster) -> Iterator[str]:
    """What pools of a cluster that exists ask of it besides: its GPU software is not ours."""
    for pool in cluster.gpu_pools:
        wanted = []
        if pool.declared.dra:
            wanted.append("NVIDIA's DRA driver, on nodes labelled modelyard.dev/gpu-allocation=claim,")
        if pool.declared.fabric and cluster.declared.cloud == "aws":
            wanted.append("AWS's EFA device plugin")
        if wanted:
            what = " and ".join(wanted).rstrip(",")
            yield f"pool {pool.declared.name!r} needs {what} on cluster {cluster.declared.name!r}, which exists already"


def _ways_in(declared: Cluster) -> Iterator[str]:
    access, name = declared.api_access, declared.name
    if access.public_cidrs or access.bastion or (declared.cloud == "gcp" and declared.gke.dns_endpoint):
        return
    if declared.cloud == "aws":
        yield (
            f"nobody outside the VPC of cluster {name!r} can reach its API: it has no public endpoint and no "
            "bastion, so pulumi up must run inside; set api_access.public_cidrs or api_access.bastion"
        )
        return
    ways = "gke.dns_endpoint or api_access.public_cidrs" if declared.cloud == "gcp" else "api_access.public_cidrs"
    yield (
        f"nobody outside the network of cluster {name!r} can reach its API: it has no public endpoint, so pulumi up "
        f"must run inside; set {ways}"
    )


def _unmeasured(declared: Cluster, pool: ResolvedGpuPool) -> Iterator[str]:
    """DCGM measures NVIDIA's GPUs; AWS Neuron's monitor is installed where its image is named."""
    where = f"{pool.declared.name!r} of cluster {declared.name!r}"
    if pool.gpu_resource == TPU:
        yield f"nothing installed here measures the TPU chips of pool {where}; Cloud Monitoring has GKE's own metrics"
    elif pool.gpu_resource != NVIDIA and declared.gpu_software.neuron_monitor is None:
        yield (
            f"nothing measures the Neuron devices of pool {where}; name the image of AWS Neuron's monitor by digest in "
            "gpu_software.neuron_monitor"
        )


def _left(pool: ResolvedGpuPool) -> str:
    return "none" if pool.floor is None else f"its floor of {pool.floor.max_nodes} alone"


def _more_types(cloud: Cloud) -> str:
    return ": name more" if cloud == "aws" else ""


_UNSCALED = {
    "auto_mode": "EKS Auto Mode, which scales its own nodes alone; write provisioner: auto_mode",
    "karpenter": "Karpenter, which scales its own nodes alone; write provisioner: karpenter",
    "none": "no node autoscaler; write node_autoscaler: cluster_autoscaler",
}


def _unscaled(cluster: ResolvedCluster) -> Iterator[str]:
    """Managed pools of EKS whose number of nodes nobody changes."""
    declared = cluster.declared
    has = _UNSCALED.get(scaled_by(declared))
    if has is None or (declared.existing is not None and not declared.eks.auto_mode):
        return  # somebody else's cluster may have its own
    for pool in (*cluster.gpu_pools, *cluster.cpu_pools):
        if pool.declared.provisioner == "managed" and pool.min_nodes != pool.max_nodes and not pool.schedules:
            yield (
                f"nobody changes the number of nodes of pool {pool.declared.name!r}: cluster {declared.name!r} has "
                f"{has}"
            )


def _repaired_all_the_same(cluster: ResolvedCluster) -> Iterator[str]:
    """Karpenter's repair is one setting of its controller."""
    pools = [pool.declared for pool in (*cluster.gpu_pools, *cluster.cpu_pools)]
    left = [repr(pool.name) for pool in pools if pool.provisioner == "karpenter" and not pool.repair]
    if left and any(pool.repair for pool in pools) and cluster.declared.existing is None:
        names = ", ".join(left)
        yield f"Karpenter replaces nodes that are found broken in all its pools, whatever repair of {names} says"


def _image_notices(pool: ResolvedGpuPool | ResolvedCpuPool, tier: str) -> Iterator[str]:
    nodes = pool.declared.karpenter
    if tier == "prod" and pool.declared.provisioner == "karpenter" and (nodes is None or nodes.image_release is None):
        yield (
            f"pool {pool.declared.name!r} of cluster {pool.cluster!r} takes each machine image on the day of its "
            "release, and Karpenter exchanges its nodes then; name a release in karpenter.image_release"
        )


def _pool_notices(pool: ResolvedGpuPool) -> Iterator[str]:
    """What a declaration brings with it that its words do not say."""
    where = f"pool {pool.declared.name!r} of cluster {pool.cluster!r}"
    sharing, capacity = pool.declared.sharing, pool.declared.capacity
    if sharing is not None and sharing.time_slicing is not None:
        yield (
            f"{sharing.time_slicing} pods take turns on each device of {where}, and nothing keeps one from the memory "
            f"of the others; each is counted with {pool.gpu_memory_mib} MiB"
        )
    if capacity in ("flex_start", "queued"):
        yield (
            f"nodes of {where} are priced as on demand; Dynamic Workload Scheduler has prices of its own, of which "
            "the catalogue has none"
        )
    if pool.declared.compact and pool.reservation_id is not None:
        yield f"{where} is not told to stand close together: its reservation says where nodes stand"
    if pool.declared.fabric:
        yield from _fabric_notice(pool, where)
    if capacity == "reservation":
        yield f"the reservation of {where} is paid for whether its nodes run or not; the estimate counts the nodes"


def _fabric_notice(pool: ResolvedGpuPool, where: str) -> Iterator[str]:
    """What pods that span nodes lack; no server here is one of them.

    Follows "Maximize GPU network bandwidth" of the GKE documentation, whose installers are DaemonSets of one version of
    NCCL each, and https://azure.github.io/aks-rdma-infiniband.
    """
    if pool.cloud == "gcp":
        yield (
            f"GKE makes the networks of {where} with its nodes, and NCCL's plugin for GPUDirect, which pods that span "
            "nodes load, is not installed"
        )
    if pool.cloud == "azure":
        yield (
            f"machines of {where} have InfiniBand, and nothing announces it to pods: NVIDIA's network operator, which "
            "brings its driver and devices, is not installed"
        )
