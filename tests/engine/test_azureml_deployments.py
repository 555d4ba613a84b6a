"""Deployments of an online endpoint under the real engine: what Azure never changes is made anew beside the old one."""

from __future__ import annotations

import pytest

from .real_engine import REPO, Engine
from .test_changes import short

pytestmark = pytest.mark.engine

PROGRAM = REPO / "tests" / "engine" / "programs" / "azureml"
DEPLOYMENT = "OnlineDeployment::sentiment-version-1"
TRAFFIC = "Deployment::sentiment-traffic"


def test_another_size_answers_before_the_old_one_goes(engine: Engine) -> None:
    project = engine.project(PROGRAM, "azureml")
    project.set_config("dev", {"stable": "1"})
    assert set(project.up("dev")) == {"create"}

    project.set_config("dev", {"size": "Standard_F8s_v2"})
    planned = project.planned_steps("dev")
    done = [(operation, short(urn)) for operation, urn in project.steps("dev")]
    assert sorted(done) == sorted((operation, short(urn)) for operation, urn in planned)
    made = done.index(("create-replacement", DEPLOYMENT))
    moved = done.index(("update", TRAFFIC))
    gone = done.index(("delete-replaced", DEPLOYMENT))
    assert made < moved < gone
    assert not [name for _, name in done if name == "OnlineEndpoint::sentiment"]
    assert project.steps("dev") == []
    project.destroy("dev")
    assert project.export("dev") == []
