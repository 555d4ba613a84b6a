"""A model for OpenVINO, on CPUs (and other devices that its own image has drivers for)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from .model import ModelDeclaration
from .parameters import Parameters
from .texts import Text

Threads = Annotated[int, Field(ge=0, le=1024)]


class OpenVinoParameters(Parameters):
    """triton-inference-server/openvino_backend, README.md, parameters."""

    keys: ClassVar[Mapping[str, str]] = {
        name: name.upper()
        for name in (
            "performance_hint", "cpu_extension_path", "inference_num_threads", "compilation_num_threads", "hint_bf16",
            "num_streams", "skip_ov_dynamic_batchsize", "enable_batch_padding", "reshape_io_layers", "target_device",
        )
    }  # fmt: skip
    switch: ClassVar[tuple[str, str]] = ("NO", "YES")

    performance_hint: Literal["LATENCY", "THROUGHPUT"] | None = None
    cpu_extension_path: Text | None = None
    """Absolute path on the server of a library with kernels of custom layers."""
    inference_num_threads: Threads | None = None
    compilation_num_threads: Threads | None = None
    hint_bf16: bool | None = None
    num_streams: Annotated[int, Field(ge=1, le=1024)] | Literal["AUTO", "NUMA"] | None = None
    skip_ov_dynamic_batchsize: bool | None = None
    enable_batch_padding: bool | None = None
    """Whether a batch below max_batch_size is filled up; without it the backend refuses such a batch where the model's
    own batch is fixed."""
    reshape_io_layers: bool | None = None
    target_device: Text | None = None
    """Default: CPU."""


class OpenVinoModel(ModelDeclaration):
    format: Literal["openvino"]
    parameters: OpenVinoParameters = OpenVinoParameters()
