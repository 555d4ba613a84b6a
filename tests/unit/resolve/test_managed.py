"""Models of managed targets beside those of clusters, and what auto comes to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.environment.managed import ManagedAws, ManagedAzure, ManagedGcp
from modelyard.environment.problem import InvalidEnvironment
from modelyard.resolve.environment import resolve
from modelyard.resolve.resolved import Resolution
from pydantic import ValidationError

from .world import FILES, PLATFORM, TOYS, resolved, write

MANAGED = {"managed": {"aws": {"regions": ["us-east-1", "eu-west-1"]}}}
SAGEMAKER = {"target": "sagemaker", "sagemaker": {"instance_type": "ml.g5.xlarge"}}
TAGGING = {"name": "tagging", "task": "image_classification", "format": "onnx", "source": "../models/tagging"}
POINTS = [
    {"accelerator": "L4", "batch_size": 1, "latency_ms": 4.0},
    {"accelerator": "L4", "batch_size": 8, "latency_ms": 9.0},
    {"accelerator": "A10G", "batch_size": 1, "latency_ms": 4.0},
    {"accelerator": "A10G", "batch_size": 8, "latency_ms": 9.0},
]
MEASURED = {
    "objective": {"p99_ms": 100.0, "requests_per_second": 20.0},
    "profile": {"source": "measured on paper for this test", "points": POINTS},
}
TRAFFIC = {"traffic": {"otherwise": 20.0}}


def world(root: Path, *models: dict[str, Any], **platform: Any) -> Path:
    named = {**yaml.safe_load(PLATFORM), **platform}
    toys = {**yaml.safe_load(TOYS), "models": list(models)}
    unnamed = {**FILES, "config.pbtxt": FILES["config.pbtxt"].replace('name: "tagging"\n', "")}
    files = {model["source"].rpartition("/")[2]: unnamed for model in models}
    return write(root, yaml.safe_dump(named), yaml.safe_dump(toys), files)


def decided(root: Path, *models: dict[str, Any], **platform: Any) -> Resolution:
    return resolved(world(root, *models, **platform))


def test_one_environment_has_both(tmp_path: Path) -> None:
    found = decided(tmp_path, {**TAGGING, "pool": "l4"}, {**TAGGING, **SAGEMAKER, "name": "other"}, **MANAGED)
    assert [(model.declared.name, model.cluster) for model in found.models] == [("tagging", "east")]
    assert [(each.declared.name, each.region) for each in found.endpoints] == [
        ("other", "us-east-1"),
        ("other", "eu-west-1"),
    ]
    assert found.hostnames("east") == ["tagging.east.models.example.com"]
    assert found.managed_regions("aws") == ("us-east-1", "eu-west-1")
    assert found.managed_regions("gcp") == ()


def test_an_endpoint_has_files_release_and_instance(tmp_path: Path) -> None:
    (endpoint,) = decided(tmp_path, {**TAGGING, **SAGEMAKER, "regions": ["eu-west-1"]}, **MANAGED).endpoints
    assert (endpoint.target, endpoint.region, endpoint.instance_type) == ("sagemaker", "eu-west-1", "ml.g5.xlarge")
    assert (endpoint.release, endpoint.format, endpoint.image) == ("26.05", "onnx", None)
    assert [file.key for file in endpoint.files] == ["tagging/1/model.onnx", "tagging/config.pbtxt"]
    assert endpoint.versions == (endpoint.stable,)


def test_another_version_is_another_artefact(tmp_path: Path) -> None:
    model = {**TAGGING, **SAGEMAKER, "regions": ["us-east-1"], "rollout": {"stable": 1, "canary": 2}}
    folder = world(tmp_path, model, **MANAGED)
    second = tmp_path / "stacks" / "models" / "tagging" / "2"
    second.mkdir()
    (second / "model.onnx").write_text("other weights")
    (endpoint,) = resolved(folder).endpoints
    assert endpoint.canary is not None
    assert [each.version for each in endpoint.versions] == [1, 2]
    assert endpoint.stable.digest != endpoint.canary.digest


def test_the_objective_is_judged_on_the_instance(tmp_path: Path) -> None:
    (endpoint,) = decided(tmp_path, {**TAGGING, **SAGEMAKER, **MEASURED, "regions": ["us-east-1"]}, **MANAGED).endpoints
    assert endpoint.sizing is not None
    assert endpoint.sizing.prediction.p99_ms < 100
    with pytest.raises(InvalidEnvironment) as refused:
        decided(
            tmp_path / "slow",
            {**TAGGING, **SAGEMAKER, **MEASURED, "objective": {"p99_ms": 2.0, "requests_per_second": 20.0}},
            **MANAGED,
        )
    (problem,) = refused.value.problems
    assert problem.path == "models[0].objective.p99_ms"


def test_auto_stays_on_the_cluster_where_that_is_cheapest(tmp_path: Path) -> None:
    model = {
        **TAGGING,
        **MEASURED,
        **TRAFFIC,
        "target": "auto",
        "resources": {"gpus": 1, "cpu": 2.0, "memory_gib": 4.0},
    }
    found = decided(tmp_path, model)
    assert found.endpoints == ()
    (served,) = found.models
    assert (served.declared.target, served.cluster, served.pool and served.pool.declared.name) == (
        "kubernetes", "east", "l4",
    )  # fmt: skip
    (chosen,) = found.choices
    assert chosen.taken and chosen.choice.chosen is not None
    assert any("has target auto" in notice and "Kubernetes pool l4 on east" in notice for notice in found.notices)


SCHEDULED = {"scaling": {"schedules": [{"days": "mon-fri", "start": "08:00", "end": "18:00", "min_replicas": 3}]}}


def test_auto_keeps_schedules_where_there_are_replicas(tmp_path: Path) -> None:
    model = {**TAGGING, **MEASURED, **TRAFFIC, **SCHEDULED, "target": "auto", "resources": {"gpus": 1, "cpu": 2.0}}
    found = decided(tmp_path, model | {"scaling": {**SCHEDULED["scaling"], "max_replicas": 3}})
    (served,) = found.models
    assert [each.min_replicas for each in served.declared.scaling.schedules] == [3]
    assert served.declared.scaling.max_replicas == 3
    assert any(
        notice.endswith("; its schedules keep more than was compared in their hours, which cost on top")
        for notice in found.notices
    )


def test_auto_refuses_to_be_in_several_places(tmp_path: Path) -> None:
    with pytest.raises(InvalidEnvironment) as refused:
        decided(tmp_path, {**TAGGING, **MEASURED, **TRAFFIC, "target": "auto", "regions": ["a", "b"]})
    found = {problem.path: problem.message for problem in refused.value.problems}
    assert found["models[0].regions"].startswith(
        "names a, b, and target auto takes one place; name one, leave regions out to have all of the platform's "
        "compared, or name a target, which runs in each"
    )


def test_a_declared_target_with_traffic_is_compared_and_stays(tmp_path: Path) -> None:
    model = {**TAGGING, **SAGEMAKER, **MEASURED, **TRAFFIC, "regions": ["us-east-1"]}
    found = decided(tmp_path, model, **MANAGED)
    (chosen,) = found.choices
    assert not chosen.taken
    assert [each.target for each in found.endpoints] == ["sagemaker"]
    assert not any("has target auto" in notice for notice in found.notices)


def test_models_without_traffic_are_not_compared(tmp_path: Path) -> None:
    found = decided(tmp_path, {**TAGGING, "pool": "l4"})
    assert found.choices == ()
    assert replace(found, notices=()) == replace(resolve(found.environment), notices=())


@pytest.mark.parametrize(
    ("declaration", "declared", "sentence"),
    [
        (ManagedAws, {"regions": ["us-east-1", "us-east-1"]}, "regions names us-east-1 twice; delete one"),
        (
            ManagedAws,
            {"regions": ["us-east-1"], "kms_keys": {"eu-west-1": "arn:aws:kms:eu-west-1:123456789012:key/0a1b"}},
            "kms_keys has eu-west-1, which regions does not name; add it there, or delete it here (regions: us-east-1)",
        ),
        (ManagedGcp, {"project": "Northwind", "regions": ["europe-west4"]}, "String should match pattern"),
        (ManagedAzure, {"regions": ["west europe"]}, "String should match pattern"),
    ],
)
def test_places_that_cannot_be(declaration: type, declared: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        declaration(**declared)
    assert any(sentence in error["msg"] for error in refused.value.errors())
