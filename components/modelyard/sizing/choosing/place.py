"""Where a model could run, and what that costs: machines by the hour, or a serverless service by the request."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from ...catalog import sagemaker_limits, service_price
from ...catalog.managed_instances import ManagedInstance, managed_instance, priced_instances
from ...catalog.table import rows
from ...environment.names import CPU
from ...environment.target import SERVICE_OF, ManagedTarget, Target
from ..cold_start import Assumption, cold_start, image_size_gb
from ..offer import Offer

SERVERLESS = "SageMaker Serverless Inference"
"""Service of the price list."""
_TYPES = 3
"""Instance types of each accelerator that are compared where none is declared: the cheapest."""
_METRIC_SECONDS = 60
"""CloudWatch and Azure Monitor give what autoscaling asks for by the minute."""


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars for one unit."""

    usd: Decimal
    source: str
    source_date: str
    assumed: str | None = None
    """Why these are not simply the dollars of a source, or None."""


@dataclass(frozen=True, slots=True)
class MachinePlace:
    """Replicas on machines of one kind."""

    target: Target
    where: str
    """Region, or the cluster's name."""
    machine: str
    """Instance type, or the pool's name."""
    offer: Offer
    """What one replica has."""
    price: Price | None
    """Of one replica for an hour; None: nobody says."""
    start_low_seconds: float
    """Until one more replica answers, at best."""
    start_high_seconds: float
    unpriced: str = ""
    """Why there is no price."""

    @property
    def is_cluster(self) -> bool:
        return self.target == "kubernetes"


@dataclass(frozen=True, slots=True)
class ServerlessPlace:
    """Containers that are paid for by the time of requests."""

    target: ManagedTarget
    where: str
    memory_mib: int
    max_concurrency: int
    price: Price | None
    """Of a second of one request."""
    provisioned: Price | None = None
    """Of a second of one container that is kept warm; None: nobody says."""
    unpriced: str = ""

    @property
    def machine(self) -> str:
        return f"{self.memory_mib} MiB"


Place = MachinePlace | ServerlessPlace


def places_of_service(
    target: ManagedTarget,
    region: str,
    *,
    accelerators: frozenset[str],
    cores: float,
    memory_gib: float | None = None,
    gpus: int = 1,
    model_bytes: int | None,
    release: str | None = None,
    instance_type: str | None = None,
    serverless_concurrency: int | None = None,
    serverless_memory_mib: int | None = None,
) -> tuple[Place, ...]:
    """Where one managed service could run a model in one region.

    Args:
        target: the service.
        region: as the cloud writes it.
        accelerators: that the model was measured on; ``cpu`` for none.
        cores: that one replica needs at least.
        memory_gib: that one replica needs at least; None: twice its files.
        gpus: that one replica needs where it runs on GPUs.
        model_bytes: size of its files; None: unknown.
        release: of Triton, for the size of its image.
        instance_type: the only one to compare; None: the cheapest of each accelerator.
        serverless_concurrency: most requests at once; None: what the service allows.
        serverless_memory_mib: the only size of a container to compare; None: all in which the model fits.
    """
    found: list[Place] = []
    needed_gib = 2 * (model_bytes or 0) / 1024**3 if memory_gib is None else memory_gib
    if instance_type is not None:
        offered: tuple[ManagedInstance, ...] = (managed_instance(target, region, instance_type),)
    else:
        offered = tuple(_cheapest(target, region, accelerators, cores, needed_gib, gpus))
    for each in offered:
        found.append(_machines(each, cores, model_bytes, release))
    if target == "sagemaker" and CPU in accelerators and region in sagemaker_limits.serverless_regions():
        found.extend(_serverless(region, needed_gib, serverless_concurrency, serverless_memory_mib))
    return tuple(found)


def serverless_assumption(name: str) -> Assumption:
    """``cold_start``, ``keep_warm`` or ``cores_per_gib``, with its source."""
    return _serverless_assumptions()[name]


def serverless_assumptions() -> tuple[Assumption, ...]:
    """All of them, to be printed beside a choice."""
    return tuple(_serverless_assumptions().values())


def _cheapest(
    target: ManagedTarget, region: str, accelerators: frozenset[str], cores: float, memory_gib: float, gpus: int
) -> list[ManagedInstance]:
    by_accelerator: dict[str, list[ManagedInstance]] = {}
    for each in priced_instances(target, region):
        name = each.accelerator or CPU
        fits = (each.vcpu or 0) >= cores and float(each.memory_gib or 0) >= memory_gib
        fits = fits and (name == CPU or each.accelerator_count >= gpus)
        known = by_accelerator.setdefault(name, [])
        if name in accelerators and fits and len(known) < _TYPES:
            known.append(each)
    return [each for known in by_accelerator.values() for each in known]


def _machines(each: ManagedInstance, cores: float, model_bytes: int | None, release: str | None) -> MachinePlace:
    start = cold_start(
        node_there=False,
        image_unpacked_gb=image_size_gb("triton", release),
        model_bytes=model_bytes,
        signal_seconds=_METRIC_SECONDS,
        gpu=each.accelerator is not None,
    )
    price = None
    if each.usd_per_hour is not None:
        price = Price(each.usd_per_hour, each.source, each.source_date, each.assumed)
    return MachinePlace(
        target=each.target,  # type: ignore[arg-type]
        where=each.region,
        machine=each.name,
        offer=Offer(
            each.accelerator or CPU,
            gpus=each.accelerator_count or 1,
            cores=float(each.vcpu) if each.vcpu is not None else cores,
            usd_per_hour=None if each.usd_per_hour is None else float(each.usd_per_hour),
        ),
        price=price,
        start_low_seconds=start.low_seconds,
        start_high_seconds=start.high_seconds,
        unpriced=each.unpriced,
    )


def _serverless(
    region: str, memory_gib: float, concurrency: int | None, memory_mib: int | None
) -> list[ServerlessPlace]:
    """The named size, or those in which the model's memory fits."""
    if memory_mib is not None:
        return [_serverless_of(region, memory_mib, concurrency)]
    fitting = [size for size in sagemaker_limits.serverless_memory_mib() if size >= memory_gib * 1024]
    return [_serverless_of(region, size, concurrency) for size in fitting]


def _serverless_of(region: str, memory_mib: int, concurrency: int | None) -> ServerlessPlace:
    row = service_price("aws", SERVERLESS, f"memory {memory_mib} MB", region)
    price = None
    if row is not None:
        assumed = None if row.region else f"price of {SERVERLESS}: its source does not say which region it means"
        price = Price(row.usd, row.source, row.source_date, assumed)
    return ServerlessPlace(
        target="sagemaker",
        where=region,
        memory_mib=memory_mib,
        max_concurrency=concurrency or sagemaker_limits.limit("serverless_max_concurrency"),
        price=price,
        unpriced="" if price else f"the catalog has no price of {SERVERLESS} with {memory_mib} MB in {region}",
    )


def place_text(place: Place) -> str:
    """``SageMaker ml.g5.xlarge in us-east-1``; ``Kubernetes pool gpu on east``"""
    if place.target == "kubernetes":
        return f"{SERVICE_OF['kubernetes']} pool {place.machine} on {place.where}"
    return f"{SERVICE_OF[place.target]} {place.machine} in {place.where}"


@cache
def _serverless_assumptions() -> dict[str, Assumption]:
    return {
        row["name"]: Assumption(
            row["name"], float(row["low"]), float(row["high"]), row["unit"], row["source"], row["source_date"]
        )
        for row in rows("serverless.csv")
    }
