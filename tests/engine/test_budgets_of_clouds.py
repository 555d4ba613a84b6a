"""Budgets of Google Cloud and Azure by the real engine: as planned, changed in place, and gone with their stack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from plan.managed_project import SENTIMENT, write
from plan.test_budgets_of_clouds import AZURE, GOOGLE, PLACES
from plan.test_managed_targets import SCALING, TARGETS

from .real_engine import Engine
from .test_stacks import planned_after, same_list_and_verdicts

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.mark.whole
@pytest.mark.parametrize(("target", "kind"), [("vertex", GOOGLE), ("azureml", AZURE)])
def test_the_budget_of_the_environment(engine: Engine, tmp_path: Path, target: str, kind: str) -> None:
    model: dict[str, Any] = {**SENTIMENT, **TARGETS[target], "scaling": SCALING}
    platform = {"managed": PLACES[target], "monthly_budget_usd": 900}
    write(tmp_path / "source", model, platform=platform)
    project = engine.project(tmp_path / "source")
    foundation = "prod-foundation"
    planned = planned_after(project, "prod", {})
    same_list_and_verdicts(project, planned, "prod", foundation)
    assert set(project.up(foundation)) == {"create"}
    assert set(project.up(foundation)) == {"same"}
    file = project.folder / "stacks" / "prod" / "platform.yaml"
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), "monthly_budget_usd": 950}))
    assert set(project.up(foundation)) == {"same", "update"}
    (budget,) = [each for each in project.export(foundation) if each["type"] == kind]
    assert "950" in str(budget["inputs"]["amount"])
    project.run("state", "unprotect", "--all", "--yes", "--stack", foundation)
    project.destroy(foundation)
    assert project.export(foundation) == []
