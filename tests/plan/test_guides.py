"""Every declaration and every program of the guides of managed targets plans as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.offline import run

from .managed_project import planned

DOCS = Path(__file__).resolve().parents[2] / "docs"
COMPONENTS = {
    "sagemaker": "modelyard:index:SageMakerEndpoint",
    "vertex": "modelyard:index:VertexEndpoint",
    "azureml": "modelyard:index:AzureMLEndpoint",
}
SDK = {"vertex": "pulumi_gcp", "azureml": "pulumi_azure_native"}
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(guide: str, language: str) -> list[str]:
    return [text for named, text in _BLOCK.findall((DOCS / f"{guide}.md").read_text()) if named == language]


def declarations(guide: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """``managed:`` of platform.yaml, and the models: the first in full, the others as what differs from it."""
    read = [yaml.safe_load(text) for text in blocks(guide, "yaml")]
    (platform,) = [each for each in read if "managed" in each]
    (first,) = [each["models"][0] for each in read if "models" in each]
    rest = [each for each in read if "managed" not in each and "models" not in each]
    return platform, [first, *({**first, **each} for each in rest)]


CASES = [
    pytest.param(guide, number, id=f"{guide}-{number}")
    for guide in COMPONENTS
    for number in range(len(declarations(guide)[1]))
]


@pytest.mark.parametrize(("guide", "number"), CASES)
def test_what_a_guide_declares_plans(guide: str, number: int, tmp_path: Path) -> None:
    if guide in SDK:
        pytest.importorskip(SDK[guide])
    platform, models = declarations(guide)
    document = planned(tmp_path, models[number], platform=platform)
    assert document.exit_code == 0
    assert [each for stack in document.stacks for each in stack.graph if each.type == COMPONENTS[guide]]


@pytest.mark.parametrize("guide", COMPONENTS)
def test_the_program_of_a_guide_runs(guide: str) -> None:
    if guide in SDK:
        pytest.importorskip(SDK[guide])
    programs = blocks(guide, "python")
    assert programs
    for text in programs:
        graph = run(lambda text=text: exec(text, {}), project="shop", stack="prod").graph
        assert graph.of_type(COMPONENTS[guide])


def test_guides_lead_to_files_that_are_there() -> None:
    for guide in COMPONENTS:
        for target in re.findall(r"\]\(([^)#]+)\)", (DOCS / f"{guide}.md").read_text()):
            assert target.startswith("https://") or (DOCS / target).is_file(), f"{guide}: {target}"
