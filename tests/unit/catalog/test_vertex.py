"""Machine types, GPUs, regions and containers of Vertex AI: facts that go together, and what is said of those that do
not."""

from __future__ import annotations

from decimal import Decimal

import pytest
from modelyard.catalog import accelerators, vertex_machine_types, vertex_regions
from modelyard.catalog.table import UnknownName, rows
from modelyard.catalog.vertex_containers import container_image, container_names


def test_a_machine_type_is_what_compute_engine_sells_by_that_name() -> None:
    """Where the price list knows the type too, both say the same of its cores, memory and GPUs."""
    sold = {row["instance_type"]: row for row in rows("instances.csv") if row["cloud"] == "gcp"}
    compared = 0
    for name in vertex_machine_types.names():
        row = sold.get(name)
        if row is None:
            continue
        machine = vertex_machine_types.get(name)
        compared += 1
        assert (machine.cores, machine.memory_gib) == (int(row["vcpu"]), Decimal(row["memory_gib"])), name
        own = vertex_machine_types.gpus(name, None, None)
        assert own == ((row["gpu_model"], int(row["gpu_count"])) if row["gpu_model"] else None), name
    assert compared > 25


def test_every_gpu_that_is_named_is_one_of_the_catalogue_and_has_a_name_in_the_api() -> None:
    named = {each for name in vertex_machine_types.names() for each in vertex_machine_types.get(name).accelerators}
    named |= {each for region in vertex_regions.names() for each in vertex_regions.accelerators(region)}
    for each in named:
        assert each in accelerators.names()
        assert vertex_regions.accelerator_type(each), each
    assert {row["region"] for row in rows("vertex_accelerator_regions.csv")} <= set(vertex_regions.names())


@pytest.mark.parametrize(
    ("machine", "accelerator", "count", "has"),
    [
        ("g2-standard-24", None, None, ("L4", 2)),
        ("g2-standard-24", "L4", None, ("L4", 2)),
        ("n1-standard-4", "T4", None, ("T4", 1)),
        ("n1-standard-4", "T4", 4, ("T4", 4)),
        ("n1-standard-4", None, None, None),
        ("e2-standard-2", None, None, None),
    ],
)
def test_the_gpus_of_a_replica(
    machine: str, accelerator: str | None, count: int | None, has: tuple[str, int] | None
) -> None:
    assert vertex_machine_types.gpus(machine, accelerator, count) == has
    assert vertex_machine_types.problems(machine, accelerator, count) == []


@pytest.mark.parametrize(
    ("machine", "accelerator", "count", "said"),
    [
        ("n1-standard-4", "H100", None, "n1-standard-4 takes T4, V100 and not H100; machine types with 1 H100: a3-"),
        ("n1-standard-4", "T4", 3, "n1-standard-4 takes 1, 2 or 4 T4, not 3; machine types have 1, 2 or 4 T4; set"),
        ("e2-standard-4", "Inferentia2", None, "e2-standard-4 takes no GPU and not Inferentia2; Vertex AI serves on"),
    ],
)
def test_gpus_that_do_not_fit(machine: str, accelerator: str, count: int | None, said: str) -> None:
    (problem,) = vertex_machine_types.problems(machine, accelerator, count)
    assert problem.startswith(said)


def test_unknown_names() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'n1-highmem-4'"):
        vertex_machine_types.get("n1-highmen-4")
    with pytest.raises(UnknownName, match="Did you mean 'europe-west4'"):
        vertex_regions.continent("europewest4")
    assert vertex_regions.accelerator_type("Trainium1") is None
    assert vertex_regions.accelerators("me-west1") == ()


def test_containers_come_from_the_regions_continent() -> None:
    assert "sklearn-cpu.1-6" in container_names()
    named = {container_image("sklearn-cpu.1-6", region).split("/")[0] for region in vertex_regions.names()}
    assert named == {f"{continent}-docker.pkg.dev" for continent in ("us", "europe", "asia")}
