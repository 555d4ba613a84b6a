"""profile.json: how long the stages of a model take, measured by ``modelyard try --profile``, stored beside model.yaml.

Times are milliseconds, as seen by Triton: an execution is what the statistics API calls compute_input, compute_infer
and compute_output together, which is how long an instance is taken by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from ..environment.declaration import Declaration
from ..environment.problem import Problem

SCHEMA = 1
FILE_NAME = "profile.json"
COOLING_MS = 7.0
_MEASURE = "modelyard try --profile"

Milliseconds = Annotated[float, Field(ge=0)]


class MeasuredPoint(Declaration):
    """Executions of one batch size by one stage, none of them waiting."""

    batch_size: Annotated[int, Field(ge=1, le=65_536)]
    """Rows in one execution."""
    requests: Annotated[int, Field(ge=1, le=65_536)] = 1
    """Requests that made up the batch: 1 when it was sent as one, batch_size when single rows were put together,
    which is what a dynamic batcher does and takes longer in backends that handle each request."""
    instances: Annotated[int, Field(ge=1, le=1024)] = 1
    """Executions that went on side by side."""
    executions: Annotated[int, Field(ge=1)]
    """How many were measured."""
    mean_ms: Annotated[float, Field(gt=0)]
    p50_ms: Annotated[float, Field(gt=0)]
    p90_ms: Annotated[float, Field(gt=0)]
    p99_ms: Annotated[float, Field(gt=0)]
    cpu_ms: Milliseconds | None = None
    """Processor time of the whole server for one execution, with receiving and answering its requests; None: the
    server runs elsewhere and nobody saw it."""
    gap_ms: Milliseconds = 0.0
    """From the end of an execution to the start of the next on the same instance while requests wait: answers are
    sent, threads wake. With every instance busy, throughput is batch_size * instances / (mean_ms + gap_ms)."""

    @model_validator(mode="after")
    def _rising(self) -> MeasuredPoint:
        if not self.p50_ms <= self.p90_ms <= self.p99_ms:
            raise ValueError(
                f"p50_ms {self.p50_ms:g}, p90_ms {self.p90_ms:g} and p99_ms {self.p99_ms:g} of batch size "
                f"{self.batch_size} do not rise; measure the profile again"
            )
        if self.requests > self.batch_size:
            raise ValueError(f"batch size {self.batch_size} cannot be made of {self.requests} requests")
        return self


class MeasuredStage(Declaration):
    """One model that executes, on one accelerator."""

    model: Annotated[str, Field(min_length=1)]
    substitute: str | None = None
    """What executed in place of the declared backend, with its version; None: the backend itself did. The times of
    a substitute predict a trial on the same machine and never size a deployment."""
    accelerator: Annotated[str, Field(min_length=1)]
    """``cpu``, or the accelerator as the catalog writes it, such as L4."""
    points: Annotated[tuple[MeasuredPoint, ...], Field(min_length=1)]
    """Of executions that followed one another closely where ``cold_ms`` was measured."""
    cold_ms: Milliseconds = 0.0
    """How much longer an execution takes after the stage was idle for long: its caches are gone, processors sleep."""
    cooling_ms: Annotated[float, Field(gt=0)] = COOLING_MS
    """Idle time after which 63 % of ``cold_ms`` is paid, and the rest in the same proportion."""

    def __hash__(self) -> int:
        return hash((self.model, self.accelerator, self.points))


class RequestOverhead(Declaration):
    """What a request costs apart from its executions."""

    mean_ms: Milliseconds = 0.0
    """From the client's sending to its having the answer, less queues and executions, at a light load."""
    p99_ms: Milliseconds | None = None
    """None: taken as three times the mean."""
    cpu_ms: Milliseconds = 0.0
    """The server's processor time for receiving and answering one request, in no execution."""
    stage_ms: Milliseconds = 0.0
    """Of mean_ms, what each step of an ensemble adds in handing tensors on."""
    cold_ms: Milliseconds = 0.0
    """What a request takes longer after the server was idle for long."""
    cooling_ms: Annotated[float, Field(gt=0)] = COOLING_MS
    """As of a stage."""


class MeasuredProfile(Declaration):
    """All stages of one model. The same stage may occur once for each accelerator."""

    schema_version: Annotated[Literal[1], Field(validation_alias="schema", serialization_alias="schema")] = SCHEMA
    source: Annotated[str, Field(min_length=8)]
    """Who measured it, with what and when; printed with every prediction."""
    server: Annotated[str, Field(min_length=1)]
    """Version of the Triton server."""
    processor: Annotated[str, Field(min_length=1)]
    cores: Annotated[int, Field(ge=1)] | None = None
    """Processors that the server could use."""
    stages: Annotated[tuple[MeasuredStage, ...], Field(min_length=1)]
    request_overhead: RequestOverhead = RequestOverhead()

    def __hash__(self) -> int:
        return hash((self.source, self.stages))

    def stage(self, model: str, accelerator: str | None = None) -> MeasuredStage | None:
        """The stage on this accelerator; None stands for the first that there is."""
        return next(
            (each for each in self.stages if each.model == model and accelerator in (None, each.accelerator)), None
        )

    @property
    def substitutes(self) -> tuple[str, ...]:
        """Models whose declared backend did not execute."""
        return tuple(dict.fromkeys(stage.model for stage in self.stages if stage.substitute is not None))

    def text(self) -> str:
        """The file's content."""
        return self.model_dump_json(by_alias=True, indent=2) + "\n"

    @model_validator(mode="after")
    def _once(self) -> MeasuredProfile:
        seen: set[tuple[str, str]] = set()
        for stage in self.stages:
            if (stage.model, stage.accelerator) in seen:
                raise ValueError(f"stage {stage.model!r} is there twice for {stage.accelerator}")
            seen.add((stage.model, stage.accelerator))
        return self


class InvalidProfile(Exception):
    """All problems of a profile at once."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


def read_profile(path: Path, *, shown: str | None = None) -> MeasuredProfile:
    """The profile in a file.

    Args:
        path: of the file.
        shown: the file's name in errors; None: its path.

    Raises:
        InvalidProfile: with every problem of the file.
        OSError: the file cannot be read.
    """
    name = shown or str(path)
    text = path.read_bytes()
    try:
        return MeasuredProfile.model_validate_json(text)
    except ValidationError as error:
        problems = tuple(_problems(name, error))
    raise InvalidProfile(problems)


def _problems(file: str, invalid: ValidationError) -> Iterator[Problem]:
    from ..environment.json_file import json_problems

    first = invalid.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        reason = first.get("ctx", {}).get("error")
        yield Problem(file, "", f"is no JSON ({reason}); measure it again with {_MEASURE}")
        return
    for problem in json_problems(file, invalid, MeasuredProfile):
        message = problem.message.replace("schema_version", "schema")
        if problem.path == "schema":
            message += f"; {SCHEMA} is, which {_MEASURE} writes"
        yield replace(problem, message=message)
