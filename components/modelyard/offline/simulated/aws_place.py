"""Where a provider's resources are: account, partition and region."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from modelyard.graph import UNKNOWN

SIMULATED_ACCOUNT = "123456789012"
"""The account number that AWS's own documentation uses in examples."""


@dataclass(frozen=True, slots=True)
class Place:
    """``region`` is UNKNOWN where no configuration names it; ``account`` where it names no single account."""

    region: Any
    configured_account: str | None = None

    @staticmethod
    def of(config: Mapping[str, Any]) -> Place:
        """From a provider's inputs: ``region`` and a single entry of ``allowedAccountIds`` (JSON text, or a list)."""
        allowed = config.get("allowedAccountIds")
        if isinstance(allowed, str):
            allowed = json.loads(allowed)
        account = allowed[0] if isinstance(allowed, list) and len(allowed) == 1 else None
        region = config.get("region")
        return Place(region if isinstance(region, str) else UNKNOWN, account if isinstance(account, str) else None)

    def in_region(self, region: Any) -> Place:
        """The place of a resource that may name a region of its own."""
        return self if region is None or region == self.region else replace(self, region=region)

    @property
    def account(self) -> str:
        return self.configured_account or SIMULATED_ACCOUNT

    @property
    def partition(self) -> str:
        region = self.region if isinstance(self.region, str) else ""
        if region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if region.startswith("us-gov-") else "aws"

    @property
    def dns_suffix(self) -> str:
        return "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"
