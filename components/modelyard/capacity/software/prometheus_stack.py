"""kube-prometheus-stack, which keeps metrics and raises alerts: values of its chart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...environment.monitoring import Monitoring
from ...environment.target import Cloud
from .alertmanager import SECRET, alertmanager_config
from .namespaces import MONITORING

PROMETHEUS_URL = f"http://prometheus-operated.{MONITORING}.svc"
"""Service that prometheus-operator makes for every Prometheus; port 9090."""

_RETENTION_SHARE = 0.85
"""Share of the volume after which the oldest samples go: Prometheus stops when its volume is full."""


def prometheus_stack_values(
    monitoring: Monitoring, *, storage_class: str, system_nodes: Mapping[str, str], cloud: Cloud = "aws"
) -> dict[str, Any]:
    """Follows the chart's values.yaml at the pinned version.

    Prometheus takes rules and monitors of every namespace, since departments bring their own. The control plane of a
    managed cluster cannot be scraped, so its monitors are off; so is CoreDNS's on GKE, which has kube-dns. Receivers'
    secrets are files of the Secret :data:`~modelyard.capacity.software.alertmanager.SECRET`.
    """
    nodes = dict(system_nodes)
    interval = f"{monitoring.scrape_interval_seconds}s"
    return {
        "fullnameOverride": "kube-prometheus-stack",
        "grafana": {"enabled": False},
        **{
            part: {"enabled": False}
            for part in ("kubeControllerManager", "kubeScheduler", "kubeEtcd", "kubeProxy", "windowsMonitoring")
        },
        **({"coreDns": {"enabled": False}} if cloud == "gcp" else {}),
        "defaultRules": {
            "rules": {
                **{part: False for part in ("etcd", "kubeProxy", "kubeSchedulerAlerting", "kubeSchedulerRecording")},
                **{part: False for part in ("kubeControllerManager", "windows")},
            }
        },
        "prometheusOperator": {"nodeSelector": nodes, "admissionWebhooks": {"patch": {"nodeSelector": nodes}}},
        "kube-state-metrics": {"nodeSelector": nodes},
        "prometheus": {
            "prometheusSpec": {
                "replicas": monitoring.replicas,
                "scrapeInterval": interval,
                "evaluationInterval": interval,
                "retention": f"{monitoring.retention_days}d",
                "retentionSize": f"{int(monitoring.storage_gib * _RETENTION_SHARE * 1024)}MiB",
                **{
                    f"{kind}SelectorNilUsesHelmValues": False
                    for kind in ("rule", "serviceMonitor", "podMonitor", "probe", "scrapeConfig")
                },
                "podAntiAffinity": "soft",
                "nodeSelector": nodes,
                "resources": {"requests": {"cpu": "500m", "memory": "2Gi"}, "limits": {"memory": "8Gi"}},
                "storageSpec": _volume(storage_class, f"{monitoring.storage_gib}Gi"),
            }
        },
        "alertmanager": {
            "config": alertmanager_config(monitoring.receivers),
            # The operator's own templates of the chart are not used: messages are in the configuration.
            "templateFiles": {},
            "alertmanagerSpec": {
                "replicas": monitoring.replicas,
                "secrets": [SECRET] if monitoring.receivers else [],
                "podAntiAffinity": "soft",
                "nodeSelector": nodes,
                "resources": {"requests": {"cpu": "20m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}},
                "storage": _volume(storage_class, "2Gi"),
            },
        },
    }


def _volume(storage_class: str, size: str) -> dict[str, Any]:
    return {
        "volumeClaimTemplate": {
            "spec": {
                "storageClassName": storage_class,
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": size}},
            }
        }
    }
