"""A node pool of GKE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from ...catalog.gke_boot_disks import boot_disk_type
from ...environment.pool_update import PoolUpdate
from ...governance.google_sdk import google
from ...governance.logical_name import logical_name
from ...governance.ownership import Ownership
from ...resolve.gke_first_nodes import nodes_per_zone
from .node_update import drain, upgrade_settings

_NAME_LIMIT = 40 - 8
"""Node pools have at most 40 characters ("NodePool" of the GKE API reference); the suffix is a hyphen and seven
digits."""
_SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]
"""What nodes may do is for the roles of their service account to say."""
_EFFECTS = {
    "NoSchedule": "NO_SCHEDULE",
    "PreferNoSchedule": "PREFER_NO_SCHEDULE",
    "NoExecute": "NO_EXECUTE",
}


def node_pool(
    name: str,
    *,
    component: str,
    cluster_name: pulumi.Input[str],
    location: str,
    project: pulumi.Input[str] | None,
    service_account: pulumi.Input[str] | None,
    boot_disk_kms_key: pulumi.Input[str] | None = None,
    kubernetes_version: pulumi.Input[str] | None = None,
    machine_type: str,
    architecture: str,
    image: str,
    disk_gib: int,
    zones: Sequence[str],
    min_nodes: int,
    desired_nodes: int,
    max_nodes: int,
    location_policy: str,
    labels: Mapping[str, str],
    taints: Sequence[tuple[str, str, str]],
    update: PoolUpdate,
    repair: bool,
    is_short_lived: bool = False,
    secure_boot: bool,
    node_config: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    ownership: Ownership,
    parent: pulumi.Resource,
    depends_on: Sequence[pulumi.Resource] = (),
) -> Any:
    """The node pool, autonamed: where a change forces another one, that is up before the old one is drained.

    Counts belong to the cluster's autoscaler once the pool exists, and versions to the release channel; a version that
    is given is that of the first nodes.

    Args:
        name: logical name.
        component: who needs the SDK, for its error.
        location: region of the cluster, or its zone.
        boot_disk_kms_key: None: Google's own.
        zones: empty: those of the cluster.
        location_policy: how the autoscaler chooses a zone.
        is_short_lived: whether nodes end by themselves, so that GKE leaves them alone and chooses the upgrade strategy
            that goes with it ("NodePoolUpdateStrategy" of the GKE API reference).
        secure_boot: whether only signed kernel modules load.
        node_config: further settings of the nodes.
        settings: further settings of the pool.
    """
    given: dict[str, Any] = {"service_account": service_account} if service_account is not None else {}
    if boot_disk_kms_key is not None:
        given["boot_disk_kms_key"] = boot_disk_kms_key
    if taints:
        given["taints"] = [{"key": key, "value": value, "effect": _EFFECTS[effect]} for key, value, effect in taints]
    if architecture == "arm64":
        # GKE would keep pods off by a taint of its own; the pool's own taints say who may run there.
        given["taint_config"] = {"architecture_taint_behavior": "NONE"}
    return google(component, "container").NodePool(
        logical_name(name, limit=_NAME_LIMIT),
        cluster=cluster_name,
        location=location,
        project=project,
        node_locations=list(zones) or None,
        version=kubernetes_version,
        initial_node_count=nodes_per_zone(location, zones, min_nodes, desired_nodes, max_nodes),
        autoscaling={
            "total_min_node_count": min_nodes,
            "total_max_node_count": max_nodes,
            "location_policy": location_policy,
        },
        management={"auto_repair": repair, "auto_upgrade": True},
        upgrade_settings=None if is_short_lived else upgrade_settings(update),
        node_drain_configs=drain(update),
        node_config={
            "machine_type": machine_type,
            "image_type": image,
            "disk_size_gb": disk_gib,
            "disk_type": boot_disk_type(machine_type),
            "labels": dict(labels),
            "resource_labels": ownership.gcp_labels(),
            "oauth_scopes": _SCOPES,
            "shielded_instance_config": {"enable_secure_boot": secure_boot, "enable_integrity_monitoring": True},
            "workload_metadata_config": {"mode": "GKE_METADATA"},
            **given,
            **(node_config or {}),
        },
        **(settings or {}),
        opts=pulumi.ResourceOptions(
            parent=parent,
            ignore_changes=["initialNodeCount", "version"],
            depends_on=list(depends_on),
        ),
    )
