"""What the policy pack is told of an environment."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelyard.review.policy_config import policy_config

from unit.resolve.world import PLATFORM, resolved, write


@pytest.mark.parametrize(
    ("old", "new", "capacity"),
    [
        ("", "", "spot"),
        ("        capacity: spot\n", "        capacity: spot\n        spot: {on_demand_floor: 1}\n", "on_demand"),
        (
            "        capacity: spot\n",
            "        capacity: reservation\n        reservation: {id: cr-0a1b2c3d4e5f67890}\n",
            "on_demand",
        ),
    ],
)
def test_only_nodes_that_can_all_go_at_once_are_spot(tmp_path: Path, old: str, new: str, capacity: str) -> None:
    config = policy_config(resolved(write(tmp_path, PLATFORM.replace(old, new, 1) if old else PLATFORM)))
    assert config["spot-not-alone"]["pools"] == {"east/l4": "on_demand", "east/l4-spot": capacity}
