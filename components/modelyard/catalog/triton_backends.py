"""Formats of models, the backend of Triton that serves each, and the releases that have it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from modelyard.catalog.table import UnknownName, rows


@dataclass(frozen=True, slots=True)
class TritonBackend:
    format: str
    """As model.yaml names it: onnx, tensorrt, torchscript, ..."""
    backend: str
    """As config.pbtxt names it; empty for an ensemble, which has none."""
    platform: str
    """The older way to name a backend, and the only one that tells TorchScript from AOTInductor and SavedModel from
    GraphDef; empty: it has none."""
    file_names: tuple[str, ...]
    """Default names of the model's file in a version folder, one of which must be there; empty: it needs no file."""
    first_release: str
    last_release: str | None
    """None: the newest still has it."""
    image: str | None
    """Suffix of the container image that has it, such as ``vllm-python-py3``; None: the ordinary one."""
    completes_configuration: bool
    """Whether Triton reads inputs and outputs from the model itself where the configuration leaves them out."""
    source: str
    source_date: str

    def in_release(self, release: str) -> bool:
        """Whether the release's images have it."""
        return self.first_release <= release and (self.last_release is None or release <= self.last_release)


def get(format: str) -> TritonBackend:
    """``get("onnx")``.

    Raises:
        UnknownName: no such format.
    """
    try:
        return _by_format()[format]
    except KeyError:
        raise UnknownName("format of models", format, _by_format()) from None


def formats() -> tuple[str, ...]:
    """All of them."""
    return tuple(_by_format())


def of_config(backend: str, platform: str) -> TritonBackend | None:
    """The format that a configuration means by its ``backend`` and ``platform``; None: an unknown backend."""
    found = list(_by_format().values())
    exact = [each for each in found if platform and each.platform == platform]
    named = [each for each in found if backend and each.backend == backend]
    both = [each for each in named if each in exact]
    return next(iter(both or exact or named), None)


@cache
def _by_format() -> dict[str, TritonBackend]:
    return {
        row["format"]: TritonBackend(
            format=row["format"],
            backend=row["backend"],
            platform=row["platform"],
            file_names=tuple(row["file_names"].split()),
            first_release=row["first_release"],
            last_release=row["last_release"] or None,
            image=row["image"] or None,
            completes_configuration=row["completes_configuration"] == "yes",
            source=row["source"],
            source_date=row["source_date"],
        )
        for row in rows("triton_backends.csv")
    }
