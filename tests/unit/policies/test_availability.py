"""Services that stay up: replicas, disruption budgets, rollouts, autoscalers' metrics."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.graph import UNKNOWN, Resource

from .recorded import container, deployment, messages, resource

RULE = "replicas-and-disruption-budget"


def budget(selector: Any = None, namespace: str = "merchandising", **spec: Any) -> Resource:
    limits = spec or {"maxUnavailable": 1}
    chosen = {"matchLabels": {"app": "tagging"}} if selector is None else selector
    inputs = {"metadata": {"namespace": namespace}, "spec": {"selector": chosen, **limits}}
    return resource("kubernetes:policy/v1:PodDisruptionBudget", inputs)


def expression(operator: str, values: list[str] | None = None) -> dict[str, Any]:
    return {"matchExpressions": [{"key": "app", "operator": operator, **({"values": values} if values else {})}]}


def autoscaler(least: Any, most: Any = 4, name: str = "tagging", metric: str | None = None) -> Resource:
    metrics = [{"type": "Pods", "pods": {"metric": {"name": metric}}}] if metric else []
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
        "minReplicas": least,
        "maxReplicas": most,
        "metrics": [*metrics, {"type": "Resource", "resource": {"name": "cpu"}}],
    }
    inputs = {"metadata": {"namespace": "merchandising"}, "spec": spec}
    return resource("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", inputs, name)


def too_few(count: int, least: int = 2) -> str:
    return (
        f"the Deployment keeps {count} replicas, so a lost node means no answers; keep at least {least} "
        "(minReplicas of "
        "its autoscaler, or spec.replicas)."
    )


NO_BUDGET = (
    "no PodDisruptionBudget selects the pods of this Deployment, so a drain may take all of them at once; add one with "
    "maxUnavailable 1."
)


def blocking(said: str, replicas: int = 2) -> str:
    return (
        f"{said} with {replicas} replicas lets no pod go, so no node with one can ever be drained; set maxUnavailable "
        "1."
    )


def of_track(track: str, **spec: Any) -> Resource:
    made = deployment(**spec)
    made.inputs["spec"]["template"]["metadata"]["labels"]["modelyard.dev/track"] = track
    return made


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([of_track("canary", replicas=1), budget()], []),
        ([of_track("stable", replicas=1), budget()], [too_few(1)]),
        ([of_track("canary", replicas=0), budget()], [too_few(0, 1)]),
    ],
)
def test_a_canary_may_have_one_replica(found: list[Resource], expected: list[str]) -> None:
    """Its share of the callers is taken back by one line; the stable side is held to two."""
    assert messages(RULE, *found) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([deployment(replicas=2), budget()], []),
        ([deployment(), autoscaler(2.0), budget()], []),
        ([deployment(), autoscaler(UNKNOWN), budget()], []),
        ([deployment(), budget()], [too_few(1)]),
        ([deployment(replicas=3), autoscaler(1), budget()], [too_few(1)]),
        ([deployment(replicas=2)], [NO_BUDGET]),
        ([deployment(replicas=2), budget(namespace="toys")], [NO_BUDGET]),
        ([deployment(replicas=2), budget({"matchLabels": {"app": "other"}})], [NO_BUDGET]),
        ([deployment(replicas=2), budget({"matchLabels": {"app": "tagging", "tier": "x"}})], [NO_BUDGET]),
        ([deployment(replicas=2), budget(expression("In", ["tagging"]))], []),
        ([deployment(replicas=2), budget(expression("DoesNotExist"))], [NO_BUDGET]),
        ([deployment(replicas=2), budget(UNKNOWN)], []),
        ([deployment(replicas=2), budget({})], []),
        ([deployment(replicas=2), budget(minAvailable=1)], []),
        ([deployment(replicas=2), budget(minAvailable="50%")], []),
        ([deployment(replicas=2), budget(minAvailable=2.0)], [blocking("minAvailable 2")]),
        ([deployment(replicas=2), budget(minAvailable="51%")], [blocking("minAvailable '51%'")]),
        ([deployment(replicas=2), budget(maxUnavailable=0)], [blocking("maxUnavailable 0")]),
        ([deployment(replicas=2), budget(maxUnavailable="1%")], []),
        ([resource("kubernetes:apps/v1:DaemonSet", {})], []),
    ],
)  # fmt: skip
def test_replicas_and_disruption_budget(found: list[Resource], expected: list[str]) -> None:
    assert messages(RULE, *found) == expected


def test_the_least_number_of_replicas_is_configurable() -> None:
    found = [deployment(replicas=2), budget()]
    assert messages(RULE, *found, settings={"min_replicas": 3.0}) == [too_few(2, 3)]


def slow_start(failures: int, **spec: Any) -> Resource:
    probe = {"failureThreshold": failures, "periodSeconds": 10.0, "httpGet": {"path": "/v2/health/ready", "port": 8000}}
    return deployment(pod={"containers": [container(startupProbe=probe)]}, **spec)


def rolling(surge: Any, unavailable: Any) -> Resource:
    return deployment(strategy={"rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}, replicas=2)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (rolling(1, 0), []),
        (rolling(0, 1), []),
        (
            rolling(0.0, "0%"),
            ["maxSurge and maxUnavailable are both 0, so no pod may ever be exchanged; set one of them to 1."],
        ),
        (slow_start(60), []),
        (slow_start(180, progressDeadlineSeconds=2400), []),
        (
            slow_start(180),
            [
                "container 'triton' may take 1800 seconds to start, and the rollout is given up after 600; set "
                "progressDeadlineSeconds above 1800."
            ],
        ),
    ],
)
def test_rollout_not_blocked(found: Resource, expected: list[str]) -> None:
    assert messages("rollout-not-blocked", found) == expected


def full_pool(strategy: dict[str, Any], max_size: int) -> list[Resource]:
    labels = {"modelyard.dev/pool": "l4", "modelyard.dev/cluster": "use1"}
    group = resource(
        "aws:eks/nodeGroup:NodeGroup",
        {
            "instanceTypes": ["g6.xlarge"],
            "capacityType": "ON_DEMAND",
            "scalingConfig": {"minSize": 0, "desiredSize": 1, "maxSize": max_size},
            "labels": labels,
            "taints": [{"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}],
        },
        "l4",
    )
    small = container(resources={"requests": {"cpu": "1", "memory": "4Gi"}, "limits": {"nvidia.com/gpu": 1}})
    served = deployment(pod={"containers": [small], "nodeSelector": labels}, strategy={"rollingUpdate": strategy})
    served.inputs["spec"]["template"]["metadata"]["annotations"] = labels
    return [group, served, autoscaler(2, 2)]


@pytest.mark.parametrize(
    ("strategy", "max_size", "fits"),
    [
        ({"maxSurge": 1, "maxUnavailable": 0}, 3, True),
        ({"maxSurge": 0, "maxUnavailable": 1}, 2, True),
        ({"maxSurge": 1, "maxUnavailable": 0}, 2, False),
    ],
)
def test_a_rollout_needs_room_for_its_next_pod(strategy: dict[str, Any], max_size: int, fits: bool) -> None:
    blocked = [
        "a rollout starts a new pod before it stops an old one, and pool 'l4' has no room for one more when its "
        "autoscalers are at their maximum; set maxSurge 0 with maxUnavailable 1, or raise the pool's maxSize."
    ]
    assert messages("rollout-not-blocked", *full_pool(strategy, max_size)) == ([] if fits else blocked)


def adapter(*rules: dict[str, Any], default: bool = False) -> Resource:
    values = {"rules": {"default": default, "custom": list(rules)}}
    return resource("kubernetes:helm.sh/v3:Release", {"chart": "prometheus-adapter", "values": values}, "adapter")


NAMED = {"seriesQuery": "nv_inference_queue_duration_us", "name": {"as": "triton_queue_ms"}}
SERIES = {"seriesQuery": 'triton_queue_ms{namespace!=""}'}
PATTERN = {"seriesQuery": '{__name__=~"^nv_.*"}', "name": {"matches": "^nv_(.*)$", "as": "$1"}}


def not_served(served: str) -> list[str]:
    return [
        "the autoscaler goes by the metric 'triton_queue_ms', which no rule of the prometheus-adapter serves (served: "
        f"{served}), so it never scales; add a rule for it, or use a served metric."
    ]


@pytest.mark.parametrize(
    ("others", "settings", "expected"),
    [
        ([adapter(NAMED)], None, []),
        ([adapter(SERIES)], None, []),
        ([adapter(PATTERN)], None, []),
        ([adapter(default=True)], None, []),
        ([], None, []),
        ([], {"custom_metrics": ["triton_queue_ms"]}, []),
        ([adapter()], None, not_served("none")),
        ([adapter({**NAMED, "name": {"as": "other"}})], None, not_served("'other'")),
        ([], {"custom_metrics": ["other"]}, not_served("'other'")),
        ([adapter()], {"custom_metrics": ["triton_queue_ms"]}, []),
    ],
)
def test_autoscaler_metric_source(others: list[Resource], settings: dict[str, Any] | None, expected: list[str]) -> None:
    found = autoscaler(2, metric="triton_queue_ms")
    assert messages("service-has-autoscaler-metric-source", found, *others, settings=settings) == expected
