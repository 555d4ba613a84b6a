"""What the component of each managed target is told of a resolved model: plain values, and what only a deployment
knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..environment.managed import Managed
from ..environment.platform import Platform
from ..governance.ownership import Ownership
from ..resolve.resolved import ResolvedEndpoint


@dataclass(frozen=True, slots=True)
class KnownAtDeployment:
    """Outputs of other resources, or texts of their form where arguments are only checked."""

    stable: Any
    """Address of the stable version's files."""
    canary: Any = None
    store_key: Any = None
    """Key that the store encrypts with; None: somebody else's files."""
    image: Any = None
    """Full reference of the image that the model names; None: it names none."""


def shared_arguments(endpoint: ResolvedEndpoint, ownership: Ownership, known: KnownAtDeployment) -> dict[str, Any]:
    """What every target's component takes."""
    declared = endpoint.declared
    arguments: dict[str, Any] = {
        "ownership": ownership.args(),
        "model": declared.name,
        "scaling": declared.scaling.model_dump(exclude_none=True),
        "env": {key: value for key, value in declared.env.items() if isinstance(value, str)},
    }
    if declared.rollout is not None:
        arguments["rollout"] = declared.rollout.model_dump(exclude_none=True)
    if known.image is not None:
        arguments["image"] = known.image
    if declared.objective is not None:
        arguments["p99_ms"] = declared.objective.p99_ms
    return arguments


def sagemaker_arguments(
    endpoint: ResolvedEndpoint, platform: Platform, ownership: Ownership, known: KnownAtDeployment
) -> dict[str, Any]:
    """Of ``SageMakerEndpoint``."""
    declared, own = endpoint.declared, endpoint.declared.sagemaker
    told = {} if own is None else own.model_dump(exclude_none=True, exclude_unset=True)
    network = told.pop("network", None)
    place = _managed(platform).aws
    if place is not None and network is None and (own is None or own.kind != "serverless"):
        named = place.networks.get(endpoint.region)
        network = None if named is None else named.model_dump()
    arguments = {
        **shared_arguments(endpoint, ownership, known),
        "region": endpoint.region,
        "artefact": known.stable,
        "alerts": declared.alerts.model_dump(exclude_none=True),
        **(network or {}),
        **told,
    }
    if declared.rollout is None:
        arguments["version"] = declared.version
    if place is not None and endpoint.region in place.kms_keys:
        arguments.setdefault("kms_key_arn", place.kms_keys[endpoint.region])
    if known.store_key is not None:
        arguments["artefact_kms_key_arn"] = known.store_key
    if known.canary is not None:
        arguments["canary"] = {"artefact": known.canary}
    if declared.server == "triton" and "image" not in arguments:
        arguments.setdefault("framework_version", endpoint.release)
    return arguments


def _managed(platform: Platform) -> Managed:
    assert platform.managed is not None, "a managed endpoint was resolved without a place for it"
    return platform.managed
