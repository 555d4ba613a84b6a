"""What one replica may run on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """A kind of replica."""

    accelerator: str
    """As the catalog and the profile write it, such as L4; ``cpu`` for none."""
    gpus: int = 1
    """Of one replica; each has the declared instances of its own."""
    cores: float | None = None
    """Processors of one replica, which its CPU stages share; None: as many as they want."""
    usd_per_hour: float | None = None
    """Of one replica: its share of the node's price. None: not priced."""
