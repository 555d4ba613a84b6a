"""Whether what brings the nodes of each pool of EKS is there."""

from __future__ import annotations

from collections.abc import Iterator

from ..environment.cluster import Cluster, ExistingEks, ExistingKubeconfig
from ..environment.cpu_pool import CpuPool
from ..environment.gpu_pool import GpuPool
from ..environment.network import Network
from .finding import Finding
from .node_refusals import AL2023_RELEASE


def refused_provisioners(cluster: Cluster) -> Iterator[Finding]:
    """Of Karpenter and EKS Auto Mode."""
    if cluster.cloud != "aws":
        return
    if cluster.node_autoscaler == "karpenter":
        yield from _karpenter(cluster)
    for key, pools in (("gpu_pools", cluster.gpu_pools), ("cpu_pools", cluster.cpu_pools)):
        for position, pool in enumerate(pools):
            lacks = _lacks(cluster, pool.provisioner)
            if lacks is not None:
                message = f"{pool.provisioner} needs {lacks} (pool {pool.name!r})"
                yield Finding((key, position, "provisioner"), message)
            release = _strange_release(cluster, pool)
            if release is not None:
                yield Finding((key, position, "eks", "image_release"), f"{release} (pool {pool.name!r})")
    for position, pool in enumerate(cluster.gpu_pools):
        reserved = pool.reservation.id if pool.reservation is not None else ""
        place = reserved.split(":")[3] if reserved.count(":") > 3 else cluster.region
        if place != cluster.region:
            message = f"is of {place}, and the cluster is in {cluster.region}; name one of there (pool {pool.name!r})"
            yield Finding(("gpu_pools", position, "reservation", "id"), message)
    if cluster.eks.disk_kms_key is not None and cluster.eks.disk_kms_key.split(":")[3] != cluster.region:
        place = cluster.eks.disk_kms_key.split(":")[3]
        message = f"is a key of {place}, and disks take one of their own region; name one of {cluster.region}"
        yield Finding(("eks", "disk_kms_key"), message)


def _strange_release(cluster: Cluster, pool: GpuPool | CpuPool) -> str | None:
    """Why the image's Kubernetes version is not the cluster's."""
    release = pool.eks.image_release if pool.eks is not None else None
    of_image = AL2023_RELEASE.fullmatch(release or "")
    if of_image is None or cluster.existing is not None or of_image[1] == cluster.kubernetes_version:
        return None
    return (
        f"{release!r} is of Kubernetes {of_image[1]}, and kubernetes_version is {cluster.kubernetes_version}; name a "
        "release of that"
    )


def _karpenter(cluster: Cluster) -> Iterator[Finding]:
    """Where it could not work."""
    if isinstance(cluster.existing, ExistingKubeconfig):
        message = (
            "karpenter needs a role and a queue beside a cluster of EKS, and existing names none; write existing: "
            "{name: <EKS cluster>}, or cluster_autoscaler"
        )
        yield Finding(("node_autoscaler",), message)
    if cluster.existing is None and isinstance(cluster.network, Network) and cluster.network.nat == "none":
        message = (
            "karpenter asks IAM and the list of prices, which have no VPC endpoint, and network.nat is none; write "
            "cluster_autoscaler, or give the network a NAT gateway"
        )
        yield Finding(("node_autoscaler",), message)


def _lacks(cluster: Cluster, provisioner: str) -> str | None:
    """What a pool of this provisioner has to find, and does not; None: nothing."""
    existing = cluster.existing if isinstance(cluster.existing, ExistingEks) else None
    if provisioner == "karpenter" and cluster.node_autoscaler != "karpenter":
        if cluster.existing is None:
            return f"node_autoscaler: karpenter, and it is {cluster.node_autoscaler}"
        if existing is not None and existing.node_role_arn is None:
            return (
                "existing.node_role_arn, the role that the cluster's own Karpenter gives its nodes; or write "
                "node_autoscaler: karpenter, which installs one"
            )
    if provisioner == "auto_mode":
        if cluster.existing is None and not cluster.eks.auto_mode:
            return "eks: {auto_mode: true}"
        if existing is not None and existing.auto_mode_role_arn is None:
            return "existing.auto_mode_role_arn, the role of the nodes that EKS Auto Mode starts there"
    return None
