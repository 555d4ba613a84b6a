"""Pods that keep nodes of a pool by the clock, where no Auto Scaling group has schedules.

The node autoscalers of GKE and AKS, Karpenter, EKS Auto Mode and ComputeClasses bring nodes for pods and take away
those that have none. So many small pods, no two of which may share a node, keep as many nodes.

Follows "How can I configure overprovisioning with Cluster Autoscaler?" and "How does Cluster Autoscaler work with Pod
Priority and Preemption?" of the cluster autoscaler's FAQ (pods of a priority below -10 bring and keep no node), "About
GKE cluster autoscaling", "Cluster autoscaling in Azure Kubernetes Service" and "Scheduling" and "Disruption" of
karpenter.sh (a node with such a pod is not empty, and anti-affinity holds when nodes are consolidated).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..environment.recurrence import parse_recurrence
from .node_labels import GKE_CLASS
from .resolved_pool import ResolvedCpuPool, ResolvedGpuPool


@dataclass(frozen=True, slots=True)
class StandbyTime:
    """At this time so many pods stand by."""

    name: str
    """Of the schedule."""
    recurrence: str
    """Five fields, as CronJobs read them: Sunday is 0."""
    timezone: str
    nodes: int


@dataclass(frozen=True, slots=True)
class PoolStandby:
    """The standing pods of one declared pool, all its node groups together."""

    pool: str
    cluster: str
    namespace: str
    first_nodes: int
    """Before the first schedule starts: what the pool keeps at every hour."""
    times: tuple[StandbyTime, ...]
    node_selector: Mapping[str, str]
    taints: tuple[tuple[str, str, str], ...]
    """Of the nodes, which the pods tolerate: key, value, effect."""

    @property
    def most_nodes(self) -> int:
        """At the hour that keeps most."""
        return max(self.first_nodes, *(time.nodes for time in self.times))


def pool_standby(pool: ResolvedGpuPool | ResolvedCpuPool) -> PoolStandby | None:
    """What stands by for a pool; None where it has no schedules, or an Auto Scaling group that follows them itself."""
    declared = pool.declared
    if not declared.schedules or has_scheduled_actions(pool.cloud, declared.provisioner):
        return None
    taints = dict.fromkeys(taint for group in pool.node_groups for taint in (*group.taints, *group.cloud_taints))
    selector = {"modelyard.dev/pool": declared.name}
    if isinstance(pool, ResolvedGpuPool):
        selector |= pool.asked_labels
    selector |= {key: value for key, value, _ in taints if key == GKE_CLASS}
    return PoolStandby(
        pool=declared.name,
        cluster=pool.cluster,
        namespace=f"{STANDBY_NAMESPACE}{declared.name}",
        first_nodes=declared.min_nodes,
        times=tuple(
            StandbyTime(each.name, _sunday_is_0(each.recurrence), each.timezone, each.min_nodes)
            for each in declared.schedules
        ),
        node_selector=selector,
        taints=tuple(taints),
    )


def standby_notices(pool: ResolvedGpuPool | ResolvedCpuPool) -> Iterator[str]:
    """What somebody should know of the schedules of a pool that pods keep."""
    standby = pool_standby(pool)
    if standby is None:
        return
    yield (
        f"schedules of pool {standby.pool!r} of cluster {pool.cluster!r} are kept by at most {standby.most_nodes} pods "
        f"without work in namespace {standby.namespace}: a node comes minutes after its time, and one too many goes "
        "when the autoscaler finds it empty"
    )
    if isinstance(pool, ResolvedGpuPool) and pool.declared.provisioner == "compute_class":
        yield (
            f"nothing that GKE publishes says that a ComputeClass brings nodes with {pool.accelerator} for pods that "
            f"ask for none; where it does not, the schedules of pool {standby.pool!r} bring none: write provisioner: "
            "managed"
        )


STANDBY_NAMESPACE = "modelyard-standby-"
"""Before the pool's name."""


def has_scheduled_actions(cloud: str, provisioner: str) -> bool:
    """Whether an EC2 Auto Scaling group follows a pool's schedules."""
    return cloud == "aws" and provisioner == "managed"


def _sunday_is_0(recurrence: str) -> str:
    """CronJobs do not know day 7 ("CronJob" of the Kubernetes documentation, schedule syntax)."""
    *before, weekdays = recurrence.split()
    if "7" not in weekdays.split("/")[0]:
        return " ".join((*before, weekdays))
    days = sorted(parse_recurrence(recurrence).weekdays)
    return " ".join((*before, "*" if len(days) == 7 else ",".join(map(str, days))))
