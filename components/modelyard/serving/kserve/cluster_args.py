"""Arguments of :class:`~modelyard.serving.kserve.cluster.KServeCluster`.

The annotations stay real objects (no postponed evaluation): Pulumi's component analyzer reads them.
"""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi

from modelyard.governance.ownership import OwnershipArgs


class NodeGroupArgs(TypedDict):
    """Nodes of one pool that keep models on their own disks."""

    name: str
    """Name of the LocalModelNodeGroup: lower-case letters, digits and hyphens, at most 40."""
    pool: str
    """Pool whose nodes they are."""
    storage_gib: float
    """Room for models on each node, in GiB."""
    path: NotRequired[str]
    """Folder on the node. Default: /var/lib/modelyard/models."""
    storage_class: NotRequired[str]
    """Of volumes and claims. Default: none, so that no provisioner answers."""


class KServeClusterArgs(TypedDict):
    """What KServe needs of a cluster once, beside its own installation."""

    ownership: OwnershipArgs
    """Who pays: the platform."""
    storage_initializer_image: NotRequired[pulumi.Input[str]]
    """Image that fetches models, by digest. Default: the newest that the catalogue knows."""
    node_groups: NotRequired[Sequence[NodeGroupArgs]]
    """Groups of nodes that keep models. Default: none."""
