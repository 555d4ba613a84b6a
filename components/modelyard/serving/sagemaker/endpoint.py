"""A model at Amazon SageMaker, as a Pulumi component."""

from typing import Any

import pulumi
import pulumi_aws as aws

from modelyard.governance.known_after import known_after
from modelyard.governance.logical_name import SAGEMAKER_LIMIT, logical_name
from modelyard.governance.partition import dns_suffix
from modelyard.serving.managed.endpoint import version_name
from modelyard.serving.sagemaker import aws_native
from modelyard.serving.sagemaker.alarms import alarms
from modelyard.serving.sagemaker.autoscaling import component_target, variant_target
from modelyard.serving.sagemaker.configuration_resource import declare_configuration
from modelyard.serving.sagemaker.container import primary_container
from modelyard.serving.sagemaker.deployment_config import deployment_config
from modelyard.serving.sagemaker.endpoint_args import SageMakerEndpointArgs
from modelyard.serving.sagemaker.endpoint_configuration import captured_url, requests_url
from modelyard.serving.sagemaker.endpoint_declaration import SageMakerEndpointDeclaration, declaration
from modelyard.serving.sagemaker.execution_role import execution_role
from modelyard.serving.sagemaker.monitoring import declare_quality
from modelyard.serving.sagemaker.scaling_resources import declare_scaling
from modelyard.serving.sagemaker.variants import Variant, variants


class SageMakerEndpoint(pulumi.ComponentResource):
    """One model at one endpoint of SageMaker: models, configuration, endpoint, a role of its own that may do no more
    than it has to, log group, auto scaling, alarms; inference components, model packages and quality jobs where they
    are wanted.

    Takes the AWS provider from ``opts``. A new version is a new model and a new configuration, which the endpoint takes
    without being replaced; the old ones go after that. The endpoint's name is fixed, since callers type it.

    Raises:
        InvalidEnvironment: arguments do not fit; before any resource is registered.
        NoAwsNativeSdk: inference components, packages or quality jobs are wanted, and pulumi-aws-native is not
            installed.
    """

    endpoint_name: pulumi.Output[str]
    """Name of the endpoint, known once it serves."""
    endpoint_arn: pulumi.Output[str]
    """ARN of the endpoint: what callers are allowed to invoke."""
    url: pulumi.Output[str]
    """Where requests are posted to, signed with AWS's signature version 4."""
    role_arn: pulumi.Output[str]
    """Execution role."""
    variants: pulumi.Output[dict[str, int]]
    """Percent of the requests by name of the production variant."""
    inference_component_name: pulumi.Output[str | None]
    """What callers name besides the endpoint; none without inference components."""
    captured: pulumi.Output[str]
    """s3:// URL below which captured data lies, by endpoint, variant and hour; empty where nothing is captured."""
    requests: pulumi.Output[str]
    """s3:// URL below which asynchronous requests are put that are too large for the call; empty where none are."""

    def __init__(self, name: str, args: SageMakerEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = declaration(name, args)
        served = variants(declared)
        tags = declared.owner.aws_tags()
        wanted = aws_native.needs_aws_native(declared)
        native = None if wanted is None else aws_native.sdk(wanted)
        super().__init__("modelyard:index:SageMakerEndpoint", name, {}, opts)
        self._here = pulumi.ResourceOptions(parent=self)
        by_component = declared.kind == "inference_components"
        logs = aws.cloudwatch.LogGroup(
            name,
            name=_log_group(declared),
            retention_in_days=declared.log_retention_days,
            region=declared.region,
            tags=tags,
            opts=self._here,
        )
        groups = self._security_groups(name, declared)
        role_arn = execution_role(
            name, declared, served, log_group=_log_group(declared), security_group_ids=groups, parent=self
        )
        models = {each.name: self._model(name, declared, each, role_arn, groups) for each in served}
        provider = None
        if native is not None:
            provider = native.Provider(f"{name}-native", region=declared.region, opts=self._here)
        configuration_name = declare_configuration(
            name,
            declared,
            served,
            {key: model.name for key, model in models.items()},
            role_arn,
            groups,
            native,
            provider,
            self,
        )
        watched = self._alarms(name, declared, served)
        shifting: dict[str, Any] = {}
        if declared.deployment is not None and not by_component:
            shifting["deployment_config"] = deployment_config(declared.deployment, watched)
        endpoint = aws.sagemaker.Endpoint(
            name,
            name=declared.physical_name,
            endpoint_config_name=configuration_name,
            **shifting,
            region=declared.region,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[logs]),
        )
        component: pulumi.Resource | None = None
        if by_component:
            component = self._component(name, declared, served[0], models, watched, endpoint, native, provider)
        if declared.packages is not None:
            self._packages(name, declared, served, native, provider)
        declare_quality(name, declared, endpoint.name, groups, native, provider, self)
        ready: list[pulumi.Resource] = [endpoint] if component is None else [component]
        self._scaling(name, declared, served, ready)
        self.endpoint_name = known_after(pulumi.Output.from_input(declared.physical_name), ready)
        self.endpoint_arn = endpoint.arn
        self.role_arn = role_arn
        self.url = known_after(pulumi.Output.from_input(_url(declared)), ready)
        self.variants = pulumi.Output.from_input({each.name: each.weight for each in served if not each.is_shadow})
        self.inference_component_name = pulumi.Output.from_input(declared.physical_name if by_component else None)
        captured = captured_url(declared)
        self.captured = pulumi.Output.from_input("" if captured is None else captured)
        requests = requests_url(declared)
        self.requests = pulumi.Output.from_input("" if requests is None else requests)
        self.register_outputs(
            {
                "endpointName": self.endpoint_name,
                "endpointArn": self.endpoint_arn,
                "url": self.url,
                "roleArn": self.role_arn,
                "variants": self.variants,
                "inferenceComponentName": self.inference_component_name,
                "captured": self.captured,
                "requests": self.requests,
            }
        )

    def _model(
        self,
        name: str,
        declared: SageMakerEndpointDeclaration,
        variant: Variant,
        role_arn: pulumi.Output[str],
        groups: list[Any],
    ) -> "aws.sagemaker.Model":
        network: dict[str, Any] = {}
        if declared.subnet_ids:
            network["vpc_config"] = {"subnets": declared.subnet_ids, "security_group_ids": groups}
        version = f"-{version_name(variant.version)}"
        return aws.sagemaker.Model(
            logical_name(name, limit=SAGEMAKER_LIMIT - len(version)) + version,
            execution_role_arn=role_arn,
            primary_container=primary_container(declared, variant.artefact, variant.image),
            enable_network_isolation=declared.network_isolation,
            **network,
            region=declared.region,
            tags=declared.owner.aws_tags(),
            opts=self._here,
        )

    def _security_groups(self, name: str, declared: SageMakerEndpointDeclaration) -> list[Any]:
        if declared.vpc_id is None:
            return list(declared.security_group_ids)
        group = aws.ec2.SecurityGroup(
            name,
            description=f"Model {declared.model} at SageMaker: HTTPS out, nothing in",
            vpc_id=declared.vpc_id,
            region=declared.region,
            tags=declared.owner.aws_tags(name),
            opts=self._here,
        )
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-https",
            security_group_id=group.id,
            description="Artefacts, images and logs",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ipv4="0.0.0.0/0",
            region=declared.region,
            tags=declared.owner.aws_tags(),
            opts=self._here,
        )
        return [group.id]

    def _alarms(
        self, name: str, declared: SageMakerEndpointDeclaration, served: tuple[Variant, ...]
    ) -> list[pulumi.Output[str]]:
        """Declares every alarm; the names of those that take a deployment back."""
        told = [] if declared.alarm_topic_arn is None else [declared.alarm_topic_arn]
        names = []
        for alarm in alarms(declared, served):
            made = aws.cloudwatch.MetricAlarm(
                "-".join(filter(None, (name, alarm.variant.lower(), alarm.signal))),
                **alarm.given,
                alarm_actions=told,
                ok_actions=told,
                region=declared.region,
                tags=declared.owner.aws_tags(),
                opts=self._here,
            )
            if alarm.rolls_back:
                names.append(made.name)
        return names

    def _component(
        self,
        name: str,
        declared: SageMakerEndpointDeclaration,
        variant: Variant,
        models: "dict[str, aws.sagemaker.Model]",
        watched: list[pulumi.Output[str]],
        endpoint: "aws.sagemaker.Endpoint",
        native: Any,
        provider: pulumi.ProviderResource | None,
    ) -> pulumi.Resource:
        scaled = component_target(declared) is not None
        return native.sagemaker.InferenceComponent(
            name,
            **aws_native.inference_component(
                declared, variant.name, models[variant.name].name, declared.scaling.min_replicas, watched
            ),
            endpoint_name=endpoint.name,
            tags=_native_tags(declared),
            opts=pulumi.ResourceOptions(
                parent=self, provider=provider, ignore_changes=["runtimeConfig"] if scaled else None
            ),
        )

    def _packages(
        self,
        name: str,
        declared: SageMakerEndpointDeclaration,
        served: tuple[Variant, ...],
        native: Any,
        provider: pulumi.ProviderResource | None,
    ) -> None:
        group = aws.sagemaker.ModelPackageGroup(
            name,
            model_package_group_name=declared.physical_name,
            model_package_group_description=f"Versions of model {declared.model}",
            region=declared.region,
            tags=declared.owner.aws_tags(),
            opts=self._here,
        )
        for each in served:
            native.sagemaker.ModelPackage(
                f"{name}-{version_name(each.version)}",
                **aws_native.model_package(
                    declared, each.version, each.artefact, each.image, group.model_package_group_name
                ),
                opts=pulumi.ResourceOptions(parent=self, provider=provider),
            )

    def _scaling(
        self,
        name: str,
        declared: SageMakerEndpointDeclaration,
        served: tuple[Variant, ...],
        ready: list[pulumi.Resource],
    ) -> None:
        physical = declared.physical_name
        if declared.kind == "inference_components":
            scaled = component_target(declared)
            if scaled is not None:
                resource_id = known_after(pulumi.Output.from_input(f"inference-component/{physical}"), ready)
                dimensions = {"InferenceComponentName": physical}
                declare_scaling(name, declared, scaled, resource_id, dimensions, self)
            return
        for each in served:
            scaled = variant_target(declared, each.name) if each.is_scaled else None
            if scaled is not None:
                resource_id = known_after(pulumi.Output.from_input(f"endpoint/{physical}/variant/{each.name}"), ready)
                own = name if declared.rollout is None else f"{name}-{each.name}"
                declare_scaling(own, declared, scaled, resource_id, {"EndpointName": physical}, self)


def _log_group(declared: SageMakerEndpointDeclaration) -> str:
    folder = "InferenceComponents" if declared.kind == "inference_components" else "Endpoints"
    return f"/aws/sagemaker/{folder}/{declared.physical_name}"


def _url(declared: SageMakerEndpointDeclaration) -> str:
    host = f"runtime.sagemaker.{declared.region}.{dns_suffix(declared.region)}"
    invocations = "async-invocations" if declared.kind == "async" else "invocations"
    return f"https://{host}/endpoints/{declared.physical_name}/{invocations}"


def _native_tags(declared: SageMakerEndpointDeclaration) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in declared.owner.aws_tags().items()]
