"""Placement: which pods of a plan run on which node pool, and which fit nowhere."""

from modelyard.placement.place import Floors, place
from modelyard.placement.placement import (
    Fill,
    FloorNodes,
    Misfit,
    Placement,
    PoolPlacement,
    Resident,
    Undetermined,
    Waiting,
)
from modelyard.placement.pool import Pool, Taint
from modelyard.placement.pools import pools
from modelyard.placement.replicas import Change, Window
from modelyard.placement.requests import Requests
from modelyard.placement.workload import Workload
from modelyard.placement.workloads import workloads

__all__ = [
    "Change",
    "Fill",
    "FloorNodes",
    "Floors",
    "Misfit",
    "Placement",
    "Pool",
    "PoolPlacement",
    "Requests",
    "Resident",
    "Taint",
    "Undetermined",
    "Waiting",
    "Window",
    "Workload",
    "place",
    "pools",
    "workloads",
]
