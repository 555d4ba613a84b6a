"""KServe's cache of models on the nodes' own disks, and the groups of nodes that have one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..workload.quantities import gibibytes
from .inference_service import InferenceService, storage_uri


def model_cache(service: InferenceService) -> dict[str, Any] | None:
    """The LocalModelNamespaceCache of this model, or the LocalModelCache that every department may use; None without.

    KServe finds it by the URL, and mounts the node's copy in place of a download. The URL never changes, so another
    model has another cache; where that is cluster-wide its name begins with the department's.
    """
    declared = service.model_cache
    if declared is None:
        return None
    workload = service.workload
    metadata = service.workload.metadata()
    everywhere = declared.scope == "cluster"
    if everywhere:
        metadata = {**metadata, "name": f"{workload.namespace}-{workload.name}"}
        del metadata["namespace"]
    spec: dict[str, Any] = {
        "sourceModelUri": storage_uri(workload.stored.store, workload.stored.prefix),
        "modelSize": gibibytes(declared.size_gib),
        "nodeGroups": list(declared.node_groups),
    }
    if not everywhere:
        # The download runs as the service account that may read the model; in the jobs' namespace there is none such.
        spec["serviceAccountName"] = workload.name
    return {
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": "LocalModelCache" if everywhere else "LocalModelNamespaceCache",
        "metadata": metadata,
        "spec": spec,
    }


def node_group(
    name: str, labels: Mapping[str, str], *, pool: str, storage_gib: float, path: str, storage_class: str = ""
) -> dict[str, Any]:
    """A LocalModelNodeGroup: the nodes of a pool, each with a folder of its own disk.

    Args:
        name: of the group.
        labels: of the object.
        pool: whose nodes keep models.
        storage_gib: room for models on each node.
        path: folder on the node.
        storage_class: of volumes and claims. Default: empty, so that no provisioner answers.
    """
    size = gibibytes(storage_gib)
    on_pool = {"key": "modelyard.dev/pool", "operator": "In", "values": [pool]}
    claimed = {"accessModes": ["ReadWriteOnce"], "storageClassName": storage_class, "volumeMode": "Filesystem"}
    return {
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": "LocalModelNodeGroup",
        "metadata": {"name": name, "labels": dict(labels)},
        "spec": {
            "storageLimit": size,
            "persistentVolumeSpec": {
                **claimed,
                "capacity": {"storage": size},
                "hostPath": {"path": path, "type": "DirectoryOrCreate"},
                "persistentVolumeReclaimPolicy": "Retain",
                "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [on_pool]}]}},
            },
            "persistentVolumeClaimSpec": {**claimed, "resources": {"requests": {"storage": size}}},
        },
    }
