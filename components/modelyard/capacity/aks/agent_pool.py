"""What agent pools of AKS with and without GPUs have in common.

Follows "Agent Pools - Create Or Update" of the AKS REST API (2025-09-01) and "Add an Azure Spot node pool to an AKS
cluster".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from ...environment.aks_nodes import AksNodes
from ...environment.pool_update import PoolUpdate
from ...governance.azure_sdk import azure
from ...governance.ownership import Ownership
from ...resolve.resolved_pool import ResolvedCpuPool, ResolvedGpuPool
from ..made_pool import MadePool
from .node_settings import agent_pool_settings, undrainable
from .pool_name import agent_pool_name

_ON_DEMAND_PRICE = -1
_PRIORITY_LABEL = "kubernetes.azure.com/scalesetpriority"


def agent_pool(
    name: str,
    component: str,
    pool: ResolvedGpuPool | ResolvedCpuPool,
    args: Mapping[str, Any],
    more: Mapping[str, Any],
    *,
    ownership: Ownership,
    parent: pulumi.Resource,
) -> MadePool:
    """Nodes of one machine size, in a scale set that AKS keeps; it replaces broken nodes whatever ``repair`` says.

    Args:
        name: logical name.
        component: who asks, for messages.
        pool: as decided; its name makes that of the agent pool.
        args: of the component: ``cluster_name``, ``resource_group``, ``subnet_id`` (default: the cluster's) and
            ``kubernetes_version`` (default: the control plane's).
        more: what only nodes with GPUs have.
        ownership: tags of the scale set, its machines, disks and network interfaces.
        parent: the component.

    Raises:
        NoAzureSdk: pulumi-azure-native is not installed.
    """
    scaled = pool.min_nodes < pool.max_nodes
    nodes = pool.declared.aks or AksNodes()
    system = isinstance(pool, ResolvedCpuPool) and pool.declared.system
    made = azure(component, "containerservice").AgentPool(
        name,
        agent_pool_name=agent_pool_name(pool),
        resource_name_=args["cluster_name"],
        resource_group_name=args["resource_group"],
        mode="System" if system else "User",
        type="VirtualMachineScaleSets",
        os_type="Linux",
        os_sku=pool.image,
        vm_size=pool.machine_type,
        enable_auto_scaling=scaled,
        count=pool.desired_nodes if scaled else pool.max_nodes,
        enable_node_public_ip=False,
        os_disk_size_gb=pool.declared.disk_gib,
        scale_down_mode="Delete",
        node_labels={**pool.labels, **({_PRIORITY_LABEL: "spot"} if pool.capacity == "spot" else {})},
        # AKS puts its own taint on spot nodes; an update that does not name it would take it away.
        node_taints=[_taint(*taint) for taint in (*pool.taints, *pool.cloud_taints)],
        tags=ownership.aws_tags(),
        **({"min_count": pool.min_nodes, "max_count": pool.max_nodes} if scaled else {}),
        **given(
            availability_zones=list(pool.zones) or None,
            vnet_subnet_id=args.get("subnet_id"),
            orchestrator_version=args.get("kubernetes_version"),
        ),
        **_priority(pool),
        **agent_pool_settings(nodes, gpu_driver=isinstance(pool, ResolvedGpuPool) and pool.driver_by == "cloud"),
        **_upgrades(pool.declared.update, nodes, spot=pool.capacity == "spot", system=system),
        **more,
        # The node autoscaler owns the number of nodes between its limits.
        opts=pulumi.ResourceOptions(parent=parent, ignore_changes=["count"] if scaled else []),
    )
    return MadePool(made.name, [made])


def given(**values: Any) -> dict[str, Any]:
    """Those that are not None."""
    return {key: value for key, value in values.items() if value is not None}


def _priority(pool: ResolvedGpuPool | ResolvedCpuPool) -> dict[str, Any]:
    if pool.capacity != "spot":
        return {"scale_set_priority": "Regular"}
    spot = pool.declared.spot
    eviction = "delete" if spot is None or spot.eviction is None else spot.eviction
    price = None if spot is None else spot.max_usd_per_hour
    return {
        "scale_set_priority": "Spot",
        "scale_set_eviction_policy": eviction.title(),
        "spot_max_price": _ON_DEMAND_PRICE if price is None else price,
    }


def _upgrades(update: PoolUpdate, nodes: AksNodes, *, spot: bool, system: bool) -> dict[str, Any]:
    """How nodes are exchanged; AKS says for itself how many spot nodes at a time, and lets no system node go before
    another is there."""
    settings = {
        **given(drainTimeoutInMinutes=update.drain_timeout_minutes, nodeSoakDurationInMinutes=update.soak_minutes),
        **undrainable(nodes),
    }
    if system:
        settings |= {"maxSurge": str(update.max_surge or 1), "maxUnavailable": "0"}
    elif not spot:
        # Without a surge of nodes there is no need of quota for GPUs beside those that run.
        settings["maxSurge"] = str(update.max_surge or 0)
        if update.max_unavailable_percentage is not None:
            settings["maxUnavailable"] = f"{update.max_unavailable_percentage}%"
        else:
            settings["maxUnavailable"] = str(update.max_unavailable or 0)
    return {"upgrade_settings": settings} if settings else {}


def _taint(key: str, value: str, effect: str) -> str:
    return f"{key}={value}:{effect}" if value else f"{key}:{effect}"
