"""What an account may run at most in one region."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .declaration import Declaration
from .patterns import ONE_LINE_PATTERN
from .target import Cloud


class Quota(Declaration):
    """One quota as the cloud's console shows it. A plan whose pools could exceed it is refused."""

    cloud: Cloud = "aws"
    region: Annotated[str, StringConstraints(pattern=ONE_LINE_PATTERN, min_length=1, max_length=40)]
    family: Annotated[str, StringConstraints(pattern=ONE_LINE_PATTERN, min_length=1, max_length=80)]
    """AWS: G and VT, P, Inf, Trn or Standard. Google Cloud: its metric, such as NVIDIA_L4_GPUS or CPUS. Azure: family
    of the sizes, such as StandardNCADSA100v4Family, or lowPriorityCores for all spot machines."""
    capacity: Literal["on_demand", "spot"] = "on_demand"
    limit: Annotated[int, Field(ge=0, le=1_000_000)]
    """Of all machines that run at a time: vCPUs on AWS and Azure, GPUs or vCPUs on Google Cloud."""
