"""Arguments that every server whose Deployment is ours takes, checked and completed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import ceil
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from ...capacity.software.gateway import NAME as GATEWAY_NAME
from ...capacity.software.mesh import Mesh
from ...capacity.software.namespaces import GATEWAY as GATEWAY_NAMESPACE
from ...environment.access import NO_ACCESS, ModelAccess, effective
from ...environment.declaration import Declaration
from ...environment.device import NVIDIA, Device
from ...environment.gateway import Hostname
from ...environment.model import Scaling, ServerResources, secret_in_variable
from ...environment.names import NAME_PATTERN, ModelName, PoolName
from ...environment.patterns import LABEL_KEY_PATTERN, LABEL_VALUE_PATTERN, MIG_PROFILE_PATTERN
from ...environment.rollout import Rollout
from ...environment.secret import SecretReference
from ...environment.weights import COPIED, Weights
from ...governance.ownership import Ownership, OwnershipArgs
from .gpu_claim import GpuClaim
from .identity import Identity
from .object_store import ObjectStore
from .placement import Gateway, Placement, ServerShare
from .server import Server
from .stored_model import StoredFile, StoredModel
from .workload import Workload

GATEWAY = Gateway(GATEWAY_NAME, GATEWAY_NAMESPACE)
"""The gateway that the platform installs in every cluster."""


def _inside(path: str) -> str:
    if not all(part.strip(".") for part in path.split("/")):
        raise ValueError(f"{path!r} leaves the repository; name a path below its root, without empty parts and dots")
    return path


VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Checksum = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
FilePath = Annotated[str, StringConstraints(pattern=r"^[^/\\\n\r\t][^\\\n\r\t]*$"), AfterValidator(_inside)]
Setting = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:/-]+$")]

_CONFIG_MAP_BYTES = 1000 * 1000
"""A ConfigMap holds 1 MiB, with its metadata."""


def _reference(value: Any) -> Any:
    """A plain value is refused without being shown: it is the secret itself."""
    if isinstance(value, SecretReference | Mapping):
        return value
    raise ValueError(
        "a secret is named by reference, never given as a value; write {config: <key>} or {aws_secrets_manager: <name>}"
    )


class StoredFileDeclaration(Declaration):
    """One object, and the file that it becomes."""

    path: FilePath
    sha256: Checksum
    size_bytes: Annotated[int, Field(ge=0)]
    object: FilePath | None = None


class StoredDeclaration(Declaration):
    """Where the model lies."""

    bucket: Any
    digest: Annotated[str, Field(min_length=1)]
    store: Literal["s3", "gcs", "azure"] = "s3"
    prefix: Annotated[str, StringConstraints(pattern=r"^([^/\n\r\t]([^\n\r\t]*[^/\n\r\t])?)?$")] = ""
    region: str | None = None
    account: Any = None
    files: list[StoredFileDeclaration] = []
    layout: Literal["model", "repository"] = "model"
    sha256: Mapping[FilePath, Checksum] = {}
    size_bytes: Annotated[int, Field(ge=0)] | None = None
    kms_key_arn: Any = None
    readable: str | None = None

    @property
    def granted(self) -> str:
        """Folder that pods may read."""
        return self.prefix if self.readable is None else self.readable

    @model_validator(mode="after")
    def _fits(self) -> StoredDeclaration:
        if self.readable is not None and not f"{self.prefix}/".startswith(f"{self.readable}/"):
            raise ValueError(
                f"readable {self.readable!r} does not hold the prefix {self.prefix!r}; name a folder around it"
            )
        if self.store == "s3" and self.region is None:
            raise ValueError("region is missing; name the AWS region of the S3 bucket")
        if self.store == "azure" and self.account is None:
            raise ValueError("account is missing; name the storage account of the Azure container")
        beside = [name for name in ("sha256", "size_bytes") if getattr(self, name)]
        if self.files and beside:
            raise ValueError(f"{beside[0]} is for files that are not listed, and files lists them; keep one")
        paths = [file.path for file in self.files]
        twice = sorted({path for path in paths if paths.count(path) > 1}) if len(set(paths)) < len(paths) else []
        if twice:
            raise ValueError(f"files names {twice[0]!r} more than once; keep one")
        listed = sum(96 + len(f"{file.object or file.path}{file.path}".encode()) for file in self.files)
        if listed > _CONFIG_MAP_BYTES:
            raise ValueError(
                f"files lists {len(self.files)} files in {listed // 1000} kB, and the ConfigMap that holds the list "
                f"takes {_CONFIG_MAP_BYTES // 1000} kB; put them into fewer files, or let everything below a prefix be "
                "fetched"
            )
        return self


class TolerationDeclaration(Declaration):
    """A taint of a pool."""

    key: str
    value: str = ""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]


class GpuClaimDeclaration(Declaration):
    """What pods claim of the GPUs of nodes that hand them out by Dynamic Resource Allocation."""

    mig_profile: Annotated[str, StringConstraints(pattern=MIG_PROFILE_PATTERN)] | None = None


NodeLabelKey = Annotated[str, StringConstraints(pattern=LABEL_KEY_PATTERN, max_length=316)]
NodeLabelValue = Annotated[str, StringConstraints(pattern=LABEL_VALUE_PATTERN, max_length=63)]


class GatewayDeclaration(Declaration):
    """A Gateway API gateway."""

    name: str
    namespace: str


class CanaryDeclaration(Declaration):
    """What a rollout's canary has otherwise than the stable version."""

    stored: StoredDeclaration
    image: Any = None


class WorkloadDeclaration(Declaration):
    """What the arguments of every such server have in common."""

    RESERVED_VARIABLES: ClassVar[tuple[str, ...]] = ("HOME",)
    """Environment variables that the server's container sets itself."""

    ownership: Mapping[str, Any]
    model: ModelName
    cluster: str
    stored: StoredDeclaration
    image: Any = None
    version: Annotated[int, Field(ge=1)] = 1
    versions: list[Annotated[int, Field(ge=1)]] = []
    eks_cluster: Any = None
    gcp_service_account: Any = None
    azure_client_id: Any = None
    pool: PoolName | None = None
    overflow_pool: PoolName | None = None
    price_basis: str | None = None
    tolerations: list[TolerationDeclaration] = []
    gpu_claim: GpuClaimDeclaration | None = None
    device: Device = NVIDIA
    node_labels: Mapping[NodeLabelKey, NodeLabelValue] = {}
    resources: ServerResources = ServerResources()
    scaling: Scaling = Scaling()
    rollout: Rollout | None = None
    canary: CanaryDeclaration | None = None
    max_surge: Annotated[int, Field(ge=0)] = 0
    max_unavailable: Annotated[int, Field(ge=0)] = 1
    hostname: Hostname | None = None
    access: ModelAccess = ModelAccess()
    mesh: Mesh = "none"
    gateway: GatewayDeclaration | None = None
    request_timeout_seconds: Annotated[int, Field(ge=1, le=3600)] = 60
    priority_class: str | None = None
    env: Mapping[VariableName, Any] = {}
    secret_env: Mapping[VariableName, Annotated[SecretReference, BeforeValidator(_reference)]] = {}

    @property
    def served_versions(self) -> tuple[int, ...]:
        """Those that answer, in order; beside a canary the stable one."""
        if self.rollout is not None:
            return (self.rollout.stable,)
        return tuple(sorted(set(self.versions))) or (self.version,)

    @property
    def brought(self) -> Weights:
        """How files come to the pods."""
        return COPIED

    @property
    def mig(self) -> str | None:
        """Profile of the GPU slices that the pods ask for; None: whole GPUs."""
        return None

    @model_validator(mode="after")
    def _pods_can_be(self) -> WorkloadDeclaration:
        department = self.ownership.get("department", "")
        if not re.fullmatch(NAME_PATTERN, department) or len(department) > 40:
            raise ValueError(
                f"ownership.department {department!r} is also a namespace; allowed are lower-case letters, digits and "
                f"hyphens, at most 40, beginning with a letter"
            )
        if self.resources.gpus and self.pool is None:
            raise ValueError(f"resources.gpus is {self.resources.gpus}; name the GPU pool in pool, or ask for 0 GPUs")
        if self.device != NVIDIA and (self.gpu_claim is not None or self.mig is not None):
            named = "gpu_claim" if self.gpu_claim is not None else f"mig_profile {self.mig}"
            raise ValueError(f"{named} is for NVIDIA GPUs, and device is {self.device}; delete one of the two")
        if self.gpu_claim is not None and self.mig is not None:
            raise ValueError(
                f"mig_profile {self.mig} is of a device plugin, and gpu_claim claims; name the profile in "
                "gpu_claim.mig_profile alone"
            )
        if self.overflow_pool is not None and self.overflow_pool == self.pool:
            raise ValueError(f"overflow_pool {self.overflow_pool!r} is the pool itself; name another, or none")
        if not self.max_surge and not self.max_unavailable:
            raise ValueError("max_surge and max_unavailable are both 0, so no pod could ever be replaced")
        self._leaves_memory()
        if self.versions and self.version not in self.versions:
            raise ValueError(
                f"version {self.version} is not among versions {', '.join(map(str, self.versions))}; name it there"
            )
        self._rolls_out()
        self._reaches_its_store()
        self._has_its_variables()
        return self

    def _rolls_out(self) -> None:
        if self.rollout is None:
            if self.canary is not None:
                raise ValueError("canary is given and rollout is not; name both, or delete canary")
            return
        tried = self.rollout.canary
        if self.versions:
            raise ValueError("versions side by side are one server's, and rollout has a server for each; keep one")
        if "version" in self.model_fields_set and self.version != self.rollout.stable:
            raise ValueError(
                f"version {self.version} is not rollout.stable, which is {self.rollout.stable}; delete version"
            )
        if (self.canary is None) != (tried is None):
            lacks = "canary, with where it is stored," if self.canary is None else "rollout.canary"
            raise ValueError(f"{lacks} is missing; a canary needs its version and its files")
        if tried is not None and self.hostname is None:
            raise ValueError("rollout splits the traffic of a hostname, and there is none; give one")

    def _leaves_memory(self) -> None:
        share = self.resources
        if share.shared_memory_mib >= share.memory_gib * 1024:
            raise ValueError(
                f"resources.shared_memory_mib {share.shared_memory_mib} leaves nothing of memory_gib "
                f"{share.memory_gib:g} for the server itself"
            )

    def _has_its_variables(self) -> None:
        for name, value in self.env.items():
            if not isinstance(value, str):
                raise ValueError(f"env.{name} must be text; quote it")
            if reason := secret_in_variable(name, value):
                raise ValueError(f"env.{name}: {reason}")
        twice = sorted(set(self.env) & set(self.secret_env))
        if twice:
            raise ValueError(f"{twice[0]} is named in env and in secret_env; keep one")
        for name in (*self.env, *self.secret_env):
            if name in self.RESERVED_VARIABLES:
                raise ValueError(f"the variable {name} belongs to the server's container; choose another name")

    def _reaches_its_store(self) -> None:
        store = self.stored.store
        needed = {"s3": "eks_cluster", "gcs": "gcp_service_account", "azure": "azure_client_id"}
        for other, key in needed.items():
            if other != store and getattr(self, key) is not None:
                raise ValueError(f"{key} gives no access to a model in {store}; delete it, or set stored.store")
        if store == "azure" and self.azure_client_id is None:
            raise ValueError("azure_client_id is missing; pods reach Azure Blob Storage by a managed identity alone")


def workload(declared: WorkloadDeclaration, server: Server, *, name: str | None = None) -> Workload:
    """What the manifests are made of.

    Args:
        declared: the arguments.
        server: the runtime, configured.
        name: of every object. Default: the model's.

    Raises:
        InvalidOwnership: the ownership does not fit.
    """
    ownership: OwnershipArgs = declared.ownership  # type: ignore[assignment]
    share = declared.resources
    gateway = declared.gateway
    return Workload(
        name=name or declared.model,
        model=declared.model,
        ownership=Ownership.of(ownership).of_model(declared.model),
        server=server,
        versions=declared.served_versions,
        stored=stored_model(declared.stored),
        placement=Placement(
            declared.cluster,
            declared.pool,
            declared.overflow_pool,
            declared.price_basis,
            tuple((taint.key, taint.value, taint.effect) for taint in declared.tolerations),
            tuple(declared.node_labels.items()),
        ),
        share=ServerShare(
            share.gpus,
            share.cpu,
            share.memory_gib,
            share.shared_memory_mib,
            declared.mig,
            None if share.gpu_memory_gib is None else ceil(share.gpu_memory_gib * 1024),
            None if declared.gpu_claim is None else GpuClaim(declared.gpu_claim.mig_profile),
            declared.device,
        ),
        scaling=declared.scaling,
        max_surge=declared.max_surge,
        max_unavailable=declared.max_unavailable,
        hostname=declared.hostname,
        gateway=GATEWAY if gateway is None else Gateway(gateway.name, gateway.namespace),
        request_timeout_seconds=declared.access.request_timeout_seconds or declared.request_timeout_seconds,
        priority_class=declared.priority_class,
        env=declared.env,
        secret_env=tuple(declared.secret_env),
        access=effective(NO_ACCESS, declared.access),
        mesh=declared.mesh,
        weights=declared.brought,
        identity=Identity(
            aws=declared.eks_cluster is not None,
            gcp=declared.stored.store == "gcs",
            gcp_service_account=declared.gcp_service_account,
            azure_client_id=declared.azure_client_id,
        ),
    )


def stored_model(stored: StoredDeclaration) -> StoredModel:
    """Where the files lie, as manifests are made of it."""
    files = tuple(
        StoredFile(file.path, file.object or file.path, file.sha256, file.size_bytes) for file in stored.files
    )
    return StoredModel(
        ObjectStore(stored.store, stored.bucket, stored.region, stored.account),
        stored.prefix,
        stored.digest,
        files,
        stored.sha256,
        stored.layout,
        sum(file.size_bytes for file in files) if files else stored.size_bytes,
    )
