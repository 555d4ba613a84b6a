"""Arguments that pools with and without GPUs share; they mirror the declarations in ``environment/``."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict


class TaintArgs(TypedDict):
    """A Kubernetes taint of the pool's nodes."""

    key: str
    """Label key."""
    value: NotRequired[str]
    """Label value. Default: empty."""
    effect: NotRequired[str]
    """``NoSchedule``, ``PreferNoSchedule`` or ``NoExecute``. Default: ``NoSchedule``."""


class PoolScheduleArgs(TypedDict):
    """At these times the pool's limits become these; the next schedule changes them again.

    All three are changed in managed pools of EKS. Elsewhere only min_nodes is, so that one declaration for every cloud
    has the pool's max_nodes, and desired_nodes as min_nodes.
    """

    name: str
    """Name of the schedule."""
    recurrence: str
    """Five-field cron expression, for example ``0 20 * * 1-5``."""
    timezone: NotRequired[str]
    """IANA time zone, for example Europe/London. Default: Etc/UTC."""
    min_nodes: int
    """Nodes that always run from then on."""
    desired_nodes: int
    """Nodes at that moment; the node autoscaler takes over."""
    max_nodes: int
    """Nodes that the autoscaler may go up to; 0: none."""


class PoolUpdateArgs(TypedDict):
    """How many nodes an update takes at a time, and how long it waits for them (EKS NodegroupUpdateConfig, GKE
    UpgradeSettings, AKS upgradeSettings)."""

    max_unavailable: NotRequired[int]
    """Nodes that may be missing meanwhile. Default: 1, unless another of these is given."""
    max_unavailable_percentage: NotRequired[int]
    """The same as a share of the nodes, in percent; not GKE. Default: none."""
    max_surge: NotRequired[int]
    """Nodes that come beyond the pool's size first (GKE, AKS; Karpenter and EKS bring new nodes before old ones go by
    themselves). GPU nodes need as much quota. Default: the cloud's."""
    strategy: NotRequired[str]
    """blue_green: a whole new set of nodes first (GKE). Default: ``rolling``."""
    drain_timeout_minutes: NotRequired[int]
    """Pods have so long to leave a node (AKS, GKE, Karpenter's grace period). Default: the cloud's."""
    soak_minutes: NotRequired[int]
    """After each node, or with blue_green before the old nodes go, the update waits for so long (AKS, GKE). Default:
    the cloud's."""


class EksNodesArgs(TypedDict):
    """How a node group's image, updates and repairs are held (EKS API reference, Nodegroup and NodeRepairConfig)."""

    image_release: NotRequired[str]
    """Release of the machine image, of the nodes' Kubernetes version: 1.35.2-20260915 of Amazon Linux 2023,
    1.50.0-0a1b2c3d of Bottlerocket. Default: the newest when the group is made or gets another version of
    Kubernetes."""
    force_update: NotRequired[bool]
    """Whether an update ends pods that cannot leave a node in 15 minutes, such as those that a disruption budget
    keeps. Otherwise it fails, and the nodes stay as they were. Default: false."""
    repair_at_once: NotRequired[int]
    """Nodes that are repaired at a time. Default: as many as EKS sees fit."""
    repair_stops_at_percent: NotRequired[int]
    """Where more of the nodes are broken, none is replaced: something else is wrong. Default: EKS' own."""


class QuietHoursArgs(TypedDict):
    """Meanwhile no node that a pod needs is exchanged, whatever has changed; empty ones still go."""

    recurrence: str
    """When they begin: five-field cron expression in UTC, for example ``0 8 * * 1-5``."""
    hours: int
    """How long they last."""


class KarpenterNodesArgs(TypedDict):
    """When nodes come and go, and with which image (NodePool of karpenter.sh/v1, EC2NodeClass of
    karpenter.k8s.aws/v1)."""

    image_release: NotRequired[str]
    """Release of the machine image: v20260915 of Amazon Linux 2023, v1.50.0 of Bottlerocket. Default: the newest, whose
    appearance exchanges all nodes. Not Auto Mode, whose images AWS chooses."""
    expire_hours: NotRequired[int]
    """Nodes are exchanged at this age; 0: never. Default: 720 (Karpenter), 336 (Auto Mode, which allows 504), never in
    a reservation."""
    consolidate: NotRequired[str]
    """Which nodes go by themselves. Default: when_empty for GPU nodes, since a model that moves has to be loaded again;
    when_underused for others."""
    unused_minutes: NotRequired[int]
    """They go after so long. Default: 10."""
    quiet_hours: NotRequired[Sequence[QuietHoursArgs]]
    """Default: none."""
    weight: NotRequired[int]
    """Of several pools that a pod may use, the one with more weight. Default: 30 for reservations, 20 for a floor, 10
    for spot, none on demand."""


class SpotArgs(TypedDict):
    """Settings of spot capacity."""

    on_demand_floor: NotRequired[int]
    """Nodes of the same machines on demand, which run whatever happens to the others: a second pool, named
    <pool>-floor. Karpenter and Auto Mode bring them first, when pods ask. Default: 0."""
    eviction: NotRequired[str]
    """AKS: what becomes of a node that is taken back. Default: delete, and a new node comes elsewhere; otherwise
    ``deallocate``."""
    max_usd_per_hour: NotRequired[float]
    """AKS: nodes go where the price is higher. Default: the on-demand price."""


class AksNodesArgs(TypedDict):
    """How nodes of AKS are hardened, and what becomes of one that cannot be emptied."""

    encryption_at_host: NotRequired[bool]
    """Whether temporary disks and caches are encrypted on the host too. The subscription needs the feature
    Microsoft.Compute/EncryptionAtHost, and the machine has to take it. Default: false."""
    fips: NotRequired[bool]
    """Whether nodes run the image with FIPS 140 modules; a change exchanges the nodes. Default: false."""
    trusted_launch: NotRequired[bool]
    """Whether nodes start from a measured boot with a virtual TPM. Secure Boot comes with it where AKS installs no GPU
    driver, which is not signed for it. Default: false."""
    ssh: NotRequired[bool]
    """Whether nodes run an SSH server, whose key nobody has. A change comes with the next node image. Default: true."""
    undrainable: NotRequired[str]
    """A node that an upgrade cannot empty. schedule: it takes pods again, and the upgrade fails. cordon: it stays
    closed, and the upgrade goes on. Default: as AKS does, schedule."""
