"""A pool of GPU nodes on AKS.

Follows "Use GPUs on AKS", "Multi-instance GPU node pool", "Assign capacity reservation groups to AKS node pools" and
"Reduce latency with proximity placement groups" of the AKS documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from ...governance.azure_sdk import azure
from ...governance.ownership import Ownership
from ...resolve.gpu_sharing_refusals import cloud_mig_profiles
from ...resolve.resolved_pool import ResolvedGpuPool
from ..made_pool import MadePool
from .agent_pool import agent_pool, given
from .pool_name import agent_pool_name

_COMPONENT = "GpuNodePool"


def aks_pool(
    name: str, pool: ResolvedGpuPool, args: Mapping[str, Any], *, ownership: Ownership, parent: pulumi.Resource
) -> MadePool:
    """One agent pool: a pool of the declaration, or its floor. Arguments as of
    :func:`~modelyard.capacity.aks.agent_pool.agent_pool`. Sizes with InfiniBand join it without being told."""
    asked = pool.declared
    mig = asked.sharing.mig if asked.sharing is not None else None
    ephemeral = asked.local_ssd is not None and asked.local_ssd.use == "ephemeral"
    group = _proximity_group(name, pool, args, ownership, parent) if pool.placement_group else None
    more = {
        "gpu_profile": {"driver": "Install" if pool.driver_by == "cloud" else "None"},
        "os_disk_type": "Ephemeral" if ephemeral else "Managed",
        **given(
            gpu_instance_profile=None if mig is None else cloud_mig_profiles("azure", pool.accelerator)[mig],
            capacity_reservation_group_id=pool.reservation_id,
            proximity_placement_group_id=group,
        ),
    }
    return agent_pool(name, _COMPONENT, pool, args, more, ownership=ownership, parent=parent)


def _proximity_group(
    name: str, pool: ResolvedGpuPool, args: Mapping[str, Any], ownership: Ownership, parent: pulumi.Resource
) -> pulumi.Output[str]:
    """Keeps machines in one building. Told of size and zone, Azure finds one that has such machines. Its zone is for
    life, so its name follows that of the pool."""
    group = azure(_COMPONENT, "compute").ProximityPlacementGroup(
        name,
        proximity_placement_group_name=f"{ownership.environment}-{pool.cluster}-{agent_pool_name(pool)}",
        resource_group_name=args["resource_group"],
        location=pool.region,
        proximity_placement_group_type="Standard",
        intent={"vmSizes": [pool.machine_type]},
        tags=ownership.aws_tags(),
        **given(zones=list(pool.zones) or None),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return group.id
