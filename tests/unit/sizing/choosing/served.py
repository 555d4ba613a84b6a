"""A model measured by hand, for choices whose figures can be worked out on paper."""

from __future__ import annotations

from decimal import Decimal

from modelyard.environment.target import Target
from modelyard.sizing.choosing.place import MachinePlace, Price, ServerlessPlace
from modelyard.sizing.declared_stage import DeclaredStage
from modelyard.sizing.offer import Offer
from modelyard.sizing.profile import MeasuredPoint, MeasuredProfile, MeasuredStage

DECLARED = (DeclaredStage("sentiment", 0),)


def profile(execution_ms: float = 20.0, accelerator: str = "cpu") -> MeasuredProfile:
    """One request at a time, always as long: a container of one core serves 50 a second at 20 ms."""
    point = MeasuredPoint(
        batch_size=1,
        executions=1000,
        mean_ms=execution_ms,
        p50_ms=execution_ms,
        p90_ms=execution_ms,
        p99_ms=execution_ms,
        cpu_ms=execution_ms if accelerator == "cpu" else None,
    )
    return MeasuredProfile(
        source="worked out by hand",
        server="2.51.0",
        processor="by hand",
        stages=(MeasuredStage(model="sentiment", accelerator=accelerator, points=(point,)),),
    )


def machine(usd: str | None = "0.10", *, target: Target = "sagemaker", start=(60.0, 60.0), name="ml.x") -> MachinePlace:
    price = None if usd is None else Price(Decimal(usd), "a list of prices", "2026-01-01")
    return MachinePlace(
        target=target,
        where="us-east-1",
        machine=name,
        offer=Offer("cpu", cores=1),
        price=price,
        start_low_seconds=start[0],
        start_high_seconds=start[1],
        unpriced="" if price else f"the catalog has no price of {name} in us-east-1",
    )


def serverless(
    usd: str | None = "0.00002", *, memory_mib: int = 2048, concurrency: int = 50, provisioned: str | None = None
) -> ServerlessPlace:
    return ServerlessPlace(
        target="sagemaker",
        where="us-east-1",
        memory_mib=memory_mib,
        max_concurrency=concurrency,
        price=None if usd is None else Price(Decimal(usd), "a list of prices", "2026-01-01"),
        provisioned=None if provisioned is None else Price(Decimal(provisioned), "assumed", ""),
    )
