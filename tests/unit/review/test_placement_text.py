"""Placement in words: what a reader of the terminal, the page and the comment is told alike."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from modelyard.placement import Fill, Misfit, Placement, Pool, Waiting, place, pools
from modelyard.review.markdown import escaped
from modelyard.review.model_text import fill_pair
from modelyard.review.placement_markdown import placement_markdown
from modelyard.review.placement_text import (
    blocked_sentences,
    machine,
    misfit_sentences,
    pool_name,
    room_sentences,
    waiting_sentence,
)

from ..placement.clouds import aks_pool, gke_pool, shared
from ..placement.plan import autoscaler, deployment, graph, node_group
from .retailer import retailer

REASON = "no node that may take it has room left"


def pool(made: Any) -> Pool:
    (found,) = pools(graph(made))
    return found


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (node_group("gpu"), "g6.xlarge"),
        (node_group("gpu", spot=True), "g6.xlarge, spot"),
        (node_group("gpu", labels={"modelyard.dev/gpu-allocation": "claim"}), "g6.xlarge, GPUs by claim"),
        (gke_pool(config={"flexStart": True}), "g2-standard-8, flex start"),
        (
            aks_pool(gpuInstanceProfile="MIG1g", scaleSetPriority="Spot"),
            "Standard_NC24ads_A100_v4, spot, 7 x nvidia.com/gpu of 9728 MiB (mig-1g.10gb)",
        ),
        (
            node_group("gpu", "x9.huge", labels=shared("gpu", 4, "mps-4")),
            "x9.huge",
        ),
    ],
)
def test_machines(made: Any, words: str) -> None:
    assert machine(pool(made)) == words
    assert pool_name(pool(made)) == "main/gpu"


def test_sentences() -> None:
    one = Misfit("urn", "a", "main", 1, "floor", ("gpu: too small", "cpu: no GPU"))
    further = Misfit("urn", "a", "main", 2, "max", ("gpu: too small", "cpu: no GPU"))
    many = Misfit("urn", "b", "main", 3, "max", ("gpu: full",))
    nothing: Any = {"floor": {}, "max": {}}
    assert list(misfit_sentences(Placement((), (one, many, further), (), nothing, ()))) == [
        ("1 replica of a on main fits nowhere, nor 2 more at the maximum: gpu: too small; cpu: no GPU", "floor"),
        ("3 replicas of b on main fit nowhere at the maximum: gpu: full", "max"),
    ]
    assert list(misfit_sentences(Placement((), (one,), (), nothing, ()))) == [
        ("1 replica of a on main fits nowhere: gpu: too small; cpu: no GPU", "floor")
    ]
    assert waiting_sentence(Waiting("urn", "a", "main", 2, REASON)) == (
        "2 replicas of a on main wait when all pods arrive at once, as the scheduler spreads them: "
        "no node that may take it has room left; packed closely all fit"
    )
    a, b = (f"urn:pulumi:prod::retail::type::{name}" for name in "ab")
    blocked = Placement((), (), (), {"floor": {"pool": (b,)}, "max": {"pool": (a, b)}}, ())
    assert list(blocked_sentences(blocked)) == [
        "a rollout of a would wait for ever when its pools are full",
        "a rollout of b would wait for ever: its pools have no room beside the guaranteed replicas",
    ]


def test_what_is_nearly_empty_or_full_is_not_said_to_be() -> None:
    floor, most = Fill(None, 0.004, 0.995, 0.0), Fill(1.0, 0.005, 0.9999, 1.0)
    pairs = [fill_pair(floor, most, name) for name in ("gpu", "cpu", "memory", "pods", "gpu_memory")]
    assert pairs == ["- (100%)", "<1% (<1%)", ">99% (>99%)", "0% (100%)", "-"]


def test_that_every_rollout_has_room_is_said_only_where_it_has() -> None:
    def said(*pools_and_pods: Any) -> list[str]:
        return list(room_sentences(place(graph(*pools_and_pods))))

    service = deployment("a", strategy={"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}})
    assert said(node_group("gpu", most=2), service) == [
        "every rollout can go on, beside the guaranteed replicas and with every autoscaler at its maximum"
    ]
    assert said(node_group("gpu", most=1), service) == said(node_group("gpu")) == []
    # With every autoscaler at its maximum there is none.
    assert said(node_group("gpu", most=2), service, autoscaler("a", 1, 2)) == []


def test_markdown_has_a_table_and_what_does_not_fit() -> None:
    tight = graph(node_group("gpu", "g5.12xlarge", most=2), deployment("small", replicas=4), deployment("big", gpus=4))
    text = "".join(placement_markdown(replace(retailer(), placement=place(tight)), escaped))
    assert "| main/gpu: g5.12xlarge | 2 (2) | 2 | 100% (100%) | - | 5% (5%) | 6% (6%) | <1% (<1%) |" in text
    assert "- 1 replica of big on main waits when all pods arrive at once" in text
    assert "".join(placement_markdown(replace(retailer(), placement=place(graph())), escaped)) == ""
