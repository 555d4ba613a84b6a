"""Placement: which pods of a plan run on which node pool, and which fit nowhere."""

from modelyard.placement.place import place
from modelyard.placement.placement import (
    Fill,
    Misfit,
    Placement,
    PoolPlacement,
    Resident,
    Surge,
    Undetermined,
)
from modelyard.placement.pool import Pool, Taint, pools
from modelyard.placement.workload import Requests, Workload, workloads

__all__ = [
    "Fill",
    "Misfit",
    "Placement",
    "Pool",
    "PoolPlacement",
    "Requests",
    "Resident",
    "Surge",
    "Taint",
    "Undetermined",
    "Workload",
    "place",
    "pools",
    "workloads",
]
