"""The component that serves a model at a managed service, by its target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi

from ..environment.department import Department
from ..governance.ownership import Ownership
from ..resolve.resolved import Resolution, ResolvedEndpoint
from ..serving.managed.endpoint import endpoint_name
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
        self._files = EndpointFiles(ownership, handles, parent)

    def declare(self) -> dict[str, dict[str, dict[str, Any]]]:
        """By model and region, what callers need: ``target``, ``region`` and the endpoint's ``name``."""
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

        arguments = self._arguments(endpoint)
        declared, managed = endpoint.declared, self._resolution.environment.platform.managed
        place = None if managed is None else managed.aws
        own = declared.sagemaker
        told = {} if own is None else own.model_dump(exclude_none=True, exclude_unset=True)
        network = told.pop("network", None)
        if network is None and place is not None and endpoint.region in place.networks:
            serverless = own is not None and own.kind == "serverless"
            network = None if serverless else place.networks[endpoint.region].model_dump()
        if network:
            arguments |= network
        arguments |= told
        if place is not None and endpoint.region in place.kms_keys:
            arguments.setdefault("kms_key_arn", place.kms_keys[endpoint.region])
        arguments |= {
            "artefact": self._files.artefact(endpoint, endpoint.stable),
            "region": endpoint.region,
            "alerts": declared.alerts.model_dump(exclude_none=True),
        }
        if declared.objective is not None:
            arguments["p99_ms"] = declared.objective.p99_ms
        if endpoint.stable.url is None:
            arguments["artefact_kms_key_arn"] = self._handles.stores[endpoint.region].kms_key_arn
        if endpoint.canary is not None:
            arguments["canary"] = {"artefact": self._files.artefact(endpoint, endpoint.canary)}
        if declared.server == "triton" and own is not None and own.framework_version is None and declared.image is None:
            arguments["framework_version"] = endpoint.release
        made = SageMakerEndpoint(
            self._name(endpoint),
            arguments,  # type: ignore[arg-type]
            pulumi.ResourceOptions(parent=self._parent, providers=[self._handles.aws[endpoint.region]]),
        )
        return {"name": made.endpoint_name}

    def _name(self, endpoint: ResolvedEndpoint) -> str:
        return f"{endpoint_name(self._ownership.environment, endpoint.declared.name)}-{endpoint.region}"

    def _arguments(self, endpoint: ResolvedEndpoint) -> dict[str, Any]:
        """What every target's component takes."""
        declared = endpoint.declared
        arguments: dict[str, Any] = {
            "ownership": self._ownership.args(),
            "model": declared.name,
            "scaling": declared.scaling.model_dump(exclude_none=True),
            "env": {key: value for key, value in declared.env.items() if isinstance(value, str)},
        }
        image = self._image(endpoint.image, endpoint.region)
        if image is not None:
            arguments["image"] = image
        if declared.rollout is None:
            arguments["version"] = declared.version
        else:
            arguments["rollout"] = declared.rollout.model_dump(exclude_none=True)
        return arguments


_BY_TARGET: dict[str, Callable[[DepartmentEndpoints, ResolvedEndpoint], dict[str, Any]]] = {
    "sagemaker": DepartmentEndpoints.sagemaker,
}
