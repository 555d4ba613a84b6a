"""A change that makes a new pool is known before: the table says what the clouds and their providers say."""

from __future__ import annotations

from typing import cast

import pytest
from modelyard.catalog.table import rows
from modelyard.environment.cpu_pool import CpuPool
from modelyard.environment.gpu_pool import GpuPool
from modelyard.environment.target import Cloud
from modelyard.offline.simulated.replacement import replacing_paths
from modelyard.resolve.gpu_pool import resolve_gpu_pool
from modelyard.resolve.pool_changes import keys_that_recreate

TABLE = rows("pool_changes.csv")


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
def test_what_changes_in_place_is_not_among_them(cloud: Cloud) -> None:
    in_place = {"min_nodes", "desired_nodes", "max_nodes", "labels", "taints", "update", "repair", "schedules"}
    assert not in_place & {key.split(".")[0] for key in keys_that_recreate(cloud)}


def test_a_pool_without_gpus_has_no_keys_of_gpus() -> None:
    assert keys_that_recreate("gcp", of=CpuPool) == ("name", "capacity", "provisioner")
    assert "sharing.mig" in keys_that_recreate("gcp")


@pytest.mark.parametrize("cloud", ["aws", "gcp", "azure"])
def test_every_key_that_recreates_can_be_declared(cloud: Cloud) -> None:
    assert "capacity" in keys_that_recreate(cloud)
    assert keys_that_recreate(cloud, "karpenter") == ("name", "provisioner")


def test_what_forces_a_pool_of_aks_is_in_the_declarations_that_it_is_made_of() -> None:
    declared = GpuPool(name="t4", accelerator="T4", max_nodes=3)
    forced = resolve_gpu_pool(declared, cluster="east", region="eastus", cloud=cast(Cloud, "azure")).forced_by
    keys = {row["field"].split(".")[-1] for row in TABLE if row["cloud"] == "azure"}
    assert {"instance_types", "image", "capacity", "zones", "disk_gib", "mig", "compact"} <= keys & forced.keys()
