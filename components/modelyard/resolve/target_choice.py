"""Where a model with a traffic profile is cheapest to run, and the declaration that ``target: auto`` stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from ..catalog import UnknownInstanceType, allocatable, instance
from ..environment.department import Department
from ..environment.device import NVIDIA
from ..environment.environment import Environment
from ..environment.model import Model
from ..environment.names import CPU
from ..environment.problem import Problem
from ..environment.sagemaker import Serverless
from ..environment.target import CLOUD_OF, MANAGED
from ..repository.repository import Repository
from ..sizing.choosing.choose import choose_target
from ..sizing.choosing.declared_price import with_declared_prices
from ..sizing.choosing.option import Option
from ..sizing.choosing.options import Taken
from ..sizing.choosing.place import MachinePlace, Place, Price, ServerlessPlace, places_of_service
from ..sizing.cold_start import cold_start, image_size_gb
from ..sizing.offer import Offer
from .finding import Finding
from .image import ServerImage
from .model import misfits
from .objective import executed, profile_of
from .repository import ModelRepository
from .resolved import ChosenTarget, ResolvedCluster, ResolvedGpuPool
from .source import Source, SourceReader

_SYSTEM = "system"
"""What a replica without a GPU runs on: the nodes of the cluster's own software."""
_SIGNAL_SECONDS = 30
_OF_CLUSTERS, _OF_SERVICES = ("clusters", "pool", "overflow_pool", "access"), ("regions",)
"""Keys that a choice leaves behind."""

Told = tuple[Department, int, Model, list[Finding | Problem]]
"""What is wrong with one model of a department."""


def decide_targets(
    environment: Environment,
    clusters: Sequence[ResolvedCluster],
    reader: SourceReader,
    image_of: Callable[[Model], ServerImage | list],
    is_compared: Callable[[Model], bool],
) -> tuple[Environment, tuple[ChosenTarget, ...], list[Told]]:
    """The environment with a target in place of every ``auto``, and what was compared."""
    found: list[ChosenTarget] = []
    told: list[Told] = []
    departments: list[Department] = []
    for department in environment.departments:
        models: list[Model] = []
        for position, model in enumerate(department.models):
            if is_compared(model):
                model, chosen, wrong = decide_target(environment, department, model, clusters, reader, image_of(model))
                found += [chosen] if chosen is not None else []
                told.append((department, position, model, wrong))
            models.append(model)
        departments.append(department.model_copy(update={"models": models}))
    return replace(environment, departments=tuple(departments)), tuple(found), told


def decide_target(
    environment: Environment,
    department: Department,
    model: Model,
    clusters: Sequence[ResolvedCluster],
    reader: SourceReader,
    image: ServerImage | list,
) -> tuple[Model, ChosenTarget | None, list[Finding | Problem]]:
    """The model with a target in place of ``auto``, what was compared, and everything that keeps it from being.

    A model of another target with ``traffic`` is compared too, for the plan to show, and stays as it is declared.
    """
    wanted = model.target == "auto"
    missing = [key for key in ("objective", "traffic") if getattr(model, key) is None]
    if missing:
        told = [
            Finding((key,), "is missing, and target auto compares by it; add it, or name a target") for key in missing
        ]
        return model, None, list(told) if wanted else []
    if wanted and (several := list(_several(model))):
        return model, None, [*several]
    measured = _measured(model, reader, image)
    if isinstance(measured, list):
        return model, None, measured if wanted else []
    if measured is None:
        return model, None, [_unmeasured()] if wanted else []
    source, repository, profile = measured
    objective, traffic = model.objective, model.traffic
    assert objective is not None and traffic is not None
    stages, way = executed(model, repository, profile)
    release = image.release_name if isinstance(image, ServerImage) else ""
    size = None if source.url is not None else sum(file.size for file in repository.files) if repository else None
    accelerators = frozenset(each.accelerator for each in profile.stages)
    choice = choose_target(
        traffic,
        p99_ms=objective.p99_ms,
        profile=profile,
        declared=stages,
        places=with_declared_prices(
            [
                *_on_clusters(model, clusters, size, release),
                *_managed(environment, model, accelerators, size, release),
            ],
            environment.platform.costs.price_overrides,
        ),
        pipeline=way,
        least_replicas=max(1, model.scaling.min_replicas),
        scale_down_minutes=model.scaling.scale_down_minutes,
        taken=Taken.from_catalogue(environment.platform.costs.hours_per_month),
    )
    if not wanted:
        return model, ChosenTarget(department.department, model.name, choice, taken=False), []
    if choice.chosen is None:
        return model, None, [Finding(("target",), f"auto finds nothing to take: {choice.why}")]
    taken = _declared(model, choice.chosen)
    told = _of_schedules(model, taken)
    return taken, ChosenTarget(department.department, model.name, choice, taken=True, told=told), []


def _several(model: Model) -> Iterator[Finding]:
    """Each option is one place, with one price and one latency: what runs in several is not compared."""
    for key in ("clusters", "regions"):
        named = getattr(model, key)
        if len(named) > 1:
            yield Finding(
                (key,),
                f"names {', '.join(named)}, and target auto takes one place; name one, leave {key} out to have all of "
                "the platform's compared, or name a target, which runs in each",
            )


def _of_schedules(model: Model, taken: Model) -> str:
    """What became of windows with a higher floor, which the comparison knows nothing of."""
    if not model.scaling.schedules:
        return ""
    if not taken.scaling.schedules and taken.sagemaker is not None and taken.sagemaker.kind == "serverless":
        return (
            "scaling.schedules is left behind, since a serverless endpoint has no instances to keep; the nearest it "
            "can: sagemaker.serverless.provisioned_concurrency"
        )
    if not taken.scaling.schedules:
        return "scaling.schedules is left behind, since no window asks for more than is always there"
    return "its schedules keep more than was compared in their hours, which cost on top"


def _measured(
    model: Model, reader: SourceReader, image: ServerImage | list
) -> tuple[Source, Repository | None, Any] | list[Finding | Problem] | None:
    """None: there is no profile to compare by."""
    source = reader.read(model)
    if isinstance(source, list):
        return source
    if not isinstance(image, ServerImage):
        return image
    repository = ModelRepository(model, source, image.release_name, reader).decided()
    if isinstance(repository, list):
        return repository
    profile = profile_of(model, source)
    if isinstance(profile, list) or profile is None:
        return profile
    return source, repository, profile


def _unmeasured() -> Finding:
    return Finding(
        ("target",),
        "is auto, and there is no profile to compare by; measure one with modelyard try --profile, or name a target",
    )


def _on_clusters(
    model: Model, clusters: Sequence[ResolvedCluster], size: int | None, release: str
) -> Iterator[MachinePlace]:
    """Each pool that replicas fit on, or the nodes for those without GPUs."""
    image = image_size_gb(model.server, release or None)
    for cluster in clusters:
        if model.clusters and cluster.declared.name not in model.clusters:
            continue
        pools: Sequence[ResolvedGpuPool | None] = cluster.gpu_pools if model.resources.gpus else (None,)
        for pool in pools:
            if pool is not None and not _takes(model, pool):
                continue
            start = cold_start(
                node_there=None,
                image_there=None,
                image_unpacked_gb=image,
                model_bytes=size,
                weights=model.weights.by,
                signal_seconds=_SIGNAL_SECONDS,
                gpu=pool is not None,
            )
            price = _node_price(model, cluster, pool)
            yield MachinePlace(
                target="kubernetes",
                where=cluster.declared.name,
                machine=_SYSTEM if pool is None else pool.declared.name,
                offer=Offer(
                    CPU if pool is None else pool.accelerator,
                    gpus=max(1, model.resources.gpus),
                    cores=model.resources.cpu,
                    usd_per_hour=None if price is None else float(price.usd),
                ),
                price=price,
                start_low_seconds=start.low_seconds,
                start_high_seconds=start.high_seconds,
                unpriced=""
                if price is not None
                else f"the nodes of cluster {cluster.declared.name!r} have no price here",
            )


def _takes(model: Model, pool: ResolvedGpuPool) -> bool:
    """Nothing chooses spot machines by itself: they can be taken away at any time."""
    if misfits(model.resources, pool, ()):
        return False
    if model.pool is None:
        return pool.declared.capacity == "on_demand" and pool.gpu_resource == NVIDIA
    return model.pool == pool.declared.name


def _node_price(model: Model, cluster: ResolvedCluster, pool: ResolvedGpuPool | None) -> Price | None:
    """One replica's share of a node's hour."""
    declared = cluster.declared
    if pool is None and declared.existing is not None:
        return None
    name = declared.system_instance_types[0] if pool is None else pool.instance_types[0]
    try:
        machine = instance(declared.cloud, declared.region, name)
    except UnknownInstanceType:
        return None
    hour = machine.usd_per_hour_on_demand if pool is None else pool.usd_per_hour
    if hour is None:
        return None
    room = allocatable(machine)
    shares = [
        model.resources.cpu * 1000 / room.cpu_millicores,
        model.resources.memory_gib * 1024 / room.memory_mib,
        *([model.resources.gpus / pool.gpu_devices_per_node] if pool is not None else []),
    ]
    usd = hour * type(hour)(str(round(max(shares), 6)))
    return Price(usd, machine.source, machine.source_date, f"a replica pays its share of a node {name}")


def _managed(
    environment: Environment, model: Model, accelerators: frozenset[str], size: int | None, release: str
) -> Iterator[Place]:
    """Every region of every cloud that the platform names; at Vertex AI only with an image, which it has none of."""
    managed = environment.platform.managed
    if managed is None:
        return
    for target in MANAGED:
        if target == "vertex" and model.image is None and (model.vertex is None or model.vertex.prebuilt is None):
            continue
        own = getattr(model, target)
        for region in managed.regions(CLOUD_OF[target]):
            if model.regions and region not in model.regions:
                continue
            places = places_of_service(
                target,
                region,
                accelerators=accelerators,
                cores=model.resources.cpu,
                memory_gib=model.resources.memory_gib if "memory_gib" in model.resources.model_fields_set else None,
                gpus=max(1, model.resources.gpus),
                model_bytes=size,
                release=release or None,
                instance_type=getattr(own, "instance_type", None) or getattr(own, "machine_type", None),
                **_serverless(model),
            )
            yield from (place for place in places if _is_kind(model, place))


def _serverless(model: Model) -> dict[str, int]:
    """The container that a model names, and how many there may be. One that is declared is what is deployed, with its
    defaults; for ``auto`` only what is written counts."""
    own = model.sagemaker
    if own is None or own.kind != "serverless":
        return {}
    settings = own.serverless or Serverless()
    return {
        f"serverless_{name}": value
        for name, key in (("memory_mib", "memory_mib"), ("concurrency", "max_concurrency"))
        if (value := getattr(settings, key)) is not None
        and (model.target != "auto" or key in settings.model_fields_set)
    }


def _is_kind(model: Model, place: Place) -> bool:
    """``auto`` takes no other kind of endpoint than the one that is written, which may be told what others have not."""
    own = model.sagemaker
    if model.target != "auto" or place.target != "sagemaker" or own is None or "kind" not in own.model_fields_set:
        return True
    return isinstance(place, ServerlessPlace) == (own.kind == "serverless")


def _declared(model: Model, option: Option) -> Model:
    """As the user would have declared it."""
    place = option.place
    data = model.model_dump(exclude_unset=True)
    scaling = {
        **data.get("scaling", {}),
        "min_replicas": option.least,
        "max_replicas": max(option.most, option.least, 1),
    }
    windows = [each for each in model.scaling.schedules if each.min_replicas > option.least]
    scaling.pop("schedules", None)
    if windows and not isinstance(place, ServerlessPlace):
        scaling["schedules"] = [each.model_dump(exclude_unset=True) for each in windows]
        scaling["max_replicas"] = max(scaling["max_replicas"], *(each.min_replicas for each in windows))
    if option.kind == "scale_to_zero":
        scaling["min_replicas"] = 0
    data |= {"target": place.target, "scaling": scaling}
    for other in (
        *MANAGED,
        *(("regions",) if place.target == "kubernetes" else ("clusters", "pool", "overflow_pool", "access")),
    ):
        if other != place.target:
            data.pop(other, None)
    if place.target == "kubernetes":
        data["clusters"] = [place.where]
        if place.machine != _SYSTEM:
            data["pool"] = place.machine
        return Model.model_validate(data)
    own = dict(data.get(place.target, {}))
    if isinstance(place, ServerlessPlace):
        scaling |= {"min_replicas": 1, "max_replicas": 1}
        own.pop("instance_type", None)
        serverless = {
            "memory_mib": place.memory_mib,
            "max_concurrency": max(1, min(place.max_concurrency, option.most)),
        }
        if option.kind == "serverless_with_warm_floor":
            serverless["provisioned_concurrency"] = option.least
        own |= {"kind": "serverless", "serverless": {**own.get("serverless", {}), **serverless}}
    else:
        own["machine_type" if place.target == "vertex" else "instance_type"] = place.machine
        _follow(scaling, model, option)
    return Model.model_validate({**data, "regions": [place.where], place.target: own})


def _follow(scaling: dict[str, Any], model: Model, option: Option) -> None:
    """A target to grow by, where none is named: the busiest hour's share of each of the most replicas."""
    named = any(key.startswith("target_") and value is not None for key, value in scaling.items())
    if scaling["max_replicas"] > scaling["min_replicas"] and not named and model.traffic is not None:
        scaling["target_requests_per_second"] = round(model.traffic.peak_requests_per_second / option.most, 3)


def choice_notice(chosen: ChosenTarget) -> str:
    """Why ``auto`` took what it took, and what would change that."""
    deciding = "".join(f"; {each.sentence()}" for each in chosen.choice.decides[:1])
    told = f"; {chosen.told}" if chosen.told else ""
    return f"model {chosen.model!r} has target auto: {chosen.choice.why}{deciding}{told}"
