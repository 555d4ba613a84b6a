"""Pods that start more slowly than an update of their nodes waits."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelyard.resolve.node_drain import drain_notice, least_minutes

from .test_weights import GKE
from .world import PLATFORM, TOYS, resolved, write

TWO = TOYS + "    scaling: {min_replicas: 2, max_replicas: 4}\n"
START = (
    "an update of the nodes of pool 'l4' of cluster 'east' replaces replicas of model 'tagging' one by one, and each "
    "takes at least {minutes} min to start: "
)
STREAM = ", or weights: {by: stream}"


def pool(more: str) -> str:
    return PLATFORM.replace("        max_nodes: 4\n", f"        max_nodes: 4\n        {more}\n", 1)


@pytest.mark.parametrize(
    ("platform", "toys", "minutes", "told"),
    [
        (PLATFORM, TWO, 14, None),
        (
            PLATFORM,
            TWO,
            20,
            "EKS waits 15 min for a pod that the disruption budget keeps, and then fails; write eks: {force_update: "
            "true}, which ends such pods" + STREAM,
        ),
        (
            PLATFORM,
            TWO + "    weights: {by: stream}\n",
            20,
            "EKS waits 15 min for a pod that the disruption budget keeps, and then fails; write eks: {force_update: "
            "true}, which ends such pods",
        ),
        (pool("eks: {force_update: true}"), TWO, 20, None),
        (PLATFORM, TWO.replace("min_replicas: 2", "min_replicas: 1"), 20, None),
        (GKE, TWO, 45, None),
        (
            GKE.replace(
                "        max_nodes: 4\n",
                "        max_nodes: 4\n        update: {max_surge: 1, drain_timeout_minutes: 90}\n",
                1,
            ),
            TWO,
            70,
            None,
        ),
        (
            GKE,
            TWO,
            70,
            "GKE waits 60 min for a pod that the disruption budget keeps, and then ends the pod all the same; "
            "raise update.drain_timeout_minutes" + STREAM,
        ),
    ],
)
def test_a_plan_tells_of_updates_that_do_not_wait(
    tmp_path: Path, platform: str, toys: str, minutes: float, told: str | None
) -> None:
    resolution = resolved(write(tmp_path, platform, toys))
    (model,) = resolution.models
    assert model.pool is not None
    found = drain_notice(model, resolution.clusters[0].declared, model.pool, minutes)
    assert found == (None if told is None else START.format(minutes=minutes) + told)
    assert least_minutes(model, model.pool) < 15, "a small model is never told of"
    assert not [notice for notice in resolution.notices if "one by one" in notice]
