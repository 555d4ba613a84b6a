"""An environment that has what this repository's own lack: other runtimes, and rollouts."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import yaml
from accelerators_project import accelerators_project

from .environments import ROOT, Environment, environments

NAME = "every-runtime"
ACCELERATORS = "accelerators"
"""The environment of docs/accelerators.md: Neuron devices, NeuronCores and TPU chips."""
ENVIRONMENTS = [*(environment.name for environment in environments()), NAME, ACCELERATORS]
"""Names of all that tests ask about."""
CONTROLLERS = "every-controller"
"""The same models with rollouts by Argo Rollouts and Flagger. Their pods are made by these controllers, so that only
what is declared can be asked about."""

_ON_CPU = {"gpus": 0, "cpu": 1, "memory_gib": 3}
_MODELS = [
    {
        "name": "resnet50",
        "task": "image_classification",
        "runtime": "tensorflow_serving",
        "format": "savedmodel",
        "source": "../models/resnet50",
        "rollout": {"stable": 3, "canary": 4, "percent": 50},
        "resources": _ON_CPU,
    },
    {
        "name": "speech",
        "task": "speech_recognition",
        "runtime": "torchserve",
        "source": "../models/speech",
        "resources": _ON_CPU,
    },
]


_BY_CONTROLLERS = {
    "product-tagging": {"stable": 1, "canary": 2, "by": "flagger", "sticky": {"cookie": "side"}},
    "resnet50": {"stable": 3, "canary": 4, "by": "argo_rollouts", "sticky": {"header": "x-user-id"}},
    "speech": {"stable": 1, "by": "argo_rollouts"},
}
_GATES = {"error_rate": 0.01, "p99_ms": 200, "business": {"query": "sum(orders)", "min": 1}}


def every_accelerator(folder: Path) -> Environment:
    """What the guide declares."""
    return Environment(accelerators_project(folder), ACCELERATORS)


def every_controller(folder: Path) -> Environment:
    """What :func:`every_runtime` makes, with other rollouts."""
    made = every_runtime(folder, CONTROLLERS)
    department = made.folder / "departments" / "merchandising.yaml"
    declared = yaml.safe_load(department.read_text(encoding="utf-8"))
    for model in declared["models"]:
        model["rollout"] = {**_BY_CONTROLLERS[model["name"]], "gates": _GATES}
    department.write_text(yaml.safe_dump(declared), encoding="utf-8")
    return made


def every_runtime(folder: Path, name: str = NAME) -> Environment:
    """Development's environment, copied to ``folder`` and changed."""
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    shutil.copytree(ROOT / "stacks", folder / "stacks")
    models = folder / "stacks" / "models"
    for version in ("3", "4"):
        variables = models / "resnet50" / version / "variables"
        variables.mkdir(parents=True)
        (variables.parent / "saved_model.pb").write_bytes(f"graph {version}".encode())
        (variables / "variables.index").write_bytes(b"index")
    for version in ("1", "2"):
        (models / "speech" / version).mkdir(parents=True)
        with zipfile.ZipFile(models / "speech" / version / "speech.mar", "w") as archive:
            named = {"modelName": "speech", "modelVersion": f"{version}.0", "handler": "handler.py"}
            archive.writestr("MAR-INF/MANIFEST.json", json.dumps({"runtime": "python", "model": named}))
            archive.writestr("handler.py", "def handle(data, context):\n    return data\n")
    shutil.copytree(models / "product-tagging" / "1", models / "product-tagging" / "2", dirs_exist_ok=True)
    department = folder / "stacks" / "dev" / "departments" / "merchandising.yaml"
    declared = yaml.safe_load(department.read_text(encoding="utf-8"))
    for model in declared["models"]:
        model.pop("version", None)
        model["rollout"] = {"stable": 1, "canary": 2, "percent": 10}
    declared["models"] += _MODELS
    department.write_text(yaml.safe_dump(declared), encoding="utf-8")
    return Environment(folder / "stacks" / "dev", name)
