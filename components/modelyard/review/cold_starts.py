"""How long one more replica of a model takes, as a plan can know it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..environment.image_start import ImageStartBy
from ..placement.nodes import Nodes
from ..resolve.names import REGISTRY_PREFIX
from ..sizing.cold_start import ColdStart, cold_start, image_size_gb, streamed_instead

if TYPE_CHECKING:
    from ..placement import Placement, PoolPlacement
    from ..placement.placement import Resident
    from ..resolve.resolved import Resolution, ResolvedModel
    from .plan import ModelLine

AUTOSCALER_SECONDS = 15
"""How often an autoscaler asks: Kubernetes' ``--horizontal-pod-autoscaler-sync-period`` by its default, and KEDA as
its objects say it (``serving/autoscaling/scaled_object.py``)."""
_SECONDS_PER_DAY = 86_400
_LONG_SECONDS = 60
_FORGIVEN_SHARE = 0.01
"""Of the requests, by a 99th percentile."""


class ColdStarts:
    """Of all models of a plan: what runs on its node groups is packed once."""

    def __init__(self, resolution: Resolution, placement: Placement) -> None:
        scrape = resolution.environment.platform.monitoring.scrape_interval_seconds
        self._signal_seconds = scrape + AUTOSCALER_SECONDS
        self._clusters = {cluster.declared.name: cluster.declared for cluster in resolution.clusters}
        self._packed: dict[str, Nodes | None] = {}
        self._homes: dict[tuple[str | None, ...], tuple[PoolPlacement, Resident]] = {}
        for pool in placement.pools:
            for resident in pool.residents:
                owner = resident.workload.department, resident.workload.model
                for name in (pool.pool.name, None):
                    self._homes.setdefault((pool.pool.cluster, name, *owner), (pool, resident))

    def of(self, model: ResolvedModel) -> ColdStart | None:
        """Of the next replica of a model on one cluster; None where it never starts one: its number is fixed, it does
        not sleep, and no pool of its own begins without nodes.

        Whether a node has room is asked of the plan's own node groups, with the guaranteed replicas on them. An
        overflow pool that begins without nodes makes its replicas wait for one. On a cluster of somebody else's nobody
        can say.
        """
        scaling, overflow = model.declared.scaling, model.overflow_pool
        overflows = overflow is not None and overflow.declared.min_nodes == 0
        if not (sleeps(model) or scaling.max_replicas > scaling.min_replicas or overflows):
            return None
        there, has_image = (False, False) if overflows else self._node(model)
        return cold_start(
            node_there=there,
            image_there=has_image,
            image_by=self._image_by(model),
            image_unpacked_gb=image_size_gb(model.declared.server, model.release or None),
            model_bytes=None if model.url is not None else sum(file.size for file in model.stable.files),
            weights=model.declared.weights.by,
            signal_seconds=0 if model.declared.by_knative else self._signal_seconds,
            gpu=model.pool is not None,
        )

    def _node(self, model: ResolvedModel) -> tuple[bool | None, bool | None]:
        """Whether a node with room for one more replica runs, and whether it has the image."""
        wanted = None if model.pool is None else model.pool.declared.name
        found = self._homes.get((model.cluster, wanted, model.department.department, model.declared.name))
        if found is None:
            return None, None
        pool, resident = found
        nodes, asked = self._nodes(pool), resident.workload.requests
        if nodes is None or asked is None:
            return None, None
        if nodes.free(asked, 1) == 0:
            return False, False
        fetched = model.pool is not None and self._clusters[model.cluster].gpu_software.prefetch_images
        return True, True if fetched or (resident.replicas_at_floor and _stays(pool) == 1) else None

    def _image_by(self, model: ResolvedModel) -> ImageStartBy:
        """As the pool says, else the cluster. GKE streams images of Artifact Registry alone."""
        cluster = self._clusters[model.cluster]
        own = None if model.pool is None else model.pool.declared.image_start
        ours = cluster.cloud == "gcp" and cluster.existing is None and cluster.gke.image_streaming
        by: ImageStartBy = own.by if own is not None else "streaming" if ours else "pull"
        streamable = (model.image or "").startswith(REGISTRY_PREFIX)
        return "pull" if by == "streaming" and not streamable else by

    def _nodes(self, pool: PoolPlacement) -> Nodes | None:
        """The nodes that stay, with what is guaranteed on them; None where the program does not know enough yet."""
        key = pool.pool.key
        if key not in self._packed:
            self._packed[key] = _pack(pool)
        return self._packed[key]


def sleeps(model: ResolvedModel) -> bool:
    """Whether it has no replica while nobody asks. Beside a rollout no model sleeps."""
    return model.declared.scaling.min_replicas == 0 and model.declared.rollout is None


def cold_start_notices(lines: Iterable[ModelLine]) -> Iterator[str]:
    """For every model that may sleep and has an objective: its first caller waits longer than was ever promised.

    A 99th percentile forgives one request in a hundred. Even where every hour is asked alike, that is 864 seconds of a
    day; who wakes a model for longer cannot keep it.
    """
    for line in lines:
        for place in line.places:
            start, p99_ms = place.cold_start, line.objective_p99_ms
            if not place.sleeps or start is None or p99_ms is None or start.low_seconds * 1000 <= p99_ms:
                continue
            day = ""
            if start.high_seconds > _FORGIVEN_SHARE * _SECONDS_PER_DAY:
                day = "; one such wait a day may be more than the 1 % of its requests that a 99th percentile forgives"
            yield (
                f"model {line.model!r} of department {line.department!r} may sleep on cluster {place.cluster!r}: its "
                f"first caller after a quiet night waits {start.whole()} for an answer, and {p99_ms:g} ms are "
                f"promised{day}; keep min_replicas at 1, or add a window to schedules over the hours that count"
            )


def streaming_notices(lines: Iterable[ModelLine]) -> Iterator[str]:
    """For every model whose pods copy for a minute or more, and longer than callers are promised: what reading from the
    store would spare. A pod of ours may sleep, or one more is wanted when it is late already."""
    for line in lines:
        for place in line.places:
            found = None if place.cold_start is None else streamed_instead(place.cold_start)
            if not place.could_stream or found is None:
                continue
            copied, streamed = found
            spared_seconds = copied.low_seconds - streamed.low_seconds
            if copied.high_seconds < _LONG_SECONDS or spared_seconds * 1000 < (line.objective_p99_ms or 0):
                continue
            yield (
                f"model {line.model!r} of department {line.department!r}: every pod that starts on cluster "
                f"{place.cluster!r} copies its weights first, {copied.brief().partition(' ')[2]}; with weights: {{by: "
                f"stream}} the server would read them while it loads, {streamed.brief().partition(' ')[2]} "
                f"({streamed.why})"
            )


def _pack(pool: PoolPlacement) -> Nodes | None:
    room, count = pool.pool.room, _stays(pool)
    if room is None or count is None:
        return None
    nodes = Nodes(room, count)
    for each in pool.residents:
        if each.workload.requests is not None:
            nodes.put(each.workload.requests, each.replicas_at_floor)
    return nodes


def _stays(pool: PoolPlacement) -> int | None:
    """Idle nodes above the pool's minimum are taken away."""
    needed = pool.nodes_needed_at_floor
    return None if needed is None else max(needed, pool.pool.min_size or 0)
