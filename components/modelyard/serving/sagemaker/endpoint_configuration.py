"""``aws.sagemaker.EndpointConfiguration``: variants, data capture and the queue of an asynchronous endpoint.

Nothing of a configuration changes in place: another one is made, the endpoint takes it, and the old one goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .container import below
from .endpoint_declaration import SageMakerEndpointDeclaration
from .variants import Variant, production_variant

_CAPTURED = {"input": ("Input",), "output": ("Output",), "input_and_output": ("Input", "Output")}


def endpoint_configuration(
    declared: SageMakerEndpointDeclaration,
    served: tuple[Variant, ...],
    model_names: Mapping[str, Any],
    role_arn: Any,
) -> dict[str, Any]:
    """Arguments in Python's spelling, but for region and tags.

    Args:
        declared: the arguments.
        served: of :func:`~modelyard.serving.sagemaker.variants.variants`.
        model_names: of the model resources, by name of the variant.
        role_arn: of the execution role; only inference components name it here.
    """
    given: dict[str, Any] = {
        "production_variants": [
            production_variant(declared, each, model_names.get(each.name)) for each in served if not each.is_shadow
        ]
    }
    shadows = [production_variant(declared, each, model_names.get(each.name)) for each in served if each.is_shadow]
    if shadows:
        given["shadow_production_variants"] = shadows
    if declared.kind == "inference_components":
        given["execution_role_arn"] = role_arn
    if declared.kms_key_arn is not None and declared.has_volume:
        given["kms_key_arn"] = declared.kms_key_arn
    if declared.capture is not None:
        given["data_capture_config"] = _data_capture(declared)
    if declared.kind == "async":
        given["async_inference_config"] = _asynchronous(declared)
    return given


def captured_url(declared: SageMakerEndpointDeclaration) -> Any:
    """Where captured data lies; None: nowhere."""
    if declared.capture is None:
        return None
    return declared.capture.url or below(declared.data_url, "captured")


def answers_url(declared: SageMakerEndpointDeclaration) -> Any:
    """Where asynchronous answers lie; None: nowhere."""
    if declared.kind != "async":
        return None
    wanted = declared.asynchronous
    return (wanted.output_url if wanted is not None else None) or below(declared.data_url, "answers")


def requests_url(declared: SageMakerEndpointDeclaration) -> Any:
    """Where asynchronous requests lie that are too large to go with the call; None: nowhere."""
    return None if declared.kind != "async" or declared.data_url is None else below(declared.data_url, "requests")


def _data_capture(declared: SageMakerEndpointDeclaration) -> dict[str, Any]:
    capture = declared.capture
    assert capture is not None
    given: dict[str, Any] = {
        "enable_capture": True,
        "initial_sampling_percentage": capture.percent,
        "destination_s3_uri": captured_url(declared),
        "capture_options": [{"capture_mode": mode} for mode in _CAPTURED[capture.content]],
        "capture_content_type_header": {"json_content_types": ["application/json"], "csv_content_types": ["text/csv"]},
    }
    if declared.kms_key_arn is not None:
        given["kms_key_id"] = declared.kms_key_arn
    return given


def _asynchronous(declared: SageMakerEndpointDeclaration) -> dict[str, Any]:
    wanted = declared.asynchronous
    output: dict[str, Any] = {"s3_output_path": answers_url(declared)}
    if declared.kms_key_arn is not None:
        output["kms_key_id"] = declared.kms_key_arn
    given: dict[str, Any] = {"output_config": output}
    if wanted is None:
        return given
    if wanted.failure_url is not None:
        output["s3_failure_path"] = wanted.failure_url
    topics = {
        name: arn
        for name, arn in (("success_topic", wanted.success_topic_arn), ("error_topic", wanted.error_topic_arn))
        if arn is not None
    }
    if topics:
        told = [f"{name.upper().replace('_', '_NOTIFICATION_')}" for name in topics] if wanted.include_answer else []
        output["notification_config"] = {**topics, **({"include_inference_response_ins": told} if told else {})}
    if wanted.concurrent_requests_per_instance is not None:
        given["client_config"] = {"max_concurrent_invocations_per_instance": wanted.concurrent_requests_per_instance}
    return given
