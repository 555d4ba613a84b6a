"""A pool of nodes without accelerators, decided."""

from __future__ import annotations

from ..catalog import InstanceType, UnknownInstanceType, allocatable, instance, instances
from ..environment.cluster import SERVICE
from ..environment.cpu_pool import CpuPool
from ..environment.known_name import unknown
from ..environment.target import Cloud
from .aks_pool import refused_for_aks
from .finding import Finding
from .gpu_pool import refused_zones
from .names import SYSTEM_POOL
from .node_image import DEFAULT_CPU_IMAGE, images_of, node_image
from .node_labels import cloud_taints, refused_labels, refused_taints, too_many
from .node_refusals import refused_for_nodes
from .pool_floor import with_floor
from .pool_machines import architecture_of, machine_type, takes_several
from .refusal import refusal
from .regions import known_regions
from .resolved_pool import ResolvedCpuPool


def decide_cpu_pool(
    pool: CpuPool, *, cluster: str, region: str, cloud: Cloud = "aws"
) -> ResolvedCpuPool | list[Finding]:
    """Decide one pool by itself, or say what is wrong below it: a machine is not known, has an accelerator or does not
    go with the others; a label, a taint, a zone or a setting is not one of the cloud's.

    Args:
        pool: the declaration.
        cluster: name of its cluster, for labels.
        region: of the cloud, for example us-east-1.
        cloud: whose machines they are.
    """
    types, findings = plain_machines(
        pool.instance_types, cloud, region, "a CPU pool has none", several=takes_several(cloud, pool.provisioner)
    )
    findings = [
        *findings,
        *refused_labels(pool, cloud),
        *refused_taints(pool, cloud),
        *refused_zones(pool.zones, region, cloud),
        *refused_for_nodes(pool, cloud),
        *refused_for_aks(pool, cloud, types),
    ]
    image = pool.image or DEFAULT_CPU_IMAGE[cloud]
    if image not in images_of(cloud, gpu=False):
        noun = f"an image of {SERVICE[cloud]} for nodes without GPUs"
        findings.append(Finding(("image",), unknown(noun, image, images_of(cloud, gpu=False))))
    if findings:
        return findings
    first, architecture = types[0], architecture_of(types[0].name)
    room = [allocatable(each) for each in types]
    whole = ResolvedCpuPool(
        declared=pool,
        name=pool.name,
        cluster=cluster,
        cloud=cloud,
        region=region,
        zones=tuple(pool.zones or ()),
        instance_types=tuple(each.name for each in types),
        machine_type=machine_type(first.name),
        architecture=architecture,
        image=node_image(cloud, image, architecture) or "",
        capacity=pool.capacity,
        allocatable_cpu=min(each.cpu_millicores for each in room) / 1000,
        allocatable_memory_gib=min(each.memory_mib for each in room) / 1024,
        min_nodes=pool.min_nodes,
        desired_nodes=pool.min_nodes if pool.desired_nodes is None else pool.desired_nodes,
        max_nodes=pool.max_nodes,
        schedules=tuple(pool.schedules),
        labels={
            **pool.labels,
            "modelyard.dev/cluster": cluster,
            # Wherever the cluster's own pods go by this label, they find these nodes too.
            "modelyard.dev/pool": SYSTEM_POOL if pool.system else pool.name,
        },
        taints=tuple((taint.key, taint.value, taint.effect) for taint in pool.taints),
        cloud_taints=cloud_taints(pool, cloud),
        price_basis=f"{cloud}/{region}/{first.name}/{pool.capacity}",
        usd_per_hour=first.usd_per_hour_spot if pool.capacity == "spot" else first.usd_per_hour_on_demand,
        forced_by={
            "instance_types": " ".join(each.name for each in types),
            "image": image,
            "capacity": pool.capacity,
            "zones": " ".join(pool.zones or ()),
            "disk_gib": str(pool.disk_gib),
        },
    )
    return too_many(whole) or with_floor(whole, first)


def plain_machines(
    names: list[str], cloud: Cloud, region: str, why: str, *, several: bool
) -> tuple[list[InstanceType], list[Finding]]:
    """Machines without accelerators by name, and what is wrong with the others.

    Args:
        names: in order of preference.
        cloud: whose machines.
        region: where.
        why: said of a machine with an accelerator: "system nodes run what needs no GPU".
        several: whether there may be more than one.
    """
    types: list[InstanceType] = []
    findings: list[Finding] = []
    for position, name in enumerate(names):
        steps = ("instance_types", position)
        try:
            found = instance(cloud, region, name)
        except UnknownInstanceType:
            where = region if region in known_regions(cloud) else known_regions(cloud)[0]
            known = sorted(each.name for each in instances(cloud, where) if each.accelerator is None)
            findings.append(Finding(steps, unknown("an instance type of the catalogue", name, known)))
            continue
        if found.accelerator is not None:
            findings.append(Finding(steps, f"{name!r} carries {found.accelerator}; {why}"))
        elif name in names[:position]:
            findings.append(Finding(steps, f"{name!r} is named twice; delete one"))
        elif types and not several:
            findings.append(refusal("several-types", *steps, type=repr(name), service=SERVICE[cloud]))
        elif types and architecture_of(name) != architecture_of(types[0].name):
            message = (
                f"{name!r} is {architecture_of(name)} and {types[0].name!r} is {architecture_of(types[0].name)}; the "
                "types of one node group share one machine image, so one architecture"
            )
            findings.append(Finding(steps, message))
        else:
            types.append(found)
    return types, findings
