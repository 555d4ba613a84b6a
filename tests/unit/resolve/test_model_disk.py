"""Models of many gigabytes on the disks of their nodes: what fits, what is refused, and what is told."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from modelyard.environment.model import Model
from modelyard.resolve.model_disk import (
    Disk,
    Written,
    copies,
    disk_notices,
    disks_of,
    seldon_volume,
    unheld_model,
    written_by,
)

from .world import PLATFORM, TOYS, resolved, write

OF_TRITON = Written("llm", "east", files_gib=40, gib=44, image_gib=15, most_pods=4, could_stream=True)
CACHE = {"node_groups": ["l4"], "size_gib": 1}
SSD = ", give the pool local_ssd: {use: ephemeral}"


def of(size_gib: int) -> Written:
    return replace(OF_TRITON, files_gib=size_gib, gib=size_gib * 1.1)


@pytest.mark.parametrize(
    ("size_gib", "disk_gib", "wanted"),
    [(40, 200, []), (140, 198, ["199"]), (140, 199, []), (400, 200, ["536"]), (400, 536, [])],
)
def test_a_disk_takes_one_copy_or_the_plan_is_refused(size_gib: int, disk_gib: int, wanted: list[str]) -> None:
    found = [each.message for each in unheld_model(of(size_gib), [Disk("pool 'l4'", disk_gib, SSD)])]
    assert [number for message in found for number in re.findall(r"raise disk_gib to (\d+)", message)] == wanted


def test_a_model_that_no_disk_holds_is_refused_with_all_ways_out() -> None:
    (found,) = unheld_model(of(400), [Disk("pool 'l4'", 200, SSD)])
    assert found.message == (
        "has 400 GiB of files, of which a pod writes 441 GiB to its node, and disk_gib of pool 'l4' of cluster 'east' "
        "is 200: it holds the server's image too, and Kubernetes keeps 15 % of it free; raise disk_gib to 536, give "
        "the pool local_ssd: {use: ephemeral}, or write weights: {by: stream}"
    )


def test_disks_in_the_machine_are_no_larger_for_any_key() -> None:
    (found,) = unheld_model(of(400), [Disk("pool 'l4'", 419, "", in_machine=True)])
    assert found.message.endswith(
        "and what the machine's own disks hold of pool 'l4' of cluster 'east' is 419: it holds the server's image too, "
        "and Kubernetes keeps 15 % of it free; name instance_types whose disks hold 536 GiB, or write weights: {by: "
        "stream}"
    )


def test_a_disk_for_fewer_pods_than_gpus_is_told() -> None:
    assert list(disk_notices(of(40), [Disk("pool 'l4'", 400, "", pods=4)])) == []
    (told,) = disk_notices(of(40), [Disk("pool 'l4'", 200, "", pods=4)])
    assert told == (
        "nodes of pool 'l4' of cluster 'east' have GPUs for 4 pods of model 'llm' and disk for 3: each writes 44 GiB, "
        "disk_gib is 200, and the scheduler does not look, so that one more is evicted while it starts; raise disk_gib "
        "to 225, or write weights: {by: stream}"
    )


@pytest.mark.parametrize(
    ("changes", "times"),
    [
        ({}, 1.1),
        ({"weights": {"by": "stream"}}, 0),
        ({"runtime": "torchserve", "format": "torch_mar"}, 2.1),
        ({"runtime": "torchserve", "format": "torch_mar", "weights": {"by": "stream"}}, 1),
        ({"runtime": "kserve", "kserve": {"server": "triton"}}, 1.1),
        (
            {"runtime": "kserve", "kserve": {"server": "triton", "model_cache": {"node_groups": ["a"], "size_gib": 1}}},
            0,
        ),
        ({"runtime": "seldon", "seldon": {"server": "triton"}}, 0),
    ],
)
def test_what_pods_write(changes: dict[str, object], times: float) -> None:
    declared = {"name": "llm", "task": "embedding", "format": "onnx", "source": "../models/llm", **changes}
    assert copies(Model.model_validate(declared)) == pytest.approx(times)


@pytest.mark.parametrize(
    ("seldon", "size_gib", "told"),
    [
        ({}, 0.5, None),
        (
            {},
            40,
            "takes 80 GiB of its Server's volume while Seldon copies it, and ServerConfig 'triton' of Seldon's "
            "repository gives 1 GiB; name one with room in seldon: {server_config: ...}",
        ),
        ({"server_config": "triton-large"}, 40, None),
        ({"shared_server": "triton"}, 40, None),
    ],
)
def test_a_volume_of_seldon_that_is_too_small_is_told(seldon: dict[str, str], size_gib: float, told: str) -> None:
    declared = {"name": "llm", "task": "embedding", "format": "onnx", "source": "../models/llm", "runtime": "seldon"}
    model = Model.model_validate({**declared, "seldon": {"server": "triton", **seldon}})
    assert seldon_volume(model, int(size_gib * 1024**3)) == told


@pytest.mark.parametrize(
    ("platform", "toys", "disks"),
    [
        (PLATFORM, TOYS, [("pool 'l4'", 200, 1), ("pool 'l4-spot'", 200, 1)]),
        (
            PLATFORM.replace("        max_nodes: 4\n", "        max_nodes: 4\n        local_ssd: {use: ephemeral}\n"),
            TOYS,
            [("pool 'l4'", 419, 1), ("pool 'l4-spot'", 200, 1)],
        ),
        (
            PLATFORM,
            TOYS.replace("    pool: l4\n    overflow_pool: l4-spot\n", "    resources: {gpus: 0}\n"),
            [("the system nodes", 80, 1)],
        ),
    ],
)
def test_the_disks_are_those_of_its_nodes(
    tmp_path: Path, platform: str, toys: str, disks: list[tuple[str, int, int]]
) -> None:
    resolution = resolved(write(tmp_path, platform, toys))
    (model,) = resolution.models
    found = disks_of(model, resolution.clusters[0].declared)
    assert [(each.named, each.gib, each.pods) for each in found] == disks
    written = written_by(model, "aws")
    assert written is not None and written.gib == pytest.approx(written.files_gib * 1.1)


@pytest.mark.parametrize(("cloud", "gib"), [("aws", None), ("gcp", 7)])
def test_a_cache_of_each_pod_is_written_by_each(tmp_path: Path, cloud: Literal["aws", "gcp"], gib: int | None) -> None:
    toys = TOYS + "    weights: {by: stream, cache_gib: 7}\n"
    (model,) = resolved(write(tmp_path, toys=toys)).models
    written = written_by(model, cloud)
    assert (None if written is None else written.gib) == gib
