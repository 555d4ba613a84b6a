"""A change that makes a new pool is known before: the table says what the clouds and their providers say."""

from __future__ import annotations

from typing import Any, cast

import pytest
from modelyard.catalog.table import rows
from modelyard.environment.cpu_pool import CpuPool
from modelyard.environment.gpu_pool import GpuPool
from modelyard.environment.target import Cloud
from modelyard.offline.simulated.replacement import replacing_paths
from modelyard.resolve.gpu_pool import resolve_gpu_pool
from modelyard.resolve.pool_changes import keys_that_recreate, recreating_changes

TABLE = rows("pool_changes.csv")
IN_PLACE = {
    "min_nodes": 1,
    "desired_nodes": 2,
    "max_nodes": 9,
    "labels": {"example.com/team": "toys"},
    "taints": [{"key": "example.com/only"}],
    "update": {"max_unavailable": 3},
    "repair": False,
}


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{row['cloud']}-{row['field']}") for row in TABLE])
def test_a_row_agrees_with_the_reviewed_table_of_replacements(row: dict[str, str]) -> None:
    known = GpuPool.model_fields
    assert row["field"].split(".")[0] in known
    assert row["source"]
    if not row["type"]:
        return
    path = tuple(row["property"].split("."))
    replaces = any(path[: len(each)] == each for each in replacing_paths(row["type"]))
    by_name = row["cloud"] == "azure"  # AKS refuses the change, and the pool's name is made of these values
    assert replaces == (row["change"] == "new_pool") or by_name


@pytest.mark.parametrize("cloud", ["aws", "gcp", "azure"])
@pytest.mark.parametrize("key", IN_PLACE)
def test_what_changes_in_place_is_not_named(cloud: Cloud, key: str) -> None:
    before = {"name": "l4", "accelerator": "L4", "max_nodes": 4}
    after = {**before, key: IN_PLACE[key]}
    assert recreating_changes(GpuPool.model_validate(before), GpuPool.model_validate(after), cloud) == []


SAME = "which {} cannot do in a pool that is there: a new one comes first, and the old one is drained after"


@pytest.mark.parametrize(
    ("cloud", "before", "after", "told"),
    [
        (
            "aws",
            {"instance_types": ["g6.xlarge"]},
            {"instance_types": ["g6.2xlarge"], "zones": ["us-east-1a"]},
            [
                "pool 'l4': instance_types changes from g6.xlarge to g6.2xlarge, " + SAME.format("EKS"),
                "pool 'l4': zones changes from the default to us-east-1a, " + SAME.format("EKS"),
            ],
        ),
        ("aws", {"disk_gib": 200}, {"disk_gib": 300, "sharing": {"time_slicing": 4}}, []),
        (
            "gcp",
            {"driver": {"version": "default"}},
            {"driver": {"version": "latest"}},
            ["pool 'l4': driver.version changes from default to latest, " + SAME.format("GKE")],
        ),
        (
            "gcp",
            {},
            {"sharing": {"time_slicing": 4}},
            ["pool 'l4': sharing.time_slicing changes from the default to 4, " + SAME.format("GKE")],
        ),
        ("gcp", {"instance_types": ["g2-standard-4"]}, {"instance_types": ["g2-standard-8"], "disk_gib": 300}, []),
        (
            "azure",
            {"disk_gib": 200, "driver": {"by": "cloud"}},
            {"disk_gib": 300, "driver": {"by": "gpu_operator"}},
            [
                "pool 'l4': disk_gib changes from 200 to 300, " + SAME.format("AKS"),
                "pool 'l4': driver.by changes from cloud to gpu_operator, " + SAME.format("AKS"),
            ],
        ),
        ("azure", {}, {"sharing": {"mps": 4}}, []),
        (
            "aws",
            {"provisioner": "managed"},
            {"provisioner": "karpenter", "instance_types": ["g6.2xlarge"]},
            ["pool 'l4': provisioner changes from managed to karpenter, " + SAME.format("EKS")],
        ),
        ("aws", {"provisioner": "karpenter"}, {"provisioner": "karpenter", "image": "bottlerocket_nvidia"}, []),
    ],
)
def test_each_change_that_makes_a_new_pool_is_a_sentence(
    cloud: Cloud, before: dict[str, Any], after: dict[str, Any], told: list[str]
) -> None:
    one, other = (GpuPool.model_validate({"name": "l4", "accelerator": "L4", **each}) for each in (before, after))
    assert recreating_changes(one, other, cloud) == told


def test_pools_without_gpus_are_told_too() -> None:
    before = CpuPool(name="cpu", instance_types=["m6i.xlarge"])
    after = CpuPool(name="cpu", instance_types=["m6i.xlarge"], capacity="spot", max_nodes=3)
    assert recreating_changes(before, after, "aws") == [
        "pool 'cpu': capacity changes from on_demand to spot, " + SAME.format("EKS")
    ]


@pytest.mark.parametrize("cloud", ["aws", "gcp", "azure"])
def test_every_key_that_recreates_can_be_declared(cloud: Cloud) -> None:
    assert "capacity" in keys_that_recreate(cloud)
    assert keys_that_recreate(cloud, "karpenter") == ("name", "provisioner")


def test_what_forces_a_pool_of_aks_is_in_the_declarations_that_it_is_made_of() -> None:
    declared = GpuPool(name="t4", accelerator="T4", max_nodes=3)
    forced = resolve_gpu_pool(declared, cluster="east", region="eastus", cloud=cast(Cloud, "azure")).forced_by
    keys = {row["field"].split(".")[-1] for row in TABLE if row["cloud"] == "azure"}
    assert {"instance_types", "image", "capacity", "zones", "disk_gib", "mig", "compact"} <= keys & forced.keys()
