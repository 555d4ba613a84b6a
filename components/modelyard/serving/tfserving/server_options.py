"""What tensorflow_model_server is told besides its models, as its arguments (``main.cc`` of tensorflow/serving)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .batching import Batching
from .model_server_config import VersionPolicy


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """What is None, empty or false is as the server has it, except for ``model_warmup``."""

    version_policy: VersionPolicy = "specific"
    labels: Mapping[str, int] = field(default_factory=dict)
    """Names for versions."""
    batching: Batching | None = None
    """None: every request is an execution."""
    model_warmup: bool = True
    """Whether requests recorded in a version's ``assets.extra`` are replayed before it is available."""
    saved_model_tags: tuple[str, ...] = ()
    """Tags of the meta graph that is loaded. The server's default: serve."""
    rest_api_threads: int | None = None
    """The server's default: four for each processor of the node."""
    grpc_max_threads: int | None = None
    intra_op_threads: int | None = None
    """Threads that share one operation. The server's default: one for each processor of the node."""
    inter_op_threads: int | None = None
    """Operations that are executed at once. The server's default: one for each processor of the node."""
    gpu_memory_fraction: float | None = None
    """Share of a GPU's memory that is taken at the start. The server's default: nearly all of it."""
    mixed_precision: Literal["bfloat16"] | None = None

    def arguments(self) -> list[str]:
        """Arguments of tensorflow_model_server that name no file."""
        given: dict[str, object] = {
            "rest_api_num_threads": self.rest_api_threads,
            "grpc_max_threads": self.grpc_max_threads,
            "tensorflow_intra_op_parallelism": self.intra_op_threads,
            "tensorflow_inter_op_parallelism": self.inter_op_threads,
            "per_process_gpu_memory_fraction": self.gpu_memory_fraction,
            "saved_model_tags": ",".join(self.saved_model_tags) or None,
            "mixed_precision": self.mixed_precision,
        }
        warmup = f"--enable_model_warmup={str(self.model_warmup).lower()}"
        return [warmup, *(f"--{name}={value}" for name, value in given.items() if value is not None)]


NO_OPTIONS = ServerOptions()
