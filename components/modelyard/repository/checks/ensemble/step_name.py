"""How errors name a step."""

from __future__ import annotations

from typing import Any


def step_name(config: Any, index: int) -> str:
    """``step 2 (classifier) of ensemble 'fraud'``."""
    return f"{step_of(config, index)} of ensemble {config.name!r}"


def step_of(config: Any, index: int) -> str:
    """``step 2 (classifier)``, where the ensemble is known."""
    model = config.ensemble_scheduling.step[index].model_name
    return f"step {index + 1} ({model})" if model else f"step {index + 1}"
