"""Alerts of a cluster's Neuron devices, from what AWS Neuron's monitor measures."""

from __future__ import annotations

from typing import Any

from ..catalog.metrics import metric
from ..governance.ownership import Ownership
from .alert import Alert, prometheus_rule

_NAMESPACE = "kube-system"
_UNCORRECTED = ("mem_ecc_uncorrected", "sram_ecc_uncorrected")


def neuron_rule(ownership: Ownership) -> dict[str, Any]:
    """The PrometheusRule of one cluster's Neuron devices, beside their monitor."""
    return prometheus_rule(
        "neuron", _NAMESPACE, ownership.kubernetes_labels(), neuron_alerts(), {"department": ownership.department}
    )


def neuron_alerts() -> list[Alert]:
    """Errors of memory that could not be corrected. How full a device's memory is says nothing: a compiled model takes
    what it needs when it is loaded."""
    events = f'{metric("neuron_ecc")}{{event_type=~"{"|".join(_UNCORRECTED)}"}}'
    return [
        Alert(
            "NeuronMemoryError",
            f"increase({events}[15m]) > 0",
            "critical",
            "Neuron device {{ $labels.neuron_device_index }} of {{ $labels.node }} reported {{ $labels.event_type }}",
            0,
        )
    ]
