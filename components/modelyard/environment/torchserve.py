"""What TorchServe is told of a model."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from .declaration import Declaration
from .torchserve_config import ConfigDeclaration

TorchServeProtocol = Literal["open_inference", "torchserve"]
ArchiveFile = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*\.mar$")]
ModelVersion = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]


class ModelArchiveDeclaration(Declaration):
    """One version of the model, in a model archive."""

    file: ArchiveFile
    """Name of the archive's file, for example fraud-2.mar."""
    version: Annotated[int, Field(ge=1)] = 1
    model_version: ModelVersion | None = None
    """As the archive's manifest words it; default: <version>.0."""
    min_workers: Annotated[int, Field(ge=1)] = 1
    max_workers: Annotated[int, Field(ge=1)] | None = None
    """Default: min_workers."""
    batch_size: Annotated[int, Field(ge=1)] = 1
    max_batch_delay_ms: Annotated[int, Field(ge=1)] = 100
    response_timeout_seconds: Annotated[int, Field(ge=1)] | None = None
    startup_timeout_seconds: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> ModelArchiveDeclaration:
        if self.max_workers is not None and self.max_workers < self.min_workers:
            raise ValueError(
                f"min_workers {self.min_workers} exceeds max_workers {self.max_workers}; raise max_workers or lower "
                "min_workers"
            )
        return self


class TorchServeModel(Declaration):
    """What TorchServe is told of a model whose archives lie in version folders; as of each archive."""

    protocol: TorchServeProtocol = "open_inference"
    """Form of the bodies: the Open Inference Protocol's, or as the handler takes them."""
    config: ConfigDeclaration = ConfigDeclaration()
    """Properties of config.properties."""
    min_workers: Annotated[int, Field(ge=1)] = 1
    max_workers: Annotated[int, Field(ge=1)] | None = None
    """Default: min_workers."""
    batch_size: Annotated[int, Field(ge=1)] = 1
    max_batch_delay_ms: Annotated[int, Field(ge=1)] = 100
    response_timeout_seconds: Annotated[int, Field(ge=1)] | None = None
    startup_timeout_seconds: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _one_archive_fits(self) -> TorchServeModel:
        check_archives([self.archive("model.mar", 1, None)], self.protocol)
        return self

    def archive(self, file: str, version: int, model_version: str | None) -> ModelArchiveDeclaration:
        """One version, told as every other."""
        told = {name: value for name, value in self if name not in ("protocol", "config")}
        return ModelArchiveDeclaration(file=file, version=version, model_version=model_version, **told)


class TorchServe(Declaration):
    """Archives of a model, and how TorchServe serves them."""

    archives: Annotated[list[ModelArchiveDeclaration], Field(min_length=1)]
    """The versions that are served side by side."""
    protocol: TorchServeProtocol = "open_inference"
    """Form of the bodies: the Open Inference Protocol's, or as the handler takes them."""
    config: ConfigDeclaration = ConfigDeclaration()
    """Properties of config.properties."""

    @model_validator(mode="after")
    def _archives_fit(self) -> TorchServe:
        check_archives(self.archives, self.protocol)
        return self


def check_archives(archives: list[ModelArchiveDeclaration], protocol: TorchServeProtocol) -> None:
    """Raises ValueError: two archives are the same version, or the protocol has no batches."""
    distinct: list[tuple[str, list[Any]]] = [
        ("version", [each.version for each in archives]),
        ("file", [each.file for each in archives]),
        ("model_version", [each.model_version or f"{each.version}.0" for each in archives]),
    ]
    for of, values in distinct:
        twice = next((value for value in values if values.count(value) > 1), None)
        if twice is not None:
            raise ValueError(f"archives has the {of} {twice} twice; give each version an archive of its own")
    batched = next((each for each in archives if each.batch_size > 1), None)
    if batched is not None and protocol == "open_inference":
        raise ValueError(
            f"archives: {batched.file} has batch_size {batched.batch_size}, and TorchServe's envelope of the Open "
            "Inference Protocol answers the first request of a batch alone; set batch_size 1, or protocol torchserve"
        )
