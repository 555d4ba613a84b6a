"""VM sizes of managed endpoints."""

from __future__ import annotations

from fractions import Fraction

import pytest
from modelyard.catalog.table import rows
from modelyard.serving.azureml.instance_types import cheapest, get, instance_type_problem


@pytest.mark.parametrize(
    ("name", "location", "gpus", "problem"),
    [
        ("Standard_DS3_v2", "westeurope", None, None),
        ("Standard_NC4as_T4_v3", "westeurope", 1, None),
        # Nothing is known of what the region sells.
        ("Standard_ND96asr_v4", "swedencentral", 8, None),
        (
            "Standard_ND96asr_v4", "southeastasia", None,
            "Standard_ND96asr_v4 is not sold in southeastasia as far as the catalogue knows; it is in eastus, "
            "southcentralus, westeurope, westus2",
        ),
        (
            "Standard_DS3_v2", "westeurope", 1,
            "Standard_DS3_v2 has no GPU, and the model needs 1; take one of Standard_NC24ads_A100_v4, "
            "Standard_NC48ads_A100_v4, Standard_NC96ads_A100_v4, Standard_NC40ads_H100_v5, Standard_NC80adis_H100_v5, "
            "Standard_NC4as_T4_v3",
        ),
        (
            "Standard_NV6ads_A10_v5", "eastus", 1,
            "Standard_NV6ads_A10_v5 has 1/6 of a GPU, and the model needs 1; take one of Standard_NC24ads_A100_v4, "
            "Standard_NC48ads_A100_v4, Standard_NC96ads_A100_v4, Standard_NC40ads_H100_v5, Standard_NC80adis_H100_v5, "
            "Standard_NC4as_T4_v3",
        ),
    ],
)  # fmt: skip
def test_what_a_deployment_may_run_on(name: str, location: str, gpus: int | None, problem: str | None) -> None:
    assert instance_type_problem(name, location, gpus) == problem


@pytest.mark.parametrize(
    ("name", "close"),
    [
        ("Standard_DS3v2", "Standard_DS3_v2"),
        ("standard_nc4as_t4_v3", "Standard_NC4as_T4_v3"),
        ("Standard_B2ms", None),
        ("ml.m5.xlarge", None),
    ],
)
def test_a_size_that_is_not_offered(name: str, close: str | None) -> None:
    problem = instance_type_problem(name, "westeurope")
    assert problem is not None
    assert problem.startswith(f"'{name}' is not a VM size that managed online endpoints offer")
    if close is not None:
        assert f"did you mean '{close}'?" in problem
    assert "llowed: Standard_" in problem


@pytest.mark.parametrize(
    ("cpu", "memory_gib", "gpus", "location", "name"),
    [
        (1.0, 2.0, 0, "westeurope", "Standard_F2s_v2"),
        (2.0, 8.0, 0, "westeurope", "Standard_F4s_v2"),
        (4.0, 16.0, 1, "westeurope", "Standard_NC4as_T4_v3"),
        (4.0, 16.0, 2, "eastus", "Standard_NC64as_T4_v3"),
        (1.0, 2.0, 0, "swedencentral", None),
        (999.0, 2.0, 0, "eastus", None),
    ],
)
def test_the_cheapest_that_fits(cpu: float, memory_gib: float, gpus: int, location: str, name: str | None) -> None:
    assert cheapest(cpu, memory_gib, gpus, location) == name


def test_the_table() -> None:
    table = rows("azureml_instances.csv")
    assert len({row["instance_type"].casefold() for row in table}) == len(table) == 85
    assert all(row["source"] and row["source_date"] for row in table)
    assert all(bool(row["gpu_model"]) == (row["gpus"] != "0") for row in table)
    assert get("Standard_NV12ads_A10_v5").gpus == Fraction(1, 3)
    assert [get(name).reserves_upgrade_quota for name in ("Standard_DS3_v2", "Standard_NC24ads_A100_v4")] == [
        True,
        False,
    ]


def test_shapes_agree_with_the_catalogue_of_instances() -> None:
    shapes = {row["instance_type"]: row for row in rows("instances.csv") if row["cloud"] == "azure"}
    common = [row for row in rows("azureml_instances.csv") if row["instance_type"] in shapes]
    assert len(common) > 15
    for row in common:
        shape = shapes[row["instance_type"]]
        assert row["vcpu"] == shape["vcpu"], row["instance_type"]
        if "/" not in row["gpus"]:
            assert (row["gpus"], row["gpu_model"]) == (shape["gpu_count"] or "0", shape["gpu_model"]), row[
                "instance_type"
            ]
