"""A cluster of AKS: control plane, system nodes, identities, logs and who may enter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from ...environment.cluster import Cluster
from ...governance.azure_sdk import azure
from ...governance.known_after import known_after
from ...governance.ownership import Ownership
from ...resolve.names import cluster_name
from ...resolve.regions import default_zones
from ..made_cluster import MadeCluster
from .azure_monitor import collect, monitor_inputs
from .disk_key import DiskKey, disk_key
from .identities import Identities, identities
from .kubeconfig import aks_kubeconfig, known_cluster
from .logs import control_plane_logs, log_analytics_id
from .maintenance import maintenance_windows
from .managed_cluster import (
    AUTOSCALER,
    STORAGE,
    network,
    security,
    service_level,
    system_pool,
    who_may_enter,
)
from .roles import CLUSTER_ADMIN, role_assignment
from .secrets_key import SecretsKey, secrets_key

_COMPONENT = "ServingCluster"


def aks_cluster(
    name: str, declared: Cluster, args: Mapping[str, Any], *, ownership: Ownership, parent: pulumi.Resource
) -> MadeCluster:
    """AKS behind a private endpoint or declared addresses, entered through Microsoft Entra alone, with identities for
    pods, encrypted secrets and disks, and logs of its control plane.

    Args:
        name: logical name.
        declared: of one component: ``aks.resource_group`` is there.
        args: of the component: ``subnet_id``, ``pods_cidr``, ``services_cidr``, ``egress``, ``egress_addresses`` and
            ``zones``, all optional.
        ownership: tags of the cluster, of all that AKS makes for it, and of what stands beside it.
        parent: the component.

    Raises:
        NoAzureSdk: pulumi-azure-native is not installed.
    """
    aks, subnet_id = declared.aks, args.get("subnet_id")
    caller = azure(_COMPONENT, "authorization").get_client_config_output(opts=pulumi.InvokeOptions(parent=parent))
    subscription_id: pulumi.Input[str] = aks.subscription_id or caller.subscription_id
    key = secrets_key(name, declared, aks.tenant_id or caller.tenant_id, ownership, parent)
    disks = disk_key(name, declared, key, subscription_id, ownership, parent)
    who = identities(
        name,
        declared=aks,
        location=declared.region,
        subnet_id=subnet_id,
        subscription_id=subscription_id,
        key=key,
        disks=disks,
        ownership=ownership,
        parent=parent,
    )
    logs = log_analytics_id(name, declared, ownership, parent)
    cluster = _managed_cluster(name, declared, args, who, key, disks, logs, ownership, parent)
    control_plane_logs(name, declared, cluster, logs, parent)
    collect(name, declared, cluster, logs, ownership, parent)
    maintenance_windows(name, aks, cluster, parent)
    admins = _admins(name, declared, cluster, caller.object_id, subscription_id, parent)
    physical_name = cluster_name(ownership.environment, declared.name)
    reached = known_cluster(_group(declared), cluster.name, parent)
    kubeconfig = reached.apply(
        lambda found: aks_kubeconfig(physical_name, found["server"], found["certificate_authority"], aks.tenant_id)
    )
    return MadeCluster(
        name=cluster.name,
        endpoint=reached.apply(lambda found: found["server"]),
        certificate_authority=reached.apply(lambda found: found["certificate_authority"]),
        kubernetes_version=cluster.current_kubernetes_version,
        kubeconfig=known_after(kubeconfig, [cluster, *admins]),
        identifier=f"{declared.region}/{aks.subscription_id or ''}/{_group(declared)}/{physical_name}",
        resource_id=cluster.id,
        nodes={
            "resource_group": pulumi.Output.from_input(_group(declared)),
            **({} if subnet_id is None else {"subnet_id": pulumi.Output.from_input(subnet_id)}),
        },
        identity_issuer=cluster.oidc_issuer_profile.apply(lambda profile: profile.issuer_url),
        pull_principal_id=who.kubelet.principal_id,
        ready=[cluster, *admins],
    )


def _group(declared: Cluster) -> str:
    group = declared.aks.resource_group
    assert group is not None  # the component has looked
    return group


def _managed_cluster(
    name: str,
    declared: Cluster,
    args: Mapping[str, Any],
    who: Identities,
    key: SecretsKey | None,
    disks: DiskKey,
    logs: pulumi.Input[str],
    ownership: Ownership,
    parent: pulumi.Resource,
) -> Any:
    aks, tags = declared.aks, ownership.aws_tags()
    physical_name = cluster_name(ownership.environment, declared.name)
    zones = args.get("zones")
    # AKS moves the version itself on these channels, and keeps the number of nodes between its limits.
    left_alone = [] if aks.retire_first_nodes else ["agentPoolProfiles[0].count"]
    if aks.upgrade_channel in ("stable", "rapid"):
        left_alone.append("kubernetesVersion")
    return azure(_COMPONENT, "containerservice").ManagedCluster(
        name,
        resource_name_=physical_name,
        resource_group_name=_group(declared),
        location=declared.region,
        dns_prefix=physical_name,
        kubernetes_version=declared.kubernetes_version,
        identity={"type": "UserAssigned", "userAssignedIdentities": [who.control_plane.id]},
        identity_profile={
            "kubeletidentity": {
                "resourceId": who.kubelet.id,
                "clientId": who.kubelet.client_id,
                "objectId": who.kubelet.principal_id,
            }
        },
        agent_pool_profiles=[
            system_pool(
                declared,
                (default_zones(declared.region, "azure") or ()) if zones is None else zones,
                args.get("subnet_id"),
                tags,
            )
        ],
        node_resource_group=f"{physical_name}-nodes",
        # Whoever changes machines there by hand has them changed back; disks of pods are made there all the same.
        node_resource_group_profile={"restrictionLevel": "ReadOnly"},
        auto_scaler_profile=AUTOSCALER,
        storage_profile=STORAGE,
        tags=tags,
        **service_level(aks),
        **who_may_enter(declared, _addresses(args)),
        **network(args),
        **security(aks, key, disks.set_id, logs),
        **monitor_inputs(aks, logs),
        opts=pulumi.ResourceOptions(
            parent=parent,
            depends_on=who.granted,
            ignore_changes=left_alone,
            # A lock of Azure would hold for agent pools too, and no pool could be exchanged.
            protect=declared.deletion_protection or None,
        ),
    )


def _addresses(args: Mapping[str, Any]) -> Sequence[pulumi.Input[str]]:
    return args.get("egress_addresses") or ()


def _admins(
    name: str,
    declared: Cluster,
    cluster: Any,
    creator: pulumi.Input[str],
    subscription_id: pulumi.Input[str],
    parent: pulumi.Resource,
) -> list[Any]:
    """The creator, and groups. Whoever runs the program later does not become the creator."""
    of: dict[str, Any] = {"scope": cluster.id, "subscription_id": subscription_id}
    first = role_assignment(
        f"{name}-creator",
        CLUSTER_ADMIN,
        principal_id=creator,
        principal_type=None,
        opts=pulumi.ResourceOptions(parent=parent, ignore_changes=["principalId"]),
        **of,
    )
    groups = [
        role_assignment(
            f"{name}-admin-{group}",
            CLUSTER_ADMIN,
            principal_id=group,
            principal_type="Group",
            opts=pulumi.ResourceOptions(parent=parent),
            **of,
        )
        for group in declared.api_access.admins
    ]
    return [first, *groups]
