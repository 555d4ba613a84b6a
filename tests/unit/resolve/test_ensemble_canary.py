"""A second version of an ensemble: new parts, and the stable side as it was."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.environment.load import load
from modelyard.environment.problem import InvalidEnvironment
from modelyard.resolve.environment import resolve
from modelyard.resolve.resolved import Artefact, ResolvedModel

EXAMPLE = Path(__file__).parents[3] / "examples" / "fraud-ensemble"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    shutil.copy(EXAMPLE / "Pulumi.yaml", tmp_path)
    shutil.copytree(EXAMPLE / "stacks", tmp_path / "stacks")
    shutil.copytree(EXAMPLE / "models", tmp_path / "models")
    return tmp_path


def declared(example: Path, **changes: Any) -> ResolvedModel:
    file = example / "stacks" / "prod" / "departments" / "risk.yaml"
    department = yaml.safe_load(file.read_text(encoding="utf-8"))
    model = department["models"][0]
    model.pop("version", None)
    model.update(changes)
    file.write_text(yaml.safe_dump(department), encoding="utf-8")
    (found,) = resolve(load(example / "stacks" / "prod")).models
    return found


def retrained(example: Path) -> None:
    parts = example / "models" / "fraud" / "classifier"
    shutil.copytree(parts / "1", parts / "2")


def classifiers(artefact: Artefact | None) -> list[str]:
    assert artefact is not None
    return [file.key for file in artefact.files if file.key.endswith("xgboost.json")]


def test_each_side_has_the_parts_of_its_version(example: Path) -> None:
    """The newest up to it: what has no second version is shared."""
    before = declared(example, version=1).stable.digest
    retrained(example)
    model = declared(example, rollout={"stable": 1, "canary": 2, "percent": 10})
    assert classifiers(model.stable) == ["classifier/1/xgboost.json"]
    assert classifiers(model.canary) == ["classifier/2/xgboost.json"]
    assert model.stable.digest == before, "its pods are not exchanged"
    assert model.canary is not None
    assert "rules/1/model.py" in [file.key for file in model.canary.files]
    done = declared(example, rollout={"stable": 2})
    assert classifiers(done.stable) == ["classifier/2/xgboost.json"]


def test_without_a_rollout_a_part_is_its_newest(example: Path) -> None:
    retrained(example)
    assert classifiers(declared(example, version=1).stable) == ["classifier/2/xgboost.json"]


def test_a_canary_without_anything_new_is_refused(example: Path) -> None:
    with pytest.raises(InvalidEnvironment) as refused:
        declared(example, rollout={"stable": 1, "canary": 2})
    (problem,) = refused.value.problems
    assert (problem.path, problem.message) == (
        "models[0].rollout.canary",
        "version 2 of the ensemble is made of the same files as the version that serves; lay what is new into a folder "
        "of that number, such as preprocess/2/ (model 'fraud')",
    )
