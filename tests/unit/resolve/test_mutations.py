"""However an environment is changed, resolving decides it or tells an invalid environment."""

from __future__ import annotations

import random
from pathlib import Path

from modelyard.environment.problem import InvalidEnvironment

from ..environment.mutation import mutated
from .world import PLATFORM, TOYS, resolved, write

RICH_TOYS = (
    TOYS
    + """\
    objective: {p99_ms: 50, requests_per_second: 10}
    profile: {source: measured by nobody, points: [{accelerator: L4, batch_size: 1, latency_ms: 2}]}
    scaling: {min_replicas: 1, max_replicas: 2}
    resources: {gpus: 1, cpu: 2, memory_gib: 4, gpu_memory_gib: 3}
    version: 1
    image: toys/tagging:1
"""
)
VALUES = [
    "l4", "L4", "T4", "V100", "0", "1", "16", "1000", "0.0001", "10000000", "east", "us-west-2", "us-east-1z",
    "p5.48xlarge", "spot", "python", "s3://bucket/x", "..", "/", "''", "~", "true", "[]", "{}",
]  # fmt: skip


def test_mutations(tmp_path: Path) -> None:
    chance = random.Random(5)
    outcomes: set[bool] = set()
    for _ in range(300):
        texts = [PLATFORM, RICH_TOYS]
        for _ in range(chance.randint(1, 2)):
            which = chance.randrange(2)
            texts[which] = mutated(texts[which], chance) if chance.random() < 0.3 else revalued(texts[which], chance)
        folder = write(tmp_path, texts[0], texts[1])
        try:
            outcomes.add(bool(resolved(folder).clusters))
        except InvalidEnvironment as invalid:
            assert invalid.problems
            outcomes.add(False)
    assert outcomes == {True, False}


def revalued(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    lines[at] = lines[at].partition(":")[0] + ": " + chance.choice(VALUES)
    return "\n".join(lines)
