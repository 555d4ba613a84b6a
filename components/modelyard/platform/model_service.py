"""The component that serves a model, by its runtime."""

from __future__ import annotations

from typing import Any

import pulumi

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

        TensorFlowServingService(name, arguments, opts)  # type: ignore[typeddict-item]
    else:
        from ..serving.torchserve.service import TorchServeService

        TorchServeService(name, {**arguments, "archives": _archives(model)}, opts)  # type: ignore[typeddict-item]


def served_path(model: ResolvedModel, key: str) -> str:
    """Where a file of the model store lies in the pod, below the model folder: TorchServe's is flat."""
    if model.declared.runtime != "torchserve":
        return key
    name, version, file = key.split("/", 2)
    return f"{name}-v{version}{file[file.rindex('.') :]}"


def _archives(model: ResolvedModel) -> list[dict[str, Any]]:
    return [
        {"file": served_path(model, file.key), "version": artefact.version}
        for artefact in (model.stable, model.canary)
        if artefact is not None
        for file in artefact.files
    ]
