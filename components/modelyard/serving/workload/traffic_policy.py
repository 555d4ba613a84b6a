"""How Envoy Gateway treats the pods of a served model: its ``BackendTrafficPolicy``."""

from __future__ import annotations

from typing import Any, Protocol

UNSENT = ("connect-failure", "refused-stream", "reset-before-request")
"""What is tried again: a request that no server has begun to read. Anything else may have been executed, and a model
with a state, or one that streams, must not be asked twice."""


class Routed(Protocol):
    """What has a route: a workload, or the two sides of a rollout."""

    @property
    def name(self) -> str: ...
    @property
    def hostname(self) -> str | None: ...
    def metadata(self) -> dict[str, Any]: ...


def backend_traffic_policy(routed: Routed) -> dict[str, Any] | None:
    """Retries of unsent requests on another pod, and no requests to a pod that cannot be reached; None without a
    hostname.

    Pods that stop leave by their endpoints (preStop), so that a roll needs none of this. It is for nodes that vanish:
    until Kubernetes has noticed, which takes most of a minute, their pods are skipped after three failed connections.
    Errors of the model itself never count against a pod, or one poisonous request, sent again and again, would take
    every replica out. Follows ``gateway.envoyproxy.io/v1alpha1`` of Envoy Gateway 1.9.
    """
    if routed.hostname is None:
        return None
    return {
        "apiVersion": "gateway.envoyproxy.io/v1alpha1",
        "kind": "BackendTrafficPolicy",
        "metadata": routed.metadata(),
        "spec": {
            "targetRefs": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": routed.name}],
            # Pods differ in what they have in their queues; the one with fewest requests in flight is next.
            "loadBalancer": {"type": "LeastRequest"},
            "retry": {
                "numRetries": 3,
                "retryOn": {"triggers": list(UNSENT)},
                "perRetry": {"backOff": {"baseInterval": "25ms", "maxInterval": "250ms"}},
            },
            "healthCheck": {
                # With half of the pods out, the others would get twice their requests: then all are asked again.
                "panicThreshold": 50,
                "passive": {
                    "splitExternalLocalOriginErrors": True,
                    "consecutiveLocalOriginFailures": 3,
                    "consecutive5XxErrors": 0,
                    "interval": "1s",
                    "baseEjectionTime": "10s",
                    "maxEjectionPercent": 50,
                },
            },
            "timeout": {"tcp": {"connectTimeout": "2s"}},
        },
    }
