"""However a file is broken, loading tells it as an invalid environment and never shows a planted secret."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from modelyard.environment.load import load
from modelyard.environment.problem import InvalidEnvironment

from .folder import PLATFORM, TOYS, write
from .mutation import mutated

SECRETS = ("AKIA" + "QZXWVUTSRQPONMLK", "ghp_" + "zYxWvUtSrQpOnMlKjIhGfEdC1234", "p4ss-" + "hunter2")
RICH_PLATFORM = (
    PLATFORM
    + f"""\
monitoring:
  receivers:
    - {{name: call, webhook_url: {{aws_secrets_manager: prod/webhook}}}}
    - {{name: chat, webhook_url: {SECRETS[1]}}}
"""
)
RICH_TOYS = (
    TOYS
    + f"""\
    env:
      DB_PASSWORD: {SECRETS[2]}
      MODE: {SECRETS[0]}
      HF_TOKEN: {{config: hf}}
    objective: {{p99_ms: 50, requests_per_second: 10}}
    profile: {{source: measured by nobody, points: [{{accelerator: L4, batch_size: 1, latency_ms: 2}}]}}
    scaling: {{min_replicas: 1, max_replicas: 2}}
"""
)


@pytest.mark.parametrize("seed", range(10))
def test_mutations(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(50):
        platform, toys = RICH_PLATFORM, RICH_TOYS
        for _ in range(chance.randint(1, 4)):
            if chance.random() < 0.5:
                platform = mutated(platform, chance)
            else:
                toys = mutated(toys, chance)
        folder = write(tmp_path, platform, {"toys.yaml": toys})
        try:
            load(folder)
        except InvalidEnvironment as invalid:
            told = str(invalid)
            assert told
            assert not [secret for secret in SECRETS if secret in told], told
