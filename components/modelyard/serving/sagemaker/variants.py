"""Production variants: who gets how much of the traffic, and on what.

With ``rollout`` a variant bears its version's name (``v3``), and its weight is the percent that it answers. Without
one, and for a kind that never has two, there is a single variant, whose name stays when the version changes:
deployment guardrails and auto scaling both need that ("Exclusions" and "Update endpoints that use auto scaling" of the
SageMaker developer guide).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

from ..managed.endpoint import version_name
from .container import below
from .endpoint_declaration import SageMakerEndpointDeclaration

ONLY_VARIANT = "AllTraffic"
"""Name of the variant where there is one, as SageMaker's own SDK calls it."""

ONE_VARIANT_KINDS = ("serverless", "inference_components")
"""Kinds that never have a second one."""

_ROUTING = {"least_outstanding_requests": "LEAST_OUTSTANDING_REQUESTS", "random": "RANDOM"}


@dataclass(frozen=True, slots=True)
class Variant:
    """One version behind the endpoint."""

    name: str
    version: int
    weight: int
    """Percent of the requests; of a shadow, of the copied ones."""
    instances: int
    """That it starts with; then the autoscaler's."""
    artefact: Any
    image: Any
    is_shadow: bool = False

    @property
    def is_scaled(self) -> bool:
        """Whether the autoscaler may hold it: only while it answers somebody, since SageMaker refuses to take away a
        variant that is registered with Application Auto Scaling."""
        return self.weight > 0 and not self.is_shadow


def variants(declared: SageMakerEndpointDeclaration) -> tuple[Variant, ...]:
    """The stable one first, then the canary's, as a production variant or as a shadow."""
    rollout = declared.rollout
    stable = declared.stable_version
    floor = _first_instances(declared)
    if rollout is None or declared.kind in ONE_VARIANT_KINDS:
        return (Variant(ONLY_VARIANT, stable, 100, floor, declared.artefact, declared.served_image),)
    tried = rollout.canary
    shadow = rollout.mirrored > 0
    percent = rollout.percent if tried is not None else 0
    first = Variant(version_name(stable), stable, 100 - percent, floor, declared.artefact, declared.served_image)
    if tried is None or declared.canary is None:
        return (first,)
    image = declared.served_image if declared.canary.image is None else declared.canary.image
    instances = max(1, rollout.canary_replicas(floor))
    weight = rollout.mirrored if shadow else percent
    return first, Variant(version_name(tried), tried, weight, instances, declared.canary.artefact, image, shadow)


def production_variant(declared: SageMakerEndpointDeclaration, variant: Variant, model_name: Any) -> dict[str, Any]:
    """One of ``productionVariants`` or ``shadowProductionVariants``, in Python's spelling.

    Args:
        declared: the arguments.
        variant: which.
        model_name: of the model resource; with inference components nobody's, since they name the model.
    """
    given: dict[str, Any] = {"variant_name": variant.name}
    if declared.kind != "inference_components":
        given["model_name"] = model_name
        given["initial_variant_weight"] = variant.weight
    if declared.kind == "serverless":
        return {**given, "serverless_config": _serverless(declared)}
    given["instance_type"] = declared.instance_type
    given["initial_instance_count"] = variant.instances
    if declared.inference_ami_version is not None:
        given["inference_ami_version"] = declared.inference_ami_version
    if declared.volume_gib is not None:
        given["volume_size_in_gb"] = declared.volume_gib
    if declared.startup_timeout_seconds is not None and declared.kind != "inference_components":
        given["container_startup_health_check_timeout_in_seconds"] = declared.startup_timeout_seconds
    if declared.download_timeout_seconds is not None and declared.kind != "inference_components":
        given["model_data_download_timeout_in_seconds"] = declared.download_timeout_seconds
    given |= _of_instances(declared)
    if declared.managed_scaling is not None:
        given["managed_instance_scaling"] = {
            "status": "ENABLED",
            "min_instance_count": declared.managed_scaling.min_instances,
            "max_instance_count": declared.managed_scaling.max_instances,
        }
    routing = declared.routing or (None if declared.kind == "multi_model" else "least_outstanding_requests")
    if routing is not None:
        given["routing_configs"] = [{"routing_strategy": _ROUTING[routing]}]
    return given


def core_dumps_url(declared: SageMakerEndpointDeclaration) -> Any:
    """Where core dumps lie; None: nowhere."""
    if declared.core_dumps is None:
        return None
    return declared.core_dumps.url or below(declared.data_url, "core-dumps")


def core_dumps_key(declared: SageMakerEndpointDeclaration) -> Any:
    """Key that core dumps are encrypted with; None: S3's own, or none are kept."""
    return None if declared.core_dumps is None else declared.core_dumps.kms_key_arn or declared.kms_key_arn


def _of_instances(declared: SageMakerEndpointDeclaration) -> dict[str, Any]:
    """Reserved capacity, and what helps to find a fault."""
    given: dict[str, Any] = {}
    if declared.capacity_reservation is not None:
        given["capacity_reservation_config"] = {
            "capacity_reservation_preference": "capacity-reservations-only",
            "ml_reservation_arn": declared.capacity_reservation.arn,
        }
    if declared.core_dumps is not None:
        key = core_dumps_key(declared)
        given["core_dump_config"] = {
            "destination_s3_uri": core_dumps_url(declared),
            **({} if key is None else {"kms_key_id": key}),
        }
    if declared.ssm_access:
        given["enable_ssm_access"] = True
    return given


def _serverless(declared: SageMakerEndpointDeclaration) -> dict[str, int]:
    from ...environment.sagemaker import Serverless

    wanted = declared.serverless or Serverless()
    given = {"memory_size_in_mb": wanted.memory_mib, "max_concurrency": wanted.max_concurrency}
    if wanted.provisioned_concurrency is not None:
        given["provisioned_concurrency"] = wanted.provisioned_concurrency
    return given


def _first_instances(declared: SageMakerEndpointDeclaration) -> int:
    """An endpoint starts with one instance at least, also where it may go to zero."""
    if declared.managed_scaling is not None:
        return max(1, declared.managed_scaling.min_instances)
    return max(1, ceil(declared.scaling.min_replicas))
