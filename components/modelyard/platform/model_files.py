"""The files of a department's models in the model stores: what is uploaded where, and where servers find it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from ..governance.ownership import Ownership
from ..registry.model_upload import ModelUpload, UploadedFileArgs, model_prefix, object_key
from ..repository.repository import RepositoryFile
from ..resolve.resolved import Artefact, ResolvedModel
from .handles import FoundationHandles, StoreHandle
from .storage import upload_arguments


class ModelFiles:
    """Uploads of one department, one a region and model: clusters of one region share its store, and may be configured
    in different ways.

    A file that our own init container fetches lies under its own checksum, and is checked by it. KServe, Seldon and the
    clouds' file drivers take a folder as it lies: there each version is a folder whose name holds the checksum of all
    of its files, so that no version's files ever change under it.
    """

    def __init__(
        self,
        models: Sequence[ResolvedModel],
        ownership: Ownership,
        handles: FoundationHandles,
        parent: pulumi.Resource,
    ) -> None:
        self._ownership, self._handles, self._parent = ownership, handles, parent
        self._providers = {
            each.region: each.provider for each in handles.clusters.values() if each.provider is not None
        }
        self._made: dict[tuple[str, str], ModelUpload] = {}
        self._wanted: dict[tuple[str, str], dict[str, RepositoryFile]] = {}
        for model in models:
            if model.url is None:
                key = (handles.clusters[model.cluster].region, model.declared.name)
                self._wanted.setdefault(key, {}).update(_objects(model))

    def stored(self, model: ResolvedModel, artefact: Artefact, region: str) -> dict[str, Any]:
        """Where a version lies, as components take it."""
        stored: dict[str, Any] = {"region": region, "digest": artefact.digest}
        if artefact.url is not None:
            bucket, _, prefix = artefact.url.removeprefix("s3://").partition("/")
            return {**stored, "bucket": bucket, "prefix": _of_version(model, artefact, prefix.rstrip("/"))}
        store, upload = self._handles.stores[region], self._upload(model, region)
        prefix = model_prefix(self._ownership.department, model.declared.name)
        # A pod that starts before its files are there would fail: the bucket is known when the upload is done.
        stored["bucket"] = pulumi.Output.all(store.bucket, upload.url).apply(lambda known: known[0])
        stored |= _of_its_cloud(store)
        if model.declared.is_copied:
            whole = f"{prefix}/{_folder(artefact)}"
            stored |= {"size_bytes": sum(file.size for file in artefact.files), "readable": prefix}
            if model.declared.runtime == "kserve" or not model.declared.weights.are_copied:
                return {**stored, "prefix": whole, "layout": "repository"}
            return {**stored, "prefix": _of_version(model, artefact, f"{whole}/{model.declared.name}")}
        return {
            **stored,
            "prefix": prefix,
            "files": [
                {
                    "path": served_path(model, file.key),
                    "object": object_key(file.key, file.sha256),
                    "sha256": file.sha256,
                    "size_bytes": file.size,
                }
                for file in artefact.files
            ],
        }

    def _upload(self, model: ResolvedModel, region: str) -> ModelUpload:
        name = model.declared.name
        key = (region, name)
        if key not in self._made:
            store, wanted = self._handles.stores[region], self._wanted[key]
            arguments: Any = {
                **upload_arguments(store),
                "region": region,
                "model": name,
                "files": [
                    _uploaded(wanted[at], at) for at in sorted(wanted, key=lambda each: (wanted[each].key, each))
                ],
                "ownership": self._ownership.args(),
            }
            self._made[key] = ModelUpload(
                f"{self._ownership.environment}-{region}-{name}",
                arguments,
                pulumi.ResourceOptions(parent=self._parent, providers=[self._providers[region]]),
            )
        return self._made[key]


def _of_its_cloud(store: StoreHandle) -> dict[str, Any]:
    """What else says where the bucket is."""
    if store.cloud == "aws":
        return {"kms_key_arn": store.kms_key_arn}
    return {"store": "gcs"} if store.cloud == "gcp" else {"store": "azure", "account": store.account}


def served_path(model: ResolvedModel, key: str) -> str:
    """Where a file of the model lies below the folder that its server reads. TorchServe's is flat: under KServe it
    reads one archive by the model's name, else one for each version."""
    if model.declared.server != "torchserve":
        return key
    name, version, file = key.split("/", 2)
    ending = file[file.rindex(".") :]
    return f"{name}{ending}" if model.declared.runtime == "kserve" else f"{name}-v{version}{ending}"


def _objects(model: ResolvedModel) -> Mapping[str, RepositoryFile]:
    """Every object of the model's versions, by its key below the model's prefix."""
    if not model.declared.is_copied:
        return {object_key(file.key, file.sha256): file for file in model.files}
    return {
        f"{_folder(artefact)}/{served_path(model, file.key)}": file
        for artefact in (model.stable, model.canary)
        if artefact is not None
        for file in artefact.files
    }


def _folder(artefact: Artefact) -> str:
    """Of one version that is copied as it lies."""
    return artefact.digest[:16]


def _of_version(model: ResolvedModel, artefact: Artefact, folder: str) -> str:
    """What Seldon copies of the model's folder: of Triton's, which holds its versions, all of it."""
    if model.declared.runtime != "seldon" or model.declared.server == "triton":
        return folder
    return f"{folder}/{artefact.version}"


def _uploaded(file: RepositoryFile, at: str) -> UploadedFileArgs:
    args: UploadedFileArgs = {"key": file.key, "sha256": file.sha256}
    if at != object_key(file.key, file.sha256):
        args["object"] = at
    if file.path is None:
        args["text"] = file.text or ""
    else:
        args["path"] = os.path.relpath(file.path)
    return args
