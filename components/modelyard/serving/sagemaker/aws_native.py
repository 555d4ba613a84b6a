"""What only Cloud Control has: inference components and versions of a Model Package Group.

The SDK is imported when an endpoint wants one of them, and not before.
"""

from __future__ import annotations

from typing import Any

import pulumi

from .deployment_config import component_deployment_config
from .endpoint_declaration import SageMakerEndpointDeclaration

_APPROVAL = {
    "approved": "Approved",
    "pending_manual_approval": "PendingManualApproval",
    "rejected": "Rejected",
}


class NoAwsNativeSdk(ModuleNotFoundError):
    """The package pulumi-aws-native is not installed."""

    def __init__(self, wanted: str) -> None:
        super().__init__(
            f"{wanted} of SageMakerEndpoint needs the package pulumi-aws-native; pip install modelyard[aws-native]"
        )


def needs_aws_native(declared: SageMakerEndpointDeclaration) -> str | None:
    """The key that Cloud Control is needed for; None: none."""
    if declared.kind == "inference_components":
        return "kind inference_components"
    if declared.packages is not None:
        return "packages"
    return "quality" if declared.quality is not None else None


def sdk(wanted: str) -> Any:
    """The SDK.

    Raises:
        NoAwsNativeSdk: it is not installed.
    """
    try:
        import pulumi_aws_native
    except ImportError:
        raise NoAwsNativeSdk(wanted) from None
    return pulumi_aws_native


def inference_component(
    declared: SageMakerEndpointDeclaration, variant_name: str, model_name: Any, copies: int, alarm_names: list[Any]
) -> dict[str, Any]:
    """Arguments of ``aws_native.sagemaker.InferenceComponent``, in Python's spelling, but for its endpoint and tags.

    Its name stays when the version changes, since callers type it: SageMaker exchanges the copies in place.
    """
    wanted = declared.inference_components
    assert wanted is not None
    resources: dict[str, Any] = {"min_memory_required_in_mb": wanted.memory_mib}
    if wanted.max_memory_mib is not None:
        resources["max_memory_required_in_mb"] = wanted.max_memory_mib
    if wanted.cpu_cores is not None:
        resources["number_of_cpu_cores_required"] = wanted.cpu_cores
    if wanted.accelerators is not None:
        resources["number_of_accelerator_devices_required"] = wanted.accelerators
    startup = {
        name: seconds
        for name, seconds in (
            ("container_startup_health_check_timeout_in_seconds", declared.startup_timeout_seconds),
            ("model_data_download_timeout_in_seconds", declared.download_timeout_seconds),
        )
        if seconds is not None
    }
    specification: dict[str, Any] = {"model_name": model_name, "compute_resource_requirements": resources}
    if startup:
        specification["startup_parameters"] = startup
    if wanted.cache is not None:
        specification["data_cache_config"] = {"enable_caching": wanted.cache}
    if wanted.placement is not None:
        # CloudFormation wants the balance where the API has it optional.
        specification["scheduling_config"] = {
            "placement_strategy": wanted.placement.upper(),
            "availability_zone_balance": {
                "enforcement_mode": "PERMISSIVE",
                "max_imbalance": wanted.max_zone_imbalance or 0,
            },
        }
    return {
        "inference_component_name": declared.physical_name,
        "variant_name": variant_name,
        "specification": specification,
        "runtime_config": {"copy_count": copies},
        "deployment_config": component_deployment_config(declared.deployment, alarm_names),
    }


def model_package(
    declared: SageMakerEndpointDeclaration, version: int, artefact: Any, image: Any, group_name: Any
) -> dict[str, Any]:
    """Arguments of ``aws_native.sagemaker.ModelPackage``, in Python's spelling. A version bears the tags of its group
    and takes none of its own."""
    wanted = declared.packages
    assert wanted is not None
    specification: dict[str, Any] = {
        "containers": [_packaged(artefact, image)],
        "supported_content_types": list(wanted.content_types),
        "supported_response_mime_types": list(wanted.content_types),
    }
    if declared.instance_type is not None:
        specification["supported_realtime_inference_instance_types"] = [declared.instance_type]
    return {
        "model_package_group_name": group_name,
        "model_package_description": f"Version {version} of model {declared.model}",
        "model_approval_status": _APPROVAL[wanted.approval],
        "inference_specification": specification,
    }


def _packaged(artefact: Any, image: Any) -> Any:
    if isinstance(artefact, pulumi.Output):
        return pulumi.Output.all(artefact, image).apply(lambda known: _packaged(*known))
    # The SDK has no keys for a container's variables.
    container: dict[str, Any] = {"image": image}
    if artefact.endswith("/"):
        source = {"s3_uri": artefact, "s3_data_type": "S3Prefix", "compression_type": "None"}
        container["model_data_source"] = {"s3_data_source": source}
    else:
        container["model_data_url"] = artefact
    return container
