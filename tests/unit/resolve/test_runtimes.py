"""What KServe, Seldon, graphs and pipelines of an environment cannot be is told before anything is declared: the exact
lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from .world import PLATFORM, lines

HERE = Path(__file__).parent
CASES = HERE / "runtimes.yaml"
FILES = ("fraud/1/model.json", "fraud/2/model.json", "churn/1/model.joblib", "two/1/a.pkl", "two/1/b.pkl")


def told(root: Path, case: dict[str, Any]) -> list[str]:
    """The lines of an environment with two clusters, of which one has GPUs."""
    platform = yaml.safe_load(PLATFORM)
    west = {"name": "west", "region": "us-west-2", "api_access": {"bastion": True}, "network": {"cidr": "10.1.0.0/16"}}
    platform["clusters"].append(west)
    platform["gateway"] = case.get("gateway", platform["gateway"])
    for cluster in platform["clusters"]:
        cluster["installed"] = case.get("installed", [])
    owner = {"department": "toys", "cost_center": "CC-1", "owner": "toys@example.com", "monthly_budget_usd": 5}
    lists = {key: case[key] for key in ("models", "graphs", "pipelines") if key in case}
    folder = root / "stacks" / "prod"
    written = {"platform.yaml": platform, "departments/toys.yaml": {**owner, **lists}}
    for name, data in written.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(yaml.safe_dump(data, sort_keys=False))
    (root / "Pulumi.yaml").write_text("name: test\nruntime: python\n")
    for name in FILES:
        (root / "stacks" / "models" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "stacks" / "models" / name).write_text("x")
    return lines(folder)


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=case["mistake"]) for case in yaml.safe_load(CASES.read_text(encoding="utf-8"))],
)
def test_mistake_is_told_exactly(tmp_path: Path, case: dict[str, Any]) -> None:
    assert told(tmp_path, case) == case["told"]
