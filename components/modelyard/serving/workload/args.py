"""Arguments that every server whose Deployment is ours takes, as Pulumi's other languages see them.

Keys of ``resources`` and ``scaling`` are those of the declarations of the same names; a test holds
them equal. The annotations stay real objects (no postponed evaluation): Pulumi's component analyzer reads them.
"""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi


class ServerResourcesArgs(TypedDict):
    """What one replica asks of its node."""

    gpus: NotRequired[int]
    """GPUs, 0 to 16. Default: 1."""
    gpu_memory_gib: NotRequired[float]
    """Memory that the model needs on each GPU; checked against what the accelerator reports."""
    cpu: NotRequired[float]
    """Cores. Default: 2."""
    memory_gib: NotRequired[float]
    """Memory in GiB. Default: 8."""
    shared_memory_mib: NotRequired[int]
    """/dev/shm, which Python backends exchange tensors through; counts towards memory_gib."""


class ScalingArgs(TypedDict):
    """Replicas in each cluster, owned by the autoscaler once deployed."""

    min_replicas: NotRequired[int]
    """1 to 1000. Default: 1."""
    max_replicas: NotRequired[int]
    """1 to 1000. Default: 1."""
    target_queue_ms: NotRequired[float]
    """Average time in the queue per request above which replicas are added."""


class StoredFileArgs(TypedDict):
    """One object of a store, and the file that it becomes."""

    path: str
    """Below the repository's root, for example ``tagger/1/model.onnx``."""
    sha256: str
    """Hexadecimal digest of its content; a pod that gets another content does not start."""
    size_bytes: int
    """Size in bytes; sizes the volume and the time to load."""
    object: NotRequired[str]
    """Key below the prefix. Default: the path."""


class StoredModelArgs(TypedDict):
    """Where the model lies: a Triton model repository in an object store."""

    bucket: pulumi.Input[str]
    """Name of the bucket; the container of an Azure storage account."""
    digest: str
    """Any text that changes when a file changes; a change rolls the pods."""
    store: NotRequired[str]
    """s3, gcs or azure. Default: s3."""
    prefix: NotRequired[str]
    """What the keys begin with. Default: nothing, the whole bucket."""
    region: NotRequired[str]
    """AWS region of the bucket, for example us-east-1; needed for s3."""
    account: NotRequired[pulumi.Input[str]]
    """Storage account; needed for azure."""
    files: NotRequired[Sequence[StoredFileArgs]]
    """Every file of the repository, for example of ModelUpload. Default: everything below the prefix is fetched."""
    layout: NotRequired[str]
    """What lies below the prefix when files are not listed: model, a folder with config.pbtxt and version folders, or
    repository, a folder of such folders. Default: model."""
    sha256: NotRequired[Mapping[str, str]]
    """Checksums of files that are not listed, by path below the prefix. Default: nothing is checked."""
    size_bytes: NotRequired[int]
    """Size of files that are not listed. Default: unknown, counted as 20 GiB."""
    kms_key_arn: NotRequired[pulumi.Input[str]]
    """Key that encrypts the S3 bucket. Default: S3's managed keys."""


class TolerationArgs(TypedDict):
    """A taint of a pool, besides nvidia.com/gpu."""

    key: str
    """Key of the taint."""
    value: NotRequired[str]
    """Default: empty."""
    effect: str
    """NoSchedule, PreferNoSchedule or NoExecute."""


class GatewayArgs(TypedDict):
    """A Gateway API gateway with a listener named ``https``."""

    name: str
    """Name of the Gateway."""
    namespace: str
    """Its namespace, where the proxies run too."""
