"""When requests are meant to be sent."""

from __future__ import annotations

import random
from array import array
from typing import Literal

Pattern = Literal["poisson", "constant"]


def arrivals(
    requests_per_second: float, seconds: float, *, pattern: Pattern = "poisson", seed: int = 0
) -> array[float]:
    """Seconds since the start, rising, all below ``seconds``.

    Args:
        requests_per_second: above 0.
        seconds: at least 0.
        pattern: ``poisson``: independent callers, with exponential gaps; ``constant``: equal gaps, the first at 0.
        seed: of the Poisson arrivals; the same seed, the same times.

    Raises:
        ValueError: a rate that is not above 0, or a negative time.
    """
    if not requests_per_second > 0:
        raise ValueError(f"a rate of {requests_per_second:g} requests per second sends nothing; give one above 0")
    if not seconds >= 0:
        raise ValueError(f"a load of {seconds:g} seconds cannot be; give 0 or more")
    if pattern == "constant":
        count = int(requests_per_second * seconds)
        return array("d", (at for at in (i / requests_per_second for i in range(count + 1)) if at < seconds))
    gap = random.Random(seed).expovariate
    times = array("d")
    at = gap(requests_per_second)
    while at < seconds:
        times.append(at)
        at += gap(requests_per_second)
    return times
