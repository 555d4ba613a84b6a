"""Arguments of a model that Seldon Core 2 serves, checked and completed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from ...catalog.seldon_requirements import refusal, requirement
from ...environment.patterns import NAME_PATTERN
from ...environment.seldon import SeldonServer, rollout_problems, scaling_problems
from ...governance.arguments import read_arguments
from ..rollout.workloads import canary_workload, stable_workload
from ..workload.declaration import WorkloadDeclaration, workload
from ..workload.server import Health, Port, Server
from ..workload.workload import Workload
from .served_model import ServedModel, Tracks
from .service_args import SeldonServiceArgs

ResourceName = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=63)]

_USER = 1000
_READINESS_PORT = 9008


class SeldonServiceDeclaration(WorkloadDeclaration):
    """Same keys as :class:`~modelyard.serving.seldon.service_args.SeldonServiceArgs`."""

    server: SeldonServer
    format: Annotated[str, Field(min_length=1, max_length=40)]
    server_config: ResourceName | None = None
    shared_server: ResourceName | None = None
    model_memory_gib: Annotated[float, Field(gt=0, le=4096)] | None = None

    @model_validator(mode="after")
    def _seldon_can(self) -> SeldonServiceDeclaration:
        problems = [
            *([refused] if (refused := refusal(self.server, self.format)) is not None else []),
            *self._storage_problems(),
            *scaling_problems(self.scaling),
            *self._rollout_problems(),
            *self._server_problems(),
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _storage_problems(self) -> list[str]:
        sources = {"stored": self.stored}
        if self.canary is not None:
            sources["canary.stored"] = self.canary.stored
        problems = []
        for name, stored in sources.items():
            if stored.files or stored.sha256:
                problems.append(
                    f"{name} lists files with checksums, and Seldon copies the folder without asking for any; name a "
                    "folder as it shall be served, and no files"
                )
            elif stored.layout != "model":
                problems.append(
                    f"{name}.layout is {stored.layout}; Seldon loads one model's folder, so name that in prefix, and "
                    "write layout: model"
                )
        return problems

    def _rollout_problems(self) -> list[str]:
        problems = []
        if len(self.served_versions) > 1:
            problems.append(
                f"versions names {len(self.served_versions)} versions, and Seldon loads one version of a Model; name "
                "one, and another in canary"
            )
        return problems if self.rollout is None else [*problems, *rollout_problems(self.rollout)]

    def _server_problems(self) -> list[str]:
        problems = []
        if self.gpu_claim is not None:
            problems.append("gpu_claim: the pods of Seldon's Servers have no ResourceClaims; delete it")
        problems += [
            f"{key} means nothing: Seldon's Servers are StatefulSets; delete it"
            for key in ("max_surge", "max_unavailable")
            if key in self.model_fields_set
        ]
        if self.shared_server is not None:
            own = ("image", "pool", "overflow_pool", "price_basis", "tolerations", "env", "secret_env", "server_config")
            own += ("eks_cluster", "gcp_service_account", "azure_client_id")
            problems += [
                f"{key} is the Server's, and shared_server names one that is there; delete {key}, or shared_server"
                for key in own
                if getattr(self, key)
            ]
        return problems


def declaration(name: str, args: SeldonServiceArgs) -> SeldonServiceDeclaration:
    """The arguments with their defaults.

    Raises:
        InvalidEnvironment: unknown keys, missing keys or values that do not fit, all at once.
    """
    return read_arguments(SeldonServiceDeclaration, args, SeldonServiceArgs, f"SeldonService {name}")


def tracks(declared: SeldonServiceDeclaration) -> Tracks:
    """The stable version and the canary's.

    Raises:
        InvalidOwnership: the ownership does not fit.
    """
    rollout = declared.rollout
    whole = workload(declared, _server(declared, declared.image))
    if rollout is None:
        return Tracks(whole, _served(declared, whole, declared.version))
    stable = _served(declared, stable_workload(whole), rollout.stable)
    if rollout.canary is None or declared.canary is None:
        return Tracks(whole, stable, rollout=rollout)
    image = declared.image if declared.canary.image is None else declared.canary.image
    update = {"stored": declared.canary.stored, "rollout": None, "canary": None, "version": rollout.canary}
    tried = workload(declared.model_copy(update=update), _server(declared, image))
    canary = canary_workload(whole, rollout, tried.server, tried.stored)
    return Tracks(whole, stable, _served(declared, canary, rollout.canary), rollout)


def _served(declared: SeldonServiceDeclaration, made: Workload, version: int) -> ServedModel:
    needed = requirement(declared.server, declared.format)
    assert needed is not None
    return ServedModel(
        workload=made,
        requirement=needed,
        server_config=declared.server_config or declared.server,
        shared_server=declared.shared_server,
        memory_gib=declared.model_memory_gib,
        version=version,
        by_version=declared.server == "triton",
    )


def _server(declared: SeldonServiceDeclaration, image: object) -> Server:
    """What the pods are known by; their ports and probes are the ServerConfig's."""
    return Server(
        runtime=declared.server,
        image=image,
        ports=(Port("readiness", _READINESS_PORT, "nobody"),),
        routes=(),
        ready=Health("/ready", _READINESS_PORT),
        user=_USER,
    )
