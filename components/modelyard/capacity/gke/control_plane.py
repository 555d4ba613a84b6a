"""The GKE cluster without its nodes: network, ways in, identities, logs, encryption and upgrades.

Follows "Harden your cluster's security" and "Customize your network isolation" of the GKE documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

from ...environment.cluster import Cluster
from ...governance.google_sdk import google
from ...governance.ownership import Ownership
from .cluster_key import ClusterKey
from .logs import cluster_logs
from .maintenance import maintenance_policy
from .node_account import NodeAccount

if TYPE_CHECKING:
    from ..serving_cluster_args import ServingClusterArgs

_COMPONENT = "ServingCluster"
_CONTROL_PLANE_LOGS = {"api": "APISERVER", "scheduler": "SCHEDULER", "controllerManager": "CONTROLLER_MANAGER"}
"""Cloud Audit Logs has what the others are on EKS, whatever is declared."""
_CONTROL_PLANE_METRICS = ["APISERVER", "SCHEDULER", "CONTROLLER_MANAGER"]
"""What a Prometheus inside the cluster cannot reach."""


def control_plane(
    name: str,
    *,
    declared: Cluster,
    args: ServingClusterArgs,
    physical_name: str,
    account: NodeAccount,
    key: ClusterKey,
    ownership: Ownership,
    parent: pulumi.Resource,
) -> Any:
    """Private nodes, Dataplane V2, Workload Identity; without the node pool that GKE makes first."""
    gke = declared.gke
    logs = cluster_logs(name, declared, physical_name=physical_name, account=account, parent=parent)
    return google(_COMPONENT, "container").Cluster(
        name,
        name=physical_name,
        location=declared.region,
        node_locations=list(args.get("zones") or ()) or None,
        project=gke.project,
        **_network(args),
        **_ways_in(declared),
        workload_identity_config={"workload_pool": pulumi.Output.concat(account.project, ".svc.id.goog")},
        release_channel={"channel": gke.release_channel.upper()},
        min_master_version=declared.kubernetes_version,
        maintenance_policy=maintenance_policy(gke),
        notification_config=_told(gke.notification_topic),
        logging_config={
            "enable_components": [
                "SYSTEM_COMPONENTS",
                "WORKLOADS",
                *(_CONTROL_PLANE_LOGS[log] for log in declared.control_plane_logs if log in _CONTROL_PLANE_LOGS),
            ]
        },
        monitoring_config={
            "enable_components": ["SYSTEM_COMPONENTS", *_CONTROL_PLANE_METRICS],
            "managed_prometheus": {"enabled": gke.managed_prometheus},
        },
        database_encryption={"state": "ENCRYPTED", "key_name": key.secrets},
        enable_shielded_nodes=True,
        security_posture_config={"mode": "BASIC", "vulnerability_mode": "VULNERABILITY_DISABLED"},
        binary_authorization={
            "evaluation_mode": "PROJECT_SINGLETON_POLICY_ENFORCE" if gke.binary_authorization else "DISABLED"
        },
        master_auth={"client_certificate_config": {"issue_client_certificate": False}},
        enable_legacy_abac=False,
        cost_management_config={"enabled": gke.cost_allocation},
        # The gateway's chart brings the API's types itself, in the version that it needs.
        gateway_api_config={"channel": "CHANNEL_DISABLED"},
        addons_config={
            "dns_cache_config": {"enabled": True},
            "gce_persistent_disk_csi_driver_config": {"enabled": True},
            "gcs_fuse_csi_driver_config": {"enabled": True},
        },
        node_pool_defaults={
            "node_config_defaults": {
                "gcfs_config": {"enabled": gke.image_streaming},
                "insecure_kubelet_readonly_port_enabled": "FALSE",
            }
        },
        remove_default_node_pool=True,
        initial_node_count=1,
        # Of the pool that is there until the first one of our own is: the project's own account may be switched off.
        node_config={
            "service_account": account.email,
            "shielded_instance_config": {"enable_secure_boot": True, "enable_integrity_monitoring": True},
            **({} if key.disks is None else {"boot_disk_kms_key": key.disks}),
        },
        deletion_protection=declared.deletion_protection,
        resource_labels=ownership.gcp_labels(),
        opts=pulumi.ResourceOptions(
            parent=parent,
            ignore_changes=["initialNodeCount", "nodeConfig"],
            depends_on=[*key.usable, *logs],
        ),
    )


def _network(args: ServingClusterArgs) -> dict[str, Any]:
    """Pods and services have addresses of the subnetwork's own ranges (VPC-native)."""
    project = args.get("network_project")
    network, subnetwork = args.get("network_name"), args.get("subnetwork_name")
    region = args["region"]
    if project is not None and network is not None:
        network = pulumi.Output.concat(f"projects/{project}/global/networks/", network)
    if project is not None and subnetwork is not None:
        subnetwork = pulumi.Output.concat(f"projects/{project}/regions/{region}/subnetworks/", subnetwork)
    ranges = {
        "cluster_secondary_range_name": args.get("pods_range"),
        "services_secondary_range_name": args.get("services_range"),
    }
    return {
        "network": network,
        "subnetwork": subnetwork,
        "networking_mode": "VPC_NATIVE",
        "ip_allocation_policy": {key: value for key, value in ranges.items() if value is not None},
        # It enforces NetworkPolicies without an add-on.
        "datapath_provider": "ADVANCED_DATAPATH",
        "enable_l4_ilb_subsetting": True,
    }


def _ways_in(declared: Cluster) -> dict[str, Any]:
    """The private address from inside the VPC; the public one for named ranges alone; the DNS name for whom IAM lets
    in."""
    ranges = [str(each) for each in declared.api_access.public_cidrs]
    return {
        "private_cluster_config": {"enable_private_nodes": True, "enable_private_endpoint": not ranges},
        "master_authorized_networks_config": {
            "cidr_blocks": [{"cidr_block": each} for each in ranges],
            "gcp_public_cidrs_access_enabled": False,
        },
        "control_plane_endpoints_config": {
            "dns_endpoint_config": {"allow_external_traffic": declared.gke.dns_endpoint}
        },
    }


def _told(topic: str | None) -> dict[str, Any] | None:
    """Who hears of upgrades, of security bulletins, and of versions that are to end."""
    return None if topic is None else {"pubsub": {"enabled": True, "topic": topic}}
