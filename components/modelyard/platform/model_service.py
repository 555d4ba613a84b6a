"""The component that serves a model, by its runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi

from ..environment.problem import InvalidEnvironment, Problem
from ..environment.torchserve import TorchServeModel
from ..resolve.resolved import ResolvedModel


def serve(name: str, model: ResolvedModel, arguments: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
    """Declare it; a runtime's component is imported where a model wants it.

    Args:
        name: of the component.
        model: as resolved.
        arguments: that every runtime's component takes.
        opts: of the component.
    """
    if model.declared.runtime == "triton":
        from ..serving.triton.demands import service_arguments
        from ..serving.triton.service import TritonService

        demanded = service_arguments(model.repository) if model.repository is not None else {}
        if model.declared.rollout is not None:
            demanded.pop("versions", None)
        TritonService(name, {**arguments, **demanded}, opts)  # type: ignore[typeddict-item]
    elif model.declared.runtime == "tensorflow_serving":
        from ..serving.tfserving.service import TensorFlowServingService

        told = model.declared.tensorflow_serving
        of_runtime = {} if told is None else {"server": told.model_dump(exclude_none=True, exclude_unset=True)}
        TensorFlowServingService(name, {**arguments, **of_runtime}, opts)  # type: ignore[typeddict-item]
    else:
        from ..serving.torchserve.service import TorchServeService

        told = model.declared.torchserve or TorchServeModel()
        of_runtime = {
            "archives": _archives(model, told),
            "protocol": told.protocol,
            "config": told.config.model_dump(exclude_none=True, exclude_unset=True),
        }
        TorchServeService(name, {**arguments, **of_runtime}, opts)  # type: ignore[typeddict-item]


def served_path(model: ResolvedModel, key: str) -> str:
    """Where a file of the model store lies in the pod, below the model folder: TorchServe's is flat."""
    if model.declared.runtime != "torchserve":
        return key
    name, version, file = key.split("/", 2)
    return f"{name}-v{version}{file[file.rindex('.') :]}"


def _archives(model: ResolvedModel, told: TorchServeModel) -> list[dict[str, Any]]:
    """Of every version that is served, read and checked.

    Raises:
        InvalidEnvironment: what is wrong with all of them.
    """
    from ..repository.model_archive import NoArchive, faults, read_archive

    made: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for artefact in (model.stable, model.canary):
        for file in artefact.files if artefact is not None else ():
            where = f"model {model.declared.name}", f"source: {file.key.partition('/')[2]}"
            try:
                archive = read_archive(Path(file.path or ""))
            except NoArchive as error:
                problems.append(Problem(*where, str(error)))
                continue
            version = archive.version or ""
            found = faults(archive, model=model.declared.name, model_version=version)
            problems += [Problem(*where, fault) for fault in found]
            declared = told.archive(served_path(model, file.key), int(file.key.split("/")[1]), version or None)
            made.append(declared.model_dump(exclude_none=True))
    if problems:
        raise InvalidEnvironment(problems)
    return made
