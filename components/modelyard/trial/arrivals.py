"""When requests are meant to be sent."""

from __future__ import annotations

from array import array
from typing import Literal

Pattern = Literal["poisson", "constant"]


def arrivals(
    requests_per_second: float, seconds: float, *, pattern: Pattern = "poisson", seed: int = 0
) -> array[float]:
    """Seconds since the start, rising, all below ``seconds``."""
    raise NotImplementedError
