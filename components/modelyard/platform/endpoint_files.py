"""The files of models at SageMaker: what is uploaded to the model store of a region, and where the service finds it."""

from __future__ import annotations

import os
from pathlib import Path

import pulumi

from ..governance.ownership import Ownership
from ..registry.model_upload import ModelUpload, UploadedFileArgs
from ..repository.repository import RepositoryFile
from ..resolve.resolved import Artefact, ResolvedEndpoint
from .handles import FoundationHandles

_PACKED = ("serverless", "multi_model")
"""Kinds of endpoint that take no folder as it lies (SageMaker developer guide, "Deploying uncompressed models")."""
_ARCHIVES = Path(".modelyard/archives")
"""Where archives are packed, below the folder that the program runs in."""


class EndpointFiles:
    """Uploads of one department's models at SageMaker, one a region and model.

    Each version is a folder, or an archive, whose name holds the checksum of all of its files: a version's files never
    change under it, and whoever names another version finds others.
    """

    def __init__(self, ownership: Ownership, handles: FoundationHandles, parent: pulumi.Resource) -> None:
        self._ownership, self._handles, self._parent = ownership, handles, parent
        self._made: dict[tuple[str, str], ModelUpload] = {}

    def artefact(self, endpoint: ResolvedEndpoint, version: Artefact) -> pulumi.Input[str]:
        """``s3://`` URL of ``model.tar.gz``, or of a folder, which then ends with a slash; known once it is there."""
        if version.url is not None:
            return f"{version.url}/"
        upload = self._upload(endpoint)
        return pulumi.Output.concat(upload.url, f"/{_place(endpoint, version)}")

    def _upload(self, endpoint: ResolvedEndpoint) -> ModelUpload:
        key = (endpoint.region, endpoint.declared.name)
        if key not in self._made:
            store = self._handles.stores[endpoint.region]
            objects = {each["object"]: each for version in endpoint.versions for each in _uploaded(endpoint, version)}  # pyright: ignore[reportTypedDictNotRequiredAccess]
            self._made[key] = ModelUpload(
                f"{self._ownership.environment}-{endpoint.region}-{endpoint.declared.name}",
                {
                    "region": endpoint.region,
                    "bucket": store.bucket,
                    "kms_key_arn": store.kms_key_arn,
                    "model": endpoint.declared.name,
                    "files": [objects[place] for place in sorted(objects)],
                    "ownership": self._ownership.args(),
                },
                pulumi.ResourceOptions(parent=self._parent, providers=[self._handles.aws[endpoint.region]]),
            )
        return self._made[key]


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


def _uploaded(endpoint: ResolvedEndpoint, version: Artefact) -> list[UploadedFileArgs]:
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
