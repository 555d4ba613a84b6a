"""A GPU pool decided: which machines, which image, how much room on each node."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

from ..catalog import InstanceType, UnknownInstanceType, accelerators, allocatable, instance, instances
from ..environment.environment import shown_path
from ..environment.gpu_pool import GpuPool
from ..environment.known_name import unknown
from ..environment.problem import InvalidEnvironment, Problem
from .finding import Finding
from .regions import known_regions
from .resolved import ResolvedGpuPool

_MOST_DEFAULT_TYPES = 3
_IMAGES: dict[str, dict[Literal["x86_64", "arm64"], str]] = {
    "al2023_nvidia": {"x86_64": "AL2023_x86_64_NVIDIA", "arm64": "AL2023_ARM_64_NVIDIA"},
    "bottlerocket_nvidia": {"x86_64": "BOTTLEROCKET_x86_64_NVIDIA", "arm64": "BOTTLEROCKET_ARM_64_NVIDIA"},
}
_GPU_TAINT = ("nvidia.com/gpu", "present", "NoSchedule")
_OWN_LABELS = re.compile(r"nvidia\.com/gpu\.present$|([a-z0-9.-]*\.)?modelyard\.dev/")
_FOREIGN_LABELS = re.compile(r"([a-z0-9.-]*\.)?(kubernetes\.io|k8s\.io|eks\.amazonaws\.com)/")


def resolve_gpu_pool(pool: GpuPool, *, cluster: str, region: str) -> ResolvedGpuPool:
    """Decide one pool by itself.

    Args:
        pool: the declaration.
        cluster: name of its cluster, for labels.
        region: AWS region, for example us-east-1.

    Raises:
        InvalidEnvironment: no machine of the region fits, the instance types do not go together, or a label or taint
            is not the user's to set.
    """
    decided = decide_gpu_pool(pool, cluster=cluster, region=region)
    if isinstance(decided, ResolvedGpuPool):
        return decided
    raise InvalidEnvironment([Problem(f"GpuNodePool {pool.name}", shown_path(steps), text) for steps, text in decided])


def decide_gpu_pool(pool: GpuPool, *, cluster: str, region: str) -> ResolvedGpuPool | list[Finding]:
    """As :func:`resolve_gpu_pool`, with findings below the pool instead of an exception."""
    findings = [*_labels(pool), *_zones(pool, region)]
    if accelerators.get(pool.accelerator).resource != _GPU_TAINT[0]:
        message = f"{pool.accelerator!r} is no NVIDIA GPU; the nodes of a GPU pool need one, such as L4"
        return [Finding(("accelerator",), message), *findings]
    types = _default_types(pool, region) if not pool.instance_types else _named_types(pool, region)
    if isinstance(types, list):
        return [*types, *findings]
    if findings:
        return findings
    first = types[0]
    room = [allocatable(each) for each in types]
    architecture = architecture_of(first.name)
    price = first.usd_per_hour_on_demand if pool.capacity == "on_demand" else first.usd_per_hour_spot
    return ResolvedGpuPool(
        declared=pool,
        cluster=cluster,
        region=region,
        instance_types=tuple(each.name for each in types),
        architecture=architecture,
        ami_type=_IMAGES[pool.image][architecture],
        accelerator=pool.accelerator,
        gpus_per_node=pool.gpus_per_node,
        gpu_memory_mib=min(each.usable_accelerator_memory_mib or 0 for each in types),
        allocatable_cpu=min(each.cpu_millicores for each in room) / 1000,
        allocatable_memory_gib=min(each.memory_mib for each in room) / 1024,
        desired_nodes=pool.min_nodes if pool.desired_nodes is None else pool.desired_nodes,
        labels={
            **pool.labels,
            "modelyard.dev/cluster": cluster,
            "modelyard.dev/pool": pool.name,
            "modelyard.dev/accelerator": pool.accelerator,
            "nvidia.com/gpu.present": "true",
        },
        taints=(_GPU_TAINT, *((taint.key, taint.value, taint.effect) for taint in pool.taints)),
        price_basis=f"aws/{region}/{first.name}/{pool.capacity}",
        usd_per_hour=price,
    )


def architecture_of(instance_type: str) -> Literal["x86_64", "arm64"]:
    """From the type's name: a ``g`` after the generation's number is a Graviton processor, and GB200 or GB300 carry
    Grace (Amazon EC2 instance type naming conventions)."""
    family = instance_type.split(".")[0]
    match = re.match(r"[a-z]+\d+([a-z]*)(-gb\d+)?", family)
    return "arm64" if match and ("g" in match[1] or match[2]) else "x86_64"


def _default_types(pool: GpuPool, region: str) -> tuple[InstanceType, ...] | list[Finding]:
    offered = instances("aws", region)
    if not offered:
        return [
            Finding(
                ("instance_types",),
                f"none is named, and {unknown('a region of the catalogue', region, known_regions())}; name the "
                "machines",
            )
        ]
    with_accelerator = [each for each in offered if each.accelerator == pool.accelerator]
    matching = [each for each in with_accelerator if each.accelerator_count == pool.gpus_per_node]
    if not matching:
        return [_not_offered(pool, region, with_accelerator)]
    architecture = architecture_of(min(matching, key=_price).name)
    same = [
        each for each in matching if architecture_of(each.name) == architecture and not each.name.endswith(".metal")
    ]
    return tuple(sorted(same or matching, key=_price)[:_MOST_DEFAULT_TYPES])


def _not_offered(pool: GpuPool, region: str, with_accelerator: list[InstanceType]) -> Finding:
    if with_accelerator:
        counts = sorted({each.accelerator_count for each in with_accelerator})
        return Finding(
            ("gpus_per_node",),
            f"no machine of {region} has {pool.gpus_per_node} {pool.accelerator}; there are machines with "
            f"{', '.join(map(str, counts))}",
        )
    elsewhere = [
        name for name in known_regions() if any(each.accelerator == pool.accelerator for each in instances("aws", name))
    ]
    here = sorted({each.accelerator for each in instances("aws", region) if each.accelerator and each.gpu_count})
    where = f"it is known in {', '.join(elsewhere)}" if elsewhere else "nor in any other region of the catalogue"
    return Finding(
        ("accelerator",),
        f"{pool.accelerator!r} is not known to be offered in {region}; {where}, and {region} offers {', '.join(here)}",
    )


def _named_types(pool: GpuPool, region: str) -> tuple[InstanceType, ...] | list[Finding]:
    offered = {each.name for each in instances("aws", region)}
    types: list[InstanceType] = []
    findings: list[Finding] = []
    for position, name in enumerate(pool.instance_types):
        steps = ("instance_types", position)
        if name in pool.instance_types[:position]:
            findings.append(Finding(steps, f"{name!r} is named twice; delete one"))
            continue
        try:
            found = instance("aws", region, name)
        except UnknownInstanceType:
            fitting = sorted(each.name for each in instances("aws", region) if _fits(each, pool))
            findings.append(
                Finding(steps, unknown(f"an instance type with {_wanted(pool)} in {region}", name, fitting))
            )
            continue
        if not _fits(found, pool):
            findings.append(Finding(steps, f"{name!r} has {_has(found)}; the pool declares {_wanted(pool)}"))
        elif offered and name not in offered:
            elsewhere = [r for r in known_regions() if any(each.name == name for each in instances("aws", r))]
            findings.append(
                Finding(steps, f"{name!r} is not known to be offered in {region}; it is in {', '.join(elsewhere)}")
            )
        elif types and architecture_of(name) != architecture_of(types[0].name):
            findings.append(
                Finding(
                    steps,
                    f"{name!r} is {architecture_of(name)} and {types[0].name!r} is "
                    f"{architecture_of(types[0].name)}; the types of a pool share one machine image, so one "
                    "architecture",
                )
            )
        else:
            types.append(found)
    return findings or tuple(types)


def _labels(pool: GpuPool) -> list[Finding]:
    findings = [
        Finding(
            ("labels", key), f"the label {key!r} is set by Modelyard; use a prefix of your own, such as example.com/"
        )
        for key in pool.labels
        if _OWN_LABELS.match(key)
    ]
    findings += [
        Finding(
            ("labels", key),
            f"the label {key!r} belongs to Kubernetes or EKS, which refuse it on nodes; use a prefix of your own",
        )
        for key in pool.labels
        if _FOREIGN_LABELS.match(key)
    ]
    seen = {(_GPU_TAINT[0], _GPU_TAINT[2])}
    for position, taint in enumerate(pool.taints):
        if (taint.key, taint.effect) in seen:
            findings.append(
                Finding(
                    ("taints", position),
                    f"the taint {taint.key}:{taint.effect} is already on the nodes; delete this one",
                )
            )
        seen.add((taint.key, taint.effect))
    return findings


def _zones(pool: GpuPool, region: str) -> list[Finding]:
    return [
        Finding(("zones", position), f"{zone!r} is not a zone of {region}; zones are named {region}a, {region}b, ...")
        for position, zone in enumerate(pool.zones or ())
        if not zone_of(zone, region)
    ]


def zone_of(zone: str, region: str) -> bool:
    """Whether the name is that of an availability zone of the region."""
    return zone[:-1] == region and zone[-1:].isascii() and zone[-1:].islower()


def _fits(found: InstanceType, pool: GpuPool) -> bool:
    return found.accelerator == pool.accelerator and found.accelerator_count == pool.gpus_per_node


def _has(found: InstanceType) -> str:
    return f"{found.accelerator_count} {found.accelerator}" if found.accelerator else "no accelerator"


def _wanted(pool: GpuPool) -> str:
    return f"{pool.gpus_per_node} {pool.accelerator}"


def _price(found: InstanceType) -> tuple[Decimal, str]:
    price = found.usd_per_hour_on_demand
    return (Decimal("Infinity") if price is None else price), found.name
