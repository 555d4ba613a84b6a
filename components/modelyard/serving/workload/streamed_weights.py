"""Weights that a server reads from the store through the cloud's file driver, in place of a copy in the pod.

Every driver reads as the pod's own identity, with the rights that an init container would have, and shows one folder
read-only. On EKS and AKS that is a static PersistentVolume for one claim, named by its content, since neither driver
takes both an identity and a prefix in the pod's own spec; on GKE a volume in the pod's spec, or such a PersistentVolume
where the controller that makes the pods asks for a claim.

Follows, of each driver's documentation: Mountpoint for Amazon S3 CSI driver 2, "Static Provisioning", "Pod-Level
Credentials", "Caching Configuration" and "Mountpoint Pod Sharing"; "Cloud Storage FUSE CSI driver for GKE" and
"Optimize Cloud Storage FUSE CSI driver for GKE performance"; Azure Blob Storage CSI driver, "Workload Identity Support
for Static Provisioning" with tokens alone, and BlobFuse's block cache.
"""

from __future__ import annotations

import hashlib
from math import ceil
from typing import Any

from ...catalog import images
from ...governance.pod_security import RESTRICTED, restricted_pod
from .server import REPOSITORY
from .workload import Workload

ODD_IN_OPTIONS = ", \"'\\#"
"""Characters that end or change an option of a mount."""

_VOLUME = "models"
_GCS_DRIVER = "gcsfuse.csi.storage.gke.io"
_GKE_CACHE = "gke-gcsfuse-cache"
"""A volume of this name is what Cloud Storage FUSE caches in."""
OF_WEIGHTS = (_VOLUME, _GKE_CACHE)
"""Names of the volumes of :func:`pod_volumes`."""
_BYTES_PER_GIB = 1024**3
_BLOCK_MIB = 16
_POOL_MIB = 1024
"""Memory of a node that BlobFuse reads ahead into. By its own default it takes most of what the node has free."""
_SIDECAR = {"cpu-limit": "0", "cpu-request": "250m", "memory-limit": "0", "memory-request": "256Mi"}
"""Of Cloud Storage FUSE beside the server; 0: no limit, as its guide asks for on nodes with GPUs."""


def is_streamed(workload: Workload) -> bool:
    return not workload.weights.are_copied


def claim_name(workload: Workload) -> str:
    """Of the claim, and what the volume's name ends in: other content has another name."""
    return f"{workload.name}-weights-{_digest(workload)}"


def pod_volumes(workload: Workload) -> list[dict[str, Any]]:
    """Volumes of the pod in place of the one that an init container fills."""
    if workload.stored.store.kind != "gcs":
        return claimed_volumes(workload, _VOLUME)
    return [
        {
            "name": _VOLUME,
            "csi": {
                "driver": _GCS_DRIVER,
                "readOnly": True,
                "volumeAttributes": {
                    "bucketName": workload.stored.store.bucket,
                    "mountOptions": ",".join(_gcs_options(workload)),
                    **_gcs_attributes(workload),
                },
            },
        },
        *_gcs_cache(workload),
    ]


def claimed_volumes(workload: Workload, name: str) -> list[dict[str, Any]]:
    """The same by the claim on every cloud, as a volume of this name."""
    claimed = {"name": name, "persistentVolumeClaim": {"claimName": claim_name(workload), "readOnly": True}}
    return [claimed, *(_gcs_cache(workload) if workload.stored.store.kind == "gcs" else [])]


def pod_mounts(workload: Workload) -> list[dict[str, Any]]:
    """Where the server finds them. Of one model's folder that somebody else fills, the versions that are served and
    Triton's configuration: the folder may hold others, and a server would load them."""
    if workload.stored.layout == "repository":
        return [{"name": _VOLUME, "mountPath": REPOSITORY, "readOnly": True}]
    parts = [str(version) for version in workload.versions]
    if workload.server.runtime == "triton":
        parts.insert(0, "config.pbtxt")
    folder = f"{REPOSITORY}/{workload.model}"
    return [{"name": _VOLUME, "mountPath": f"{folder}/{part}", "subPath": part, "readOnly": True} for part in parts]


def stream_annotations(workload: Workload) -> dict[str, str]:
    """Of the pods: what GKE puts its sidecar in by."""
    if not is_streamed(workload) or workload.stored.store.kind != "gcs":
        return {}
    sidecar = {f"gke-gcsfuse/{key}": value for key, value in _SIDECAR.items()}
    return {"gke-gcsfuse/volumes": "true", **sidecar, "gke-gcsfuse/ephemeral-storage-limit": "0"}


def stream_objects(workload: Workload, *, claimed: bool = False) -> list[dict[str, Any]]:
    """The volume and its claim, and with node_cache the readers of every node; none where pods copy. With ``claimed``
    pods mount the claim on every cloud (:func:`claimed_volumes`)."""
    if not is_streamed(workload) or (workload.stored.store.kind == "gcs" and not claimed):
        return []
    made = [_persistent_volume(workload), _claim(workload)]
    return [*made, _readers(workload)] if workload.weights.by == "node_cache" else made


def _persistent_volume(workload: Workload) -> dict[str, Any]:
    claim = claim_name(workload)
    name = f"{workload.namespace}-{claim}"
    metadata = workload.metadata(name)
    del metadata["namespace"]
    mount_options, csi = _MOUNTED[workload.stored.store.kind](workload, name)
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": metadata,
        "spec": {
            "accessModes": ["ReadOnlyMany"],
            "capacity": {"storage": _storage(workload)},
            "storageClassName": "",
            "persistentVolumeReclaimPolicy": "Retain",
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "namespace": workload.namespace,
                "name": claim,
            },
            "mountOptions": mount_options,
            "csi": csi,
        },
    }


def _claim(workload: Workload) -> dict[str, Any]:
    claim = claim_name(workload)
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": workload.metadata(claim),
        "spec": {
            "accessModes": ["ReadOnlyMany"],
            "storageClassName": "",
            "volumeName": f"{workload.namespace}-{claim}",
            "resources": {"requests": {"storage": _storage(workload)}},
        },
    }


def _readers(workload: Workload) -> dict[str, Any]:
    """One pod on every node of the pools that reads all files once, and then holds the volume.

    Mountpoint serves pods of one node, volume, service account and group by one process with one cache, which is there
    as long as any of them runs: so the cache is filled before a model's pod comes, and outlives it. No folder of the
    node is mounted, and nobody can write."""
    name, placement = claim_name(workload), workload.placement
    labels = {
        **workload.ownership.kubernetes_labels(),
        "app.kubernetes.io/name": "weights",
        "app.kubernetes.io/instance": _digest(workload),
    }
    selector = {key: labels[key] for key in ("app.kubernetes.io/name", "app.kubernetes.io/instance")}
    pools = [pool for pool in (placement.pool, placement.overflow_pool) if pool is not None]
    small = {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "128Mi"}}
    mount = {"name": _VOLUME, "mountPath": REPOSITORY, "readOnly": True}
    within = {"key": "modelyard.dev/pool", "operator": "In", "values": pools}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        # A node that is slow to read keeps nobody waiting: its pods stream meanwhile.
        "metadata": workload.metadata(name, annotations={"pulumi.com/skipAwait": "true"}),
        "spec": {
            "selector": {"matchLabels": selector},
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "100%"}},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "serviceAccountName": workload.name,
                    "automountServiceAccountToken": False,
                    "enableServiceLinks": False,
                    "terminationGracePeriodSeconds": 1,
                    "securityContext": restricted_pod(workload.server.user, owns_volumes=True),
                    "affinity": {
                        "nodeAffinity": {
                            "requiredDuringSchedulingIgnoredDuringExecution": {
                                "nodeSelectorTerms": [{"matchExpressions": [within]}]
                            }
                        }
                    },
                    "tolerations": [{"operator": "Exists"}],
                    "initContainers": [
                        {
                            "name": "read",
                            "image": images.get("rclone").pinned,
                            "command": ["/bin/sh", "-c", f"find {REPOSITORY} -type f -exec cat {{}} + > /dev/null"],
                            "resources": small,
                            "securityContext": RESTRICTED,
                            "volumeMounts": [mount],
                        }
                    ],
                    "containers": [
                        {
                            "name": "hold",
                            "image": images.get("pause").pinned,
                            "resources": {"requests": {"cpu": "1m", "memory": "8Mi"}, "limits": {"memory": "64Mi"}},
                            "securityContext": RESTRICTED,
                            "volumeMounts": [mount],
                        }
                    ],
                    "volumes": pod_volumes(workload),
                },
            },
        },
    }


def _by_mountpoint(workload: Workload, name: str) -> tuple[list[str], dict[str, Any]]:
    attributes = _s3_attributes(workload)
    return _s3_options(workload), {"driver": "s3.csi.aws.com", "volumeHandle": name, "volumeAttributes": attributes}


def _by_cloud_storage_fuse(workload: Workload, _: str) -> tuple[list[str], dict[str, Any]]:
    """The handle is the bucket's name."""
    handle = {"driver": _GCS_DRIVER, "volumeHandle": workload.stored.store.bucket}
    return _gcs_options(workload), {**handle, "readOnly": True, "volumeAttributes": _gcs_attributes(workload)}


def _by_blobfuse(workload: Workload, name: str) -> tuple[list[str], dict[str, Any]]:
    attributes = _azure_attributes(workload)
    return _azure_options(workload), {
        "driver": "blob.csi.azure.com",
        "volumeHandle": name,
        "volumeAttributes": attributes,
    }


_MOUNTED = {"s3": _by_mountpoint, "gcs": _by_cloud_storage_fuse, "azure": _by_blobfuse}
"""Mount options and ``csi`` of a PersistentVolume, by the kind of store."""


def _s3_options(workload: Workload) -> list[str]:
    """Objects never change below their prefix, so what is known of them never grows old."""
    user = workload.server.user
    return [
        f"region {workload.stored.store.region}",
        f"prefix {workload.stored.prefix}/",
        "read-only",
        "allow-other",
        f"uid {user}",
        f"gid {user}",
        "file-mode 0444",
        "dir-mode 0555",
        "metadata-ttl indefinite",
    ]


def _s3_attributes(workload: Workload) -> dict[str, Any]:
    attributes = {"bucketName": workload.stored.store.bucket, "authenticationSource": "pod"}
    if _cache_gib(workload):
        attributes |= {"cache": "emptyDir", "cacheEmptyDirSizeLimit": f"{_cache_gib(workload)}Gi"}
    return attributes


def _gcs_options(workload: Workload) -> list[str]:
    user = workload.server.user
    return [
        "implicit-dirs",
        f"only-dir={workload.stored.prefix}",
        f"uid={user}",
        f"gid={user}",
        "file-mode=444",
        "dir-mode=555",
        "metadata-cache:ttl-secs:-1",
        # Large files come in parts, side by side; without a cache the driver reads ahead.
        *(["file-cache:enable-parallel-downloads:true"] if _cache_gib(workload) else ["read_ahead_kb=1024"]),
    ]


def _gcs_attributes(workload: Workload) -> dict[str, str]:
    cache_gib = _cache_gib(workload)
    return {
        **({"fileCacheCapacity": f"{cache_gib}Gi"} if cache_gib else {}),
        # It asks for the bucket's root, which is not the pod's to read.
        "skipCSIBucketAccessCheck": "true",
    }


def _gcs_cache(workload: Workload) -> list[dict[str, Any]]:
    cache_gib = _cache_gib(workload)
    return [{"name": _GKE_CACHE, "emptyDir": {"sizeLimit": f"{cache_gib}Gi"}}] if cache_gib else []


def _azure_options(workload: Workload) -> list[str]:
    """Blocks in memory and none on disk: BlobFuses of two pods would share a folder of the node."""
    return [
        "-o allow_other",
        "-o ro",
        "-o attr_timeout=3600",
        "-o entry_timeout=3600",
        f"--subdirectory={workload.stored.prefix}",
        "--virtual-directory=true",
        "--block-cache",
        f"--block-cache-block-size={_BLOCK_MIB}",
        f"--block-cache-pool-size={_POOL_MIB}",
    ]


def _azure_attributes(workload: Workload) -> dict[str, Any]:
    """A token alone: by its default the driver would ask for the account's key, which opens everything in it."""
    return {
        "protocol": "fuse2",
        "storageAccount": workload.stored.store.account,
        "containerName": workload.stored.store.bucket,
        "clientID": workload.identity.azure_client_id,
        "mountWithWorkloadIdentityToken": "true",
    }


def _cache_gib(workload: Workload) -> int:
    return workload.weights.cache_gib or 0


def _storage(workload: Workload) -> str:
    """Needed, and looked at by nobody."""
    size = workload.stored.size_bytes
    return f"{1 if size is None else max(ceil(size / _BYTES_PER_GIB), 1)}Gi"


def _digest(workload: Workload) -> str:
    stored, placement = workload.stored, workload.placement
    bucket = stored.store.bucket if isinstance(stored.store.bucket, str) else ""
    told = [
        *(stored.store.kind, bucket, stored.store.region, stored.prefix, stored.digest, stored.size_bytes),
        *(workload.weights.by, workload.weights.cache_gib, workload.server.user),
        *(placement.pool, placement.overflow_pool),
    ]
    return hashlib.sha256("\0".join(map(str, told)).encode()).hexdigest()[:10]
