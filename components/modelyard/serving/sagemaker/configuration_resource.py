"""Which resource holds the endpoint's configuration: ``aws.sagemaker.EndpointConfiguration``, or Cloud Control's
``AWS::SageMaker::EndpointConfig`` for inference components in a network or isolated, since pulumi-aws has no
``vpcConfig`` and ``enableNetworkIsolation`` of a configuration.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from ...governance.logical_name import SAGEMAKER_LIMIT, logical_name
from .endpoint_configuration import endpoint_configuration
from .endpoint_declaration import SageMakerEndpointDeclaration
from .variants import Variant


def declare_configuration(
    name: str,
    declared: SageMakerEndpointDeclaration,
    served: tuple[Variant, ...],
    model_names: Mapping[str, Any],
    role_arn: Any,
    security_group_ids: list[Any],
    native: Any,
    provider: pulumi.ProviderResource | None,
    parent: pulumi.Resource,
) -> pulumi.Output[str]:
    """Name of the configuration, for the endpoint to take.

    Args:
        name: of the component.
        declared: its arguments.
        served: of :func:`~modelyard.serving.sagemaker.variants.variants`.
        model_names: of the model resources, by name of the variant.
        role_arn: of the execution role.
        security_group_ids: of the containers' network; empty without one.
        native: the SDK of Cloud Control; inference components have it.
        provider: Cloud Control's, for the same region.
        parent: the component.
    """
    given = endpoint_configuration(declared, served, model_names, role_arn)
    called = logical_name(name, limit=SAGEMAKER_LIMIT)
    if not needs_cloud_control(declared):
        made = aws.sagemaker.EndpointConfiguration(
            called,
            **given,
            region=declared.region,
            tags=declared.owner.aws_tags(),
            opts=pulumi.ResourceOptions(parent=parent),
        )
        return made.name
    named = native.sagemaker.EndpointConfig(
        called,
        **cloud_control_configuration(declared, given, security_group_ids),
        tags=[{"key": key, "value": value} for key, value in declared.owner.aws_tags().items()],
        opts=pulumi.ResourceOptions(parent=parent, provider=provider),
    )
    return named.endpoint_config_name.apply(str)


def needs_cloud_control(declared: SageMakerEndpointDeclaration) -> bool:
    """Whether pulumi-aws lacks a key for what is declared."""
    return declared.kind == "inference_components" and bool(declared.subnet_ids or declared.network_isolation)


def cloud_control_configuration(
    declared: SageMakerEndpointDeclaration, given: Mapping[str, Any], security_group_ids: list[Any]
) -> dict[str, Any]:
    """Arguments of ``aws_native.sagemaker.EndpointConfig``, in Python's spelling, but for its tags.

    Args:
        declared: the arguments.
        given: of :func:`~modelyard.serving.sagemaker.endpoint_configuration.endpoint_configuration`.
        security_group_ids: of the containers' network.
    """
    spelled = {"kms_key_arn": "kms_key_id"}
    made = {spelled.get(key, key): value for key, value in given.items()}
    made["production_variants"] = [_variant(each) for each in given["production_variants"]]
    made["enable_network_isolation"] = declared.network_isolation
    if declared.subnet_ids:
        made["vpc_config"] = {"subnets": declared.subnet_ids, "security_group_ids": security_group_ids}
    return made


def _variant(given: Mapping[str, Any]) -> dict[str, Any]:
    """There a variant has one strategy, and pulumi-aws has a list of one."""
    made = dict(given)
    (made["routing_config"],) = made.pop("routing_configs")
    return made
