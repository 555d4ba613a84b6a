"""How a model without a single replica is woken: by what the gateway counts.

A server that is gone has no metrics. Nor has the gateway, as Envoy Gateway 1.9 usually works: for a Service without
ready endpoints it answers 503 from the route itself, and Envoy counts that by listener, not by model. So the route of a
model that may sleep leads to the address of its Service (``routingType: Service``), which is there with and without
pods: the connection is refused, the caller gets its 503 at once, and the request is counted under the model's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...environment.scaling import Scaling
from .signals import WINDOW

RETRY_AFTER_SECONDS = 30
"""What callers are told when they come too early. It is a hint: a GPU node and an image take longer than that."""

_ACTIVATION_ALONE = "1000000"
"""Requests per second for each replica: so many never come, so this trigger wakes the model and never asks for a
second replica."""


def demand_query(gateway_clusters: str, window: str = WINDOW) -> str:
    """Requests per second that the gateway has answered for the model, whoever gave the answer, and those that still
    wait for one; 0 without requests, and no answer while the gateway itself is not measured.

    Envoy Gateway has its proxies make a counter at the first request, so the request that has to wake the model is not
    an increase of anything: a counter that is younger than the window counts whole.
    """
    named = f'envoy_cluster_name=~"{gateway_clusters}"'
    answered = f"envoy_cluster_upstream_rq_completed{{{named}}}"
    summands = (
        f"sum(rate({answered}[{window}]))",
        f"sum({answered} unless {answered} offset {window})",
        f"sum(envoy_cluster_upstream_rq_active{{{named}}})",
    )
    return f"{' + '.join(f'({each} or vector(0))' for each in summands)} and on() (count(envoy_server_live) > 0)"


def demand_trigger(gateway_clusters: str, prometheus_url: str) -> dict[str, Any]:
    """The trigger that wakes, and that keeps awake as long as somebody asks.

    No answer from Prometheus is an error and not zero: a model does not fall asleep because the gateway is not
    measured.
    """
    return {
        "type": "prometheus",
        "name": "demand",
        "metricType": "AverageValue",
        "metadata": {
            "serverAddress": prometheus_url,
            "query": demand_query(gateway_clusters),
            "threshold": _ACTIVATION_ALONE,
            "activationThreshold": "0",
            "ignoreNullValues": "false",
        },
    }


def let_sleep(policy: Mapping[str, Any], scaling: Scaling) -> dict[str, Any]:
    """The ``BackendTrafficPolicy`` of a model's route, as it has to be for a model that may sleep; the same for one
    that never does."""
    if scaling.min_replicas:
        return dict(policy)
    return {**policy, "spec": {**policy["spec"], **sleeping_route_policy()}}


def sleeping_route_policy(retry_after_seconds: int = RETRY_AFTER_SECONDS) -> dict[str, Any]:
    """What the BackendTrafficPolicy of a model that may sleep says besides (``gateway.envoyproxy.io/v1alpha1``): the
    route to the Service's address, connections that are opened anew now and then so that new pods get their share, and
    ``Retry-After`` on the gateway's own 503; a 503 of the server itself stays as it is."""
    return {
        "routingType": "Service",
        "circuitBreaker": {"maxRequestsPerConnection": 256},
        "responseOverride": [
            {
                "match": {"statusCodes": [{"type": "Value", "value": 503}]},
                "source": "Local",
                "response": {
                    "header": {"set": [{"name": "retry-after", "value": str(retry_after_seconds)}]},
                },
            }
        ],
    }
