"""What is wrong with a repository is told exactly, and nothing is said of one that works."""

from __future__ import annotations

import pytest

from .repositories import Case, cases, checked, good, repository_of, told

FAULTS = [*cases("faults.yaml"), *cases("faults_elsewhere.yaml")]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in FAULTS])
def test_fault_is_told_exactly(case: Case) -> None:
    assert told(case) == list(case.told)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in cases("unusual.yaml")])
def test_nothing_is_said_of_what_works(case: Case) -> None:
    assert told(case) == []


def test_names_of_cases_differ() -> None:
    names = [case.name for case in FAULTS]
    assert len(set(names)) == len(names)


def test_every_fault_of_every_model_is_told_at_once() -> None:
    files = {**good(), "preprocess/1/model.py": "", "classifier/1/model.py": "class Model: ...\n"}
    files["fraud/config.pbtxt"] = files["fraud/config.pbtxt"].replace('value: "score"', 'value: "scores"')
    assert [(problem.file, problem.path) for problem in checked(repository_of(files))] == [
        ("classifier/config.pbtxt", ""),
        ("preprocess/config.pbtxt", ""),
        ("fraud/config.pbtxt", "ensemble_scheduling.step[1].output_map.y"),
        ("fraud/config.pbtxt", "output[0]"),
    ]


def test_what_is_not_known_is_not_judged() -> None:
    files = good()
    files["classifier/config.pbtxt"] += "response_cache { enable: true }\n"
    files["classifier/config.pbtxt"] = files["classifier/config.pbtxt"].replace(
        "KIND_CPU, count: 1", 'KIND_GPU, gpus: [ 7 ], rate_limiter: { resources [{ name: "r", count: 9 }] }'
    )
    assert checked(repository_of(files), gpus=None) == []
