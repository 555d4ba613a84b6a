"""The component that serves a model, by its runtime."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pulumi

from ..environment.torchserve import TorchServeModel
from ..resolve.resolved import ResolvedModel
from .model_files import served_path

_OF_DEPLOYMENTS = ("max_surge", "max_unavailable")
_OF_SERVERS = ("image", "resources", "tolerations", "env", "secret_env", "eks_cluster", "price_basis")
_OF_THE_GATEWAY = ("access", "hostname")


def serve(
    name: str,
    model: ResolvedModel,
    arguments: dict[str, Any],
    opts: pulumi.ResourceOptions,
    *,
    image: Callable[[str], Any],
    graphs: Sequence[str] = (),
) -> pulumi.ComponentResource:
    """Declare it; a runtime's component is imported where a model wants it.

    Args:
        name: of the component.
        model: as resolved.
        arguments: that every runtime's component takes.
        opts: of the component.
        image: gives the whole reference of an image that the model names for another container.
        graphs: those that ask it.
    """
    if model.declared.runtime == "triton":
        from ..serving.triton.demands import service_arguments
        from ..serving.triton.service import TritonService

        demanded = service_arguments(model.repository) if model.repository is not None else {}
        if model.declared.rollout is not None:
            demanded.pop("versions", None)
        return TritonService(name, {**arguments, **demanded}, opts)  # type: ignore[typeddict-item]
    if model.declared.runtime == "tensorflow_serving":
        from ..serving.tfserving.service import TensorFlowServingService

        told = model.declared.tensorflow_serving
        of_runtime = {} if told is None else {"server": told.model_dump(exclude_none=True, exclude_unset=True)}
        return TensorFlowServingService(name, {**arguments, **of_runtime}, opts)  # type: ignore[typeddict-item]
    if model.declared.runtime == "torchserve":
        from ..serving.torchserve.service import TorchServeService

        told = model.declared.torchserve or TorchServeModel()
        of_runtime = {
            "archives": _archives(model, told),
            "protocol": told.protocol,
            "config": told.config.model_dump(exclude_none=True, exclude_unset=True),
        }
        return TorchServeService(name, {**arguments, **of_runtime}, opts)  # type: ignore[typeddict-item]
    if model.declared.runtime == "kserve":
        from ..serving.kserve.service import KServeService

        return KServeService(name, kserve_arguments(model, arguments, image, graphs), opts)  # type: ignore[arg-type]
    from ..serving.seldon.service import SeldonService

    return SeldonService(name, seldon_arguments(model, arguments), opts)  # type: ignore[arg-type]


def kserve_arguments(
    model: ResolvedModel, arguments: dict[str, Any], image: Callable[[str], Any], graphs: Sequence[str]
) -> dict[str, Any]:
    """What KServeService is told. In mode knative KServe's own ingress is the way in."""
    kserve = model.declared.kserve
    assert kserve is not None
    without = _OF_THE_GATEWAY if kserve.mode == "knative" else ()
    told = kserve.model_dump(exclude_none=True, exclude_unset=True)
    for kind in ("transformer", "explainer"):
        if kind in told:
            told[kind]["image"] = image(told[kind]["image"])
    return {
        **{key: value for key, value in arguments.items() if key not in without},
        **told,
        "format": model.format,
        **({"graphs": list(graphs)} if graphs else {}),
    }


def seldon_arguments(model: ResolvedModel, arguments: dict[str, Any]) -> dict[str, Any]:
    """What SeldonService is told. Its Servers are StatefulSets, and a shared one is somebody else's."""
    seldon = model.declared.seldon
    assert seldon is not None
    without = _OF_DEPLOYMENTS if seldon.shared_server is None else (*_OF_DEPLOYMENTS, *_OF_SERVERS)
    told = {key: value for key, value in arguments.items() if key not in without and value is not None}
    if seldon.shared_server is not None:
        told["resources"] = {"gpus": 0}
    return {**told, **seldon.model_dump(exclude_none=True), "format": model.format}


def _archives(model: ResolvedModel, told: TorchServeModel) -> list[dict[str, Any]]:
    """Of every version that is served."""
    made: list[dict[str, Any]] = []
    for artefact in (model.stable, model.canary):
        if artefact is None or artefact.folder is None:
            continue
        for file in artefact.files:
            version = artefact.folder.archives[file.key].version
            declared = told.archive(served_path(model, file.key), artefact.version, version)
            made.append(declared.model_dump(exclude_none=True))
    return made
