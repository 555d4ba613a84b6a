"""What this machine's server serves in place of what it lacks: backends and GPUs. Pure.

Batching, instances, steps, versions and everything else of a configuration stay; each change is said.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from ..catalog import triton_backends
from ..repository.protobuf import ModelConfig, module
from ..repository.repository import Repository, RepositoryFile, RepositoryModel, generated
from ..repository.written import config_text

_TABLE = Path(__file__).parent / "data" / "substitutes.csv"
_FOLDER = Path(__file__).parent / "substitutes"


@dataclass(frozen=True, slots=True)
class Engine:
    """A library that can run a model of this format in a Python backend."""

    format: str
    variant: str
    """FIL's ``model_type``; empty for other formats."""
    name: str
    package: str
    requirement: str


@dataclass(frozen=True, slots=True)
class Substitute:
    """One model that is served by something else than its declared backend."""

    model: str
    backend: str
    """Declared: what the deployed release serves it with."""
    release: str
    """That is deployed."""
    engine: Engine

    def __str__(self) -> str:
        return (
            f"{self.model}: {self.engine.name} in a Python backend instead of {self.backend} of release {self.release}"
        )


@dataclass(frozen=True, slots=True)
class TrialRepository:
    """What is served here, and in what it differs from what is deployed."""

    repository: Repository
    substitutes: tuple[Substitute, ...]
    moved: tuple[str, ...]
    """Models whose GPU instances run on the CPU here."""
    requirements: Mapping[str, tuple[str, ...]]
    """Packages that a model's Python backend needs; a model without any is not named."""


class CannotSubstitute(Exception):
    """Models that nothing on this machine can serve. ``str()`` is one line for each."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        self.reasons = reasons
        super().__init__("\n".join(reasons))


def substituted(
    repository: Repository, *, release: str, requirements: Mapping[str, tuple[str, ...]] | None = None
) -> TrialRepository:
    """The repository as the server of this machine can serve it.

    ``release`` is the one that is deployed; ``requirements`` are what Python models ask for themselves.

    Raises:
        CannotSubstitute: naming every model that has no substitute.
    """
    models: list[RepositoryModel] = []
    substitutes: list[Substitute] = []
    moved: list[str] = []
    needs = dict(requirements or {})
    reasons: list[str] = []
    for model in repository.models:
        config = module().ModelConfig()
        config.CopyFrom(model.config)
        if _to_cpu(config):
            moved.append(model.name)
        files = model.files
        if not (config.backend == "python" or config.HasField("ensemble_scheduling")):
            found = _engine(model)
            if isinstance(found, str):
                reasons.append(found)
                continue
            engine, file_name = found
            substitutes.append(Substitute(model.name, _backend(model), release, engine))
            needs[model.name] = (*needs.get(model.name, ()), engine.requirement)
            _to_python(config, file_name)
            files = (*files, *_program(model))
        models.append(reconfigured(replace(model, files=files), config))
    if reasons:
        raise CannotSubstitute(tuple(reasons))
    served = Repository(repository.name, tuple(models))
    return TrialRepository(served, tuple(substitutes), tuple(moved), needs)


def reconfigured(model: RepositoryModel, config: ModelConfig) -> RepositoryModel:
    """The model with another configuration, in its config.pbtxt too."""
    if config == model.config:
        return model
    key = f"{model.name}/config.pbtxt"
    files = tuple(generated(key, config_text(config)) if file.key == key else file for file in model.files)
    return replace(model, config=config, files=files)


def _backend(model: RepositoryModel) -> str:
    known = triton_backends.of_config(model.config.backend, model.config.platform)
    return model.config.backend or (known.backend if known else model.config.platform)


def _engine(model: RepositoryModel) -> tuple[Engine, str] | str:
    """The engine and the name of the model's file in a version folder, or why there is none."""
    elsewhere = "run a server that has it and name it with --server"
    backend = _backend(model) or model.format
    # Asking a protobuf map for a key that it lacks would add it.
    typed = model.format == "fil" and "model_type" in model.config.parameters
    variant = model.config.parameters["model_type"].string_value if typed else ""
    engine = _engines().get((model.format, variant))
    if engine is None:
        return f"model {model.name!r}: nothing here can stand in for Triton's backend {backend!r}; {elsewhere}"
    if not model.config.input or not model.config.output:
        return (
            f"model {model.name!r}: its configuration names no {'inputs' if not model.config.input else 'outputs'}; "
            f"{backend} reads them from the model, its substitute {engine.name} does not: write them, or {elsewhere}"
        )
    if len(model.config.output) > 1 and model.format == "fil":
        return (
            f"model {model.name!r}: {engine.name} stands in for output__0 alone, not for "
            f"{model.config.output[1].name!r}; {elsewhere}"
        )
    name = _file_name(model, variant)
    if name is None:
        return f"model {model.name!r}: no file of its version folders is the model; name it in default_model_filename"
    return engine, name


def _file_name(model: RepositoryModel, variant: str) -> str | None:
    known = triton_backends.of_config(model.config.backend, model.config.platform)
    default = model.config.default_model_filename
    wanted = (default,) if default else known.file_names if known else ()
    within = {tuple(file.key.split("/")[2:]) for file in model.files if file.key.count("/") >= 2}
    found = [name for name in wanted if any(path[: name.count("/") + 1] == tuple(name.split("/")) for path in within)]
    return found[0] if found else None


def _to_cpu(config: ModelConfig) -> bool:
    """Instances of GPUs become instances of the CPU, as many; whether there were any."""
    kinds = module().ModelInstanceGroup
    changed = False
    for group in config.instance_group:
        if group.kind not in (kinds.KIND_GPU, kinds.KIND_MODEL) and not group.gpus:
            continue
        changed = True
        group.count = max(group.count, 1) * max(len(group.gpus), 1)
        group.kind = kinds.KIND_CPU
        del group.gpus[:]
        del group.secondary_devices[:]
    return changed


def _to_python(config: ModelConfig, file_name: str) -> None:
    config.backend = "python"
    for field in ("platform", "runtime", "default_model_filename"):
        config.ClearField(field)
    config.cc_model_filenames.clear()
    config.optimization.ClearField("execution_accelerators")
    config.optimization.ClearField("cuda")
    config.optimization.ClearField("graph")
    config.parameters["substitute_file"].string_value = file_name


def _program(model: RepositoryModel) -> list[RepositoryFile]:
    """The substitute's program, in every version folder."""
    shared = (_FOLDER / "batched.py").read_text(encoding="utf-8")
    own = (_FOLDER / model.format / "model.py").read_text(encoding="utf-8")
    return [
        generated(f"{model.name}/{version}/{name}", text)
        for version in model.versions
        for name, text in (("batched.py", shared), ("model.py", own))
    ]


@cache
def _engines() -> dict[tuple[str, str], Engine]:
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        return {
            (row["format"], row["variant"]): Engine(
                row["format"], row["variant"], row["engine"], row["package"], row["requirement"]
            )
            for row in csv.DictReader(lines)
        }
