"""What is written into a ComputeClass is in GKE's own definition of it.

``compute_class_fields.csv`` has the fields, their types and the values that they take, read from the custom resource
definition cloud.google.com/v1 as datreeio/CRDs-catalog 7b1e26ef has it (2026-08-20), without what tunes a node's system
and without defaults of priorities. The definition knows no field besides.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .gke_program import Declare, cpu_pool, gpu_pool
from .test_gke_compute_class import class_of

with (Path(__file__).parent / "compute_class_fields.csv").open(encoding="utf-8", newline="") as lines:
    FIELDS = {row["field"]: (row["type"], row["allowed"].split("|")) for row in csv.DictReader(lines)}
TYPES = {"string": str, "integer": int, "boolean": bool}
KEY = "projects/shop-keys/locations/us-central1/keyRings/clusters/cryptoKeys/secrets"
H100 = {"accelerator": "H100", "gpus_per_node": 8, "instance_types": ["a3-highgpu-8g"]}


def faults(value: Any, path: str) -> Iterator[str]:
    """What the definition does not take."""
    if isinstance(value, list):
        for each in value:
            yield from faults(each, f"{path}[]")
        return
    kind, allowed = FIELDS.get(path, ("", []))
    if path and not kind:
        yield f"{path} is no field"
    elif isinstance(value, dict):
        if kind != "map":
            for key, below in value.items():
                yield from faults(below, f"{path}.{key}" if path else key)
    elif type(value) is not TYPES[kind] or (allowed != [""] and value not in allowed):
        yield f"{path} is {value!r}"


@pytest.mark.parametrize(
    "declare",
    [
        gpu_pool(provisioner="compute_class"),
        gpu_pool(provisioner="compute_class", taints=[{"key": "team"}], disk_gib=300, zones=["us-central1-a"]),
        gpu_pool(provisioner="compute_class", capacity="spot", image="ubuntu", driver={"version": "latest"}),
        gpu_pool(provisioner="compute_class", capacity="flex_start"),
        gpu_pool(provisioner="compute_class", capacity="reservation", reservation={"id": "gpus"}),
        gpu_pool(provisioner="compute_class", capacity="reservation", reservation={"id": "g", "affinity": "any"}),
        gpu_pool(provisioner="compute_class", sharing={"mps": 2}, boot_disk_kms_key=KEY),
        gpu_pool(provisioner="compute_class", accelerator="A100-40GB", sharing={"mig": "1g.5gb", "time_slicing": 2}),
        gpu_pool(provisioner="compute_class", accelerator="A100-40GB", local_ssd={"count": 1}),
        gpu_pool(provisioner="compute_class", fabric=True, **H100),
        cpu_pool(provisioner="compute_class", instance_types=["n2-standard-8", "e2-standard-8"]),
    ],
)
def test_every_field_is_known_there(declare: Declare) -> None:
    assert list(faults(class_of(declare)["spec"], "")) == []


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"priorities": [{"machinetype": "g2-standard-8"}]}, "priorities[].machinetype is no field"),
        ({"priorities": [{"spot": "true"}]}, "priorities[].spot is 'true'"),
        ({"nodePoolConfig": {"imageType": "COS_CONTAINERD"}}, "nodePoolConfig.imageType is 'COS_CONTAINERD'"),
    ],
)
def test_what_is_wrong_is_seen(spec: dict[str, Any], told: str) -> None:
    assert list(faults(spec, "")) == [told]
