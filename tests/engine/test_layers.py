"""A department's stack whose foundation is not there: what the person reads who deployed in the wrong order."""

from __future__ import annotations

import pytest

from .real_engine import REPO, Engine, EngineFailed

pytestmark = pytest.mark.engine

DEPLOY = "deploy the foundation before its departments: pulumi up -s staging-foundation"


def test_a_department_before_its_foundation(engine: Engine) -> None:
    project = engine.project(REPO)
    with pytest.raises(EngineFailed) as failed:
        project.preview("staging-merchandising")
    assert errors(failed.value)[0] == f"there is no stack organization/modelyard/staging-foundation; {DEPLOY}"
    project.select("staging-foundation")
    with pytest.raises(EngineFailed) as failed:
        project.preview("staging-merchandising")
    undeployed = f"the stack organization/modelyard/staging-foundation has no output 'clusters'; {DEPLOY}"
    assert errors(failed.value)[0] == undeployed


def errors(failure: EngineFailed) -> list[str]:
    lines = str(failure).splitlines()
    assert "Traceback" not in str(failure)
    return [line.removeprefix("error: ") for line in lines[1:] if line.strip()]
