"""Requests before a model is ready (``ModelWarmup``)."""

from __future__ import annotations

from collections.abc import Sequence

from ..declared.warmup import Warmup
from ..protobuf import ModelConfig
from .assign import assign
from .tensors import data_type


def set_warmup(config: ModelConfig, declared: Sequence[Warmup]) -> None:
    for warmup in declared:
        written = config.model_warmup.add()
        assign(written, warmup, "name", "batch_size", "count")
        for name, data in warmup.inputs.items():
            added = written.inputs[name]
            added.data_type = data_type(data.dtype)
            added.dims.extend(data.dims)
            if data.zero_data:
                added.zero_data = True
            elif data.random_data:
                added.random_data = True
            elif data.input_data_file is not None:
                added.input_data_file = data.input_data_file
