"""Pods that keep nodes of a pool by the clock, and the CronJobs that say how many."""

from __future__ import annotations

from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.reading import at, mapping, text, texts, whole
from modelyard.placement.replicas import Change, Replicas, namespace

STANDBY = "modelyard.dev/standby"
"""Label of the Deployment, its pods and its CronJobs, with the pool's name."""
_NODES = "modelyard.dev/standby-nodes"
"""Annotation of a CronJob: how many pods stand by from its time on."""
_CRON_JOB = "kubernetes:batch/v1:CronJob"


class Standby:
    """The Deployments of a graph whose replicas CronJobs set."""

    def __init__(self, graph: ResourceGraph) -> None:
        self._changes: dict[tuple[str | None, str, str], list[Change]] = {}
        for job in graph.of_type(_CRON_JOB):
            pool = _pool(job)
            if pool is not None:
                self._changes.setdefault((job.provider, namespace(job), pool), []).append(_change(job))

    def of(self, deployment: Resource) -> Replicas | None:
        """As many as at the time that keeps most; None: no CronJob sets them."""
        pool = _pool(deployment)
        changes = None if pool is None else self._changes.get((deployment.provider, namespace(deployment), pool))
        if not changes:
            return None
        first = whole(mapping(deployment.inputs.get("spec")).get("replicas", 1)) or 0
        most = max(first, *(change.replicas for change in changes))
        return Replicas(most, most, first, changes=tuple(changes))


def _pool(resource: Resource) -> str | None:
    return texts(at(resource.inputs, "metadata", "labels")).get(STANDBY)


def _change(job: Resource) -> Change:
    spec = mapping(job.inputs.get("spec"))
    nodes = whole(texts(at(job.inputs, "metadata", "annotations")).get(_NODES)) or 0
    return Change(text(spec.get("schedule")) or "", text(spec.get("timeZone")) or "Etc/UTC", nodes)
