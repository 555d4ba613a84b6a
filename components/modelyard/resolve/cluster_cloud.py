"""What a cluster may say of its cloud: its region, its account, and settings that only another cloud has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network

from ..catalog import regions
from ..environment.cluster import ADMIN_PATTERNS, SERVICE, Cluster, ExistingKubeconfig
from ..environment.existing_cluster import ExistingAks, ExistingEks, ExistingGke
from ..environment.known_name import unknown
from ..environment.managed import Managed
from ..environment.network import ExistingAzureNetwork, ExistingGoogleNetwork, ExistingNetwork, Network
from ..environment.patterns import MEANING
from ..environment.target import OWNER, Cloud
from .finding import Finding
from .regions import zone_of

_NETWORKS: dict[Cloud, type] = {"aws": ExistingNetwork, "gcp": ExistingGoogleNetwork, "azure": ExistingAzureNetwork}
_EXISTING: dict[Cloud, tuple[type, str]] = {
    "aws": (ExistingEks, "{name: <EKS cluster>}"),
    "gcp": (ExistingGke, "{name: <GKE cluster>, location: <region or zone>}"),
    "azure": (ExistingAks, "{name: <AKS cluster>, resource_group: <group>}"),
}
_SUBNETS: dict[Cloud, str] = {
    "aws": "{vpc_id: <VPC>, private_subnet_ids: [<subnet>, ...]}",
    "gcp": "{network: <network>, subnetwork: <subnetwork>, pods_range: <range>, services_range: <range>}",
    "azure": "{subnet_id: <resource id of the subnet>}",
}
_PREFIXES: dict[tuple[Cloud, str], tuple[int, int, str]] = {
    ("aws", "services_cidr"): (12, 24, "EKS user guide, serviceIpv4Cidr"),
    ("gcp", "pods_cidr"): (9, 21, "GKE documentation, VPC-native clusters"),
    ("gcp", "services_cidr"): (16, 27, "GKE documentation, VPC-native clusters"),
    ("azure", "pods_cidr"): (8, 24, "AKS documentation, Azure CNI Overlay: /24 for each node"),
    ("azure", "services_cidr"): (13, 27, "AKS documentation: smaller than /12"),
}
_EKS_SERVICES = tuple(IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))


@dataclass(frozen=True, slots=True)
class CloudAccount:
    """Where a cluster of Google Cloud or Azure lies; all None on AWS, whose provider knows its account."""

    project: str | None = None
    """Google Cloud."""
    subscription_id: str | None = None
    tenant_id: str | None = None
    resource_group: str | None = None


def cloud_account(cluster: Cluster, managed: Managed | None) -> CloudAccount:
    """What the cluster says, or else what ``managed`` says of its cloud."""
    existing = cluster.existing
    if cluster.cloud == "gcp":
        default = managed.gcp.project if managed is not None and managed.gcp is not None else None
        named = existing.project if isinstance(existing, ExistingGke) else None
        return CloudAccount(project=named or cluster.gke.project or default)
    if cluster.cloud == "azure":
        azure, aks = managed.azure if managed is not None else None, cluster.aks
        known = existing if isinstance(existing, ExistingAks) else None
        return CloudAccount(
            subscription_id=(known and known.subscription_id)
            or aks.subscription_id
            or (azure.subscription_id if azure else None),
            tenant_id=aks.tenant_id or (azure.tenant_id if azure else None),
            resource_group=(known and known.resource_group)
            or aks.resource_group
            or (azure.resource_group if azure else None),
        )
    return CloudAccount()


def account_findings(cluster: Cluster, account: CloudAccount) -> Iterator[Finding]:
    """What nobody has said."""
    if isinstance(cluster.existing, ExistingKubeconfig):
        if cluster.cloud == "azure" and cluster.existing.identity_issuer is None:
            message = (
                "is missing, and pods reach Azure Blob Storage by a managed identity alone; add it (with Azure Arc: az "
                "connectedk8s show --query oidcIssuerProfile.issuerUrl)"
            )
            yield Finding(("existing", "identity_issuer"), message)
        return
    if cluster.cloud == "gcp" and account.project is None:
        message = "is missing, and GKE needs a project; add it, or managed.gcp.project"
        yield Finding(("gke", "project"), message)
    if cluster.cloud == "azure":
        for key in ("subscription_id", "tenant_id", "resource_group"):
            if getattr(account, key) is None:
                yield Finding(("aks", key), f"is missing, and AKS needs it; add it, or managed.azure.{key}")


def unknown_region(cloud: Cloud, region: str) -> str | None:
    """What is wrong with a region that the cloud does not have, with the nearest that it has."""
    known = [each.name for each in regions.regions(cloud)]
    if not known or region in known:
        return None
    return unknown(f"a {'location' if cloud == 'azure' else 'region'} of {OWNER[cloud]}", region, known)


def of_another_cloud(cluster: Cluster) -> Iterator[Finding]:
    """Settings that only another cloud has, each with what this one takes."""
    cloud, service = cluster.cloud, SERVICE[cluster.cloud]
    kind, form = _EXISTING[cloud]
    existing = cluster.existing
    if cloud != "azure" and isinstance(existing, ExistingKubeconfig) and existing.identity_issuer is not None:
        message = f"is for cloud: azure, and cloud is {cloud}; delete it"
        yield Finding(("existing", "identity_issuer"), message)
    if existing is not None and not isinstance(existing, (kind, ExistingKubeconfig)):
        yield Finding(("existing",), f"names no cluster of {service}, and cloud is {cloud}; write {form}")
    if not isinstance(cluster.network, (Network, _NETWORKS[cloud])):
        yield Finding(("network",), f"is no network of {service}, and cloud is {cloud}; write {_SUBNETS[cloud]}")
    elif isinstance(cluster.network, Network):
        yield from _new_network(cluster.network, cloud)
    for position, admin in enumerate(cluster.api_access.admins):
        if not re.fullmatch(ADMIN_PATTERNS[cloud], admin):
            message = f"{admin!r} must be {MEANING[ADMIN_PATTERNS[cloud]]}; cloud is {cloud}"
            yield Finding(("api_access", "admins", position), message)
    if cloud != "aws" and (cluster.api_access.bastion or cluster.api_access.tunnel_port is not None):
        key = "bastion" if cluster.api_access.bastion else "tunnel_port"
        way = "gke.dns_endpoint or api_access.public_cidrs" if cloud == "gcp" else "api_access.public_cidrs"
        message = f"is a machine of AWS Systems Manager, and cloud is {cloud}; delete it, and use {way}"
        yield Finding(("api_access", key), message)
    for key, owner in (("eks", "aws"), ("gke", "gcp"), ("aks", "azure")):
        if owner != cloud and key in cluster.model_fields_set:
            yield Finding((key,), f"is for cloud: {owner}, and cloud is {cloud}; delete it")
    if cloud != "aws" and cluster.node_autoscaler == "karpenter":
        message = (
            f"karpenter is for EKS, and cloud is {cloud}; {service} has a node autoscaler of its own: write "
            "cluster_autoscaler"
        )
        yield Finding(("node_autoscaler",), message)
    if cloud == "gcp" and existing is not None:
        if isinstance(existing, ExistingGke):
            yield from _elsewhere(existing, cluster.region)
        for key in sorted(cluster.gke.model_fields_set - {"project"}):
            message = "is of clusters that Modelyard makes, and this one exists already; delete it"
            yield Finding(("gke", key), message)
    if cloud == "gcp" and cluster.gke.kms_key is not None:
        place = cluster.gke.kms_key.split("/")[3]
        if place != cluster.region:
            message = f"is a key of {place}, and GKE takes one of the cluster's region; name one of {cluster.region}"
            yield Finding(("gke", "kms_key"), message)
    if cloud == "gcp" and cluster.node_autoscaler == "none":
        message = (
            "none is not for GKE, which keeps each node pool between min_nodes and max_nodes by itself; write "
            "cluster_autoscaler, and the same number for both where a pool is to keep its size"
        )
        yield Finding(("node_autoscaler",), message)


def _elsewhere(existing: ExistingGke, region: str) -> Iterator[Finding]:
    """Machines, zones and prices of pools are those of the region."""
    place = existing.location
    if place == region or zone_of(place, region, "gcp"):
        return
    message = f"is {place!r}, and region is {region!r}; write {region} or a zone of it, or the cluster's own region"
    yield Finding(("existing", "location"), message)


def _new_network(network: Network, cloud: Cloud) -> Iterator[Finding]:
    if cloud == "aws" and network.pods_cidr is not None:
        message = f"is {network.pods_cidr}, and EKS gives pods addresses of the VPC; delete it"
        yield Finding(("network", "pods_cidr"), message)
    if cloud != "aws" and "endpoints" in network.model_fields_set:
        message = f"are those of a VPC of AWS, and cloud is {cloud}; delete them"
        yield Finding(("network", "endpoints"), message)
    if cloud == "gcp" and network.flow_logs is not None:
        for key in sorted(network.flow_logs.model_fields_set):
            message = (
                "is not what VPC flow logs of Google Cloud have, which hold every connection and stay as long as the "
                "project's log bucket keeps them; delete it"
            )
            yield Finding(("network", "flow_logs", key), message)
    for key in ("pods_cidr", "services_cidr"):
        given = getattr(network, key)
        for message in strange_range(cloud, key, given) if given is not None else ():
            yield Finding(("network", key), message)


def strange_range(cloud: Cloud, key: str, given: IPv4Network) -> Iterator[str]:
    """What a cluster of the cloud does not take of the addresses of its pods (``pods_cidr``) or services
    (``services_cidr``)."""
    bounds = _PREFIXES.get((cloud, key))
    if bounds is not None and not bounds[0] <= given.prefixlen <= bounds[1]:
        yield f"{str(given)!r} must be a /{bounds[0]} to /{bounds[1]} ({bounds[2]})"
    if (cloud, key) == ("aws", "services_cidr") and not any(given.subnet_of(block) for block in _EKS_SERVICES):
        blocks = ", ".join(map(str, _EKS_SERVICES))
        yield f"{str(given)!r} must lie within one of {blocks} (EKS user guide, serviceIpv4Cidr)"
