"""The files of models at managed services: what is uploaded to a region's store, and where the service finds it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi

from ..environment.platform import Platform
from ..environment.target import CLOUD_OF, Cloud
from ..governance.ownership import Ownership
from ..registry.model_upload import ModelUpload, UploadedFileArgs
from ..repository.repository import RepositoryFile
from ..resolve.resolved import Artefact, ResolvedEndpoint
from .handles import FoundationHandles
from .storage import upload_arguments

_PACKED = ("serverless", "multi_model")
"""Kinds of endpoint that take no folder as it lies (SageMaker developer guide, "Deploying uncompressed models")."""
_ARCHIVES = Path(".modelyard/archives")
"""Where archives are packed, below the folder that the program runs in."""


class EndpointFiles:
    """Uploads of one department's models at managed services, one a region and model.

    Each version is a folder, or an archive, whose name holds the checksum of all of its files: a version's files never
    change under it, and whoever names another version finds others.
    """

    def __init__(
        self, platform: Platform, ownership: Ownership, handles: FoundationHandles, parent: pulumi.Resource
    ) -> None:
        self._platform, self._ownership, self._handles, self._parent = platform, ownership, handles, parent
        self._made: dict[tuple[str, str], pulumi.Output[str]] = {}

    def artefact(self, endpoint: ResolvedEndpoint, version: Artefact) -> pulumi.Input[str]:
        """URL of the version's folder, known once it is there; ``s3://`` URL of ``model.tar.gz`` for kinds that take no
        folder. A folder of S3 ends with a slash."""
        if version.url is not None:
            return f"{version.url}/"
        place = _place(endpoint, version)
        if endpoint.target != "sagemaker":
            place = place.rstrip("/")
        return pulumi.Output.concat(self._uploaded(endpoint), f"/{place}")

    def _uploaded(self, endpoint: ResolvedEndpoint) -> pulumi.Output[str]:
        """Address of the model's own folder."""
        key = (endpoint.region, endpoint.declared.name)
        if key not in self._made:
            name = f"{self._ownership.environment}-{endpoint.region}-{endpoint.declared.name}"
            self._made[key] = _BY_CLOUD[CLOUD_OF[endpoint.target]](self, name, endpoint)
        return self._made[key]

    def aws(self, name: str, endpoint: ResolvedEndpoint) -> pulumi.Output[str]:
        store = self._handles.stores[endpoint.region]
        found = {file["object"]: file for version in endpoint.versions for file in _for_aws(endpoint, version)}  # pyright: ignore[reportTypedDictNotRequiredAccess]
        arguments: Any = {
            "region": endpoint.region,
            **upload_arguments(store),
            "model": endpoint.declared.name,
            "files": [found[place] for place in sorted(found)],
            "ownership": self._ownership.args(),
        }
        within = pulumi.ResourceOptions(parent=self._parent, providers=[self._handles.aws[endpoint.region]])
        return ModelUpload(name, arguments, within).url

    def gcp(self, name: str, endpoint: ResolvedEndpoint) -> pulumi.Output[str]:
        from .google_cloud import upload_to_google

        handle = self._handles.google[endpoint.region]
        return upload_to_google(name, endpoint.declared.name, _placed(endpoint), self._ownership, handle, self._parent)

    def azure(self, name: str, endpoint: ResolvedEndpoint) -> pulumi.Output[str]:
        from .azure_cloud import upload_to_azure

        managed = self._platform.managed
        assert managed is not None and managed.azure is not None
        handle = self._handles.azure[endpoint.region]
        return upload_to_azure(
            name, endpoint.declared.name, _placed(endpoint), self._ownership, managed.azure, handle, self._parent
        )


_BY_CLOUD: dict[Cloud, Callable[[EndpointFiles, str, ResolvedEndpoint], pulumi.Output[str]]] = {
    "aws": EndpointFiles.aws,
    "gcp": EndpointFiles.gcp,
    "azure": EndpointFiles.azure,
}


def _placed(endpoint: ResolvedEndpoint) -> list[tuple[str, RepositoryFile]]:
    """Every file of the versions with its place below the model's folder, in the order of the places."""
    found = {f"{version.digest[:16]}/{file.key}": file for version in endpoint.versions for file in version.files}
    return sorted(found.items(), key=lambda each: each[0])


def _place(endpoint: ResolvedEndpoint, version: Artefact) -> str:
    """Below the model's prefix."""
    folder = version.digest[:16]
    if _kind(endpoint) == "multi_model":
        return f"{folder}/"
    if _kind(endpoint) in _PACKED:
        return f"{folder}/model.tar.gz"
    if endpoint.declared.server == "triton":
        return f"{folder}/"
    return f"{folder}/{endpoint.declared.name}/{version.version}/"


def _for_aws(endpoint: ResolvedEndpoint, version: Artefact) -> list[UploadedFileArgs]:
    folder = version.digest[:16]
    if _kind(endpoint) not in _PACKED:
        return [_as_it_lies(file, f"{folder}/{file.key}") for file in version.files]
    from ..serving.sagemaker.archive import write_archive

    packed = write_archive(_at_the_top(endpoint, version), _ARCHIVES)
    name = f"{endpoint.declared.name}.tar.gz" if _kind(endpoint) == "multi_model" else "model.tar.gz"
    return [{"key": name, "sha256": packed.sha256, "object": f"{folder}/{name}", "path": os.path.relpath(packed.path)}]


def _as_it_lies(file: RepositoryFile, place: str) -> UploadedFileArgs:
    args: UploadedFileArgs = {"key": file.key, "sha256": file.sha256, "object": place}
    if file.path is None:
        args["text"] = file.text or ""
    else:
        args["path"] = os.path.relpath(file.path)
    return args


def _at_the_top(endpoint: ResolvedEndpoint, version: Artefact) -> list[RepositoryFile]:
    """A container of SageMaker's own looks for its files at the top; Triton for the model's folder."""
    if endpoint.declared.server == "triton":
        return list(version.files)
    from dataclasses import replace

    return [replace(file, key=file.key.split("/", 2)[2]) for file in version.files]


def _kind(endpoint: ResolvedEndpoint) -> str:
    declared = endpoint.declared.sagemaker
    return "real_time" if declared is None else declared.kind
