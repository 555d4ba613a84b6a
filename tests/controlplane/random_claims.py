"""What pods of random clusters claim: whole GPUs and MIG instances, by their memory too, in one claim or in two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from modelyard.placement.pool_labels import GPU_ALLOCATION, GPU_SHARING

from .api import Object

BY_CLAIM = {GPU_ALLOCATION: "claim"}
_DRIVER = "gpu.nvidia.com"
_PROFILES = ("1g.10gb", "3g.40gb", "1g.24gb", "2g.48gb")
_MEMORY = ("8Gi", "9984Mi", "20Gi", "22888Mi", "30Gi", "45Gi", "45776Mi", "64Gi")
_MEMORY_OF_ALL = {"": "20Gi", "mig": "9Gi"}
"""What every GPU, and every MIG instance, has at least."""


def claim_templates(dice: Random, name: str, labels: Mapping[str, str] | None) -> Iterator[Object]:
    """Of the claims that one pod makes: one, seldom two.

    Args:
        dice: decides.
        name: that theirs begin with.
        labels: of nodes that have what is claimed. None: perhaps none has.
    """
    profile = dice.choice([None, None, *_PROFILES]) if labels is None else _profile(labels)
    for number in range(2 if dice.random() < 0.1 else 1):
        requests = [_request(dice, profile, sensible=labels is not None)]
        if dice.random() < 0.1:
            requests.append(_request(dice, profile, sensible=labels is not None))
        if labels is None and dice.random() < 0.05:
            requests.append(_request(dice, dice.choice(_PROFILES), sensible=False))
        named = [{"name": f"request-{place}", "exactly": each} for place, each in enumerate(requests)]
        yield {
            "apiVersion": "resource.k8s.io/v1",
            "kind": "ResourceClaimTemplate",
            "metadata": {"name": f"{name}-{number}", "namespace": "models"},
            "spec": {"spec": {"devices": {"requests": named}}},
        }


def pod_claims(templates: list[Object]) -> list[dict[str, str]]:
    """``spec.resourceClaims`` of a pod."""
    return [
        {"name": f"claim-{number}", "resourceClaimTemplateName": each["metadata"]["name"]}
        for number, each in enumerate(templates)
    ]


def _profile(labels: Mapping[str, str]) -> str | None:
    sharing = labels.get(GPU_SHARING, "")
    return sharing.removeprefix("mig-") if sharing.startswith("mig-") else None


def _request(dice: Random, profile: str | None, *, sensible: bool) -> dict[str, Any]:
    counts = [1, 1, 1, 2] if sensible else [1, 1, 2, 3, 4]
    if profile is not None:
        counts += [2, 3]
    expressions = [] if profile is None else [f"device.attributes['{_DRIVER}'].profile == '{profile}'"]
    if dice.random() < 0.35:
        least = _MEMORY_OF_ALL["mig" if profile else ""] if sensible and dice.random() < 0.7 else dice.choice(_MEMORY)
        expressions.append(f"device.capacity['{_DRIVER}'].memory.compareTo(quantity('{least}')) >= 0")
    if len(expressions) == 2 and dice.random() < 0.3:
        expressions = [" && ".join(expressions)]
    asked: dict[str, Any] = {"deviceClassName": _DRIVER if profile is None else "mig.nvidia.com"}
    count = dice.choice(counts)
    if count > 1 or dice.random() < 0.5:
        asked |= {"allocationMode": "ExactCount", "count": count}
    if expressions:
        asked["selectors"] = [{"cel": {"expression": each}} for each in expressions]
    return asked
