"""Arguments of a model that KServe serves, checked and completed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field, model_validator

from ...catalog import runtime_formats
from ...environment.access import ModelAccess
from ...environment.kserve import (
    Autoscaler,
    Companion,
    DeploymentMode,
    KServeServer,
    ModelCache,
    Protocol,
    scaling_problems,
    streaming_problems,
)
from ...environment.model import secret_in_variable
from ...environment.names import ModelName
from ...environment.problem import InvalidEnvironment, Problem
from ...governance.arguments import read_arguments
from ..autoscaling.problems import scaling_problems as target_problems
from ..rollout.workloads import canary_name, canary_workload, stable_workload
from ..workload.declaration import WorkloadDeclaration, stored_model, workload
from ..workload.server import REPOSITORY
from ..workload.weights_declaration import StreamingDeclaration
from ..workload.workload import Workload
from .autoscaling import scale_target
from .inference_service import InferenceService
from .manifests import Tracks
from .model_server import ONE_VERSION, STORAGE_URI_FOLDER, default_image, model_server
from .service_args import KServeServiceArgs

MOST_CHARACTERS = 63
"""Of a Service's name."""


class CompanionDeclaration(Companion):
    """Same keys as :class:`~modelyard.serving.kserve.service_args.CompanionArgs`."""

    image: Any


class KServeServiceDeclaration(StreamingDeclaration):
    """Same keys as :class:`~modelyard.serving.kserve.service_args.KServeServiceArgs`."""

    server: KServeServer
    format: Annotated[str, Field(min_length=1, max_length=40)]
    mode: DeploymentMode = "standard"
    protocol: Protocol | None = None
    autoscaler: Autoscaler | None = None
    transformer: CompanionDeclaration | None = None
    explainer: CompanionDeclaration | None = None
    model_cache: ModelCache | None = None
    companion_price_basis: str | None = None
    graphs: list[ModelName] = []

    @property
    def by_storage_uri(self) -> bool:
        """Whether KServe brings the model. Knative takes no init container of ours, unless it is told to."""
        return self.mode == "knative" or self.model_cache is not None

    @model_validator(mode="after")
    def _kserve_can(self) -> KServeServiceDeclaration:
        problems = [
            *scaling_problems(self.mode, self.autoscaler, self.scaling),
            *self._server_problems(),
            *self._weights_problems(),
            *self._storage_problems(),
            *self._traffic_problems(),
            *self._variable_problems(),
            *self._claim_problems(),
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _server_problems(self) -> list[str]:
        refused = runtime_formats.refusal(self.server, self.format)
        if refused is not None:
            return [refused]
        problems = []
        spoken = runtime_formats.get(self.server, self.format).protocols
        if self.protocol is not None and self.protocol not in spoken:
            problems.append(f"protocol {self.protocol} is none of {self.server}'s, which speaks {', '.join(spoken)}")
        if self.server in ONE_VERSION and len(self.served_versions) > 1:
            problems.append(
                f"versions names {len(self.served_versions)} versions, and {self.server} serves one; name one, and "
                "another in canary"
            )
        return problems

    def _weights_problems(self) -> list[str]:
        if self.weights.are_copied:
            return []
        problems = streaming_problems(self.weights.by, self.mode, self.model_cache)
        sources = [self.stored, *([] if self.canary is None else [self.canary.stored])]
        if self.server == "torchserve" and any(stored.layout == "model" for stored in sources):
            problems.append(
                f"weights.by is {self.weights.by}, and torchserve reads an archive beside the folders of versions; "
                "store a folder that holds <model>.mar, and write layout: repository"
            )
        return problems

    def _storage_problems(self) -> list[str]:
        if not self.by_storage_uri:
            return []
        why = "mode knative" if self.mode == "knative" else "model_cache"
        sources = {"stored": self.stored}
        if self.canary is not None:
            sources["canary.stored"] = self.canary.stored
        problems = []
        for name, stored in sources.items():
            if stored.files or stored.sha256:
                problems.append(
                    f"{name} lists files with checksums, and with {why} KServe copies the folder without asking for "
                    "any; name a folder as it shall be served (layout: repository), and no files"
                )
            elif stored.layout != "repository":
                problems.append(
                    f"{name}.layout is {stored.layout}; with {why} KServe copies the folder below the prefix as it is, "
                    "so store a folder that holds the model's folder, and write layout: repository"
                )
        return problems

    def _rolls_out(self) -> None:
        if self.mode != "knative" or self.hostname is not None:
            return super()._rolls_out()
        # Knative splits between revisions, whatever the host is.
        WorkloadDeclaration._rolls_out(self.model_copy(update={"hostname": "knative.invalid"}))

    def _traffic_problems(self) -> list[str]:
        problems = []
        if self.mode == "knative" and self.access != ModelAccess():
            problems.append("access is asked by the gateway, which mode knative goes past; delete it, or take standard")
        if self.mode == "knative" and self.hostname is not None:
            problems.append("hostname is for mode standard; in mode knative KServe's own ingress names the host")
        if self.rollout is None:
            return problems
        if self.rollout.by != "gateway":
            problems.append(
                f"rollout.by {self.rollout.by} moves Deployments of ours, and KServe's belong to KServe; write gateway"
            )
        if self.mode == "knative":
            problems += [
                f"rollout.{key} is the gateway's to do, and in mode knative Knative splits by chance; delete it, or "
                "take mode standard"
                for key in ("sticky", "mirror_percent")
                if getattr(self.rollout, key)
            ]
        if self.rollout.canary is not None and self.mode == "standard":
            longest = f"{canary_name(self.model, self.rollout.canary)}-{self._longest_part}"
            if len(longest) > MOST_CHARACTERS:
                problems.append(
                    f"KServe would name a Service {longest}, of {len(longest)} characters; Kubernetes allows "
                    f"{MOST_CHARACTERS}, so shorten the model's name"
                )
        return problems

    def _claim_problems(self) -> list[str]:
        if self.gpu_claim is None or self.mode != "knative":
            return []
        return ["gpu_claim: Knative takes no pod with a ResourceClaim; delete it, or take mode standard"]

    @property
    def _longest_part(self) -> str:
        return "predictor" if self.transformer is None else "transformer"

    def _variable_problems(self) -> list[str]:
        """KServe reads the container as a template of Go's."""
        problems = []
        for name, value in self.env.items():
            if isinstance(value, str) and "{{" in value:
                problems.append(f"env.{name} holds '{{{{', which KServe reads as a template; write it another way")
        for kind in ("transformer", "explainer"):
            declared: Companion | None = getattr(self, kind)
            for name, value in (declared.env if declared is not None else {}).items():
                if reason := secret_in_variable(name, value):
                    problems.append(f"{kind}.env.{name}: {reason}")
        return problems


def declaration(name: str, args: KServeServiceArgs) -> KServeServiceDeclaration:
    """The arguments with their defaults.

    Raises:
        InvalidEnvironment: unknown keys, missing keys or values that do not fit, all at once.
    """
    component = f"KServeService {name}"
    alone = [] if any(key in args for key in ("server", "stored")) else _without_predictor(args, component)
    try:
        return read_arguments(KServeServiceDeclaration, args, KServeServiceArgs, component)
    except InvalidEnvironment as invalid:
        raise InvalidEnvironment([*alone, *invalid.problems]) from None


def tracks(declared: KServeServiceDeclaration) -> Tracks:
    """The stable InferenceService and the canary's, which in mode knative is a revision of the one.

    Raises:
        InvalidEnvironment: the runtime has no metric for a target of scaling.
    """
    rollout = declared.rollout
    whole = _workload(declared, declared.served_versions[0] if rollout is not None else declared.version)
    if rollout is None:
        made = Tracks(whole, _inference_service(declared, whole))
    elif declared.mode == "knative" and declared.canary is None:
        # As without a rollout: there is one service, and Knative wakes it.
        made = Tracks(whole, _inference_service(declared, whole), rollout=rollout)
    elif rollout.canary is None or declared.canary is None:
        made = Tracks(whole, _inference_service(declared, stable_workload(whole)), rollout=rollout)
    elif declared.mode == "knative":
        revision = replace(_of_canary(declared, rollout.canary), name=whole.name, hostname=None)
        percent = rollout.percent
        made = Tracks(whole, _inference_service(declared, revision, canary_traffic_percent=percent), rollout=rollout)
    else:
        tried = _of_canary(declared, rollout.canary)
        canary = canary_workload(whole, rollout, tried.server, tried.stored)
        stable = _inference_service(declared, stable_workload(whole))
        made = Tracks(whole, stable, _inference_service(declared, canary, is_canary=True), rollout)
    _check_scaling(made.stable)
    return made


def _of_canary(declared: KServeServiceDeclaration, version: int) -> Workload:
    """The workload of the model as the canary would be alone."""
    assert declared.canary is not None
    image = declared.image if declared.canary.image is None else declared.canary.image
    update = {"stored": declared.canary.stored, "image": image, "rollout": None, "canary": None, "version": version}
    return _workload(declared.model_copy(update=update), version)


def _check_scaling(service: InferenceService) -> None:
    if service.mode == "knative" or service.autoscaler not in ("external", "keda"):
        return
    found = target_problems(service.workload.scaling, scale_target(service))
    if found:
        raise InvalidEnvironment([Problem(f"model {service.workload.model}", "scaling", each) for each in found])


def _inference_service(
    declared: KServeServiceDeclaration,
    workload: Workload,
    canary_traffic_percent: int | None = None,
    *,
    is_canary: bool = False,
) -> InferenceService:
    serves = runtime_formats.get(declared.server, declared.format)
    return InferenceService(
        workload=workload,
        serves=serves,
        protocol=declared.protocol or serves.protocols[0],
        mode=declared.mode,
        autoscaler=declared.autoscaler or "external",
        is_canary=is_canary,
        by_storage_uri=declared.by_storage_uri,
        canary_traffic_percent=canary_traffic_percent,
        transformer=declared.transformer,
        companion_price_basis=declared.companion_price_basis,
        explainer=declared.explainer,
        model_cache=declared.model_cache,
        in_graphs=tuple(declared.graphs),
    )


def _workload(declared: KServeServiceDeclaration, version: int) -> Workload:
    image = declared.image
    if image is None:
        image = default_image(declared.server, declared.format, declared.resources.gpus)
    server = model_server(
        declared.server,
        declared.model,
        format=declared.format,
        image=image,
        version=version,
        versions=declared.served_versions,
        cpu=declared.resources.cpu,
        repository=STORAGE_URI_FOLDER if declared.by_storage_uri else REPOSITORY,
        request_timeout_seconds=declared.request_timeout_seconds,
        size_bytes=stored_model(declared.stored).size_bytes,
    )
    return workload(declared, server)


def _without_predictor(args: Mapping[str, Any], component: str) -> list[Problem]:
    return [
        Problem(
            component,
            kind,
            "has no predictor to hand requests to; name the model's server, format and stored, or delete it",
        )
        for kind in ("transformer", "explainer")
        if kind in args
    ]
