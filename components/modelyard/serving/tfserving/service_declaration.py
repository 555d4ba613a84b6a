"""Arguments of a TensorFlow Serving service, checked and completed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import model_validator

from ...catalog import images
from ...catalog.spelling import nearest
from ...environment.tensorflow_serving import BatchingDeclaration, TensorFlowServerDeclaration
from ...governance.arguments import read_arguments
from ..workload.declaration import workload
from ..workload.server import Server
from ..workload.weights_declaration import StreamingDeclaration
from ..workload.workload import Workload
from .batching import Batching
from .server import server
from .server_options import ServerOptions
from .service_args import TensorFlowServingServiceArgs

MODEL_FILES = ("saved_model.pb", "saved_model.pbtxt")
"""What a version folder holds one of (TensorFlow's guide "Using the SavedModel format")."""
MOST_NAMES = 20
"""Versions and labels together: an HTTPRoute's rule takes 64 paths, and each name has three."""


class TensorFlowServingServiceDeclaration(StreamingDeclaration):
    """Same keys as :class:`~modelyard.serving.tfserving.service_args.TensorFlowServingServiceArgs`."""

    server: TensorFlowServerDeclaration = TensorFlowServerDeclaration()

    @model_validator(mode="after")
    def _fits(self) -> TensorFlowServingServiceDeclaration:
        self._labels_are_served()
        self._versions_are_stored()
        if self.server.gpu_memory_fraction is not None and not self.resources.gpus:
            raise ValueError(
                f"server.gpu_memory_fraction is {self.server.gpu_memory_fraction:g} and resources.gpus is 0; delete "
                "it, or ask for GPUs"
            )
        return self

    @property
    def labels(self) -> dict[str, int]:
        """Names for versions; a rollout's own two sides are called ``stable`` and ``canary`` where nothing else is
        said, so that promotion stays a change of the rollout alone."""
        rollout = self.rollout
        sides = {} if rollout is None else {"stable": rollout.stable, "canary": rollout.canary}
        return {**{label: version for label, version in sides.items() if version is not None}, **self.server.labels}

    def _labels_are_served(self) -> None:
        served, labels = self.served_versions, self.labels
        if self.rollout is not None and self.rollout.canary is not None:
            served = (*served, self.rollout.canary)
        for label, version in labels.items():
            if version not in served:
                raise ValueError(
                    f"server.labels.{label} is version {version}, which is not served; served are "
                    f"{', '.join(map(str, served))}: add it to versions, or name one of them"
                )
        for label, meant in ((label, nearest(label, ("stable", "canary"))) for label in labels):
            if meant and label != meant and label.casefold() == meant:
                raise ValueError(
                    f"server.labels.{label} is spelt with capitals, and callers of {meant!r} would get 404; write "
                    f"{meant}"
                )
        if len(served) + len(labels) > MOST_NAMES:
            raise ValueError(
                f"{len(served)} versions and {len(labels)} labels are more than the {MOST_NAMES} that a route has "
                "paths for; serve fewer side by side"
            )

    def _versions_are_stored(self) -> None:
        """What the files list says; files that are not listed are checked by the pod that fetches them."""
        paths = [file.path for file in self.stored.files]
        if not paths:
            return
        folder = f"{self.model}/"
        within = [path.removeprefix(folder).split("/") for path in paths if path.startswith(folder)]
        there = {int(steps[0]) for steps in within if len(steps) > 1 and steps[0].isdecimal()}
        models = {(str(version), file) for version in there for file in MODEL_FILES}
        whole = {int(steps[0]) for steps in within if tuple(steps) in models}
        listed = ", ".join(map(str, sorted(there))) or "none"
        for version in self.served_versions:
            if version not in there:
                raise ValueError(
                    f"version {version} is served, and stored.files has no folder {folder}{version}; it has versions: "
                    f"{listed}"
                )
            if version not in whole:
                raise ValueError(
                    f"stored.files has no {folder}{version}/{MODEL_FILES[0]}, so version {version} is no SavedModel; "
                    "export it with tf.saved_model.save, or model.export of Keras"
                )
        self._policy_means(sorted(there))

    def _policy_means(self, there: list[int]) -> None:
        """Whether ``latest`` and ``all`` choose, of these folders, the versions that are declared."""
        policy, served = self.server.version_policy, list(self.served_versions)
        chosen = {"specific": served, "latest": there[-len(served) :], "all": there}[policy]
        if chosen != served:
            raise ValueError(
                f"server.version_policy {policy} would serve version {', '.join(map(str, chosen))} of "
                f"{', '.join(map(str, there))}, and versions says {', '.join(map(str, served))}; write specific, or "
                "make them agree"
            )


def declaration(name: str, args: TensorFlowServingServiceArgs) -> TensorFlowServingServiceDeclaration:
    """The arguments with their defaults.

    Raises:
        InvalidEnvironment: unknown keys, missing keys or values that do not fit, all at once.
    """
    return read_arguments(
        TensorFlowServingServiceDeclaration,
        args,
        TensorFlowServingServiceArgs,
        f"TensorFlowServingService {name}",
    )


def tensorflow_serving_workload(declared: TensorFlowServingServiceDeclaration) -> Workload:
    """What the manifests are made of.

    Raises:
        InvalidOwnership: the ownership does not fit.
    """
    version = declared.version if declared.rollout is None else declared.rollout.stable
    return workload(declared, tensorflow_server(declared, version, declared.served_versions, declared.image))


def tensorflow_server(
    declared: TensorFlowServingServiceDeclaration, version: int, versions: Sequence[int], image: Any
) -> Server:
    """TensorFlow Serving, configured for these versions, of which ``version`` is the one that answers unnamed.
    ``image`` is None for the catalogue's. Labels of versions that another server has are left out."""
    labels = {label: named for label, named in declared.labels.items() if named in versions}
    return server(
        declared.model,
        image=default_image(declared.resources.gpus) if image is None else image,
        version=version,
        versions=tuple(versions),
        options=replace(server_options(declared.server), labels=labels),
        request_timeout_seconds=declared.request_timeout_seconds,
    )


def default_image(gpus: int) -> str:
    """The catalogue's image, with CUDA where there are GPUs."""
    return images.get("tensorflow-serving-gpu" if gpus else "tensorflow-serving").pinned


def server_options(declared: TensorFlowServerDeclaration) -> ServerOptions:
    """What is declared, as arguments and files are made of it."""
    given = {**dict(declared), "saved_model_tags": tuple(declared.saved_model_tags)}
    return ServerOptions(**{**given, "batching": _parameters(declared.batching) if declared.batching else None})


def _parameters(batching: BatchingDeclaration) -> Batching:
    return Batching(**{**dict(batching), "allowed_batch_sizes": tuple(batching.allowed_batch_sizes)})
