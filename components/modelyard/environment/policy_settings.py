"""How strict the policy pack is in an environment."""

from __future__ import annotations

from typing import Literal

from .declaration import Declaration

Level = Literal["advisory", "mandatory", "disabled"]


class PolicySettings(Declaration):
    """Levels follow the tier (dev, staging, prod); single policies can be set otherwise here."""

    levels: dict[str, Level] = {}
    """Policy name to level."""
