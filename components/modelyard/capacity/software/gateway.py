"""Envoy Gateway: values of its chart, and the gateway that every model answers through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...environment.target import Cloud
from ...governance.ownership import Ownership
from .certificates import CERTIFICATE_SECRET, CHALLENGE_LISTENER
from .load_balancer import load_balancer_service
from .namespaces import GATEWAY, GATEWAY_ACCESS

NAME = "modelyard"
"""Name of the GatewayClass, the Gateway and the EnvoyProxy."""
PROXY_PODS = {"app.kubernetes.io/name": "envoy", "app.kubernetes.io/component": "proxy"}
"""Labels of the proxies that Envoy Gateway starts, in its own namespace."""


def gateway_values(*, system_nodes: Mapping[str, str]) -> dict[str, Any]:
    """Follows the chart's values.yaml at the pinned version. The chart brings the CRDs of Gateway API, too."""
    nodes = dict(system_nodes)
    return {
        "deployment": {"replicas": 2, "pod": {"nodeSelector": nodes}},
        "podDisruptionBudget": {"minAvailable": 1},
        "certgen": {"job": {"nodeSelector": nodes}},
    }


def gateway_objects(
    ownership: Ownership,
    *,
    cluster: str,
    domain: str,
    reach: str,
    system_nodes: Mapping[str, str],
    replicas: int = 2,
    cloud: Cloud = "aws",
    auto_mode: bool = False,
) -> list[dict[str, Any]]:
    """GatewayClass, EnvoyProxy, Gateway and the redirect from HTTP to HTTPS.

    Models attach routes from namespaces labelled ``modelyard.dev/gateway-access=true``, below ``cluster.domain``.
    """
    labels = ownership.kubernetes_labels()
    return [
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "GatewayClass",
            "metadata": {"name": NAME, "labels": labels},
            "spec": {"controllerName": "gateway.envoyproxy.io/gatewayclass-controller"},
        },
        _proxy(ownership, load_balancer_service(cloud, reach, ownership, auto_mode=auto_mode), system_nodes, replicas),
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "Gateway",
            "metadata": {"name": NAME, "namespace": GATEWAY, "labels": labels},
            "spec": {
                "gatewayClassName": NAME,
                "infrastructure": {
                    "parametersRef": {"group": "gateway.envoyproxy.io", "kind": "EnvoyProxy", "name": NAME}
                },
                "listeners": [
                    {
                        "name": CHALLENGE_LISTENER,
                        "protocol": "HTTP",
                        "port": 80,
                        "allowedRoutes": {"namespaces": {"from": "Same"}},
                    },
                    {
                        "name": "https",
                        "protocol": "HTTPS",
                        "port": 443,
                        "hostname": f"*.{cluster}.{domain}",
                        "tls": {
                            "mode": "Terminate",
                            "certificateRefs": [{"kind": "Secret", "name": CERTIFICATE_SECRET}],
                        },
                        "allowedRoutes": {
                            "namespaces": {"from": "Selector", "selector": {"matchLabels": {GATEWAY_ACCESS: "true"}}}
                        },
                    },
                ],
            },
        },
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "HTTPRoute",
            "metadata": {"name": "https-only", "namespace": GATEWAY, "labels": labels},
            "spec": {
                "parentRefs": [{"name": NAME, "sectionName": CHALLENGE_LISTENER}],
                "rules": [
                    {
                        "filters": [
                            {"type": "RequestRedirect", "requestRedirect": {"scheme": "https", "statusCode": 301}}
                        ]
                    }
                ],
            },
        },
    ]


def gateway_monitor(ownership: Ownership, *, scrape_interval_seconds: int) -> dict[str, Any]:
    """Scrapes the proxies, whose histograms give the latency that callers see."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PodMonitor",
        "metadata": {"name": "gateway-proxies", "namespace": GATEWAY, "labels": ownership.kubernetes_labels()},
        "spec": {
            "selector": {"matchLabels": PROXY_PODS},
            "podMetricsEndpoints": [
                {"port": "metrics", "path": "/stats/prometheus", "interval": f"{scrape_interval_seconds}s"}
            ],
        },
    }


def _proxy(
    ownership: Ownership, service: Mapping[str, Any], system_nodes: Mapping[str, str], replicas: int
) -> dict[str, Any]:
    """The proxies and the Service before them, which the cloud's own controller gives a load balancer: none has to be
    installed."""
    return {
        "apiVersion": "gateway.envoyproxy.io/v1alpha1",
        "kind": "EnvoyProxy",
        "metadata": {"name": NAME, "namespace": GATEWAY, "labels": ownership.kubernetes_labels()},
        "spec": {
            "provider": {
                "type": "Kubernetes",
                "kubernetes": {
                    "envoyDeployment": {
                        "replicas": replicas,
                        "pod": {
                            "labels": _proxy_pod_labels(ownership),
                            "nodeSelector": dict(system_nodes),
                            "topologySpreadConstraints": [
                                {
                                    "maxSkew": 1,
                                    "topologyKey": "topology.kubernetes.io/zone",
                                    "whenUnsatisfiable": "ScheduleAnyway",
                                    "labelSelector": {"matchLabels": PROXY_PODS},
                                }
                            ],
                        },
                        "container": {
                            "resources": {
                                "requests": {"cpu": "250m", "memory": "512Mi"},
                                "limits": {"memory": "1Gi"},
                            }
                        },
                    },
                    "envoyPDB": {"minAvailable": 1} if replicas > 1 else {"maxUnavailable": 1},
                    "envoyService": {
                        "type": "LoadBalancer",
                        "externalTrafficPolicy": "Local",
                        **service,
                    },
                },
            },
            "shutdown": {"drainTimeout": "60s"},
        },
    }


def _proxy_pod_labels(ownership: Ownership) -> dict[str, str]:
    """Whose the proxies are. Envoy Gateway selects them by an ``app.kubernetes.io/managed-by`` of its own: with another
    one their Deployment is refused."""
    return {key: value for key, value in ownership.kubernetes_labels().items() if key.startswith("modelyard.dev/")}
