"""Which object owns the replicas, what it asks Prometheus, and what cannot be done."""

from __future__ import annotations

import json
from typing import Any

import pytest
from modelyard.catalog.table import rows
from modelyard.environment.scaling import Scaling
from modelyard.serving.autoscaling.autoscaler import autoscaler
from modelyard.serving.autoscaling.problems import scaling_problems
from modelyard.serving.autoscaling.scale_target import ScaleTarget
from modelyard.serving.autoscaling.signals import measured_runtimes, query, signals_of
from modelyard.serving.autoscaling.wake_up import let_sleep

GATEWAY = "httproute/shop/tagger/rule/[01](/backend/[0-9]+)?"
DAY = {"days": "mon-fri", "start": "08:00", "end": "20:00", "timezone": "Europe/Berlin", "min_replicas": 2}


def target(**changes: Any) -> ScaleTarget:
    arguments: dict[str, Any] = {
        "name": "tagger",
        "namespace": "shop",
        "runtime": "triton",
        "gateway_clusters": GATEWAY,
        "adapter_metric": "triton_queue_ms",
        "gpus": 1,
        "start_seconds": 1500,
        **changes,
    }
    return ScaleTarget(**arguments)


def made(declared: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return autoscaler(target(**changes), Scaling.model_validate({"max_replicas": 6, **declared}))


def triggers(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {trigger["name"]: trigger for trigger in manifest["spec"]["triggers"]}


OWNERS = [
    ("nothing declared, Triton", {}, {}, "HorizontalPodAutoscaler"),
    ("the queue, Triton", {"target_queue_ms": 8}, {}, "HorizontalPodAutoscaler"),
    ("nothing declared, no metric in the adapter", {}, {"runtime": "torchserve", "adapter_metric": None},
     "HorizontalPodAutoscaler"),
    ("the queue, no metric in the adapter", {"target_queue_ms": 8}, {"runtime": "torchserve", "adapter_metric": None},
     "ScaledObject"),
    ("concurrency", {"target_concurrency": 8}, {}, "ScaledObject"),
    ("the queue and the GPU", {"target_queue_ms": 8, "target_gpu_utilization_percent": 80}, {}, "ScaledObject"),
    ("hours", {"schedules": [DAY]}, {}, "ScaledObject"),
    ("zero", {"min_replicas": 0}, {}, "ScaledObject"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("declared", "changes", "kind"), [case[1:] for case in OWNERS], ids=[case[0] for case in OWNERS]
)
def test_one_object_owns_the_replicas(declared: dict[str, Any], changes: dict[str, Any], kind: str) -> None:
    manifest = made(declared, **changes)
    assert manifest["kind"] == kind
    assert manifest["apiVersion"] == {"ScaledObject": "keda.sh/v1alpha1"}.get(kind, "autoscaling/v2")
    assert manifest["spec"]["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "tagger"}
    assert scaling_problems(Scaling.model_validate({"max_replicas": 6, **declared}), target(**changes)) == []


@pytest.mark.parametrize(
    ("changes", "metric"),
    [
        ({}, {"type": "Pods", "pods": {"metric": {"name": "triton_queue_ms"},
                                       "target": {"type": "AverageValue", "averageValue": "5"}}}),
        ({"runtime": "mlserver", "adapter_metric": None},
         {"type": "Resource", "resource": {"name": "cpu",
                                           "target": {"type": "Utilization", "averageUtilization": 70}}}),
    ],
)  # fmt: skip
def test_without_a_target_replicas_follow_the_queue_or_the_processors(
    changes: dict[str, Any], metric: dict[str, Any]
) -> None:
    assert made({}, **changes)["spec"]["metrics"] == [metric]
    scheduled = triggers(made({"schedules": [DAY]}, **changes))
    assert set(scheduled) == {"queue-ms" if changes == {} else "processors", "window-0"}


def test_quiet_minutes_are_those_of_both_objects() -> None:
    for declared in ({}, {"target_concurrency": 4}):
        manifest = made({"scale_down_minutes": 30, **declared})
        spec = manifest["spec"]
        behavior = spec.get("behavior") or spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
        assert behavior["scaleDown"]["stabilizationWindowSeconds"] == 1800


def test_sums_are_divided_by_the_replicas_and_averages_are_not() -> None:
    of = triggers(
        made(
            {
                "target_queue_ms": 8,
                "target_concurrency": 4,
                "target_requests_per_second": 12.5,
                "target_gpu_utilization_percent": 80,
            }
        )
    )
    assert {name: (trigger["metricType"], trigger["metadata"]["threshold"]) for name, trigger in of.items()} == {
        "queue-ms": ("Value", "8"),
        "concurrency": ("AverageValue", "4"),
        "requests-per-second": ("AverageValue", "12.5"),
        "gpu-utilization-percent": ("Value", "80"),
    }


def test_lost_metrics_hold_the_replicas_where_some_are_always_there() -> None:
    awake, asleep = triggers(made({"target_concurrency": 4})), triggers(made({"min_replicas": 0}))
    assert awake["concurrency"]["metadata"]["ignoreNullValues"] == "false"
    assert asleep["queue-ms"]["metadata"]["ignoreNullValues"] == "true"
    assert asleep["demand"]["metadata"]["ignoreNullValues"] == "false"


def test_a_model_that_may_sleep_is_woken_by_the_gateway() -> None:
    manifest = made({"min_replicas": 0, "schedules": [DAY]})
    of = triggers(manifest)
    assert set(of) == {"queue-ms", "demand", "window-0"}
    assert (manifest["spec"]["minReplicaCount"], manifest["spec"]["maxReplicaCount"]) == (0, 6)
    assert f'envoy_cluster_name=~"{GATEWAY}"' in of["demand"]["metadata"]["query"]
    assert of["demand"]["metadata"]["activationThreshold"] == "0"
    assert of["window-0"]["metadata"] == {
        "timezone": "Europe/Berlin",
        "start": "0 8 * * 1,2,3,4,5",
        "end": "0 20 * * 1,2,3,4,5",
        "desiredReplicas": "2",
    }


@pytest.mark.parametrize(("minutes", "seconds"), [(10, 1500), (60, 3600)])
def test_a_model_does_not_fall_asleep_before_it_has_woken(minutes: int, seconds: int) -> None:
    spec = made({"min_replicas": 0, "scale_down_minutes": minutes})["spec"]
    assert (spec["cooldownPeriod"], spec["initialCooldownPeriod"]) == (seconds, seconds)


def test_a_model_that_never_sleeps_has_no_trigger_for_it() -> None:
    manifest = made({"schedules": [DAY]})
    assert set(triggers(manifest)) == {"queue-ms", "window-0"}
    assert "cooldownPeriod" not in manifest["spec"]


def test_keda_takes_the_autoscaler_of_before_over() -> None:
    manifest = made({"target_concurrency": 4})
    assert manifest["metadata"]["annotations"] == {"scaledobject.keda.sh/transfer-hpa-ownership": "true"}
    assert manifest["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["name"] == "tagger"


def test_the_route_of_a_model_that_may_sleep_leads_to_its_service() -> None:
    policy = {"kind": "BackendTrafficPolicy", "spec": {"loadBalancer": {"type": "LeastRequest"}}}
    assert let_sleep(policy, Scaling(min_replicas=1)) == policy
    asleep = let_sleep(policy, Scaling(min_replicas=0))["spec"]
    assert (asleep["routingType"], asleep["loadBalancer"]) == ("Service", {"type": "LeastRequest"})
    (answer,) = asleep["responseOverride"]
    assert answer["source"] == "Local", "a 503 of the server itself stays as it is"
    assert answer["response"]["header"]["set"] == [{"name": "retry-after", "value": "30"}]


PROBLEMS = [
    (
        {"target_queue_ms": 8},
        {"runtime": "mlserver", "adapter_metric": None},
        [
            "target_queue_ms: mlserver has no metric for it; it has target_concurrency, target_requests_per_second, "
            "target_gpu_utilization_percent"
        ],
    ),
    (
        {"target_concurrency": 4},
        {"runtime": "seldon", "adapter_metric": None},
        [
            "target_concurrency needs a metric of the runtime 'seldon', and the catalogue knows none; it knows triton, "
            "tensorflow_serving, torchserve, mlserver, kserve"
        ],
    ),
    (
        {"target_gpu_utilization_percent": 80},
        {"gpus": 0},
        [
            "target_gpu_utilization_percent 80 needs a GPU, and resources.gpus is 0; choose another target, or ask for "
            "a GPU"
        ],
    ),
    (
        {"min_replicas": 0},
        {"gateway_clusters": None},
        [
            "min_replicas 0 needs something that sees requests while there is no server, which is the gateway: give "
            "the model a hostname, or set min_replicas to 1"
        ],
    ),
]


@pytest.mark.parametrize(("declared", "changes", "sentences"), PROBLEMS)
def test_what_cannot_be_done_is_said(declared: dict[str, Any], changes: dict[str, Any], sentences: list[str]) -> None:
    assert scaling_problems(Scaling.model_validate(declared), target(**changes)) == sentences


def test_all_problems_are_said_at_once() -> None:
    declared = Scaling(min_replicas=0, target_queue_ms=5, target_gpu_utilization_percent=50)
    found = scaling_problems(declared, target(runtime="kserve", adapter_metric=None, gpus=0, gateway_clusters=None))
    assert [each.partition(" ")[0] for each in found] == [
        "target_queue_ms:",
        "target_gpu_utilization_percent",
        "min_replicas",
    ]


def test_every_runtime_says_what_it_has() -> None:
    gpu = "gpu_utilization_percent"
    assert {runtime: signals_of(runtime) for runtime in measured_runtimes()} == {
        "triton": ("queue_ms", "concurrency", "requests_per_second", gpu),
        "tensorflow_serving": ("queue_ms", "concurrency", "requests_per_second", gpu),
        "torchserve": ("queue_ms", "concurrency", "requests_per_second", gpu),
        "mlserver": ("concurrency", "requests_per_second", gpu),
        "kserve": ("concurrency", "requests_per_second", gpu),
    }


def test_every_query_is_of_this_target_alone() -> None:
    for runtime in measured_runtimes():
        for signal in signals_of(runtime):
            text = query(target(runtime=runtime), signal)
            assert "<" not in text.replace("(<", ""), text
            assert 'namespace="shop"' in text
            assert 'service="tagger"' in text or 'pod=~"tagger-[a-z0-9]+-[a-z0-9]+"' in text


def test_every_division_is_guarded() -> None:
    for row in rows("runtime_metrics.csv"):
        divisors = row["query"].split(" / ")[1:]
        assert all(each.startswith(("clamp_min(", "1000")) for each in divisors), row["query"]
        assert row["source"] and row["source_date"], row["signal"]


def test_a_manifest_is_plain() -> None:
    manifest = made({"min_replicas": 0, "schedules": [DAY], "target_concurrency": 0.5})
    assert json.loads(json.dumps(manifest)) == manifest
    assert all(isinstance(value, str) for each in manifest["spec"]["triggers"] for value in each["metadata"].values())
