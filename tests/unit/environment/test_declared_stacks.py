"""The environments of the repository, and what an environment answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelyard.environment.environment import unknown_department
from modelyard.environment.load import environments, load

from .folder import write

STACKS = Path(__file__).parents[3] / "stacks"


@pytest.mark.parametrize("name", ["dev", "staging", "prod"])
def test_stack_is_read(name: str) -> None:
    environment = load(STACKS / name)
    assert environment.name == name
    assert len(environment.departments) == 3


def test_environments_are_listed() -> None:
    assert environments(STACKS) == ["dev", "prod", "staging"]
    assert environments(STACKS / "nowhere") == []


def test_department_that_nobody_declared(tmp_path: Path) -> None:
    environment = load(write(tmp_path))
    assert environment.department("toys") is not None
    assert environment.department("tyos") is None
    assert str(unknown_department(environment, "tyos")) == (
        "prod/departments/tyos.yaml: 'tyos' is not a department of the environment prod; did you mean 'toys'? "
        "Allowed: toys; declare it in this file, or name another"
    )
