"""The component that serves a model at a managed service, by its target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi

from ..environment.department import Department
from ..governance.ownership import Ownership
from ..resolve.resolved import Resolution, ResolvedEndpoint
from ..serving.managed.capture import keeps
from ..serving.managed.endpoint import endpoint_name
from .endpoint_arguments import KnownAtDeployment, azureml_arguments, sagemaker_arguments, vertex_arguments
from .endpoint_files import EndpointFiles
from .handles import FoundationHandles

Image = Callable[[str | None, str], pulumi.Input[str] | None]
"""Gives the whole reference of an image in a region."""


class DepartmentEndpoints:
    """Declares those of one department, each once a region."""

    def __init__(
        self,
        resolution: Resolution,
        department: Department,
        ownership: Ownership,
        handles: FoundationHandles,
        image: Image,
        parent: pulumi.Resource,
    ) -> None:
        self._resolution, self._ownership, self._handles = resolution, ownership, handles
        self._image, self._parent = image, parent
        self._mine = [each for each in resolution.endpoints if each.department.department == department.department]
        self._files = EndpointFiles(resolution.environment.platform, ownership, handles, parent)

    def declare(self) -> dict[str, dict[str, dict[str, Any]]]:
        """By model and region, what callers need: ``target``, ``region`` and the endpoint's ``name``; and where what it
        captures lies, ``captured``."""
        made: dict[str, dict[str, dict[str, Any]]] = {}
        for endpoint in self._mine:
            made.setdefault(endpoint.declared.name, {})[endpoint.region] = {
                "target": endpoint.target,
                "region": endpoint.region,
                "model": endpoint.declared.name,
                **_BY_TARGET[endpoint.target](self, endpoint),
            }
        return made

    def sagemaker(self, endpoint: ResolvedEndpoint) -> dict[str, Any]:
        from ..serving.sagemaker.endpoint import SageMakerEndpoint

        store_key = self._handles.stores[endpoint.region].kms_key_arn if endpoint.stable.url is None else None
        known = self._known(endpoint, store_key)
        platform = self._resolution.environment.platform
        arguments: Any = sagemaker_arguments(endpoint, platform, self._ownership, known)
        made = SageMakerEndpoint(
            self._name(endpoint),
            arguments,
            pulumi.ResourceOptions(parent=self._parent, providers=[self._handles.aws[endpoint.region]]),
        )
        return {"name": made.endpoint_name, "url": made.url, **_addressed(endpoint, made), **_captured(endpoint, made)}

    def vertex(self, endpoint: ResolvedEndpoint) -> dict[str, Any]:
        from ..serving.vertex.endpoint import VertexEndpoint

        platform, handle = self._resolution.environment.platform, self._handles.google[endpoint.region]
        arguments: Any = vertex_arguments(endpoint, platform, self._ownership, self._known(endpoint))
        made = VertexEndpoint(
            self._name(endpoint), arguments, pulumi.ResourceOptions(parent=self._parent, providers=[handle.provider])
        )
        return {"name": made.endpoint_name, "url": made.predict_url, **_captured(endpoint, made)}

    def azureml(self, endpoint: ResolvedEndpoint) -> dict[str, Any]:
        from ..serving.azureml.endpoint import AzureMLEndpoint

        platform, handle = self._resolution.environment.platform, self._handles.azure[endpoint.region]
        arguments: Any = azureml_arguments(endpoint, platform, self._ownership, self._known(endpoint), handle.workspace)
        made = AzureMLEndpoint(
            self._name(endpoint), arguments, pulumi.ResourceOptions(parent=self._parent, providers=[handle.provider])
        )
        return {
            "name": made.endpoint_name,
            "url": made.scoring_uri,
            "auth": made.auth_mode,
            **_captured(endpoint, made),
        }

    def _known(self, endpoint: ResolvedEndpoint, store_key: pulumi.Output[str] | None = None) -> KnownAtDeployment:
        return KnownAtDeployment(
            stable=self._files.artefact(endpoint, endpoint.stable),
            canary=None if endpoint.canary is None else self._files.artefact(endpoint, endpoint.canary),
            store_key=store_key,
            image=self._image(endpoint.image, endpoint.region),
        )

    def _name(self, endpoint: ResolvedEndpoint) -> str:
        return f"{endpoint_name(self._ownership.environment, endpoint.declared.name)}-{endpoint.region}"


def _addressed(endpoint: ResolvedEndpoint, made: Any) -> dict[str, Any]:
    """What a request to SageMaker names besides the endpoint, or where it is put."""
    own = endpoint.declared.sagemaker
    if own is not None and own.kind == "inference_components":
        return {"component": made.inference_component_name}
    if own is not None and own.kind == "multi_model" and endpoint.stable.url is None:
        return {"target_model": f"{endpoint.declared.name}.tar.gz"}
    if own is not None and own.kind == "async" and endpoint.stable.url is None:
        return {"upload_to": made.requests}
    return {}


def _captured(endpoint: ResolvedEndpoint, made: Any) -> dict[str, pulumi.Output[str]]:
    """Where what it captures lies, for whoever looks for drift."""
    return {"captured": made.captured} if keeps(endpoint.declared, endpoint.target) else {}


_BY_TARGET: dict[str, Callable[[DepartmentEndpoints, ResolvedEndpoint], dict[str, Any]]] = {
    "sagemaker": DepartmentEndpoints.sagemaker,
    "vertex": DepartmentEndpoints.vertex,
    "azureml": DepartmentEndpoints.azureml,
}
