"""A model whose options were compared, as a plan holds it."""

from __future__ import annotations

from decimal import Decimal

from modelyard.environment.traffic_profile import TrafficProfile
from modelyard.resolve.resolved import ChosenTarget
from modelyard.sizing.choosing.choose import choose_target
from modelyard.sizing.choosing.options import Range, Taken
from modelyard.sizing.choosing.place import Place, Price, ServerlessPlace

from ..sizing.choosing.served import DECLARED, machine, profile

NIGHTS = TrafficProfile.model_validate(
    {"windows": [{"days": "mon-fri", "start": "08:00", "end": "18:00", "requests_per_second": 10}]}
)
TAKEN = Taken(Range(1, 60), Range(300, 900), cores_per_gib=1.0)


def compared(*places: Place, taken: bool = True, model: str = "sentiment", rate: float | None = None) -> ChosenTarget:
    """Of a model with quiet nights, or of one that is asked at one rate."""
    serverless = ServerlessPlace(
        target="sagemaker",
        where="us-east-1",
        memory_mib=2048,
        max_concurrency=50,
        price=Price(Decimal("0.00004"), "a list of prices", "2026-01-01"),
    )
    traffic = NIGHTS if rate is None else TrafficProfile(otherwise=rate)
    choice = choose_target(
        traffic,
        p99_ms=200,
        profile=profile(),
        declared=DECLARED,
        places=places or (machine("0.10"), serverless),
        taken=TAKEN,
    )
    return ChosenTarget("support", model, choice, taken)
