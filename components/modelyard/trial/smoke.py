"""Is the server alive, is the model what the configuration says, and does it answer over both protocols?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .address import ServerAddress
from .requests import SampleRequest

if TYPE_CHECKING:
    from tritonclient.grpc.model_config_pb2 import ModelConfig


@dataclass(frozen=True, slots=True)
class SmokeCheck:
    """One thing that was looked at."""

    name: str
    """For example ``http: batch of 8 is answered``."""
    passed: bool
    detail: str
    """What was seen; for a failure what was expected and what came."""
    milliseconds: float | None = None


@dataclass(frozen=True, slots=True)
class Smoke:
    checks: tuple[SmokeCheck, ...]

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)


def smoke(
    address: ServerAddress,
    config: ModelConfig,
    *,
    version: int | None = None,
    requests: Sequence[SampleRequest] | None = None,
    timeout_s: float = 10.0,
) -> Smoke:
    """Server live and ready, model ready, its metadata equal to the configuration, and one request of one row and
    one of the largest batch over HTTP and gRPC by ``tritonclient``, with outputs of the declared names, dtypes and
    shapes, the same over both.

    Args:
        requests: what is sent, one row and the largest batch; default: made up by :func:`.requests.samples`.
        timeout_s: for each call; a call without an answer is a failed check, not an exception.
    """
    raise NotImplementedError
