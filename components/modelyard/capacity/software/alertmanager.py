"""Alertmanager's configuration: who is told of what. Secrets are files, never text in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...environment.monitoring import AlertReceiver
from ...environment.secret import SecretReference

SECRET = "alert-receivers"
"""Secret that holds one key for each receiver, mounted below ``/etc/alertmanager/secrets/``."""

_NOBODY = "nobody"


def alertmanager_config(receivers: Sequence[AlertReceiver]) -> dict[str, Any]:
    """Routes by severity (Alertmanager documentation, "Configuration").

    A warning is held back while a critical alert of the same model is firing. What no receiver wants, and the
    Watchdog alert that always fires, goes to nobody.
    """
    return {
        "route": {
            "receiver": _NOBODY,
            "group_by": ["alertname", "department", "model", "namespace"],
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "4h",
            "routes": [
                {
                    "receiver": receiver.name,
                    "matchers": [f'severity=~"{"|".join(receiver.severities)}"'],
                    "continue": True,
                }
                for receiver in receivers
            ],
        },
        "inhibit_rules": [
            {
                "source_matchers": ['severity="critical"', 'model!=""'],
                "target_matchers": ['severity="warning"'],
                "equal": ["department", "model"],
            }
        ],
        "receivers": [{"name": _NOBODY}, *(_receiver(receiver) for receiver in receivers)],
    }


def receiver_secrets(receivers: Sequence[AlertReceiver]) -> dict[str, SecretReference]:
    """Where the secret of each receiver is kept, by the receiver's name: the keys of :data:`SECRET`."""
    return {
        receiver.name: reference
        for receiver in receivers
        for reference in (receiver.pagerduty_routing_key, receiver.slack_webhook, receiver.webhook_url)
        if reference is not None
    }


def _receiver(receiver: AlertReceiver) -> dict[str, Any]:
    file = f"/etc/alertmanager/secrets/{SECRET}/{receiver.name}"
    if receiver.pagerduty_routing_key is not None:
        how = {"pagerduty_configs": [{"routing_key_file": file, "severity": "{{ .CommonLabels.severity }}"}]}
    elif receiver.slack_webhook is not None:
        how = {
            "slack_configs": [
                {
                    "api_url_file": file,
                    "channel": receiver.slack_channel,
                    "send_resolved": True,
                    "title": "[{{ .Status | toUpper }}] {{ .CommonLabels.alertname }}",
                    "text": "{{ range .Alerts }}{{ .Annotations.summary }}\n{{ .Annotations.runbook }}\n{{ end }}",
                }
            ]
        }
    else:
        how = {"webhook_configs": [{"url_file": file, "send_resolved": True}]}
    return {"name": receiver.name, **how}
