"""What a plan says of a model besides its place and price: how long one more replica takes, and where its rollout
stands."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from modelyard.review.markdown import to_markdown
from modelyard.review.plan import ModelLine, ModelPlace, PlanDocument
from modelyard.review.plan_json import to_json

from .test_other_runtimes import REPOSITORY, RESNET, planned

GIB = 1024**3


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("models")
    shutil.copy(REPOSITORY / "Pulumi.yaml", project)
    shutil.copytree(REPOSITORY / "stacks", project / "stacks")
    models = project / "stacks" / "models"
    shutil.copytree(models / "product-tagging" / "1", models / "product-tagging" / "2", dirs_exist_ok=True)
    (models / "resnet50" / "3" / "variables").mkdir(parents=True)
    (models / "resnet50" / "3" / "saved_model.pb").write_bytes(b"graph")
    (models / "resnet50" / "3" / "variables" / "variables.index").write_bytes(b"index")
    return project


def of_tagging(project: Path, **changes: Any) -> tuple[PlanDocument, ModelLine, ModelPlace]:
    """Dev with this of the model ``product-tagging`` changed; None takes a key away."""

    def change(declared: dict[str, Any]) -> None:
        (tagging,) = declared["models"]
        tagging.update(changes)
        for key in [key for key, value in changes.items() if value is None]:
            del tagging[key]

    document = planned(project, change)
    (line,) = [line for line in document.models if line.model == "product-tagging"]
    return document, line, line.places[0]


def parts(place: ModelPlace) -> dict[str, tuple[float, float]]:
    assert place.cold_start is not None
    return {part.name: (part.low_seconds, part.high_seconds) for part in place.cold_start.parts}


def test_a_model_whose_number_never_changes_has_no_cold_start(project: Path) -> None:
    document, _, place = of_tagging(project)
    assert place.cold_start is None
    assert to_json(document)["cold_start_assumptions"] == []


def test_a_full_node_makes_the_next_replica_wait_for_another(project: Path) -> None:
    """Dev's pool has one T4 for the one guaranteed replica."""
    _, _, place = of_tagging(project, scaling={"min_replicas": 1, "max_replicas": 2})
    assert parts(place)["node"] == (80, 300)
    assert parts(place)["signal"] == (0, 30), "a scrape, and the autoscaler's question"
    assert parts(place)["image"][0] > 500, "a new node has no image"


def test_a_model_that_sleeps_waits_for_its_node_and_its_first_caller_is_told_of(project: Path) -> None:
    objective = {"p99_ms": 80, "requests_per_second": 1}
    document, line, place = of_tagging(project, scaling={"min_replicas": 0, "max_replicas": 1}, objective=objective)
    assert place.sleeps
    assert (line.monthly_usd, line.usd_per_million) == (0, None), "nothing is guaranteed, and nothing left unpriced"
    assert place.cold_start is not None
    assert parts(place)["node"] == (80, 300), "the others' nodes are full, and one that is idle goes"
    (told,) = [notice for notice in document.notices if "quiet night" in notice]
    assert told == (
        "model 'product-tagging' of department 'merchandising' may sleep on cluster "
        f"{place.cluster!r}: its first caller after a quiet night waits {place.cold_start.whole()} for an answer, "
        "and 80 ms are promised; one such wait a day may be more than the 1 % of its requests that a 99th percentile "
        "forgives; keep min_replicas at 1, or add a window to schedules over the hours that count"
    )


def test_without_an_objective_nothing_is_held_against_a_model_that_sleeps(project: Path) -> None:
    document, _, place = of_tagging(project, scaling={"min_replicas": 0, "max_replicas": 1}, objective=None)
    assert place.cold_start is not None
    assert not [notice for notice in document.notices if "quiet night" in notice]


def test_a_server_whose_image_nobody_has_measured_takes_at_least_so_long(project: Path) -> None:
    resnet = {**RESNET, "scaling": {"min_replicas": 1, "max_replicas": 3}}
    document = planned(project, lambda declared: declared["models"].append(resnet))
    (line,) = [line for line in document.models if line.model == "resnet50"]
    start = line.places[0].cold_start
    assert start is not None
    assert "node" not in parts(line.places[0]), "the system nodes have room for one more"
    assert start.whole().startswith("at least ")
    assert start.unknown == ("the image, whose size the catalogue does not know",)


def test_its_numbers_are_in_the_document_for_programs(project: Path) -> None:
    document, _, place = of_tagging(project, scaling={"min_replicas": 1, "max_replicas": 2})
    start = place.cold_start
    assert start is not None
    data = to_json(document)
    (model,) = [each for each in data["models"] if each["model"] == "product-tagging"]
    given = model["places"][0]["cold_start"]
    assert given["low_seconds"] == round(start.low_seconds, 1)
    assert given["high_seconds"] == round(start.high_seconds, 1)
    assert [part["name"] for part in given["parts"]] == ["signal", "node", "image", "weights", "load", "ready"]
    assert given["unknown"] == []
    assert {each["name"] for each in data["cold_start_assumptions"]} >= {"gpu_node", "server_start"}
    assert all(each["source"] and each["source_date"] for each in data["cold_start_assumptions"])


def test_where_a_rollout_stands(project: Path) -> None:
    rollout = {"stable": 1, "canary": 2, "percent": 10, "gates": {"error_rate": 0.01, "p99_ms": 80}}
    document, line, _ = of_tagging(project, version=None, rollout=rollout)
    assert line.rollout is not None
    (model,) = [each for each in to_json(document)["models"] if each["model"] == "product-tagging"]
    assert model["rollout"] == {
        "stable": 1,
        "canary": 2,
        "percent": 10,
        "mirrored_percent": 0,
        "steps": [10, 50, 100],
        "next_percent": 50,
        "pause_minutes": 30,
        "by": "gateway",
        "gates": ["error_rate at most 0.01", "server_error_rate at most 0.01", "p99_ms at most 80"],
        "canary_replicas": [1, 1],
    }
    assert "product-tagging: version 1 90 %, version 2 10 %; steps 10, 50, 100" in to_markdown(document)


@pytest.mark.parametrize(
    ("changes", "following"),
    [({"percent": 0}, 10), ({"percent": 50}, 100), ({"percent": 100}, None)],
)
def test_what_follows(project: Path, changes: dict[str, Any], following: int | None) -> None:
    _, line, _ = of_tagging(project, version=None, rollout={"stable": 1, "canary": 2, **changes})
    assert line.rollout is not None
    assert line.rollout.next_percent == following
