"""One alerting rule of Prometheus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["critical", "warning"]


@dataclass(frozen=True, slots=True)
class Alert:
    """Fires when ``expression`` has held for ``for_minutes``."""

    name: str
    expression: str
    severity: Severity
    summary: str
    """One sentence; ``{{ $value }}`` and ``{{ $labels.x }}`` are Prometheus' own."""
    for_minutes: int
    own_labels: Mapping[str, str] = field(default_factory=dict)
    """Besides those that all alerts of the group have."""

    def rule(self, labels: dict[str, str]) -> dict[str, Any]:
        """As an entry of a rule group (Prometheus documentation, "Alerting rules")."""
        return {
            "alert": self.name,
            "expr": self.expression,
            "for": f"{self.for_minutes}m",
            "labels": {**labels, **self.own_labels, "severity": self.severity},
            "annotations": {"summary": self.summary, "runbook": f"docs/alerts.md#{self.name.lower()}"},
        }


def prometheus_rule(
    name: str, namespace: str, labels: dict[str, str], alerts: list[Alert], alert_labels: dict[str, str]
) -> dict[str, Any]:
    """A PrometheusRule of one group (prometheus-operator, ``monitoring.coreos.com/v1``)."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {"groups": [{"name": f"modelyard.{name}", "rules": [alert.rule(alert_labels) for alert in alerts]}]},
    }
