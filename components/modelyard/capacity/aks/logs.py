"""The control plane's logs of AKS.

Follows "Monitor AKS" (resource logs) and "Manage data retention in a Log Analytics workspace".
"""

from __future__ import annotations

from typing import Any

import pulumi

from ...environment.cluster import Cluster
from ...governance.azure_sdk import azure
from ...governance.ownership import Ownership

_CATEGORIES = {
    "api": "kube-apiserver",
    "audit": "kube-audit-admin",
    "authenticator": "guard",
    "controllerManager": "kube-controller-manager",
    "scheduler": "kube-scheduler",
}
"""``kube-audit-admin`` is the audit log without what only reads, which is most of it."""
_LEAST_DAYS, _MOST_DAYS = 30, 730


def log_analytics_id(name: str, declared: Cluster, ownership: Ownership, parent: pulumi.Resource) -> pulumi.Output[str]:
    """Where logs go: the workspace that is named, or one of the cluster's own, which keeps them for 30 days or more."""
    named = declared.aks.log_analytics_workspace_id
    if named is not None:
        return pulumi.Output.from_input(named)
    workspace = azure("ServingCluster", "operationalinsights").Workspace(
        name,
        resource_group_name=declared.aks.resource_group,
        location=declared.region,
        sku={"name": "PerGB2018"},
        retention_in_days=min(max(declared.log_retention_days, _LEAST_DAYS), _MOST_DAYS),
        tags=ownership.aws_tags(),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return workspace.id


def control_plane_logs(
    name: str, declared: Cluster, cluster: Any, workspace_id: pulumi.Input[str], parent: pulumi.Resource
) -> None:
    """Sends the declared logs there, each into a table of its own; a diagnostic setting takes no tags."""
    if not declared.control_plane_logs:
        return
    azure("ServingCluster", "monitor").DiagnosticSetting(
        name,
        resource_uri=cluster.id,
        workspace_id=workspace_id,
        log_analytics_destination_type="Dedicated",
        logs=[{"category": _CATEGORIES[each], "enabled": True} for each in declared.control_plane_logs],
        opts=pulumi.ResourceOptions(parent=parent),
    )
