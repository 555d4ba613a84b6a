"""Alerts of a cluster's GPUs, from what the DCGM exporter measures."""

from __future__ import annotations

from typing import Any

from ..capacity.software.namespaces import MONITORING
from ..catalog.metrics import metric
from ..governance.ownership import Ownership
from .alert import Alert, prometheus_rule

_MEMORY_SHARE = 0.95


def gpu_rule(ownership: Ownership) -> dict[str, Any]:
    """The PrometheusRule of one cluster's GPUs."""
    return prometheus_rule(
        "gpus", MONITORING, ownership.kubernetes_labels(), gpu_alerts(), {"department": ownership.department}
    )


def gpu_alerts() -> list[Alert]:
    """Memory nearly full, and errors that the driver reports (XID numbers, NVIDIA's "XID Errors").

    The exporter shows the number of the last XID error for good, so the alert is on its change. The same number twice
    in a row does not show.

    TensorFlow takes the memory of its GPUs when it starts, so that how full they are says nothing of its pods.
    """
    others = '{container!="tensorflow-serving"}'
    used, free = f"{metric('gpu_memory_used_mib')}{others}", f"{metric('gpu_memory_free_mib')}{others}"
    xid = metric("gpu_xid")
    return [
        Alert(
            "GpuMemoryNearlyFull",
            f"{used} / ({used} + {free}) > {_MEMORY_SHARE:g}",
            "warning",
            "GPU {{ $labels.gpu }} of {{ $labels.Hostname }} uses {{ $value | humanizePercentage }} of its memory "
            "(pod {{ $labels.namespace }}/{{ $labels.pod }})",
            10,
        ),
        Alert(
            "GpuXidError",
            f"({xid} > 0) and (changes({xid}[15m]) > 0)",
            "critical",
            "GPU {{ $labels.gpu }} of {{ $labels.Hostname }} reported XID {{ $value }}",
            0,
        ),
    ]
