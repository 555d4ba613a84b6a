"""Every mistake of a file is told by file, line, path, value, what is allowed and what is nearest: the exact lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from .folder import PLATFORM, TOYS, lines, replaced, write

MISTAKES = yaml.safe_load((Path(__file__).parent / "mistakes.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", [pytest.param(case, id=case["mistake"]) for case in MISTAKES])
def test_mistake_is_told_exactly(tmp_path: Path, case: dict[str, Any]) -> None:
    platform = replaced(PLATFORM, *case.get("platform", []))
    toys = replaced(TOYS, *case.get("department", []))
    assert lines(write(tmp_path, platform, {"toys.yaml": toys})) == case["told"]


def test_small_environment_has_no_mistake(tmp_path: Path) -> None:
    assert lines(write(tmp_path)) == []


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    books = replaced(TOYS, ("toys", "books"), ("cost_center: CC-2000", "cost_center: CC 2000"))
    folder = write(
        tmp_path,
        replaced(
            PLATFORM,
            ("tier: prod", "tier: live"),
            ("        max_nodes: 4", "        max_nodes: 4\n        min_nodes: 5"),
        ),
        {"books.yaml": books, "toys.yaml": replaced(TOYS, ("pool: l4", "pool: l6"), ("500", "-1"))},
    )
    assert [line.split(": ")[0] + " " + line.split(": ")[1] for line in lines(folder)] == [
        "prod/platform.yaml:2 tier",
        "prod/platform.yaml:15 clusters[0].gpu_pools[0]",
        "prod/departments/books.yaml:2 cost_center",
        "prod/departments/toys.yaml:4 monthly_budget_usd",
        "prod/departments/toys.yaml:6 models[0].name",
        "prod/departments/toys.yaml:10 models[0].pool",
    ]


@pytest.mark.parametrize(
    "name", ["platform", "foundation", "all", "shared", "default", "monitoring", "kube-public", "modelyard-standby-l4"]
)
def test_reserved_department_names_are_refused(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path, PLATFORM, {f"{name}.yaml": replaced(TOYS, ("toys", name))})
    assert lines(folder) == [
        f"prod/departments/{name}.yaml:1: department: {name!r} is a reserved name; choose another for the "
        "department and its file"
    ]
