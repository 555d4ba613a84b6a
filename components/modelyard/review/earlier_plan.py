"""A plan that was written before, to compare a new one with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .refused import PlanRefused


@dataclass(frozen=True, slots=True)
class EarlierResource:
    """One resource as the document has it."""

    urn: str
    type: str
    name: str
    stack: str
    custom: bool
    inputs: Mapping[str, Any]
    """JSON, unknowns and secrets as their names."""
    parent: str | None = None
    """URN."""
    protect: bool = False


@dataclass(frozen=True, slots=True)
class EarlierDeclaration:
    """A cluster or a pool as the document has it; plans of the first versions have none."""

    component: str
    """Name of the component that makes it."""
    path: str
    """In the user's file, as ``clusters[east].gpu_pools[t4]``."""
    cloud: str
    provisioner: str
    """Of a pool; empty of a cluster."""
    zones: tuple[str, ...]
    declared: Mapping[str, Any]
    """What it says beyond defaults, by key."""


@dataclass(frozen=True, slots=True)
class EarlierPlan:
    """What ``modelyard plan --json`` wrote."""

    file: str
    environment: str
    version: str
    """Of Modelyard."""
    resources: Mapping[str, EarlierResource]
    """By URN."""
    zones: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """Declared zones by cluster and pool; plans of the first versions have none."""
    clusters: Mapping[str, EarlierDeclaration] = field(default_factory=dict)
    """By name."""
    pools: Mapping[tuple[str, str], EarlierDeclaration] = field(default_factory=dict)
    """By cluster and name."""


def read_earlier_plan(file: Path) -> EarlierPlan:
    """
    Raises:
        PlanRefused: the file cannot be read, or is no plan. No message quotes its content.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanRefused(f"--since {file}: cannot be read: {(error.strerror or '').lower()}") from error
    except (ValueError, RecursionError) as error:
        raise PlanRefused(f"--since {file}: is not JSON; write it with 'modelyard plan --json'") from error
    try:
        resources = [
            EarlierResource(
                urn=each["urn"],
                type=each["type"],
                name=each["name"],
                stack=each["stack"],
                custom=each["custom"],
                inputs=dict(each["inputs"]),
                parent=each.get("parent"),
                protect=each.get("protect") is True,
            )
            for each in content["resources"]
        ]
        environment, version = str(content["environment"]), str(content["version"])
        zones = {
            (each["cluster"], each["name"]): tuple(each["zones"])
            for each in content.get("pools", ())
            if "zones" in each
        }
        clusters = {each["name"]: _cluster(each) for each in content.get("clusters", ())}
        pools = {
            (each["cluster"], each["name"]): _pool(each) for each in content.get("pools", ()) if "declared" in each
        }
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise PlanRefused(f"--since {file}: is no plan; write it with 'modelyard plan --json'") from error
    return EarlierPlan(str(file), environment, version, {each.urn: each for each in resources}, zones, clusters, pools)


def _cluster(each: Mapping[str, Any]) -> EarlierDeclaration:
    path, zones = f"clusters[{each['name']}]", tuple(each["zones"])
    return EarlierDeclaration(each["component"], path, each["cloud"], "", zones, dict(each["declared"]))


def _pool(each: Mapping[str, Any]) -> EarlierDeclaration:
    path, zones = f"clusters[{each['cluster']}].{each['kind']}[{each['name']}]", tuple(each["zones"])
    return EarlierDeclaration(
        each["component"], path, each["cloud"], each["provisioner"], zones, dict(each["declared"])
    )
