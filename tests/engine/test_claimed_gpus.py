"""A model that claims its GPUs under the real engine: planned alike, deployed, and asked for otherwise."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from unit.resolve.world import CONFIG, PLATFORM, TOYS, write

from .real_engine import REPO, Engine, Project
from .test_stacks import planned_after, same_list_and_verdicts

pytestmark = [pytest.mark.engine, pytest.mark.whole, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

START = PLATFORM.index("      - name: l4-spot")
CLAIMED = PLATFORM[:START].replace("tier: prod", "tier: dev") + "        dra: true\n        min_nodes: 1\nlayers: all\n"
MODEL = TOYS.replace("    overflow_pool: l4-spot\n", "")
MEMORY = "    resources: {gpus: 1, gpu_memory_gib: 12}\n"


@pytest.fixture
def project(engine: Engine, tmp_path: Path) -> Project:
    files = {"config.pbtxt": CONFIG, "1/model.onnx": "weights"}
    folder = write(tmp_path, CLAIMED, MODEL, {"tagging": files})
    shutil.copy(REPO / "Pulumi.yaml", tmp_path)
    shutil.copy(REPO / "stacks" / "__main__.py", folder.parent)
    (folder.parent / "Pulumi.prod.yaml").write_text(
        "config:\n  modelyard:platform: prod\n  modelyard:layer: all\n", encoding="utf-8"
    )
    return engine.project(tmp_path)


def test_another_claim_is_another_template_before_the_one_before_goes(project: Project) -> None:
    same_list_and_verdicts(project, planned_after(project, "prod", {}), "prod", "prod")
    created = project.up("prod")
    assert set(created) == {"create"}
    assert project.up("prod") == {"same": created["create"]}
    (project.folder / "stacks" / "prod" / "departments" / "toys.yaml").write_text(MODEL + MEMORY, encoding="utf-8")
    steps = [(operation, urn.split("::")[-2].rpartition("$")[2]) for operation, urn in project.planned_steps("prod")]
    changed = [each for each in steps if each[0] not in ("same", "refresh")]
    template = "kubernetes:resource.k8s.io/v1:ResourceClaimTemplate"
    assert ("create", template) in changed and ("delete", template) in changed
    assert changed.index(("create", template)) < changed.index(("delete", template))
    assert ("update", "kubernetes:apps/v1:Deployment") in changed
    assert {operation for operation, _ in changed} == {"create", "update", "delete"}
