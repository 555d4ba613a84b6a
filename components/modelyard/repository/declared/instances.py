"""How many copies of a model execute at once, and on what."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from ...environment.credential import shown
from ...environment.declaration import Declaration
from ...environment.known_name import refusal
from .rate_limiter import RateLimiter
from .texts import Text

_MIG_PROFILE = re.compile(r"[1-7]g\.\d{1,3}gb(\+me)?")


def _mig_profile(text: str) -> str:
    if not _MIG_PROFILE.fullmatch(text):
        raise refusal(f"{shown(text)} must be a MIG profile, slices and memory, such as 1g.10gb")
    return text


class SecondaryDevice(Declaration):
    """``ModelInstanceGroup.SecondaryDevice``: a deep-learning accelerator beside the GPU."""

    kind: Literal["nvdla"]
    device_id: Annotated[int, Field(ge=0, le=15)]


class InstanceGroup(Declaration):
    """``ModelInstanceGroup``."""

    name: Text | None = None
    """Default: the model's name and a number."""
    kind: Literal["auto", "gpu", "cpu", "mig", "model"] = "auto"
    """auto: the GPU where the backend supports it and there is one. mig: a slice of a GPU, which Triton sees as one.
    model: the model itself says where."""
    count: Annotated[int, Field(ge=1, le=1024)] | None = None
    """Instances on each device; default: what sizing says, else 1."""
    gpus: Annotated[list[Annotated[int, Field(ge=0, le=15)]], Field(min_length=1)] | None = None
    """Numbers of the GPUs; default: all that the server sees."""
    mig_profile: Annotated[str, AfterValidator(_mig_profile)] | None = None
    """For kind mig: the slice, such as 1g.10gb; the pod asks for it."""
    profile: Annotated[list[Text], Field(min_length=1)] | None = None
    """Optimization profiles (TensorRT)."""
    passive: bool | None = None
    """Loaded, and given no requests by the scheduler."""
    host_policy: Text | None = None
    rate_limiter: RateLimiter | None = None
    secondary_devices: list[SecondaryDevice] = []

    @model_validator(mode="after")
    def _consistent(self) -> InstanceGroup:
        if self.kind == "mig" and self.mig_profile is None:
            raise ValueError("kind mig needs mig_profile: the slice, such as 1g.10gb")
        if self.kind in ("auto", "gpu", "cpu", "model") and self.mig_profile is not None:
            raise ValueError(f"mig_profile {shown(self.mig_profile)} goes with kind mig, not {self.kind}")
        if self.gpus is not None and self.kind in ("cpu", "mig", "model"):
            raise ValueError(f"gpus goes with kind gpu or auto, not {self.kind}")
        return self
