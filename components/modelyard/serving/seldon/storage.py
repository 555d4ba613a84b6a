"""Where Seldon fetches a model from: an rclone remote that a Secret describes, without a key in it."""

from __future__ import annotations

import json
from typing import Any

from ..workload.object_store import ObjectStore
from .served_model import ServedModel, metadata

_REMOTES = {"s3": "s3", "gcs": "gs", "azure": "azure"}


def storage_uri(served: ServedModel) -> Any:
    """``<remote>://<bucket>/<prefix>`` ("Storage Secrets"); a Pulumi output where the bucket is one."""
    stored = served.workload.stored
    parts = (f"{remote(stored.store)}://", stored.store.bucket, f"/{stored.prefix}" if stored.prefix else "")
    if all(isinstance(part, str) for part in parts):
        return "".join(parts)
    from pulumi import Output

    return Output.concat(*parts)


def remote(store: ObjectStore) -> str:
    """Name of the remote, which the URI begins with."""
    return _REMOTES[store.kind]


def storage_secret(served: ServedModel) -> dict[str, Any]:
    """The Secret that the Model names. It holds no secret: the pods prove who they are by their service account.

    Its ``stringData`` is a Pulumi output where the storage account is one.
    """
    store = served.workload.stored.store
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata(served, secret_name(served)),
        "type": "Opaque",
        "stringData": {"rclone": _configuration(store)},
    }


def secret_name(served: ServedModel) -> str:
    return f"{served.name}-rclone"


def _configuration(store: ObjectStore) -> Any:
    parameters: dict[str, Any] = {"env_auth": "true"}
    if store.kind == "s3":
        kind = "s3"
        parameters |= {"provider": "AWS", "region": store.region}
    elif store.kind == "gcs":
        kind = "google cloud storage"
    else:
        kind = "azureblob"
        if not isinstance(store.account, str):
            return store.account.apply(lambda account: _text(store, kind, {**parameters, "account": account}))
        parameters["account"] = store.account
    return _text(store, kind, parameters)


def _text(store: ObjectStore, kind: str, parameters: dict[str, Any]) -> str:
    return json.dumps({"type": kind, "name": remote(store), "parameters": parameters}, sort_keys=True)
