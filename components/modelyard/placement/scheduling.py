"""Whether a pod may run on a pool's nodes at all: selector, affinity, taints, size.

The rules are those of https://kubernetes.io/docs/concepts/scheduling-eviction/: labels that only the cloud knows
(zones of a pool that names none) are taken as satisfiable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from modelyard.catalog import Allocatable
from modelyard.placement.claims import GPU_CLASS
from modelyard.placement.pool import Pool, Taint
from modelyard.placement.reading import items, text, whole
from modelyard.placement.requests import GPU
from modelyard.placement.workload import HOSTNAME, POOL, ZONE, Workload

_KNOWN_TO_THE_CLOUD_ONLY = frozenset({ZONE, "failure-domain.beta.kubernetes.io/zone", HOSTNAME})
_REPELLING = ("NoSchedule", "NoExecute")


def refusals(workload: Workload, pool: Pool) -> list[str]:
    """Why a pod of the workload cannot run on an empty node of the pool; nothing where it can. That the pool is none of
    those that it asks for says enough."""
    asked = _other_pools(workload, pool)
    if asked:
        return [f"asks for the pool {' or '.join(asked)}"]
    found = list(_wrong_labels(workload, pool.labels))
    if not found and not any(_selected(workload, labels) for labels in _labels_by_zone(pool)):
        found.append(
            f"asks for the zone {workload.node_selector[ZONE]}, the pool's nodes stand in {', '.join(pool.zones)}"
        )
    if not any(_required(workload, labels) for labels in _labels_by_zone(pool)):
        found.append(f"requires nodes with {' or '.join(_described(term) for term in workload.required_terms)}")
    found += [
        f"does not tolerate the taint {taint}"
        for taint in pool.taints
        if taint.effect in _REPELLING and not _tolerated(workload, taint)
    ]
    if pool.room is not None:
        found += _too_large(workload, pool, pool.room)
    return found


def is_asked_for(workload: Workload, pool: Pool) -> bool:
    """Whether the workload asks for the pool by its name, or for none."""
    return not _other_pools(workload, pool)


def admits(workload: Workload, pool: Pool) -> bool:
    """Whether labels and taints of the pool let the workload in; whether it is too large is another question."""
    for key, value in workload.node_selector.items():
        if key not in _KNOWN_TO_THE_CLOUD_ONLY and pool.labels.get(key) != value:
            return False
    return any(selects(workload, pool, zone) for zone in pool.zones or ("",)) and not any(
        taint.effect in _REPELLING and not _tolerated(workload, taint) for taint in pool.taints
    )


def holds(workload: Workload, pool: Pool) -> bool:
    """Whether an empty node of the pool is large enough for one pod, as far as its size is known."""
    return pool.room is None or not _too_large(workload, pool, pool.room)


def selects(workload: Workload, pool: Pool, zone: str) -> bool:
    """Whether node selector and required affinity hold on the pool's nodes in a zone; empty: it is not known."""
    labels = _labels(pool, zone)
    return _selected(workload, labels) and _required(workload, labels)


def preference(workload: Workload, pool: Pool, zone: str = "") -> int:
    """The sum of the weights of the preferred terms that the pool's nodes satisfy."""
    if not workload.preferred_terms:
        return 0
    labels = _labels(pool, zone)
    return sum(weight for weight, term in workload.preferred_terms if _holds(term, labels))


def unwelcome(workload: Workload, pool: Pool) -> int:
    """How many taints of effect PreferNoSchedule the workload does not tolerate."""
    return sum(taint.effect == "PreferNoSchedule" and not _tolerated(workload, taint) for taint in pool.taints)


def _other_pools(workload: Workload, pool: Pool) -> list[str]:
    """The pools that the workload asks for by name, where this one is not among them."""
    name, selected = pool.labels.get(POOL), workload.node_selector.get(POOL)
    if selected is not None and selected != name:
        return [selected]
    named: dict[str, None] = {}
    for term in workload.required_terms:
        here = [each for each in term if each.get("key") == POOL and each.get("operator") == "In"]
        if not here or _holds(tuple(here), pool.labels):
            return []
        named.update((value, None) for each in here for value in items(each.get("values")) if isinstance(value, str))
    return list(named)


def _labels_by_zone(pool: Pool) -> Iterable[Mapping[str, str]]:
    return [_labels(pool, zone) for zone in pool.zones or ("",)]


def _labels(pool: Pool, zone: str) -> Mapping[str, str]:
    return {**pool.labels, ZONE: zone} if zone else pool.labels


def _wrong_labels(workload: Workload, labels: Mapping[str, str]) -> Iterable[str]:
    for key, value in workload.node_selector.items():
        if key not in _KNOWN_TO_THE_CLOUD_ONLY and labels.get(key) != value:
            yield f"asks for the node label {key}={value}, the pool has {_shown(labels.get(key))}"


def _selected(workload: Workload, labels: Mapping[str, str]) -> bool:
    return all(
        labels[key] == value if key in labels else key in _KNOWN_TO_THE_CLOUD_ONLY
        for key, value in workload.node_selector.items()
    )


def _required(workload: Workload, labels: Mapping[str, str]) -> bool:
    """A term without expressions matches no node."""
    return not workload.required_terms or any(term and _holds(term, labels) for term in workload.required_terms)


def _too_large(workload: Workload, pool: Pool, room: Allocatable) -> list[str]:
    asked, type_name = workload.requests, pool.instance_type or ""
    if asked is None:
        return []
    found = []
    if asked.gpus and asked.gpus > pool.devices(asked.device):
        found.append(_too_many_devices(asked.gpus, asked.device, pool))
    elif asked.gpus and pool.gpu_memory_mib is not None and asked.gpu_memory_mib > asked.gpus * pool.gpu_memory_mib:
        each = asked.gpu_memory_mib // asked.gpus
        cut = f" ({pool.sharing})" if pool.sharing else ""
        found.append(f"takes {each} MiB of each GPU, those of {type_name}{cut} have {pool.gpu_memory_mib} MiB")
    if asked.cpu_millicores > room.cpu_millicores:
        found.append(f"asks for {asked.cpu_millicores}m CPU, a {type_name} node leaves {room.cpu_millicores}m")
    if asked.memory_mib > room.memory_mib:
        found.append(f"asks for {asked.memory_mib} MiB memory, a {type_name} node leaves {room.memory_mib} MiB")
    return found


def _too_many_devices(count: int, device: str, pool: Pool) -> str:
    offered = pool.devices(device)
    shared = f" ({pool.sharing})" if pool.sharing and offered else ""
    asked = {GPU: "asks for {} GPU", GPU_CLASS: "claims {} GPU"}.get(device, f"asks for {{}} {device}").format(count)
    return f"{asked}, a {pool.instance_type} node offers {offered}{shared}"


def _tolerated(workload: Workload, taint: Taint) -> bool:
    return any(_tolerates(each, taint) for each in workload.tolerations)


def _tolerates(toleration: Mapping[str, Any], taint: Taint) -> bool:
    key, effect = text(toleration.get("key")), text(toleration.get("effect"))
    if effect is not None and effect != taint.effect:
        return False
    if text(toleration.get("operator")) == "Exists":
        return key is None or key == taint.key
    return key == taint.key and (text(toleration.get("value")) or "") == taint.value


def _holds(term: tuple[Mapping[str, Any], ...], labels: Mapping[str, str]) -> bool:
    return all(_matches(expression, labels) for expression in term)


def _matches(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, operator = text(expression.get("key")) or "", text(expression.get("operator"))
    if key in _KNOWN_TO_THE_CLOUD_ONLY and key not in labels:
        return True
    values = {value for value in items(expression.get("values")) if isinstance(value, str)}
    value = labels.get(key)
    if operator == "In":
        return value in values
    if operator == "NotIn":
        return value not in values
    if operator == "Exists":
        return value is not None
    if operator == "DoesNotExist":
        return value is None
    number, bound = whole(value), whole(next(iter(values), None))
    if number is None or bound is None:
        return False
    return number > bound if operator == "Gt" else number < bound


def _described(term: tuple[Mapping[str, Any], ...]) -> str:
    return " and ".join(
        f"{text(each.get('key'))} {text(each.get('operator'))} "
        f"{','.join(value for value in items(each.get('values')) if isinstance(value, str))}".rstrip()
        for each in term
    )


def _shown(value: str | None) -> str:
    return value if value is not None else "none"
