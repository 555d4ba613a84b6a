"""Models at managed services with what each costs, and what their services cannot do of what they ask."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from ..environment.sagemaker import Serverless
from .compared_option import option_of_endpoint, profile_source
from .model_figures import predicted
from .plan import ModelPlace

if TYPE_CHECKING:
    from ..cost import Estimate
    from ..environment.model import Model
    from ..environment.target import ManagedTarget
    from ..resolve.resolved import Resolution, ResolvedEndpoint

_SERVES: dict[ManagedTarget, tuple[str, ...]] = {
    "sagemaker": (
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration::", "aws-native:sagemaker:EndpointConfig::",
    ),
    "vertex": ("pulumi-python:dynamic/vertex:DeployedModel::",),
    "azureml": ("azure-native:machinelearningservices:OnlineDeployment::",),
}  # fmt: skip
"""Part of the URN of resources whose price is that of serving."""


def endpoints_by_model(resolution: Resolution) -> list[list[ResolvedEndpoint]]:
    """Each model's endpoints, one a region."""
    found: dict[tuple[str, str], list[ResolvedEndpoint]] = {}
    for endpoint in resolution.endpoints:
        found.setdefault((endpoint.department.department, endpoint.declared.name), []).append(endpoint)
    return list(found.values())


def endpoint_places(found: list[ResolvedEndpoint], resolution: Resolution, costs: Estimate) -> list[ModelPlace]:
    """What a plan shows of each of a model's regions."""
    return [_place(endpoint, resolution, costs) for endpoint in found]


def endpoint_notices(resolution: Resolution) -> Iterator[str]:
    """One line for each thing that a model asks and its service cannot do, with the nearest that it can."""
    from ..serving.managed.capabilities import kubernetes_shortfalls, shortfalls
    from ..serving.managed.signals import signal_shortfalls

    for found in endpoints_by_model(resolution):
        asked = found[0].declared, found[0].target
        for shortfall in (*shortfalls(*asked), *signal_shortfalls(*asked)):
            yield shortfall.sentence(found[0].declared.name)
    for _, model in resolution.environment.models():
        for shortfall in kubernetes_shortfalls(model):
            yield shortfall.sentence(model.name)


def _place(endpoint: ResolvedEndpoint, resolution: Resolution, costs: Estimate) -> ModelPlace:
    from ..serving.managed.endpoint import shares_of, version_name

    declared = endpoint.declared
    shares = shares_of(declared.rollout, declared.stable_version)
    least, most = _replicas(declared)
    option = option_of_endpoint(resolution.choices, endpoint)
    return ModelPlace(
        cluster=endpoint.region,
        pool=None,
        overflow_pool=None,
        accelerator=None,
        min_replicas=least,
        max_replicas=most,
        prediction=predicted(endpoint.sizing, option, profile_source(resolution.choices, endpoint)),
        target=endpoint.target,
        instance_type=endpoint.instance_type,
        shares=tuple((version_name(version), percent) for version, percent in shares.items()),
        serving_usd=_serving_usd(endpoint, costs),
        image=_image(endpoint),
    )


def _image(endpoint: ResolvedEndpoint) -> str | None:
    """The model's own, or that which the service has for its framework in the region, where the declaration says
    which."""
    from ..catalog import sagemaker_images
    from ..catalog.vertex_containers import container_image

    declared = endpoint.declared
    if endpoint.image is not None:
        return endpoint.image
    if endpoint.target == "vertex" and declared.vertex is not None and declared.vertex.prebuilt is not None:
        return container_image(declared.vertex.prebuilt, endpoint.region)
    if endpoint.target != "sagemaker":
        return None
    own = declared.sagemaker
    named = own.framework if own is not None else None
    release = endpoint.release if named is None else own.framework_version if own is not None else None
    processor = "gpu" if own is not None and own.has_gpu else "cpu"
    return sagemaker_images.get(named or declared.server, release, processor=processor).reference(endpoint.region)


def _replicas(declared: Model) -> tuple[int, int]:
    """Instances, or containers of a serverless endpoint: those kept warm, and as many as answer at once."""
    own = declared.sagemaker
    if declared.target == "sagemaker" and own is not None and own.kind == "serverless":
        serverless = own.serverless or Serverless()
        return serverless.provisioned_concurrency or 0, serverless.max_concurrency
    return declared.scaling.min_replicas, declared.scaling.max_replicas


def _serving_usd(endpoint: ResolvedEndpoint, costs: Estimate) -> Decimal | None:
    """Of its instances or requests; disks, logs and files of the model are charged beside them."""
    whose = endpoint.department.department, endpoint.declared.name, endpoint.region
    found = [
        line.usd
        for line in costs.lines
        if (line.department, line.model, line.region) == whose
        and any(kind in line.urn for kind in _SERVES[endpoint.target])
        and not line.what.startswith("volumes ")
    ]
    return sum(found, Decimal(0)) if found else None
