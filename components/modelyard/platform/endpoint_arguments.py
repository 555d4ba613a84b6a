"""What the component of each managed target is told of a resolved model: plain values, and what only a deployment
knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..environment.managed import Managed
from ..environment.platform import Platform
from ..governance.ownership import Ownership
from ..resolve.resolved import ResolvedEndpoint
from ..serving.managed.capture import capture_arguments


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
        arguments["requests_per_second"] = declared.objective.requests_per_second
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
        **capture_arguments(declared, "sagemaker"),
    }
    if declared.rollout is None:
        arguments["version"] = declared.version
    if place is not None and endpoint.region in place.kms_keys:
        arguments.setdefault("kms_key_arn", place.kms_keys[endpoint.region])
    if place is not None and endpoint.region in place.alarm_topics:
        arguments["alarm_topic_arn"] = place.alarm_topics[endpoint.region]
    if known.store_key is not None:
        arguments["artefact_kms_key_arn"] = known.store_key
        # As EndpointFiles lays them.
        arguments["artefact_is_folder"] = own is None or own.kind != "serverless"
        arguments["data_url"] = _data_url(known.stable)
        arguments.setdefault("kms_key_arn", known.store_key)
    if known.canary is not None:
        arguments["canary"] = {"artefact": known.canary}
    if declared.server == "triton" and "image" not in arguments:
        arguments.setdefault("framework_version", endpoint.release)
    return arguments


def vertex_arguments(
    endpoint: ResolvedEndpoint, platform: Platform, ownership: Ownership, known: KnownAtDeployment
) -> dict[str, Any]:
    """Of ``VertexEndpoint``."""
    declared, own = endpoint.declared, endpoint.declared.vertex
    place = _managed(platform).gcp
    assert place is not None
    alerts = declared.alerts
    arguments = {
        **shared_arguments(endpoint, ownership, known),
        "project": place.project,
        "region": endpoint.region,
        "artefact": known.stable,
        "digest": endpoint.stable.digest,
        "alerts": {"error_rate": alerts.error_rate, "for_minutes": alerts.for_minutes},
        **({} if own is None else own.model_dump(exclude_none=True, exclude_unset=True)),
        **capture_arguments(declared, "vertex"),
    }
    if declared.rollout is None:
        arguments["version"] = declared.version
    if endpoint.canary is not None:
        arguments["canary"] = {"artefact": known.canary, "digest": endpoint.canary.digest}
    if place.project_number is not None:
        arguments["project_number"] = place.project_number
    if endpoint.region in place.kms_keys:
        arguments["kms_key"] = place.kms_keys[endpoint.region]
    if place.notification_channels:
        arguments["notification_channels"] = list(place.notification_channels)
    if own is not None and own.endpoint == "peered" and place.network is not None:
        arguments.setdefault("network", place.network)
    return arguments


def azureml_arguments(
    endpoint: ResolvedEndpoint,
    platform: Platform,
    ownership: Ownership,
    known: KnownAtDeployment,
    workspace: Mapping[str, Any],
) -> dict[str, Any]:
    """Of ``AzureMLEndpoint``. ``workspace``: outputs of the workspace's component."""
    declared, own = endpoint.declared, endpoint.declared.azureml
    place = _managed(platform).azure
    assert place is not None
    versions = [{"version": endpoint.stable.version, "model_uri": known.stable}]
    if endpoint.canary is not None:
        versions.append({"version": endpoint.canary.version, "model_uri": known.canary})
    arguments = {
        **shared_arguments(endpoint, ownership, known),
        "location": endpoint.region,
        "subscription_id": place.subscription_id,
        "resource_group": place.resource_group,
        "entra_only": place.entra_only,
        "computes": {each.compute: list(each.instance_types) for each in place.arc_clusters.get(endpoint.region, ())},
        "workspace": workspace["workspace_name"],
        "workspace_id": workspace["workspace_id"],
        "storage_account_id": workspace["storage_account_id"],
        "container_registry_id": workspace["container_registry_id"],
        "log_analytics_id": workspace["log_analytics_id"],
        "version": endpoint.stable.version,
        "versions": versions,
        "error_rate": declared.alerts.error_rate,
        "alert_minutes": declared.alerts.for_minutes,
        **({} if own is None else own.model_dump(exclude_none=True, exclude_unset=True)),
        **capture_arguments(declared, "azureml"),
    }
    if place.action_groups:
        arguments["action_groups"] = list(place.action_groups)
    if "resources" in declared.model_fields_set:
        arguments["resources"] = declared.resources.model_dump(exclude_none=True, exclude_unset=True)
    return arguments


def _data_url(artefact: Any) -> Any:
    """Where captured data and answers lie: ``s3://<bucket>/<department>/<model>/data``, beside the model's versions."""
    if isinstance(artefact, str):
        return "/".join(artefact.split("/")[:5]).rstrip("/") + "/data"
    return artefact.apply(_data_url)


def _managed(platform: Platform) -> Managed:
    assert platform.managed is not None, "a managed endpoint was resolved without a place for it"
    return platform.managed
