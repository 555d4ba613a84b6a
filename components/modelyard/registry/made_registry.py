"""What a cloud's registry gives back to its component."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi


@dataclass(frozen=True, slots=True)
class MadeRegistry:
    """Addresses are known once the registry is there."""

    repository_urls: Mapping[str, pulumi.Output[str]] = field(default_factory=dict)
    """Repository as declared to the address that images are pushed to and pulled from."""
    pull_through_urls: Mapping[str, pulumi.Output[str]] = field(default_factory=dict)
    """Name of an upstream to the address that stands in for its host."""
    identifier: pulumi.Output[str] | None = None
    """Resource id of the registry where a cloud has one: a repository of Artifact Registry, a registry of Azure."""
    pull_policy: pulumi.Output[str] | None = None
    """IAM policy of who only pulls, on AWS."""
