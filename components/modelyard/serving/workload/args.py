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


class ScheduleWindowArgs(TypedDict):
    """The same hours of some days of every week. A window that ends before it starts ends on the day after."""

    days: NotRequired[str]
    """Days on which it starts: mon-fri, or mon,wed,sat-sun. Default: mon-sun."""
    start: str
    """Hours and minutes in quotes, for example "08:00"."""
    end: str
    """First minute after the window, for example "20:00"; "24:00" is midnight."""
    timezone: NotRequired[str]
    """IANA time zone, for example Europe/London. Default: Etc/UTC."""
    min_replicas: int
    """Replicas that are ready in these hours, whatever the load."""


class ScalingArgs(TypedDict):
    """Replicas in each cluster, owned by the autoscaler once deployed."""

    min_replicas: NotRequired[int]
    """0: none while nobody asks, outside the hours of schedules. The first request after that is refused and wakes the
    model. 0 to 1000. Default: 1."""
    max_replicas: NotRequired[int]
    """1 to 1000. Default: 1."""
    target_queue_ms: NotRequired[float | None]
    """Average time in the queue per request above which replicas are added. Default: 5 for Triton where no
    other target is named; the other runtimes scale by processor time then."""
    target_concurrency: NotRequired[float | None]
    """Requests in flight for each replica, on average, above which replicas are added. Default: not a target."""
    target_requests_per_second: NotRequired[float | None]
    """Requests per second for each replica above which replicas are added. Default: not a target."""
    target_gpu_utilization_percent: NotRequired[float | None]
    """Average utilisation of the replicas' GPUs, as DCGM measures it, above which replicas are added. More than 0, at
    most 100. Default: not a target."""
    scale_down_minutes: NotRequired[int]
    """Quiet time before a replica goes, also the last one. 1 to 60. Default: 10."""
    schedules: NotRequired[Sequence[ScheduleWindowArgs]]
    """Hours in which min_replicas is higher: a warm floor by day, for example. At most 20. Default: none."""


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
    readable: NotRequired[str]
    """Folder around the prefix that pods on EKS may read, where the next version has another prefix: a pod of the
    version before may start again while pods are exchanged. Default: the prefix."""


class WeightsArgs(TypedDict):
    """What a pod does with the files of its model before it answers."""

    by: NotRequired[str]
    """copy: an init container fetches every file and checks it. stream: the server reads from the store through the
    cloud's file driver, which fetches what is read when it is read. node_cache: as stream, and every node of the pool
    reads the files once in advance and keeps them (EKS). Default: copy."""
    cache_gib: NotRequired[int]
    """Disk of a node on which files that were read are kept for its next reader; 0: none. Default: the model's size
    with node_cache, else 0."""


class TolerationArgs(TypedDict):
    """A taint of a pool, besides nvidia.com/gpu."""

    key: str
    """Key of the taint."""
    value: NotRequired[str]
    """Default: empty."""
    effect: str
    """NoSchedule, PreferNoSchedule or NoExecute."""


class GpuClaimArgs(TypedDict):
    """What pods claim of the GPUs of nodes that hand them out by Dynamic Resource Allocation."""

    mig_profile: NotRequired[str]
    """Claim MIG instances of this profile, for example 1g.10gb. Default: whole GPUs."""


class GatewayArgs(TypedDict):
    """A Gateway API gateway with a listener named ``https``."""

    name: str
    """Name of the Gateway."""
    namespace: str
    """Its namespace, where the proxies run too."""


class BusinessGateArgs(TypedDict):
    """A number of the user's own, asked of Prometheus."""

    query: str
    """PromQL with one result. It is asked as it stands, so it names the canary itself."""
    min: NotRequired[float]
    """The least that passes."""
    max: NotRequired[float]
    """The most that passes."""


class GatesArgs(TypedDict):
    """What the canary must hold before it gets more traffic; a gate that is not named is not asked."""

    error_rate: NotRequired[float]
    """Share of its answers that may be server errors, counted at the gateway."""
    p99_ms: NotRequired[float]
    """99th percentile of its answer time at the gateway, in milliseconds."""
    business: NotRequired[BusinessGateArgs]
    """Default: none."""
    window_minutes: NotRequired[int]
    """How far back the gates look. Default: 5."""
    least_requests: NotRequired[int]
    """Below so many requests in that window error_rate and p99_ms say nothing, and nothing is promoted by them.
    Default: 100."""


class StickyArgs(TypedDict):
    """What keeps a caller on one side: a header that callers send, or a cookie that the gateway hands out."""

    header: NotRequired[str]
    """Header whose value is the user, for example x-user-id. A request without it goes to either side."""
    cookie: NotRequired[str]
    """Cookie by this name."""
    cookie_hours: NotRequired[int]
    """How long a browser keeps the cookie. Default: 24."""


class RolloutArgs(TypedDict):
    """One canary beside one stable version: a promotion changes ``percent`` to the next step, a rollback to 0."""

    stable: int
    """Version that serves everybody else."""
    canary: NotRequired[int]
    """Version that is tried; its folder lies beside the stable one. Default: none, and all traffic is stable's."""
    percent: NotRequired[int]
    """Share of the requests that the canary answers: 0, or one of the steps. Owned by the controller where ``by``
    names one. Default: 0."""
    steps: NotRequired[Sequence[int]]
    """Shares on the way, rising to 100. Default: 10, 50, 100."""
    pause_minutes: NotRequired[int]
    """How long a share is held at least before the next. Default: 30."""
    gates: NotRequired[GatesArgs]
    """What the canary must hold. Default: nothing."""
    sticky: NotRequired[StickyArgs]
    """Default: every request goes to either side by chance."""
    mirror_percent: NotRequired[int]
    """While percent is 0, so much of the traffic is sent to the canary too; its answers are thrown away. Default: 0."""
    by: NotRequired[str]
    """Who moves the traffic: this declaration, or a controller that also judges the gates. gateway, argo_rollouts or
    flagger. Default: gateway."""


class CanaryArgs(TypedDict):
    """What a rollout's canary has otherwise than the stable version."""

    stored: StoredModelArgs
    """Where its files lie."""
    image: NotRequired[pulumi.Input[str]]
    """Server image, by digest. Default: the stable version's."""
