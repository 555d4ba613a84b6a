"""Every alert has a section in the runbook that it points to."""

from __future__ import annotations

from pathlib import Path

from modelyard.governance.ownership import Ownership
from modelyard.monitoring.gpu_alerts import gpu_alerts
from modelyard.monitoring.model_alerts import ModelThresholds, model_alerts
from modelyard.monitoring.neuron_alerts import neuron_alerts
from modelyard.monitoring.watched_track import Served

RUNBOOK = Path(__file__).parents[3] / "docs" / "alerts.md"


def test_every_alert_has_a_section_and_every_section_an_alert() -> None:
    ownership = Ownership("shop", "CC-1", "prod", "shop@example.org")
    served = Served("tagger", "shop", stable=1, canary=2)
    alerts = [
        *model_alerts(ModelThresholds("tagger", ownership, 0.01, 5, 5, 4, p99_ms=50, served=served)),
        *gpu_alerts(),
        *neuron_alerts(),
    ]
    sections = [line.removeprefix("## ") for line in RUNBOOK.read_text().splitlines() if line.startswith("## ")]
    assert sorted(sections) == sorted(alert.name for alert in alerts)
    for alert in alerts:
        file, _, anchor = alert.rule({})["annotations"]["runbook"].partition("#")
        assert (file, anchor) == ("docs/alerts.md", alert.name.lower())
