"""The autoscaler of a served model, in the plan and against the definitions of those who read it."""

from __future__ import annotations

from typing import Any

import pytest
from custom_resources import NoDefinitions, Schemas, faults, schemas
from modelyard.capacity.software.keda import keda_values
from modelyard.catalog import charts
from modelyard.environment.scaling import Scaling
from modelyard.environment.schedule_window import ScheduleWindow
from modelyard.placement import workloads
from modelyard.serving.autoscaling.scale_target import ScaleTarget
from modelyard.serving.autoscaling.scaled_object import scaled_object
from modelyard.serving.triton.service import TritonService
from modelyard.serving.workload.args import ScheduleWindowArgs

from .program import graph_of, one, refusal, triton_arguments

DAY = {"days": "mon-fri", "start": "08:00", "end": "20:00", "timezone": "Europe/Berlin", "min_replicas": 2}
SLEEPER = {"min_replicas": 0, "max_replicas": 6, "target_concurrency": 8, "schedules": [DAY]}
KINDS = ("HorizontalPodAutoscaler", "ScaledObject")
DECLARED = [
    ({"max_replicas": 3}, "HorizontalPodAutoscaler"),
    ({"min_replicas": 2, "max_replicas": 6, "target_queue_ms": 7.5}, "HorizontalPodAutoscaler"),
    ({"max_replicas": 3, "target_requests_per_second": 40}, "ScaledObject"),
    (SLEEPER, "ScaledObject"),
]


@pytest.mark.parametrize(("scaling", "kind"), DECLARED)
def test_one_object_scales_a_deployment_that_names_no_replicas(scaling: dict[str, Any], kind: str) -> None:
    graph = graph_of(lambda opts: TritonService("tagger", triton_arguments(scaling=scaling), opts))
    found = [each for each in graph if each.type.rpartition(":")[2] in KINDS]
    assert [each.type.rpartition(":")[2] for each in found] == [kind]
    assert found[0].inputs["apiVersion"] == {"ScaledObject": "keda.sh/v1alpha1"}.get(kind, "autoscaling/v2")
    assert found[0].inputs["spec"]["scaleTargetRef"]["name"] == one(graph, "Deployment").inputs["metadata"]["name"]
    assert "replicas" not in one(graph, "Deployment").inputs["spec"]


def test_the_route_of_a_model_that_may_sleep_leads_to_its_service() -> None:
    for scaling, routing in ((SLEEPER, "Service"), ({"max_replicas": 3}, None)):
        arguments = triton_arguments(scaling=scaling)
        graph = graph_of(lambda opts, arguments=arguments: TritonService("tagger", arguments, opts))
        assert one(graph, "BackendTrafficPolicy").inputs["spec"].get("routingType") == routing


def test_placement_reads_the_bounds_of_a_scaled_object() -> None:
    graph = graph_of(lambda opts: TritonService("tagger", triton_arguments(scaling=SLEEPER), opts))
    (served,) = workloads(graph)
    assert (served.replicas_floor, served.replicas_max) == (2, 6)


REFUSED = [
    (
        {"scaling": {"min_replicas": 0, "max_replicas": 2}, "hostname": None},
        "model tagger: scaling: min_replicas 0 needs something that sees requests while there is no server, which is "
        "the gateway: give the model a hostname, or set min_replicas to 1",
    ),
    (
        {
            "scaling": {"target_gpu_utilization_percent": 80},
            "resources": {"gpus": 0},
            "pool": None,
        },
        "model tagger: scaling: target_gpu_utilization_percent 80 needs a GPU, and resources.gpus is 0; choose another "
        "target, or ask for a GPU",
    ),
    (
        {"scaling": {"min_replicas": 3, "max_replicas": 2}},
        "TritonService tagger: scaling: min_replicas 3 exceeds max_replicas 2; raise max_replicas or lower "
        "min_replicas",
    ),
    (
        {"scaling": {"max_replicas": 4, "schedules": [DAY, {**DAY, "days": "fri", "start": "19:30"}]}},
        "TritonService tagger: scaling: schedules[0] (mon-fri 08:00-20:00 Europe/Berlin) and schedules[1] (fri "
        "19:30-20:00 Europe/Berlin) overlap on fri 19:30 to 20:00; end one where the other starts, or merge them",
    ),
    (
        {"scaling": {"max_replicas": 4, "schedules": [{**DAY, "timezone": "Europe/Londn"}]}},
        "TritonService tagger: scaling.schedules[0].timezone: 'Europe/Londn' is not an IANA time zone; did you mean "
        "'Europe/London'? Allowed: names such as Europe/London or Etc/UTC",
    ),
    (
        {"scaling": {"target_queue": 5}},
        "TritonService tagger: scaling.target_queue: 'target_queue' is not a known key; did you mean "
        "'target_queue_ms'?",
    ),
]


@pytest.mark.parametrize(("changes", "sentence"), REFUSED)
def test_what_cannot_scale_is_refused_before_anything_is_registered(changes: dict[str, Any], sentence: str) -> None:
    told = refusal(lambda opts: TritonService("tagger", triton_arguments(**changes), opts))
    assert told.startswith(sentence)


def test_arguments_of_a_window_are_those_of_its_declaration() -> None:
    assert set(ScheduleWindowArgs.__annotations__) == set(ScheduleWindow.model_fields)
    required = {name for name, field in ScheduleWindow.model_fields.items() if field.is_required()}
    assert ScheduleWindowArgs.__required_keys__ == required


def test_keda_is_pinned_and_never_alone() -> None:
    values = keda_values(system_nodes={"role": "system"})
    for part in ("operator", "metricsServer", "webhooks"):
        assert values[part] == {"replicaCount": 2, "nodeSelector": {"role": "system"}}
    assert charts.get("keda").version == "2.20.2"


@pytest.fixture(scope="module")
def published() -> Schemas:
    """KEDA's own definition of a ScaledObject."""
    try:
        return schemas("github.com/kedacore/keda/v2", "v2.21.0", "config/crd/bases/keda.sh_scaledobjects.yaml")
    except NoDefinitions as error:
        pytest.skip(f"no definition of ScaledObject to test against: {error}")


@pytest.mark.parametrize("scaling", [declared for declared, kind in DECLARED if kind == "ScaledObject"])
def test_keda_knows_every_field_of_a_scaled_object(published: Schemas, scaling: dict[str, Any]) -> None:
    assert faults(rendered(scaling), published) == []


def test_a_field_that_keda_does_not_know_is_found(published: Schemas) -> None:
    """The check itself, on one fault of each kind."""
    manifest = rendered(SLEEPER)
    manifest["spec"]["minReplicas"] = 1
    manifest["spec"]["cooldownPeriod"] = -1
    manifest["spec"]["triggers"][0]["metadata"]["threshold"] = 8
    del manifest["spec"]["scaleTargetRef"]["name"]
    assert sorted(faults(manifest, published)) == [
        "ScaledObject.spec.cooldownPeriod: -1 is no whole number that fits",
        "ScaledObject.spec.minReplicas is unknown",
        "ScaledObject.spec.scaleTargetRef.name is missing",
        "ScaledObject.spec.triggers[0].metadata.threshold: 8 is no text that fits",
    ]


def rendered(scaling: dict[str, Any]) -> dict[str, Any]:
    target = ScaleTarget("tagger", "shop", "triton", {"app": "tagger"}, gateway_clusters="httproute/shop/tagger/.*")
    return scaled_object(target, Scaling.model_validate(scaling))
