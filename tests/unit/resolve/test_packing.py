"""How many nodes replicas take."""

from __future__ import annotations

import random

import pytest
from modelyard.resolve.packing import Packing, Shape

NODE: Shape = (4, 8000, 16384)


@pytest.mark.parametrize(
    ("replicas", "nodes"),
    [
        ([], 0),
        ([((1, 1000, 1024), 4)], 1),
        ([((1, 1000, 1024), 5)], 2),
        ([((1, 4000, 1024), 4)], 2),
        ([((4, 1000, 1024), 2), ((1, 1000, 1024), 4)], 3),
        ([((3, 1000, 1024), 2), ((1, 1000, 1024), 2)], 2),
        ([((2, 6000, 1024), 1), ((2, 2000, 1024), 1)], 1),
    ],
)
def test_nodes(replicas: list[tuple[Shape, int]], nodes: int) -> None:
    assert Packing(NODE, replicas).nodes == nodes


@pytest.mark.parametrize(
    ("count", "max_nodes", "room"), [(3, 1, True), (4, 1, False), (4, 2, True), (5, 1, False), (5, 2, True)]
)
def test_room_for_one_more(count: int, max_nodes: int, room: bool) -> None:
    shape: Shape = (1, 1000, 1024)
    assert Packing(NODE, [(shape, count)]).has_room(shape, max_nodes) is room


def test_what_finds_no_node_is_given_back() -> None:
    packing = Packing(NODE, [((2, 1000, 1024), 3)])
    assert packing.put((1, 1000, 1024), 9, limit=3) == 3
    assert packing.nodes == 3


def test_every_replica_has_its_place_whatever_the_mix() -> None:
    chance = random.Random(7)
    for _ in range(200):
        replicas = [
            ((chance.randint(1, 4), chance.randint(1, 8) * 1000, chance.randint(1, 16) * 1024), chance.randint(1, 30))
            for _ in range(chance.randint(1, 90))
        ]
        nodes = Packing(NODE, replicas).nodes
        total = sum(count for _, count in replicas)
        used = [sum(shape[axis] * count for shape, count in replicas) for axis in range(3)]
        assert max(-(-use // free) for use, free in zip(used, NODE, strict=True)) <= nodes <= total
