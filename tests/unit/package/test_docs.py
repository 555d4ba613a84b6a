"""What the guides show can be copied: their YAML is declared so, their Python runs, and their links lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from modelyard.environment.cluster import Cluster
from modelyard.environment.department import Department
from modelyard.environment.platform import Platform
from modelyard.environment.scaling import Scaling
from modelyard.governance.aws_provider import aws_provider
from modelyard.governance.ownership import Ownership
from modelyard.offline import run

from ..serving.torchserve.archives import archive, manifest

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGES = sorted(DOCS.glob("*.md"))
README = DOCS.parent / "README.md"
GUIDES = [
    DOCS / f"{name}.md" for name in ("access", "autoscaling", "kserve", "seldon", "tensorflow-serving", "torchserve")
]
ANY_MODEL = {"task": "ranking", "source": "../models/any"}
"""What a guide leaves out where it shows one key of a model."""
PLATFORM = Ownership("platform", "CC-1000", "prod", "ml-platform@retail.example")


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def shown(language: str) -> Iterator[Any]:
    for page in GUIDES:
        for number, block in enumerate(blocks(page, language)):
            yield pytest.param(block, id=f"{page.stem} {number}")


def described(version: int) -> Any:
    return manifest(modelName="reviews", modelVersion=f"{version}.0")


def anchors(page: Path) -> set[str]:
    """What GitHub makes of each heading: lower case, hyphens for spaces, and no punctuation."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [*PAGES, README], ids=[page.stem for page in [*PAGES, README]])
def test_every_link_leads_to_a_page_and_a_heading(page: Path) -> None:
    links = re.findall(r"\]\(([^):\s]+)\)", page.read_text(encoding="utf-8"))
    broken = []
    for link in links:
        file, _, heading = link.partition("#")
        target = page.parent / file if file else page
        if not target.exists() or (heading and heading not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("block", list(shown("yaml")))
def test_a_declaration_of_a_guide_is_one(block: str) -> None:
    shown = yaml.safe_load(block)
    if "scaling" in shown:
        Scaling.model_validate(shown["scaling"])
    elif block.startswith("# platform.yaml"):
        served = Platform.model_construct(clusters=[Cluster(name="east", region="us-east-1")])
        for key, value in shown.items():
            Platform.__pydantic_validator__.validate_assignment(served, key, value)
    else:
        (department,) = re.findall(r"# departments/(.*)\.yaml", block)
        owner = {"department": department, "cost_center": "CC-1", "owner": "a@b.example", "monthly_budget_usd": 1}
        models = [{**ANY_MODEL, **model} for model in shown.get("models", [])]
        assert models
        Department.model_validate({**owner, **shown, "models": models})


@pytest.mark.parametrize("block", list(shown("python")))
def test_a_program_of_a_guide_runs(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "build" / "archives").mkdir(parents=True)
    for version in (1, 2):
        archive(tmp_path / "build" / "archives" / f"reviews-{version}.mar", described(version))
    served = [{"path": f"resnet50/{version}/saved_model.pb", "sha256": "0" * 64, "size_bytes": 1} for version in (1, 2)]

    def program() -> None:
        import pulumi_kubernetes as kubernetes

        given = pulumi.ResourceOptions(
            providers=[kubernetes.Provider("east", kubeconfig="{}"), aws_provider("us-east-1", PLATFORM)]
        )
        exec(block, {"digest": "f" * 64, "files": served, "opts": given})

    made = run(program, project="modelyard", stack="prod", config={}, mode="preview")
    assert [each for each in made.graph if each.type.startswith("modelyard:index:")]
