"""The autoscaler of a served model, in the plan and against the definitions of those who read it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
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

KEDA = "github.com/kedacore/keda/v2@v2.21.0"
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


@pytest.fixture(scope="session")
def definition() -> dict[str, Any]:
    """Schema of KEDA's own ScaledObject, from its Go module."""
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if go is None:
        pytest.skip("no definition of ScaledObject to test against: go is not on PATH")
    done = subprocess.run(
        [go, "mod", "download", "-json", KEDA], capture_output=True, text=True, cwd=Path(__file__).parent, timeout=300
    )
    if done.returncode:
        pytest.skip(f"no definition of ScaledObject to test against: {done.stderr or done.stdout}")
    path = Path(json.loads(done.stdout)["Dir"]) / "config" / "crd" / "bases" / "keda.sh_scaledobjects.yaml"
    (version,) = yaml.safe_load(path.read_text())["spec"]["versions"]
    assert version["name"] == "v1alpha1"
    return version["schema"]["openAPIV3Schema"]


@pytest.mark.parametrize("scaling", [declared for declared, kind in DECLARED if kind == "ScaledObject"])
def test_keda_knows_every_field_of_a_scaled_object(definition: dict[str, Any], scaling: dict[str, Any]) -> None:
    assert list(faults(rendered(scaling), definition, "")) == []


def test_a_field_that_keda_does_not_know_is_found(definition: dict[str, Any]) -> None:
    """The check itself, on one fault of each kind."""
    manifest = rendered(SLEEPER)
    manifest["spec"]["minReplicas"] = 1
    manifest["spec"]["cooldownPeriod"] = -1
    manifest["spec"]["triggers"][0]["metadata"]["threshold"] = 8
    del manifest["spec"]["scaleTargetRef"]["name"]
    assert sorted(faults(manifest, definition, "")) == [
        ".spec.cooldownPeriod: -1 is below 0",
        ".spec.minReplicas is not a field",
        ".spec.scaleTargetRef.name is missing",
        ".spec.triggers[0].metadata.threshold: 8 is no string",
    ]


def rendered(scaling: dict[str, Any]) -> dict[str, Any]:
    target = ScaleTarget("tagger", "shop", "triton", {"app": "tagger"}, gateway_clusters="httproute/shop/tagger/.*")
    return scaled_object(target, Scaling.model_validate(scaling))


TYPES = {"string": str, "integer": int, "boolean": bool, "object": dict, "array": list}


def faults(value: Any, schema: Mapping[str, Any], path: str) -> Iterator[str]:
    """Against a structural schema, as an API server reads it with strict field validation: what these schemas use."""
    expected = TYPES.get(schema.get("type", ""))
    if expected is not None and not isinstance(value, expected):
        yield f"{path}: {value!r} is no {schema['type']}"
        return
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{path}: {value!r} is below {schema['minimum']}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    if isinstance(value, list):
        for position, each in enumerate(value):
            yield from faults(each, schema["items"], f"{path}[{position}]")
    if isinstance(value, dict):
        yield from _faults_of_fields(value, schema, path)


def _faults_of_fields(value: dict[str, Any], schema: Mapping[str, Any], path: str) -> Iterator[str]:
    known = schema.get("properties", {})
    if not known and "additionalProperties" not in schema:
        return
    for name, each in value.items():
        inner = known.get(name, schema.get("additionalProperties"))
        if inner is None:
            yield f"{path}.{name} is not a field"
        else:
            yield from faults(each, inner, f"{path}.{name}")
    yield from (f"{path}.{name} is missing" for name in schema.get("required", []) if name not in value)
