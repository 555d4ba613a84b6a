"""How strict the policy pack is in an environment."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, WithJsonSchema

from .declaration import Declaration
from .known_name import refusal, unknown
from .policy_names import POLICY_NAMES

Level = Literal["advisory", "mandatory", "disabled"]


def _known_policy(name: str) -> str:
    if name not in POLICY_NAMES:
        raise refusal(unknown("a policy of the pack", name, POLICY_NAMES))
    return name


PolicyName = Annotated[
    str, AfterValidator(_known_policy), WithJsonSchema({"type": "string", "enum": list(POLICY_NAMES)})
]


class PolicySettings(Declaration):
    """Levels follow the tier (dev, staging, prod); single policies can be set otherwise here."""

    levels: dict[PolicyName, Level] = {}
    """Policy name to level."""
