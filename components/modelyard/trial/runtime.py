"""The server that a trial runs: Triton, or another that speaks the Open Inference Protocol.

Triton gets the repository that would be deployed, whatever it holds. The others get one model, and answer the same
smoke test.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from ..environment.known_name import unknown
from ..repository.protobuf import ModelConfig
from ..repository.repository import Repository, RepositoryModel
from .subject import Subject

TRITON = "triton"
XGBOOST = "xgboost-cpu==3.2.0"
"""In every server but Triton, where ``data/substitutes.csv`` says it."""
_RUNTIMES = Path(__file__).parent / "data" / "runtimes.csv"


class CannotRun(Exception):
    """This runtime cannot serve this model here. ``str()`` says why, and what can."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """A server that a trial can run."""

    name: str
    """As ``--runtime`` takes it."""
    server: str
    """As its makers write it."""
    version: str
    """That is installed; empty for Triton, whose version :mod:`.server_home` knows."""
    formats: tuple[str, ...]
    """``any``, or model types of the format ``fil``."""


@dataclass(frozen=True, slots=True)
class RuntimeModel:
    """The one model that a runtime serves."""

    name: str
    config: ModelConfig
    file: Path

    @property
    def input(self) -> str:
        return self.config.input[0].name

    @property
    def output(self) -> str:
        return self.config.output[0].name


@cache
def runtimes() -> dict[str, Runtime]:
    """All of them, by name."""
    with _RUNTIMES.open(encoding="utf-8", newline="") as lines:
        return {
            row["runtime"]: Runtime(row["runtime"], row["server"], row["version"], tuple(row["formats"].split()))
            for row in csv.DictReader(lines)
        }


def stage_of(subject: Subject, stage: str) -> Subject:
    """One stage of the subject by itself, as that repository configures it; with no objective, and no answers known.

    Raises:
        CannotRun: there is no such stage.
    """
    stages = {model.name: model for model in subject.repository.models}
    if stage not in stages:
        raise CannotRun(f"--stage {stage}: {unknown(f'a model of {subject.name}', stage, stages)}")
    if len(stages) == 1:
        return subject
    return replace(
        subject,
        name=f"{subject.name}/{stage}",
        repository=Repository(stage, (stages[stage],)),
        promise=None,
        golden_path=None,
        profile_path=None,
    )


def model_of(subject: Subject, runtime: Runtime) -> RuntimeModel:
    """What this runtime would serve.

    Raises:
        CannotRun: an ensemble, several models, or a format that it does not read.
    """
    models = subject.repository.models
    can = f"{TRITON} can"
    if len(models) > 1:
        single = [model.name for model in models if _model_type(model) in runtime.formats]
        hint = f"name one that it serves with --stage ({', '.join(single)})" if single else f"{can}"
        raise CannotRun(f"--runtime {runtime.name}: {subject.name} has {len(models)} models, and it serves one; {hint}")
    model = subject.repository.served
    found = _model_type(model)
    if found not in runtime.formats:
        kind = f"{model.format} ({found})" if found else model.format
        listed = ", ".join(each.replace("_", " ") for each in runtime.formats)
        raise CannotRun(
            f"--runtime {runtime.name}: {model.name} has the format {kind}, and it serves {listed} here; {can}"
        )
    if len(model.config.input) != 1 or len(model.config.output) != 1:
        raise CannotRun(f"--runtime {runtime.name}: {model.name} has more than one input or output; {can}")
    config, file = model.config, _file(model)
    return RuntimeModel(model.name, config, file)


def _model_type(model: RepositoryModel) -> str | None:
    """Of a model for FIL: what its file holds."""
    if model.format != "fil":
        return None
    given = model.config.parameters["model_type"].string_value if "model_type" in model.config.parameters else ""
    return given or "xgboost"


def _file(model: RepositoryModel) -> Path:
    paths = [file.path for file in model.files if file.path is not None and "/" in file.key.partition("/")[2]]
    if not paths:
        raise CannotRun(f"{model.name}: its file is not on this machine")
    return Path(max(paths))
