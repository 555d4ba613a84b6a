"""A model served by Seldon Core 2, and pipelines of such models.

Follows the resource reference of Seldon Core 2.9's documentation (``mlops.seldon.io/v1alpha1``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from .access import ModelAccess
from .declaration import Declaration
from .known_name import unknown
from .names import ModelName
from .patterns import NAME_PATTERN
from .rollout import Rollout
from .scaling import Scaling

SeldonServer = Literal["mlserver", "triton"]
JoinType = Literal["inner", "outer", "any"]

_SOURCE = re.compile(r"(?P<step>[a-z][a-z0-9-]*)(\.(?P<side>inputs|outputs)(\.(?P<tensor>[^.\s]+))?)?")


class Seldon(Declaration):
    """How Seldon Core 2 serves the model."""

    server: SeldonServer
    """Inference server in the pods."""
    server_config: Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=63)] | None = None
    """ServerConfig of Seldon's installation. Default: the server's name."""
    shared_server: Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=63)] | None = None
    """Server of the department's namespace, which other models use too. Default: a Server of the model's own."""
    model_memory_gib: Annotated[float, Field(gt=0, le=4096)] | None = None
    """Memory that the loaded model takes, by which Seldon finds a server with room. Default: not told."""


class SeldonStep(Declaration):
    """One model of a pipeline."""

    model: ModelName
    """Name of the Model, and of the step."""
    inputs: list[Annotated[str, Field(min_length=1, max_length=253)]] = []
    """What it is sent: ``<step>``, ``<step>.outputs``, ``<step>.outputs.<tensor>``, or the same with ``inputs``.
    Default: the pipeline's own inputs."""
    tensor_map: dict[str, str] = {}
    """New names of tensors, by what inputs call them: ``<step>.outputs.<tensor>``."""
    join: JoinType | None = None
    """Of several inputs. inner: all of them, outer: those that came within the window, any: the first. Default:
    inner."""
    join_window_ms: Annotated[int, Field(ge=1, le=600_000)] | None = None
    """How long inputs wait for each other."""
    triggers: list[Annotated[str, Field(min_length=1, max_length=253)]] = []
    """Sources that must have come before the step runs, and are not handed to it."""
    batch_size: Annotated[int, Field(ge=1, le=4096)] | None = None
    """Requests that are collected before the step runs."""


class SeldonPipeline(Declaration):
    """Models that hand their outputs on, over Kafka, at https://<pipeline>.<cluster>.<domain>."""

    name: ModelName
    """Differs from every model's, graph's and pipeline's of the environment."""
    clusters: Annotated[list[str], Field(min_length=1)] = []
    """Where it runs, and its models are served; default: every cluster."""
    steps: Annotated[list[SeldonStep], Field(min_length=1)]
    output: Annotated[list[Annotated[str, Field(min_length=1, max_length=253)]], Field(min_length=1)]
    """Sources whose tensors are the answer."""
    output_join: JoinType | None = None
    """Of several outputs. Default: inner."""
    access: ModelAccess | None = None
    """What the pipeline asks of its callers otherwise than the gateway does."""

    @model_validator(mode="after")
    def _sound(self) -> SeldonPipeline:
        problems = pipeline_problems(self.steps, self.output, self.name)
        if problems:
            raise ValueError("; ".join(problems))
        return self


def scaling_problems(scaling: Scaling) -> list[str]:
    """What Seldon cannot do of it, a sentence each."""
    problems = [
        f"scaling.{name} is nothing that Seldon follows, which scales by lag; delete it"
        for name in type(scaling).model_fields
        if name.startswith("target_") and getattr(scaling, name)
    ]
    if scaling.schedules:
        problems.append("scaling.schedules are hours that Seldon does not keep; delete them")
    if scaling.min_replicas == 0:
        problems.append("scaling.min_replicas is 0, and a Model of Seldon's has at least 1; write 1")
    return problems


def rollout_problems(rollout: Rollout) -> list[str]:
    """What Seldon cannot do of it, a sentence each."""
    problems = []
    if rollout.by != "gateway":
        problems.append(f"rollout.by {rollout.by} moves Deployments of ours, and Seldon's are Seldon's; write gateway")
    if rollout.sticky is not None:
        problems.append(
            "rollout.sticky is not Seldon's to do by a header or cookie: it answers with x-seldon-route, which a "
            "caller sends back to stay; delete sticky"
        )
    return problems


def pipeline_problems(
    steps: Sequence[SeldonStep], output: Sequence[str], pipeline: str | None = None, models: Iterable[str] | None = None
) -> list[str]:
    """Everything that is wrong with a pipeline, a sentence each.

    Args:
        steps: of it.
        output: its answer's sources.
        pipeline: its name, by which steps may name its own inputs. Default: none may.
        models: those that Seldon serves in the namespace. Default: not known, and not asked.
    """
    names = [step.model for step in steps]
    problems = [f"steps has two steps of {name!r}; a model is one step" for name in sorted(_twice(names))]
    sources = [*names, *([pipeline] if pipeline is not None else [])]
    for number, step in enumerate(steps):
        at = f"steps[{number}] ({step.model})"
        if models is not None and step.model not in (known := sorted(models)):
            problems.append(f"{at}: {unknown('a model that Seldon serves here', step.model, known)}")
        for key in ("inputs", "triggers"):
            problems += [f"{at}.{key}: {each}" for each in _source_problems(getattr(step, key), sources)]
        for renamed in step.tensor_map:
            if _step_of(renamed) not in {_step_of(each) for each in step.inputs}:
                problems.append(f"{at}.tensor_map: {renamed!r} is of none of the step's inputs; name it there")
        if step.join is not None and len(step.inputs) < 2:
            problems.append(f"{at}: join {step.join} needs two inputs, and there are {len(step.inputs)}; delete it")
    problems += [f"output: {each}" for each in _source_problems(output, names)]
    circle = _circle({step.model: [_step_of(each) for each in (*step.inputs, *step.triggers)] for step in steps})
    if circle:
        problems.append(f"steps wait for each other in a circle: {' -> '.join(circle)}; a request would never end")
    return problems


def _source_problems(sources: Iterable[str], names: Sequence[str]) -> list[str]:
    problems = []
    for source in sources:
        found = _SOURCE.fullmatch(source)
        if found is None:
            problems.append(f"{source!r} names no source; write <step>, <step>.outputs or <step>.outputs.<tensor>")
        elif found["step"] not in names:
            where = "" if source == found["step"] else f"{source!r}: "
            problems.append(f"{where}{unknown('a step of this pipeline', found['step'], names)}")
    return problems


def _step_of(source: str) -> str:
    return source.partition(".")[0]


def _twice(names: Sequence[str]) -> set[str]:
    return {name for name in names if names.count(name) > 1}


def _circle(waits_for: Mapping[str, Sequence[str]]) -> list[str]:
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done or name not in waits_for:
            return []
        found = next((found for each in waits_for[name] if (found := walk(each, [*path, name]))), [])
        done.add(name)
        return found

    return next((found for name in waits_for if (found := walk(name, []))), [])
