"""Measures a profile: for each model that executes, how long an execution of each batch size takes.

Each stage is called directly, never through the ensemble, and never while another executes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .address import ServerAddress

if TYPE_CHECKING:
    from tritonclient.grpc.model_config_pb2 import ModelConfig

    from ..sizing.profile import MeasuredProfile
    from .golden import Golden


@dataclass(frozen=True, slots=True)
class ProfilingProgress:
    model: str
    batch_size: int
    done: int
    """Points measured so far."""
    of: int


class CannotProfile(Exception):
    """A stage did not answer, or not with what was asked; the message names it."""


def measure_profile(
    address: ServerAddress,
    configs: Sequence[ModelConfig],
    *,
    source: str,
    accelerators: Mapping[str, str] | None = None,
    substitutes: Mapping[str, str] | None = None,
    golden: Golden | None = None,
    budget_s: float = 60.0,
    seed: int = 0,
    progress: Callable[[ProfilingProgress], None] | None = None,
) -> MeasuredProfile:
    """The profile of the model that is last in ``configs``.

    Args:
        configs: of the repository's models as they are served, the named one last.
        source: who measured it and with what; the date is added.
        accelerators: by model; default: cpu.
        substitutes: by model, what executed in place of its backend.
        golden: inputs of the named model, which run through the ensemble once so that each stage is measured with
            the tensors that it really gets.
        budget_s: for all points together; each gets a share, and at least a few executions.

    Raises:
        CannotProfile: the sentence names the model.
    """
    raise NotImplementedError
