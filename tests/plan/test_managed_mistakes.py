"""Damaged declarations of models at managed services: every mistake is told at its key, before the first resource."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.environment.problem import InvalidEnvironment
from modelyard.platform.declared import declared

from .managed_project import MANAGED, SENTIMENT, write

MISTAKES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "managed_mistakes.yaml").read_text())
SAGEMAKER = {"target": "sagemaker", "sagemaker": {"instance_type": "ml.m5.large"}}


def lines(folder: Path) -> list[str]:
    with pytest.raises(InvalidEnvironment) as refused:
        declared(folder)
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["mistake"]) for case in MISTAKES])
def test_mistake_is_told_exactly(tmp_path: Path, case: dict[str, Any]) -> None:
    found = lines(write(tmp_path, {**SENTIMENT, **case["model"]}, platform=case.get("platform")))
    told: list[str] = case["told"]
    assert len(found) == len(told)
    for line, wanted in zip(found, told, strict=True):
        if wanted.endswith("..."):
            assert line.startswith(wanted.removesuffix("..."))
        else:
            assert line == wanted


def test_mistakes_of_several_models_are_told_at_once(tmp_path: Path) -> None:
    models = [
        {**SENTIMENT, **SAGEMAKER, "scaling": {"min_replicas": 1, "max_replicas": 2}},
        {**SENTIMENT, **SAGEMAKER, "name": "other", "scaling": {"min_replicas": 1, "max_replicas": 2}},
    ]
    found = lines(write(tmp_path, *models))
    assert [line.partition(": ")[0] for line in found] == [
        "prod/departments/toys.yaml:8",
        "prod/departments/toys.yaml:17",
    ]


def test_a_mistake_in_one_region_names_the_region(tmp_path: Path) -> None:
    regions = {**MANAGED, "aws": {"regions": ["us-east-1", "eu-south-1"]}}
    model = {**SENTIMENT, "target": "sagemaker", "sagemaker": {"instance_type": "ml.p5.48xlarge"}}
    (line,) = lines(write(tmp_path, model, platform={"managed": regions}))
    assert "sagemaker.instance_type: ml.p5.48xlarge is not offered in eu-south-1" in line
