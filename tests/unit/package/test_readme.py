"""The README's commands are the ones that are run."""

from __future__ import annotations

import re
from pathlib import Path

REPO = Path(__file__).resolve().parents[3]


def commands(heading: str) -> list[str]:
    section = (REPO / "README.md").read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)[0].strip().splitlines()


def test_continuous_integration_runs_the_readme_test_command() -> None:
    (command,) = commands("Test it")
    assert command in (REPO / ".ci" / "run").read_text().splitlines()


def test_the_readme_plans_with_one_command() -> None:
    (command,) = commands("Plan production")
    assert command.endswith("modelyard plan prod")


def test_every_linked_page_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (REPO / "README.md").read_text())
    assert links
    assert [link for link in links if not (REPO / link).exists()] == []
