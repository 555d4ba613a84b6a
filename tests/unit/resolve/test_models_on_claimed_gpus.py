"""Models on pools that hand out their GPUs by ResourceClaims."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from modelyard.environment.gpu_pool import GpuPool
from modelyard.resolve.gpu_pool import resolve_gpu_pool

from .world import PLATFORM, TOYS, lines, only_model, write

AT = "prod/departments/toys.yaml:10: models[0].pool: "
BEYOND = "prod/departments/toys.yaml:11: models[0].overflow_pool: "
L4 = "        instance_types: [g6.2xlarge]\n        max_nodes: 4\n"
SPOT = "        capacity: spot\n        max_nodes: 2\n"
CLAIMED = "        dra: true\n        min_nodes: 1\n"
BY_CLAIMS = PLATFORM.replace(L4, L4 + CLAIMED).replace(SPOT, SPOT + CLAIMED)
NO_FIRST_NODE = (
    " hands out its GPUs by claims (dra) and may have no node, and the node autoscaler brings none to an empty pool "
    "for a claim; write min_nodes: 1 or more there (model 'tagging')"
)
ALONE = TOYS.replace("    pool: l4\n    overflow_pool: l4-spot\n", "")


def test_a_model_runs_on_pools_that_are_claimed(tmp_path: Path) -> None:
    model = only_model(write(tmp_path, BY_CLAIMS))
    assert model.pool is not None and model.overflow_pool is not None
    assert (model.pool.declared.name, model.overflow_pool.declared.name) == ("l4", "l4-spot")
    assert model.pool.claimed_profile is None


@pytest.mark.parametrize(
    ("platform", "toys", "told"),
    [
        (
            BY_CLAIMS.replace("        min_nodes: 1\n", "", 1),
            TOYS,
            [f"{AT}'l4'{NO_FIRST_NODE}"],
        ),
        (
            BY_CLAIMS.replace(SPOT + CLAIMED, SPOT + "        dra: true\n"),
            TOYS,
            [f"{BEYOND}'l4-spot'{NO_FIRST_NODE}"],
        ),
        (
            BY_CLAIMS.replace(
                L4,
                L4 + "        schedules: [{name: night, recurrence: 0 20 * * 1-5, min_nodes: 0, desired_nodes: 0, "
                "max_nodes: 4}]\n",
            ),
            TOYS,
            [f"{AT}'l4'{NO_FIRST_NODE}"],
        ),
        (
            BY_CLAIMS.replace(SPOT + CLAIMED, SPOT),
            TOYS,
            [
                f"{BEYOND}'l4' hands out its GPUs by claims (dra) and 'l4-spot' as nvidia.com/gpu, and a pod asks in "
                "one way; name two pools that do alike (model 'tagging')"
            ],
        ),
        (
            BY_CLAIMS,
            TOYS + "    runtime: seldon\n    seldon: {server: triton}\n",
            [
                f"{at}{pool!r} hands out its GPUs by claims (dra), and Seldon's Servers take no claims for their pods, "
                "which ask for nvidia.com/gpu; name a pool without dra (model 'tagging')"
                for at, pool in ((AT, "l4"), (BEYOND, "l4-spot"))
            ],
        ),
        (
            BY_CLAIMS,
            TOYS.replace("    overflow_pool: l4-spot\n", "")
            + "    runtime: kserve\n    kserve: {server: triton, mode: knative}\n",
            [
                f"{AT}'l4' hands out its GPUs by claims (dra), and Knative takes no claims for its pods, which ask for "
                "nvidia.com/gpu; name a pool without dra (model 'tagging')"
            ],
        ),
    ],
)
def test_what_cannot_be_claimed_is_told(tmp_path: Path, platform: str, toys: str, told: list[str]) -> None:
    found = lines(write(tmp_path, platform, toys))
    assert [line for line in found if "pool: " in line] == told


@pytest.mark.parametrize(
    ("changes", "profile"),
    [
        ({"dra": True, "sharing": {"mig": "1g.10gb"}}, "1g.10gb"),
        ({"dra": True}, None),
        ({"sharing": {"mig": "1g.10gb"}}, None),
    ],
)
def test_instances_are_claimed_where_aks_has_cut_them(changes: dict[str, Any], profile: str | None) -> None:
    pool = GpuPool.model_validate(
        {"name": "cut", "accelerator": "A100-80GB", "instance_types": ["Standard_NC24ads_A100_v4"], **changes}
    )
    assert resolve_gpu_pool(pool, cluster="east", region="eastus", cloud="azure").claimed_profile == profile


@pytest.mark.parametrize(
    ("first", "second", "chosen"),
    [("", CLAIMED, "l4"), (CLAIMED, "", "large"), (CLAIMED, CLAIMED, "l4")],
)
def test_without_a_name_claims_are_the_last_choice(tmp_path: Path, first: str, second: str, chosen: str) -> None:
    large = "      - name: large\n        accelerator: L4\n        instance_types: [g6.4xlarge]\n        max_nodes: 4\n"
    start = PLATFORM.index("      - name: l4-spot")
    model = only_model(write(tmp_path, PLATFORM[:start].rstrip() + f"\n{first}{large}{second}", ALONE))
    assert model.pool is not None
    assert model.pool.declared.name == chosen
