"""Models on pools whose GPUs a model's pods cannot use."""

from __future__ import annotations

from pathlib import Path

import pytest

from .world import PLATFORM, TOYS, lines, write

GKE = PLATFORM.replace(
    "    region: us-east-1\n    api_access: {bastion: true}\n",
    "    cloud: gcp\n    region: us-central1\n    gke: {project: northwind-ml}\n",
).replace("[g6.2xlarge, g6.4xlarge]", "[g2-standard-8]")
L4 = "        instance_types: [g6.2xlarge]\n"


@pytest.mark.parametrize(
    ("shared", "told"),
    [
        ("time_slicing: 2", []),
        (
            "mps: 2",
            [
                "prod/departments/toys.yaml:10: models[0].pool: 'l4' shares its GPUs by MPS, for which pods on GKE "
                "need the node's IPC, and a department's namespace refuses that; name a pool with time_slicing, or "
                "one that is not shared (model 'tagging')"
            ],
        ),
    ],
)
def test_pods_of_models_cannot_use_mps_of_gke(tmp_path: Path, shared: str, told: list[str]) -> None:
    types = f"        instance_types: [g2-standard-8]\n        sharing: {{{shared}}}\n"
    found = lines(write(tmp_path, GKE.replace(L4, types), TOYS))
    assert [line for line in found if "models[0].pool" in line] == told
