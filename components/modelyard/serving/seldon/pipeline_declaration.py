"""Arguments of a pipeline, checked and completed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from ...environment.access import NO_ACCESS, ModelAccess, effective
from ...environment.declaration import Declaration
from ...environment.gateway import Hostname
from ...environment.names import ModelName
from ...environment.seldon import JoinType, SeldonStep, pipeline_problems
from ...governance.arguments import read_arguments
from ...governance.ownership import Ownership, OwnershipArgs
from ..workload.declaration import GATEWAY, GatewayDeclaration
from ..workload.placement import Gateway
from .pipeline import Pipeline
from .pipeline_args import SeldonPipelineArgs


class SeldonPipelineDeclaration(Declaration):
    """Same keys as :class:`~modelyard.serving.seldon.pipeline_args.SeldonPipelineArgs`."""

    ownership: Mapping[str, Any]
    name: ModelName
    models: list[ModelName]
    steps: Annotated[list[SeldonStep], Field(min_length=1)]
    output: Annotated[list[Annotated[str, Field(min_length=1, max_length=253)]], Field(min_length=1)]
    output_join: JoinType | None = None
    hostname: Hostname | None = None
    access: ModelAccess = ModelAccess()
    gateway: GatewayDeclaration | None = None
    request_timeout_seconds: Annotated[int, Field(ge=1, le=3600)] = 60

    @model_validator(mode="after")
    def _sound(self) -> SeldonPipelineDeclaration:
        problems = pipeline_problems(self.steps, self.output, self.name, self.models)
        if self.name in self.models:
            problems.append(f"name {self.name!r} is a model's too, and sources could mean either; rename the pipeline")
        if self.access != ModelAccess() and self.hostname is None:
            problems.append("access is asked by the gateway, which leads to a hostname, and there is none; give one")
        if problems:
            raise ValueError("; ".join(problems))
        return self


def pipeline_declaration(name: str, args: SeldonPipelineArgs) -> SeldonPipelineDeclaration:
    """The arguments with their defaults.

    Raises:
        InvalidEnvironment: unknown keys, missing keys or values that do not fit, all at once.
    """
    return read_arguments(SeldonPipelineDeclaration, args, SeldonPipelineArgs, f"SeldonPipeline {name}")


def declared_pipeline(declared: SeldonPipelineDeclaration) -> Pipeline:
    """What the manifests are made of.

    Raises:
        InvalidOwnership: the ownership does not fit.
    """
    ownership: OwnershipArgs = declared.ownership  # type: ignore[assignment]
    gateway = declared.gateway
    return Pipeline(
        name=declared.name,
        ownership=Ownership.of(ownership),
        steps=declared.steps,
        output=declared.output,
        output_join=declared.output_join,
        hostname=declared.hostname,
        gateway=GATEWAY if gateway is None else Gateway(gateway.name, gateway.namespace),
        request_timeout_seconds=declared.access.request_timeout_seconds or declared.request_timeout_seconds,
        access=effective(NO_ACCESS, declared.access),
    )
