"""Facts as data: accelerators, instance types, prices and releases, each with its source and date.

Rows live in ``data/*.csv``, are read on first use and kept. Nothing here imports Pulumi or pydantic: the policy
pack reads the same catalog in its own small process.
"""

from modelyard.catalog import accelerators, charts, eks_versions, images, runtimes
from modelyard.catalog.instance_types import InstanceType, UnknownInstanceType, instance, instances
from modelyard.catalog.node import Allocatable, allocatable
from modelyard.catalog.service_prices import ServicePrice, service_price
from modelyard.catalog.spelling import nearest
from modelyard.catalog.table import UnknownName

__all__ = [
    "Allocatable",
    "InstanceType",
    "ServicePrice",
    "UnknownInstanceType",
    "UnknownName",
    "accelerators",
    "allocatable",
    "charts",
    "eks_versions",
    "images",
    "instance",
    "instances",
    "nearest",
    "runtimes",
    "service_price",
]
