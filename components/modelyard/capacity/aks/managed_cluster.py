"""What a managed cluster of AKS is told.

Follows "Managed Clusters - Create Or Update" of the AKS REST API (2025-09-01), and of the AKS documentation "Configure
Azure CNI Powered by Cilium", "Create a private AKS cluster", "Use Microsoft Entra ID authorization for the Kubernetes
API" and "Add Key Management Service (KMS) etcd encryption to an AKS cluster".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network
from typing import Any

import pulumi

from ...environment.aks import Aks
from ...environment.cluster import Cluster
from ..cluster_network import EGRESS, PODS_CIDR, SERVICES_CIDR
from ..made_cluster import SYSTEM_POOL
from .node_settings import node_settings, undrainable
from .secrets_key import SecretsKey

_TIERS = {"free": "Free", "standard": "Standard", "premium": "Premium"}
_CHANNELS = {"none": "none", "patch": "patch", "stable": "stable", "rapid": "rapid", "node_image": "node-image"}
_OS_CHANNELS = {
    "none": "None",
    "unmanaged": "Unmanaged",
    "security_patch": "SecurityPatch",
    "node_image": "NodeImage",
}
_DNS_HOST = 10


def service_level(aks: Aks) -> dict[str, Any]:
    """The premium tier is long-term support, and the other way round."""
    premium = aks.tier == "premium"
    return {
        "sku": {"name": "Base", "tier": _TIERS[aks.tier]},
        "support_plan": "AKSLongTermSupport" if premium else "KubernetesOfficial",
        "auto_upgrade_profile": {
            "upgradeChannel": _CHANNELS[aks.upgrade_channel],
            "nodeOSUpgradeChannel": _OS_CHANNELS[aks.node_os_upgrade_channel],
        },
        # Azure refuses cost analysis on the free tier.
        "metrics_profile": {"costAnalysis": {"enabled": aks.cost_analysis and aks.tier != "free"}},
    }


def who_may_enter(declared: Cluster, egress_addresses: Sequence[pulumi.Input[str]]) -> dict[str, Any]:
    """Microsoft Entra alone, with Azure's own roles; over the private network, or from declared addresses.

    Nodes come from outside too where the endpoint is public, so their own addresses are let in.
    """
    ranges: list[Any] = [str(cidr) for cidr in declared.api_access.public_cidrs]
    access: dict[str, Any] = {"disableRunCommand": True}
    if ranges:
        own = [pulumi.Output.concat(address, "/32") for address in egress_addresses]
        access |= {"enablePrivateCluster": False, "authorizedIPRanges": [*ranges, *own]}
    else:
        access |= {
            "enablePrivateCluster": True,
            "enablePrivateClusterPublicFQDN": False,
            "privateDNSZone": declared.aks.private_dns_zone_id or "system",
        }
    if declared.aks.api_server_subnet_id is not None:
        access |= {"enableVnetIntegration": True, "subnetId": declared.aks.api_server_subnet_id}
    tenant = {} if declared.aks.tenant_id is None else {"tenantID": declared.aks.tenant_id}
    return {
        "enable_rbac": True,
        "disable_local_accounts": True,
        "aad_profile": {"managed": True, "enableAzureRBAC": True, **tenant},
        "api_server_access_profile": access,
    }


def network(args: Mapping[str, Any]) -> dict[str, Any]:
    """Azure CNI Overlay on Cilium, which enforces NetworkPolicies; pods have addresses of their own range."""
    services = args.get("services_cidr") or SERVICES_CIDR
    return {
        "network_profile": {
            "networkPlugin": "azure",
            "networkPluginMode": "overlay",
            "networkDataplane": "cilium",
            "networkPolicy": "cilium",
            "loadBalancerSku": "standard",
            "outboundType": EGRESS[args.get("egress") or "load_balancer"],
            "podCidr": args.get("pods_cidr") or PODS_CIDR,
            "serviceCidr": services,
            "dnsServiceIP": str(IPv4Network(services)[_DNS_HOST]),
        }
    }


def security(
    aks: Aks, key: SecretsKey | None, disk_set_id: pulumi.Input[str] | None, log_analytics_id: pulumi.Input[str]
) -> dict[str, Any]:
    """Identities for pods, and what is encrypted and watched."""
    profile: dict[str, Any] = {"workloadIdentity": {"enabled": True}}
    if aks.image_cleaner_hours is None:
        profile["imageCleaner"] = {"enabled": False}
    else:
        profile["imageCleaner"] = {"enabled": True, "intervalHours": aks.image_cleaner_hours}
    if key is not None:
        profile["azureKeyVaultKms"] = key.profile()
    if aks.defender:
        profile["defender"] = {
            "logAnalyticsWorkspaceResourceId": log_analytics_id,
            "securityMonitoring": {"enabled": True},
        }
    disks = {} if disk_set_id is None else {"disk_encryption_set_id": disk_set_id}
    return {"security_profile": profile, "oidc_issuer_profile": {"enabled": True}, **disks}


def system_pool(
    declared: Cluster, zones: Sequence[str], subnet_id: pulumi.Input[str] | None, tags: Mapping[str, str]
) -> dict[str, Any]:
    """The nodes with which a cluster begins. AKS changes nothing but their number, labels and tags later, and a cluster
    that once had the pool is refused without it. So it stays for ever: with other machines in a pool of its own
    (``system: true``), it is left without nodes, which only a pool of users may be."""
    nodes, retired = declared.system_nodes, declared.aks.retire_first_nodes
    scaled = declared.node_autoscaler != "none" and nodes.min_nodes < nodes.max_nodes and not retired
    limits = {"minCount": nodes.min_nodes, "maxCount": nodes.max_nodes} if scaled else {}
    return {
        "name": SYSTEM_POOL,
        "mode": "User" if retired else "System",
        "type": "VirtualMachineScaleSets",
        "osType": "Linux",
        "osSKU": "Ubuntu",
        "vmSize": declared.system_instance_types[0],
        "osDiskSizeGB": nodes.disk_gib,
        "osDiskType": "Managed",
        "enableNodePublicIP": False,
        "enableAutoScaling": scaled,
        "count": 0 if retired else nodes.desired_nodes or nodes.min_nodes,
        "nodeLabels": {"modelyard.dev/cluster": declared.name, "modelyard.dev/pool": SYSTEM_POOL},
        "upgradeSettings": {"maxSurge": "1", **undrainable(declared.aks.nodes)},
        "tags": dict(tags),
        **node_settings(declared.aks.nodes),
        **limits,
        **({"availabilityZones": list(zones)} if zones else {}),
        **({} if subnet_id is None else {"vnetSubnetID": subnet_id}),
    }


AUTOSCALER = {
    "expander": "least-waste",
    "balanceSimilarNodeGroups": "true",
    "skipNodesWithLocalStorage": "false",
    "skipNodesWithSystemPods": "false",
    "scaleDownUnneededTime": "10m",
    "scaleDownDelayAfterAdd": "10m",
}
"""As the node autoscaler is set on EKS: nodes with models' local copies may go too."""

STORAGE = {
    "diskCSIDriver": {"enabled": True},
    "fileCSIDriver": {"enabled": True},
    "blobCSIDriver": {"enabled": True},
    "snapshotController": {"enabled": True},
}
