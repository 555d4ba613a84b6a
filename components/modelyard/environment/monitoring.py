"""Metrics, alerts and who is told."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from .declaration import Declaration
from .patterns import NAME_PATTERN
from .secret import SecretReference


class AlertReceiver(Declaration):
    """One of PagerDuty, Slack or a webhook."""

    name: Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=40)]
    severities: Annotated[list[Literal["critical", "warning"]], Field(min_length=1)] = ["critical", "warning"]
    pagerduty_routing_key: SecretReference | None = None
    slack_webhook: SecretReference | None = None
    slack_channel: str | None = None
    webhook_url: SecretReference | None = None

    @model_validator(mode="after")
    def _one(self) -> AlertReceiver:
        kinds = [self.pagerduty_routing_key, self.slack_webhook, self.webhook_url]
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError("needs exactly one of pagerduty_routing_key, slack_webhook, webhook_url")
        if (self.slack_channel is None) != (self.slack_webhook is None):
            raise ValueError("slack_webhook and slack_channel go together")
        return self


class Monitoring(Declaration):
    """The prometheus-operator stack of every cluster."""

    retention_days: Annotated[int, Field(ge=1, le=365)] = 15
    storage_gib: Annotated[int, Field(ge=10, le=16384)] = 50
    replicas: Annotated[int, Field(ge=1, le=2)] = 1
    scrape_interval_seconds: Annotated[int, Field(ge=5, le=300)] = 15
    receivers: list[AlertReceiver] = []
