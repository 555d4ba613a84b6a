"""Pools beside what the account was told that each zone has (``account/offerings.csv``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..environment.account import Account, OfferedType
from ..environment.cpu_pool import CpuPool
from ..environment.gpu_pool import GpuPool
from .finding import Finding
from .regions import zone_of
from .resolved import ResolvedCluster
from .resolved_pool import ResolvedCpuPool, ResolvedGpuPool


def offering_findings(account: Account, position: int, cluster: ResolvedCluster) -> Iterator[Finding]:
    """Pools of one cluster, below ``clusters``, whose machines no zone of theirs has.

    Of several machine types of a pool one is enough, as the cloud takes whichever there is. A type that the account was
    never asked about is not judged.
    """
    for kind, pool, index, offered in _asked(account, cluster):
        steps = ("clusters", position, kind, index)
        types = " or ".join(offered)
        having = _zones(offered)
        about = f"(pool {pool.name!r})"
        if not any(each.offered for each in offered.values()):
            why = next((f" ({each.why})" for each in offered.values() if each.why), "")
            yield Finding(
                (*steps, "instance_types") if pool.instance_types else steps,
                f"no zone of {cluster.declared.region} offers this account {types}{why}; choose another machine type "
                f"or region, or have the cloud open it to the account {about}",
            )
        elif having:
            for number, zone in enumerate(pool.zones or ()):
                if zone not in having and zone_of(zone, cluster.declared.region, cluster.declared.cloud):
                    yield Finding(
                        (*steps, "zones", number),
                        f"{zone!r} has no {types} for this account; zones that have: {', '.join(having)} {about}",
                    )
            if not pool.zones and cluster.zones and not set(cluster.zones) & set(having):
                yield Finding(
                    steps,
                    f"no zone of cluster {cluster.declared.name!r} ({', '.join(cluster.zones)}) has {types} for this "
                    f"account; zones that have: {', '.join(having)} {about}",
                )


def offering_notices(account: Account, clusters: Sequence[ResolvedCluster]) -> Iterator[str]:
    """Pools whose machines only some zones of their cluster have."""
    for cluster in clusters:
        for _, pool, _, offered in _asked(account, cluster):
            having = _zones(offered)
            left = [zone for zone in cluster.zones if zone in having]
            without = [zone for zone in cluster.zones if zone not in having]
            if left and without and not pool.zones:
                yield (
                    f"pool {pool.name!r} of cluster {cluster.declared.name!r} starts no node in {', '.join(without)}: "
                    f"for this account only {', '.join(left)} has {' or '.join(offered)}"
                )


def _asked(
    account: Account, cluster: ResolvedCluster
) -> Iterator[tuple[str, GpuPool | CpuPool, int, dict[str, OfferedType]]]:
    """Kind, declaration and position of each pool, with what is known of all of its machine types."""
    decided: dict[tuple[str, str], ResolvedGpuPool | ResolvedCpuPool] = {
        **{("gpu_pools", pool.name): pool for pool in cluster.gpu_pools},
        **{("cpu_pools", pool.name): pool for pool in cluster.cpu_pools},
    }
    declared = cluster.declared
    pools = [("gpu_pools", declared.gpu_pools), ("cpu_pools", declared.cpu_pools)]
    for kind, of_kind in pools:
        for index, pool in enumerate(of_kind):
            found = decided.get((kind, pool.name))
            types = found.instance_types if found is not None else ()
            offered = {name: account.offered(declared.cloud, declared.region, name) for name in types}
            known = {name: each for name, each in offered.items() if each is not None}
            if known and len(known) == len(types):
                yield kind, pool, index, known


def _zones(offered: dict[str, OfferedType]) -> tuple[str, ...]:
    return tuple(sorted({zone for each in offered.values() if each.offered for zone in each.zones}))
