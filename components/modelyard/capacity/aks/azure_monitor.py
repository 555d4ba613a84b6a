"""What Azure Monitor collects from a cluster of AKS: logs of its containers, and metrics beside its own Prometheus.

Follows "Enable Container insights" and "Enable Prometheus and Grafana" of the Azure Monitor documentation (ARM
templates), and "Data collection endpoints in Azure Monitor".
"""

from __future__ import annotations

from typing import Any

import pulumi

from ...environment.aks import Aks
from ...environment.cluster import Cluster
from ...governance.azure_sdk import azure
from ...governance.ownership import Ownership

_LOG_STREAMS = ["Microsoft-ContainerLogV2", "Microsoft-KubeEvents", "Microsoft-KubePodInventory"]
"""Logs and events; the streams of metrics repeat what Prometheus has."""
_METRIC_STREAMS = ["Microsoft-PrometheusMetrics"]
_LOGS, _METRICS = "workspace", "metrics"


def monitor_inputs(aks: Aks, log_analytics_id: pulumi.Input[str]) -> dict[str, Any]:
    """Add-ons and profile of the cluster."""
    addons: dict[str, Any] = {}
    if aks.container_insights:
        # With the agent's own identity, and no key of the workspace.
        told = {"logAnalyticsWorkspaceResourceID": log_analytics_id, "useAADAuth": "true"}
        addons["omsagent"] = {"enabled": True, "config": told}
    if aks.azure_policy:
        addons["azurepolicy"] = {"enabled": True}
    metrics = {"azure_monitor_profile": {"metrics": {"enabled": True}}} if aks.managed_prometheus else {}
    return {**({"addon_profiles": addons} if addons else {}), **metrics}


def collect(
    name: str,
    declared: Cluster,
    cluster: Any,
    log_analytics_id: pulumi.Input[str],
    ownership: Ownership,
    parent: pulumi.Resource,
) -> None:
    """Rules of what is collected, and their association with the cluster, which takes no tags."""
    place: dict[str, Any] = {
        "resource_group_name": declared.aks.resource_group,
        "location": declared.region,
        "tags": ownership.aws_tags(),
        "opts": pulumi.ResourceOptions(parent=parent),
    }
    if declared.aks.container_insights:
        rule = azure("ServingCluster", "monitor").DataCollectionRule(
            f"{name}-logs",
            kind="Linux",
            data_sources={
                "extensions": [
                    {
                        "name": "ContainerInsightsExtension",
                        "extensionName": "ContainerInsights",
                        "streams": _LOG_STREAMS,
                        "extensionSettings": {
                            "dataCollectionSettings": {
                                "interval": "1m",
                                "namespaceFilteringMode": "Off",
                                "enableContainerLogV2": True,
                            }
                        },
                    }
                ]
            },
            destinations={"logAnalytics": [{"name": _LOGS, "workspaceResourceId": log_analytics_id}]},
            data_flows=[{"streams": _LOG_STREAMS, "destinations": [_LOGS]}],
            **place,
        )
        # The agent looks for this name.
        _associated(f"{name}-logs", "ContainerInsightsExtension", rule, cluster, place)
    if declared.aks.managed_prometheus:
        _associated(f"{name}-metrics", f"{name}-metrics", _metrics_rule(name, place), cluster, place)


def _metrics_rule(name: str, place: dict[str, Any]) -> Any:
    monitor = azure("ServingCluster", "monitor")
    workspace = monitor.AzureMonitorWorkspace(name, **place)
    endpoint = monitor.DataCollectionEndpoint(
        f"{name}-metrics", kind="Linux", network_acls={"publicNetworkAccess": "Enabled"}, **place
    )
    return monitor.DataCollectionRule(
        f"{name}-metrics",
        kind="Linux",
        data_collection_endpoint_id=endpoint.id,
        data_sources={"prometheusForwarder": [{"name": "PrometheusDataSource", "streams": _METRIC_STREAMS}]},
        destinations={"monitoringAccounts": [{"name": _METRICS, "accountResourceId": workspace.id}]},
        data_flows=[{"streams": _METRIC_STREAMS, "destinations": [_METRICS]}],
        **place,
    )


def _associated(name: str, association: str, rule: Any, cluster: Any, place: dict[str, Any]) -> None:
    azure("ServingCluster", "monitor").DataCollectionRuleAssociation(
        name,
        association_name=association,
        resource_uri=cluster.id,
        data_collection_rule_id=rule.id,
        opts=place["opts"],
    )
