"""What clouds refuse is told in the sentence of the reviewed table, before any resource exists: every row of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.catalog.table import rows
from modelyard.environment.gpu_pool import GpuPool
from modelyard.environment.problem import InvalidEnvironment
from modelyard.resolve.gpu_pool import resolve_gpu_pool
from pydantic import ValidationError

CASES = yaml.safe_load((Path(__file__).parent / "refusals.yaml").read_text(encoding="utf-8"))
REGIONS = {"aws": "us-east-1", "gcp": "us-central1", "azure": "eastus"}


def told(case: dict[str, Any]) -> list[str]:
    """Every sentence with its path below the pool."""
    cloud = case["cloud"]
    # Numbers of labels and taints are written as numbers.
    many: dict[str, Any] = {}
    if "labels" in case:
        many["labels"] = {f"example.com/label-{each}": "x" for each in range(case["labels"])}
    if "taints" in case:
        many["taints"] = [{"key": f"example.com/taint-{each}"} for each in range(case["taints"])]
    try:
        declared = GpuPool.model_validate({"name": "gpu", **case["pool"], **many})
        resolve_gpu_pool(
            declared,
            cluster="east",
            region=case.get("region", REGIONS[cloud]),
            cloud=cloud,
            zones=tuple(case.get("zones", ())),
        )
    except ValidationError as error:
        return [str(one["ctx"]["error"]) for one in error.errors() if "ctx" in one]
    except InvalidEnvironment as error:
        return [f"{problem.path}: {problem.message}" for problem in error.problems]
    return []


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case['rule']}-{case['cloud']}") for case in CASES])
def test_refused_in_these_words(case: dict[str, Any]) -> None:
    assert told(case) == case["told"]


def test_every_row_is_tested_on_every_cloud_that_it_names_or_on_one_if_any() -> None:
    tested = {(case["rule"], case["cloud"]) for case in CASES}
    for row in rows("gpu_refusals.csv"):
        if row["cloud"] == "any":
            assert any(rule == row["rule"] for rule, _ in tested), row["rule"]
        else:
            missing = [cloud for cloud in row["cloud"].split() if (row["rule"], cloud) not in tested]
            assert not missing, row["rule"]


def test_rows_are_reviewed_facts() -> None:
    table = rows("gpu_refusals.csv")
    assert len({row["rule"] for row in table}) == len(table)
    assert all(row["source"] and row["source_date"] and row["combination"] for row in table)


@pytest.mark.parametrize(
    ("cloud", "pool"),
    [
        (
            "aws",
            {"accelerator": "L4", "compact": True, "capacity": "reservation", "reservation": {"id": "cr-0a1b2c3d"}},
        ),
        ("gcp", {"accelerator": "L4", "compact": True, "capacity": "reservation", "reservation": {"id": "block-a"}}),
    ],
)
def test_placement_is_not_forced_where_a_reservation_says_where_nodes_stand(cloud: Any, pool: dict[str, Any]) -> None:
    declared = GpuPool.model_validate({"name": "gpu", **pool})
    zones = tuple(f"{REGIONS[cloud]}{letter}" for letter in (("a", "b") if cloud == "aws" else ("-a", "-b")))
    found = resolve_gpu_pool(declared, cluster="east", region=REGIONS[cloud], cloud=cloud, zones=zones)
    assert found.placement_group is False
    alone = GpuPool.model_validate({"name": "gpu", "accelerator": "L4", "compact": True})
    assert resolve_gpu_pool(alone, cluster="east", region=REGIONS[cloud], cloud=cloud, zones=zones[:1]).placement_group
