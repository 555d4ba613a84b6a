"""Which machines of its cloud and region a pool runs on."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from ..catalog import InstanceType, UnknownInstanceType, UnknownName, accelerators, instance, instances
from ..catalog.gke_accelerators import gke_accelerator
from ..catalog.regions import sold_in
from ..catalog.table import rows
from ..environment.cluster import SERVICE
from ..environment.gpu_pool import GpuPool
from ..environment.known_name import unknown
from ..environment.target import Cloud
from .finding import Finding
from .refusal import refusal
from .regions import known_regions
from .resolved_pool import Architecture

_MOST_DEFAULT_TYPES = 3
_NAMED_REGIONS = 6


def gpu_machines(pool: GpuPool, cloud: Cloud, region: str) -> tuple[InstanceType, ...] | list[Finding]:
    """Those that the pool names, or else the cheapest of the region with its accelerator and count."""
    return _named(pool, cloud, region) if pool.instance_types else _default(pool, cloud, region)


def takes_several(cloud: Cloud, provisioner: str) -> bool:
    """Whether one pool may have several instance types."""
    return cloud == "aws" or provisioner == "compute_class"


def machine_type(instance_type: str) -> str:
    """As the cloud names it: the catalogue's ``n1-standard-8+1xT4`` is ``n1-standard-8`` with a T4 attached."""
    return instance_type.partition("+")[0]


def architecture_of(instance_type: str) -> Architecture:
    """From the type's name.

    AWS: a ``g`` after the generation's number is a Graviton processor, and GB200 or GB300 carry Grace (Amazon EC2
    instance type naming conventions). Google Cloud: c4a, n4a, t2a and a4x (Compute Engine machine families). Azure: a
    ``p`` among the small letters after the number of cores, and GB200 or GB300 (Azure VM sizes naming conventions).
    """
    if instance_type.startswith("Standard_"):
        match = re.match(r"Standard_[A-Z]+\d+(?:-\d+)?([a-z]*)(_GB\d+)?", instance_type)
        return "arm64" if match and ("p" in match[1] or match[2]) else "x86_64"
    if "-" in instance_type and "." not in instance_type:
        return "arm64" if instance_type.partition("-")[0] in ("c4a", "n4a", "t2a", "a4x") else "x86_64"
    family = instance_type.split(".")[0]
    match = re.match(r"[a-z]+\d+([a-z]*)(-gb\d+)?", family)
    return "arm64" if match and ("g" in match[1] or match[2]) else "x86_64"


def _default(pool: GpuPool, cloud: Cloud, region: str) -> tuple[InstanceType, ...] | list[Finding]:
    offered = instances(cloud, region)
    if not offered:
        sentence = unknown("a region of the catalogue", region, known_regions(cloud))
        return [Finding(("instance_types",), f"none is named, and {sentence}; name the machines")]
    with_accelerator = [each for each in offered if each.accelerator == pool.accelerator]
    matching = [each for each in with_accelerator if each.accelerator_count == pool.gpus_per_node]
    if not matching:
        return [_not_offered(pool, cloud, region, with_accelerator)]
    architecture = architecture_of(min(matching, key=_price).name)
    same = [
        each for each in matching if architecture_of(each.name) == architecture and not each.name.endswith(".metal")
    ]
    most = _MOST_DEFAULT_TYPES if takes_several(cloud, pool.provisioner) else 1
    return tuple(sorted(same or matching, key=_price)[:most])


def _not_offered(pool: GpuPool, cloud: Cloud, region: str, with_accelerator: list[InstanceType]) -> Finding:
    if with_accelerator:
        counts = sorted({each.accelerator_count for each in with_accelerator})
        allowed = ", ".join(map(str, counts))
        values = {"region": region, "count": pool.gpus_per_node, "accelerator": pool.accelerator, "allowed": allowed}
        return refusal("count-not-offered", "gpus_per_node", **values)
    elsewhere = [
        name
        for name in known_regions(cloud)
        if any(each.accelerator == pool.accelerator for each in instances(cloud, name))
    ]
    here = sorted({each.accelerator for each in instances(cloud, region) if each.accelerator and each.gpu_count})
    where = f"it is known in {', '.join(elsewhere)}" if elsewhere else "nor in any other region of the catalogue"
    values = {"accelerator": repr(pool.accelerator), "region": region, "elsewhere": where, "here": ", ".join(here)}
    return refusal("absent-from-region", "accelerator", **values)


def _named(pool: GpuPool, cloud: Cloud, region: str) -> tuple[InstanceType, ...] | list[Finding]:
    offered = {each.name for each in instances(cloud, region)}
    types: list[InstanceType] = []
    findings: list[Finding] = []
    for position, name in enumerate(pool.instance_types):
        steps = ("instance_types", position)
        if name in pool.instance_types[:position]:
            findings.append(Finding(steps, f"{name!r} is named twice; delete one"))
            continue
        found = _machine(pool, cloud, region, name)
        if found is None:
            fitting = sorted(each.name for each in instances(cloud, region) if _fits(each, pool))
            findings.append(
                Finding(steps, unknown(f"an instance type with {_wanted(pool)} in {region}", name, fitting))
            )
        elif cloud == "gcp" and found.accelerator is None and (counts := _attachable(pool.accelerator, name)):
            allowed = ", ".join(map(str, counts))
            values = {"region": region, "count": pool.gpus_per_node, "accelerator": pool.accelerator}
            findings.append(refusal("count-not-offered", "gpus_per_node", allowed=allowed, **values))
        elif not _fits(found, pool):
            findings.append(Finding(steps, f"{name!r} has {_has(found)}; the pool declares {_wanted(pool)}"))
        elif offered and found.name not in offered and (elsewhere := _elsewhere(cloud, region, found.name)):
            message = f"{name!r} is not known to be offered in {region}; it is in {', '.join(elsewhere)}"
            findings.append(Finding(steps, message))
        elif types and not takes_several(cloud, pool.provisioner):
            findings.append(refusal("several-types", *steps, type=repr(name), service=SERVICE[cloud]))
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


def _machine(pool: GpuPool, cloud: Cloud, region: str, name: str) -> InstanceType | None:
    """The machine of this name; on Google Cloud one of the n1 series has the pool's accelerator attached."""
    if cloud == "gcp" and name.startswith("n1-") and "+" not in name:
        attached = _find(cloud, region, f"{name}+{pool.gpus_per_node}x{pool.accelerator}")
        return attached or _attach(pool, _find(cloud, region, name))
    return _find(cloud, region, name)


def _attach(pool: GpuPool, bare: InstanceType | None) -> InstanceType | None:
    """The bare machine with the pool's accelerators, where Compute Engine attaches as many of them to its series."""
    if bare is None or pool.gpus_per_node not in _attachable(pool.accelerator, bare.name):
        return bare
    return replace(
        bare,
        name=f"{bare.name}+{pool.gpus_per_node}x{pool.accelerator}",
        accelerator=pool.accelerator,
        accelerator_count=pool.gpus_per_node,
        accelerator_memory_gib=accelerators.get(pool.accelerator).memory_gib,
        usd_per_hour_on_demand=None,
        usd_per_hour_spot=None,
        source="",
        source_date="",
    )


def _attachable(accelerator: str, machine: str) -> tuple[int, ...]:
    """How many of the accelerator one machine of the type can have attached; none where they are built in."""
    try:
        known = gke_accelerator(accelerator, machine)
    except UnknownName:
        return ()
    return () if known.built_in else known.counts


def _elsewhere(cloud: Cloud, region: str, name: str) -> list[str]:
    """The regions that are known to have the machine, if this is none of them; empty too where nobody knows any."""
    listed = sold_in(cloud, name) or ()
    priced = [each for each in known_regions(cloud) if any(one.name == name for one in instances(cloud, each))]
    known = dict.fromkeys((*priced, *listed))
    return [] if region in known else list(known)[:_NAMED_REGIONS]


def zones_with(cloud: Cloud, region: str, accelerator: str) -> tuple[str, ...]:
    """Zones of the region that are known to have the accelerator; empty where nobody knows."""
    key = (cloud, region, accelerator)
    return next(
        (
            tuple(row["zones"].split())
            for row in rows("gpu_zones.csv")
            if (row["cloud"], row["region"], row["accelerator"]) == key
        ),
        (),
    )


def _find(cloud: Cloud, region: str, name: str) -> InstanceType | None:
    try:
        return instance(cloud, region, name)
    except UnknownInstanceType:
        return None


def _fits(found: InstanceType, pool: GpuPool) -> bool:
    return found.accelerator == pool.accelerator and found.accelerator_count == pool.gpus_per_node


def _has(found: InstanceType) -> str:
    return f"{found.accelerator_count} {found.accelerator}" if found.accelerator else "no accelerator"


def _wanted(pool: GpuPool) -> str:
    return f"{pool.gpus_per_node} {pool.accelerator}"


def _price(found: InstanceType) -> tuple[Decimal, str]:
    price = found.usd_per_hour_on_demand
    return (Decimal("Infinity") if price is None else price), found.name
