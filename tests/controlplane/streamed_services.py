"""Models whose pods KServe makes and which read their weights through a volume, and what is asked of those pods."""

from __future__ import annotations

from typing import Any

from .api import Object

_FOLDER: dict[str, Any] = {
    "bucket": "retail-prod-models",
    "prefix": "shop/v1",
    "digest": "e" * 64,
    "layout": "repository",
    "size_bytes": 20 * 1024**3,
}
STREAMED: dict[str, dict[str, Any]] = {
    "streamed-eks": {
        "stored": {**_FOLDER, "region": "us-east-1"},
        "eks_cluster": "prod-east",
        "weights": {"by": "node_cache"},
    },
    "streamed-gke": {"stored": {**_FOLDER, "store": "gcs"}, "weights": {"by": "stream"}},
    "streamed-aks": {
        "stored": {**_FOLDER, "store": "azure", "account": "retail"},
        "azure_client_id": "11111111-2222-3333-4444-555555555555",
        "weights": {"by": "stream"},
    },
}
"""Arguments by name, one for each cloud's driver."""


def check_pod(pod: Object, claim: str) -> None:
    """KServe has added neither its initializer nor a second mount to the one that shows the claim, read-only."""
    assert "initContainers" not in pod["spec"]
    (container,) = pod["spec"]["containers"]
    (volume,) = [each for each in pod["spec"]["volumes"] if "persistentVolumeClaim" in each]
    assert volume["persistentVolumeClaim"] == {"claimName": claim, "readOnly": True}
    mounts = [each for each in container["volumeMounts"] if each["name"] == volume["name"]]
    assert mounts == [{"name": volume["name"], "mountPath": "/models", "readOnly": True}]
    assert not [each for each in container["volumeMounts"] if each["mountPath"].startswith("/mnt")]
