"""Requests before a model is ready (``ModelWarmup``)."""

from __future__ import annotations

from collections.abc import Sequence

from ..declared.warmup import Warmup
from ..protobuf import ModelConfig
from .assign import assign
from .tensors import data_type


def set_warmup(config: ModelConfig, declared: Sequence[Warmup], largest: int) -> None:
    """``largest`` is the declared max_batch_size; ``config.max_batch_size`` is already what is used."""
    for warmup in declared:
        written = config.model_warmup.add()
        assign(written, warmup, "name", "batch_size", "count")
        if warmup.batch_size is None and config.max_batch_size:
            written.batch_size = 1
        # A batch that sizing has made impossible becomes the largest one; one that never was possible stays, for the
        # check to tell.
        if config.max_batch_size < written.batch_size <= largest:
            written.batch_size = config.max_batch_size
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
