"""Small repositories of Python models, as mappings of file keys to text, and how a case changes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from modelyard.catalog import triton_backends
from modelyard.environment.problem import Problem
from modelyard.repository.checks import check
from modelyard.repository.protobuf import new_config
from modelyard.repository.repository import Origin, Repository, RepositoryModel, generated
from modelyard.repository.written import BadConfig, parse_config

Files = dict[str, str]

SERVED = "fraud"
RELEASE = "24.10"
"""The one whose server is Triton 2.51."""
MODEL = """\
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        return [pb_utils.InferenceResponse([]) for _ in requests]
"""
PREPROCESS = """\
backend: "python"
max_batch_size: 64
input [{ name: "raw", data_type: TYPE_FP32, dims: [ 12 ] }]
output [{ name: "features", data_type: TYPE_FP32, dims: [ 8 ] }]
instance_group [{ kind: KIND_CPU, count: 1 }]
dynamic_batching { max_queue_delay_microseconds: 500 }
"""
CLASSIFIER = """\
backend: "python"
max_batch_size: 64
input [{ name: "x", data_type: TYPE_FP32, dims: [ 8 ] }]
output [{ name: "y", data_type: TYPE_FP32, dims: [ 1 ] }]
instance_group [{ kind: KIND_CPU, count: 1 }]
dynamic_batching { preferred_batch_size: [ 8, 64 ], max_queue_delay_microseconds: 500 }
"""
FRAUD = """\
platform: "ensemble"
max_batch_size: 64
input [{ name: "transaction", data_type: TYPE_FP32, dims: [ 12 ] }]
output [{ name: "score", data_type: TYPE_FP32, dims: [ 1 ] }]
ensemble_scheduling {
  step [
    {
      model_name: "preprocess", model_version: -1
      input_map { key: "raw", value: "transaction" }
      output_map { key: "features", value: "features" }
    },
    {
      model_name: "classifier", model_version: -1
      input_map { key: "x", value: "features" }
      output_map { key: "y", value: "score" }
    }
  ]
}
"""


@dataclass(frozen=True)
class Case:
    """One repository: the good one, changed."""

    name: str
    files: Files
    server: str
    """What Triton 2.51 does with it under ``--exit-on-error``: serves, refuses or hangs."""
    apart: bool
    """Whether it needs a server of its own: it hangs, or now and then crashes where it should refuse."""
    told: tuple[str, ...]
    """Exactly what we say."""
    calls: dict[str, tuple[str, ...]]
    """Models that the code of a model calls."""
    known: dict[str, Any]
    """What the check is told of the server and the objective."""


def cases(file_name: str) -> list[Case]:
    """Of a file beside this one."""
    listed = yaml.safe_load((Path(__file__).parent / file_name).read_text(encoding="utf-8"))
    return [
        Case(
            each["case"],
            changed(good(), each.get("changes", [])),
            each.get("server", "serves"),
            each.get("apart", each.get("server") == "hangs"),
            tuple(each.get("told", ())),
            {model: tuple(called) for model, called in each.get("calls", {}).items()},
            each.get("known", {}),
        )
        for each in listed
    ]


def good() -> Files:
    """transaction → preprocess → features → classifier → score."""
    return {
        "preprocess/config.pbtxt": PREPROCESS,
        "preprocess/1/model.py": MODEL,
        "classifier/config.pbtxt": CLASSIFIER,
        "classifier/1/model.py": MODEL,
        "fraud/config.pbtxt": FRAUD,
        "fraud/1/README": "Stores of objects keep no empty folder.\n",
    }


def changed(files: Files, changes: Iterable[dict[str, Any]]) -> Files:
    """The files after each change in turn: replace [key, before, after], add [key, line], write [key, text],
    copy [key, key], move [key, key] or delete key."""
    files = dict(files)
    for change in changes:
        ((how, what),) = change.items()
        if how == "replace":
            key, before, after = what
            assert before in files[key], f"{key} no longer holds {before!r}"
            files[key] = files[key].replace(before, after)
        elif how == "add":
            files[what[0]] += f"{what[1]}\n"
        elif how == "write":
            files[what[0]] = what[1]
        elif how == "copy":
            files[what[1]] = files[what[0]]
        elif how == "move":
            files[what[1]] = files.pop(what[0])
        else:
            assert how == "delete", f"no such change: {how}"
            del files[what]
    return files


def told(case: Case) -> list[str]:
    """Everything that reading and checking a repository says."""
    try:
        repository = repository_of(case.files, calls=case.calls)
    except BadConfig as error:
        return [str(error).removeprefix(": ")]
    return [str(problem) for problem in checked(repository, **case.known)]


def checked(repository: Repository, **known: Any) -> list[Problem]:
    return check(repository, **{"release": RELEASE, "gpus": 0, **known})


def repository_of(files: Files, served: str = SERVED, calls: dict[str, tuple[str, ...]] | None = None) -> Repository:
    """As Triton would see it: each folder a model, its configuration read by Triton's protobuf.

    Raises:
        BadConfig: a configuration cannot be read.
    """
    names = sorted({key.split("/")[0] for key in files}, key=lambda name: (name == served, name))
    return Repository(served, tuple(_model(name, files, (calls or {}).get(name, ())) for name in names))


def beside(files: Files, prefix: str) -> Files:
    """What one server needs to have this repository beside the good one: the models that differ, under other names."""
    plain = good()
    models = {key.split("/")[0] for key in files}
    own = {model for model in models if model == SERVED or _of(model, files) != _of(model, plain)}
    reference = re.compile(rf'(model_name: "|^name: ")(?=({"|".join(sorted(own))})")', re.MULTILINE)
    return {
        f"{prefix}{key}": reference.sub(rf"\g<1>{prefix}", text)
        for key, text in files.items()
        if key.split("/")[0] in own
    }


def write(files: Files, folder: Path) -> None:
    for key, text in files.items():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _model(name: str, files: Files, calls: tuple[str, ...]) -> RepositoryModel:
    key = f"{name}/config.pbtxt"
    try:
        config = parse_config(files[key]) if key in files else new_config()
    except BadConfig as error:
        raise BadConfig(f"{key}:{error.line}: {error.message}") from None
    found = triton_backends.of_config(config.backend, config.platform)
    own = tuple(generated(each, text) for each, text in _of(name, files).items())
    config.name = config.name or name
    return RepositoryModel(name, found.format if found else "custom", config, None, own, Origin(key), calls)


def _of(model: str, files: Files) -> Files:
    return {key: text for key, text in files.items() if key.startswith(f"{model}/")}
