"""Names of agent pools: at most 12 small letters and digits, a letter first ("Use system node pools in AKS")."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256

from ...resolve.resolved_pool import ResolvedCpuPool, ResolvedGpuPool

_LETTERS = 8
_DIGITS = 4


def agent_pool_name(pool: ResolvedGpuPool | ResolvedCpuPool) -> str:
    """The first eight letters and digits of the pool's name, and four hexadecimal digits of all that AKS lets nobody
    change in an agent pool. Whoever changes one of these gets a pool of another name, made before the old one goes."""
    letters = re.sub("[^a-z0-9]", "", pool.name.lower())[:_LETTERS]
    told = json.dumps([pool.name, *sorted(fixed_for_life(pool).items())])
    return letters + sha256(told.encode()).hexdigest()[:_DIGITS]


def fixed_for_life(pool: ResolvedGpuPool | ResolvedCpuPool) -> Mapping[str, str]:
    """What AKS refuses to change in a pool that is there (PropertyChangeNotAllowed), by key of the declaration."""
    spot = pool.declared.spot if pool.capacity == "spot" else None
    price = None if spot is None else spot.max_usd_per_hour
    nodes = pool.declared.aks
    local = pool.declared.local_ssd if isinstance(pool, ResolvedGpuPool) else None
    more = {
        "compact": str(isinstance(pool, ResolvedGpuPool) and pool.placement_group).lower(),
        "local_ssd": "" if local is None else local.use,
        # As by default, whether the section is there or not.
        "spot.eviction": "" if spot is None or spot.eviction == "delete" else spot.eviction or "",
        "spot.max_usd_per_hour": "" if price is None else repr(price),
        "aks.encryption_at_host": str(nodes is not None and nodes.encryption_at_host).lower(),
        "aks.trusted_launch": str(nodes is not None and nodes.trusted_launch).lower(),
    }
    # What is not asked for stays out: a pool keeps its name when declarations learn a new key.
    return {key: value for key, value in {**pool.forced_by, **more}.items() if value not in ("", "false")}
