"""Whether a pod may run on a pool's nodes at all: selector, affinity, taints, size.

The rules are those of https://kubernetes.io/docs/concepts/scheduling-eviction/: labels that only the cloud knows
(zones) are taken as satisfiable.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelyard.catalog import Allocatable
from modelyard.placement.pool import Pool, Taint
from modelyard.placement.reading import items, text, whole
from modelyard.placement.workload import Workload

_KNOWN_TO_THE_CLOUD_ONLY = frozenset(
    {"topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone", "kubernetes.io/hostname"}
)
_REPELLING = ("NoSchedule", "NoExecute")


def refusals(workload: Workload, pool: Pool) -> list[str]:
    """Why a pod of the workload cannot run on an empty node of the pool; nothing where it can."""
    found = [
        f"asks for the node label {key}={value}, the pool has {_shown(pool.labels.get(key))}"
        for key, value in workload.node_selector.items()
        if key not in _KNOWN_TO_THE_CLOUD_ONLY and pool.labels.get(key) != value
    ]
    if workload.required_terms and not any(_holds(term, pool.labels) for term in workload.required_terms):
        asked = " or ".join(_described(term) for term in workload.required_terms)
        found.append(f"requires nodes with {asked}")
    found += [
        f"does not tolerate the taint {taint}"
        for taint in pool.taints
        if taint.effect in _REPELLING and not any(_tolerates(each, taint) for each in workload.tolerations)
    ]
    if pool.room is not None:
        found += _too_large(workload, pool.room, pool.instance_type or "")
    return found


def preference(workload: Workload, pool: Pool) -> int:
    """The sum of the weights of the preferred terms that the pool satisfies."""
    return sum(weight for weight, term in workload.preferred_terms if _holds(term, pool.labels))


def _too_large(workload: Workload, room: Allocatable, type_name: str) -> list[str]:
    asked = workload.requests
    if asked is None:
        return []
    found = []
    if asked.gpus > room.gpus:
        found.append(f"asks for {asked.gpus} GPU, a {type_name} node offers {room.gpus}")
    if asked.cpu_millicores > room.cpu_millicores:
        found.append(f"asks for {asked.cpu_millicores}m CPU, a {type_name} node leaves {room.cpu_millicores}m")
    if asked.memory_mib > room.memory_mib:
        found.append(f"asks for {asked.memory_mib} MiB memory, a {type_name} node leaves {room.memory_mib} MiB")
    return found


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
    if key in _KNOWN_TO_THE_CLOUD_ONLY:
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
