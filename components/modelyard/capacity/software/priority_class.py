"""The PriorityClass of pods that answer requests."""

from __future__ import annotations

from typing import Any

from ...governance.ownership import Ownership

SERVING = "modelyard-serving"


def serving_priority(ownership: Ownership) -> dict[str, Any]:
    """Above what has no class, such as batch jobs, which make room when a GPU is short; far below the system's own."""
    return {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": SERVING, "labels": ownership.kubernetes_labels()},
        "value": 100_000,
        "globalDefault": False,
        "preemptionPolicy": "PreemptLowerPriority",
        "description": "Model servers that answer requests",
    }
