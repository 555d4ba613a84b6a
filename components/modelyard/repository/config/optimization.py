"""Settings that make a model faster (``ModelOptimizationPolicy``)."""

from __future__ import annotations

from typing import Any

from ..declared.accelerator import CpuAccelerator, GpuAccelerator, NamedAccelerator, TensorRt, TensorRtAccelerator
from ..declared.cuda import Cuda
from ..declared.optimization import Optimization
from ..declared.parameters import parameter_text
from ..protobuf import ModelConfig
from .assign import assign


def set_optimization(config: ModelConfig, declared: Optimization | None) -> None:
    if declared is None:
        return
    written = config.optimization
    written.SetInParent()
    if declared.graph_level is not None:
        written.graph.level = declared.graph_level
    if declared.priority is not None:
        written.priority = written.ModelPriority.Value(f"PRIORITY_{declared.priority.upper()}")
    assign(written, declared, "gather_kernel_buffer_threshold", "eager_batching")
    if declared.input_pinned_memory is not None:
        written.input_pinned_memory.enable = declared.input_pinned_memory
    if declared.output_pinned_memory is not None:
        written.output_pinned_memory.enable = declared.output_pinned_memory
    if declared.cuda is not None:
        _set_cuda(written.cuda, declared.cuda)
    if declared.execution_accelerators is not None:
        accelerators = written.execution_accelerators
        for accelerator in declared.execution_accelerators.gpu:
            _set_accelerator(accelerators.gpu_execution_accelerator.add(), accelerator)
        for accelerator in declared.execution_accelerators.cpu:
            _set_accelerator(accelerators.cpu_execution_accelerator.add(), accelerator)


def _set_cuda(written: Any, cuda: Cuda) -> None:
    written.SetInParent()
    assign(written, cuda, "graphs", "busy_wait_events", "output_copy_stream")
    for spec in cuda.graph_spec:
        added = written.graph_spec.add()
        assign(added, spec, "batch_size")
        for name, shape in spec.input.items():
            added.input[name].dim.extend(shape)
        if spec.graph_lower_bound is not None:
            assign(added.graph_lower_bound, spec.graph_lower_bound, "batch_size")
            added.graph_lower_bound.SetInParent()
            for name, shape in spec.graph_lower_bound.input.items():
                added.graph_lower_bound.input[name].dim.extend(shape)


def _set_accelerator(written: Any, accelerator: GpuAccelerator | CpuAccelerator) -> None:
    if isinstance(accelerator, str):
        written.name = accelerator
    elif isinstance(accelerator, NamedAccelerator):
        written.name = accelerator.name
        for name, value in accelerator.parameters.items():
            written.parameters[name] = parameter_text(value)
    elif isinstance(accelerator, TensorRtAccelerator):
        written.name = "tensorrt"
        for name, text in _tensorrt(accelerator.tensorrt).items():
            written.parameters[name] = text


_TENSORRT = {
    "precision": "precision_mode",
    "max_workspace_bytes": "max_workspace_size_bytes",
    "engine_cache": "trt_engine_cache_enable",
    "engine_cache_path": "trt_engine_cache_path",
    "int8_calibration_table_name": "int8_calibration_table_name",
    "int8_use_native_calibration_table": "int8_use_native_calibration_table",
    "max_cached_engines": "max_cached_engines",
    "minimum_segment_size": "minimum_segment_size",
}


def _tensorrt(declared: TensorRt) -> dict[str, str]:
    switch = ("0", "1")
    known = {
        name: parameter_text(value, switch)
        for field, name in _TENSORRT.items()
        if (value := getattr(declared, field)) is not None
    }
    return {**known, **{name: parameter_text(value, switch) for name, value in declared.extra_parameters.items()}}
