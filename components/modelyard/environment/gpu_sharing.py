"""How several pods share one GPU."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from .declaration import Declaration
from .patterns import MIG_PROFILE_PATTERN


class GpuSharing(Declaration):
    """One way, or MIG with one of the others inside each instance. With neither a GPU belongs to one pod."""

    mig: Annotated[str, StringConstraints(pattern=MIG_PROFILE_PATTERN)] | None = None
    """Profile such as 1g.10gb: every GPU of the pool is cut into as many of them as fit, each with memory and cores of
    its own (NVIDIA MIG User Guide). Default: whole GPUs."""
    time_slicing: Annotated[int, Field(ge=2, le=48)] | None = None
    """Pods that take turns on one GPU, or on one MIG instance; they share its memory, and nothing keeps them apart."""
    mps: Annotated[int, Field(ge=2, le=48)] | None = None
    """Pods that run at the same time on one GPU through NVIDIA's Multi-Process Service, each with an equal share of
    memory and of the cores."""
    neuron_cores: bool = False
    """Inferentia and Trainium: pods ask for single NeuronCores (aws.amazon.com/neuroncore) in place of whole devices
    (aws.amazon.com/neuron), and each has an equal share of its device's memory."""

    @model_validator(mode="after")
    def _one_way(self) -> GpuSharing:
        if self.time_slicing is not None and self.mps is not None:
            raise ValueError(
                f"time_slicing {self.time_slicing} and mps {self.mps} are two ways of sharing one GPU; keep one"
            )
        ways = [name for name in ("mig", "time_slicing", "mps") if getattr(self, name) is not None]
        if self.neuron_cores and ways:
            raise ValueError(f"neuron_cores is for Neuron devices, and {' and '.join(ways)} for NVIDIA GPUs; keep one")
        if not ways and not self.neuron_cores:
            raise ValueError("names no way of sharing; add mig, time_slicing or mps, or delete sharing")
        return self

    @property
    def clients(self) -> int:
        """Pods that share one GPU, or one MIG instance."""
        return self.time_slicing or self.mps or 1
