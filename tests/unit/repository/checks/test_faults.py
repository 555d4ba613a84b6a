"""What is wrong with a repository is told exactly, and nothing is said of one that works."""

from __future__ import annotations

import pytest

from .repositories import MODEL, Case, cases, checked, good, repository_of, told

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


def test_secrets_in_parameters_are_hidden() -> None:
    files = good()
    token = "hf_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7"
    files["classifier/config.pbtxt"] += (
        f'parameters {{ key: "FORCE_CPU_ONLY_INPUT_TENSORS", value: {{ string_value: "{token}" }} }}\n'
    )
    (problem,) = checked(repository_of(files))
    assert "[hidden]" in problem.message
    assert token not in problem.message


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('PATTERN = "\\d"\n', []),
        ("deep = " + "(" * 5000 + ")" * 5000, ["line 1"]),
        ("\0", ["source code"]),
        ("f'{\"a\" if 'b' else 0}'\n", []),
    ],
    ids=["a warning", "deep nesting", "a null byte", "syntax of a later Python"],
)
def test_code_is_read_and_never_run(code: str, expected: list[str]) -> None:
    files = good()
    files["classifier/1/model.py"] = f"{MODEL}\n{code}"
    messages = [problem.message for problem in checked(repository_of(files))]
    assert len(messages) == len(expected)
    assert all("is no Python" in message for message in messages)


def test_nothing_of_a_model_is_executed() -> None:
    files = good()
    files["classifier/1/model.py"] = f"raise SystemExit(3)\n{MODEL}"
    assert checked(repository_of(files)) == []
