"""How KServe's initializer runs where pods are restricted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...catalog import images
from ...governance.pod_security import RESTRICTED
from .inference_service import STORAGE_CONTAINER


def storage_container(labels: Mapping[str, str], image: Any = None) -> dict[str, Any]:
    """The ClusterStorageContainer that InferenceServices name in ``storageContainerName``.

    KServe's own has no security context, so the API server refuses its pods in a namespace that enforces the
    ``restricted`` Pod Security Standard. Its root file system stays writable: it keeps temporary files on it.
    """
    return {
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": "ClusterStorageContainer",
        "metadata": {"name": STORAGE_CONTAINER, "labels": dict(labels)},
        "spec": {
            "container": {
                "name": "storage-initializer",
                "image": images.get("storage-initializer").pinned if image is None else image,
                "resources": {"requests": {"cpu": "100m", "memory": "1Gi"}, "limits": {"memory": "1Gi"}},
                "securityContext": {key: value for key, value in RESTRICTED.items() if key != "readOnlyRootFilesystem"},
            },
            "supportedUriFormats": [
                {"prefix": "s3://"},
                {"prefix": "gs://"},
                {"regex": "https://(.+?).blob.core.windows.net/(.+)"},
            ],
            "workloadType": "initContainer",
        },
    }
