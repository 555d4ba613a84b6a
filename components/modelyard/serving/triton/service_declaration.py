"""Arguments of a Triton service, checked and completed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from ...capacity.software.gateway import NAME as GATEWAY_NAME
from ...capacity.software.namespaces import GATEWAY as GATEWAY_NAMESPACE
from ...catalog import runtimes
from ...environment.declaration import Declaration
from ...environment.gateway import Hostname
from ...environment.model import Scaling, ServerResources, secret_in_variable
from ...environment.names import NAME_PATTERN, ModelName, PoolName
from ...environment.secret import SecretReference
from ...governance.arguments import read_arguments
from ...governance.ownership import Ownership, OwnershipArgs
from .served_model import Gateway, Placement, ServedModel, ServerShare, StoredModel
from .service_args import TritonServiceArgs

GATEWAY = Gateway(GATEWAY_NAME, GATEWAY_NAMESPACE)
"""The gateway that the platform installs in every cluster."""

RESERVED_VARIABLES = ("HOME", "RESTRICTED_KEY")
"""Environment variables that the server's container sets itself."""

VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Checksum = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
FilePath = Annotated[str, StringConstraints(pattern=r"^[^/\\\n\r][^\\\n\r]*$")]


def _reference(value: Any) -> Any:
    """A plain value is refused without being shown: it is the secret itself."""
    if isinstance(value, SecretReference | Mapping):
        return value
    raise ValueError(
        "a secret is named by reference, never given as a value; write {config: <key>} or {aws_secrets_manager: <name>}"
    )


class _Stored(Declaration):
    bucket: Any
    prefix: Annotated[str, StringConstraints(pattern=r"^[^/].*[^/]$|^[^/]$")]
    region: str
    digest: Annotated[str, Field(min_length=1)]
    sha256: Mapping[FilePath, Checksum] = {}
    size_bytes: Annotated[int, Field(ge=0)] | None = None
    kms_key_arn: Any = None


class _Toleration(Declaration):
    key: str
    value: str = ""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]


class _Gateway(Declaration):
    name: str
    namespace: str


class TritonServiceDeclaration(Declaration):
    """Same keys as :class:`~modelyard.serving.triton.service_args.TritonServiceArgs`."""

    ownership: Mapping[str, Any]
    model: ModelName
    cluster: str
    stored: _Stored
    image: Any = None
    version: Annotated[int, Field(ge=1)] = 1
    eks_cluster: Any = None
    pool: PoolName | None = None
    overflow_pool: PoolName | None = None
    price_basis: str | None = None
    tolerations: list[_Toleration] = []
    resources: ServerResources = ServerResources()
    scaling: Scaling = Scaling()
    max_surge: Annotated[int, Field(ge=0)] = 0
    max_unavailable: Annotated[int, Field(ge=0)] = 1
    hostname: Hostname | None = None
    gateway: _Gateway | None = None
    request_timeout_seconds: Annotated[int, Field(ge=1, le=3600)] = 60
    priority_class: str | None = None
    env: Mapping[VariableName, Any] = {}
    secret_env: Mapping[VariableName, Annotated[SecretReference, BeforeValidator(_reference)]] = {}

    @model_validator(mode="after")
    def _fits(self) -> TritonServiceDeclaration:
        department = self.ownership.get("department", "")
        if not re.fullmatch(NAME_PATTERN, department) or len(department) > 40:
            raise ValueError(
                f"ownership.department {department!r} is also a namespace; allowed are lower-case letters, digits and "
                f"hyphens, at most 40, beginning with a letter"
            )
        if self.resources.gpus and self.pool is None:
            raise ValueError(f"resources.gpus is {self.resources.gpus}; name the GPU pool in pool, or ask for 0 GPUs")
        if self.overflow_pool is not None and self.overflow_pool == self.pool:
            raise ValueError(f"overflow_pool {self.overflow_pool!r} is the pool itself; name another, or none")
        if not self.max_surge and not self.max_unavailable:
            raise ValueError("max_surge and max_unavailable are both 0, so no pod could ever be replaced")
        if self.resources.shared_memory_mib >= self.resources.memory_gib * 1024:
            raise ValueError(
                f"resources.shared_memory_mib {self.resources.shared_memory_mib} leaves nothing of memory_gib "
                f"{self.resources.memory_gib:g} for the server itself"
            )
        for name, value in self.env.items():
            if not isinstance(value, str):
                raise ValueError(f"env.{name} must be text; quote it")
            if reason := secret_in_variable(name, value):
                raise ValueError(f"env.{name}: {reason}")
        twice = sorted(set(self.env) & set(self.secret_env))
        if twice:
            raise ValueError(f"{twice[0]} is named in env and in secret_env; keep one")
        for name in (*self.env, *self.secret_env):
            if name in RESERVED_VARIABLES:
                raise ValueError(f"the variable {name} belongs to the server's container; choose another name")
        return self


def declaration(name: str, args: TritonServiceArgs) -> TritonServiceDeclaration:
    """The arguments with their defaults.

    Raises:
        InvalidEnvironment: unknown keys, missing keys or values that do not fit, all at once.
    """
    return read_arguments(TritonServiceDeclaration, args, TritonServiceArgs, f"TritonService {name}")


def served_model(declared: TritonServiceDeclaration) -> ServedModel:
    """What the manifests are made of.

    Raises:
        InvalidOwnership: the ownership does not fit.
    """
    ownership: OwnershipArgs = declared.ownership  # type: ignore[assignment]
    share = declared.resources
    gateway = declared.gateway
    stored = declared.stored
    return ServedModel(
        name=declared.model,
        ownership=Ownership.of(ownership).of_model(declared.model),
        image=runtimes.get("triton").reference if declared.image is None else declared.image,
        version=declared.version,
        stored=StoredModel(
            stored.bucket, stored.prefix, stored.region, stored.digest, stored.sha256, stored.size_bytes
        ),
        placement=Placement(
            declared.cluster,
            declared.pool,
            declared.overflow_pool,
            declared.price_basis,
            tuple((taint.key, taint.value, taint.effect) for taint in declared.tolerations),
        ),
        share=ServerShare(share.gpus, share.cpu, share.memory_gib, share.shared_memory_mib),
        min_replicas=declared.scaling.min_replicas,
        max_replicas=declared.scaling.max_replicas,
        target_queue_ms=declared.scaling.target_queue_ms,
        max_surge=declared.max_surge,
        max_unavailable=declared.max_unavailable,
        hostname=declared.hostname,
        gateway=GATEWAY if gateway is None else Gateway(gateway.name, gateway.namespace),
        request_timeout_seconds=declared.request_timeout_seconds,
        priority_class=declared.priority_class,
        env=declared.env,
        secret_env=tuple(declared.secret_env),
        aws_identity=declared.eks_cluster is not None,
    )
