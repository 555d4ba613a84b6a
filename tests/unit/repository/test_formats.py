"""The configuration of each format, by the names of its backend."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from modelyard.catalog import runtime_formats, triton_backends
from modelyard.environment.model import Format
from modelyard.repository.declared.formats import FORMATS
from modelyard.repository.written import parse_config

from .models import repository

CODE = "class TritonPythonModel: ...\n"

FORMAT_CASES: dict[str, tuple[str, dict[str, str], str]] = {
    "onnx": (
        "parameters: {intra_op_thread_count: 2, execution_mode: parallel, enable_mem_arena: false, "
        "enable_memory_arena_shrinkage: 'cpu:0'}\n"
        "optimization: {execution_accelerators: {gpu: [{tensorrt: {precision: FP16, max_workspace_bytes: 1073741824, "
        "engine_cache: true, engine_cache_path: /cache, extra_parameters: {trt_timing_cache_enable: true}}}], "
        "cpu: [openvino]}}\n",
        {"1/model.onnx": "x"},
        'backend: "onnxruntime" platform: "onnxruntime_onnx" '
        'parameters { key: "intra_op_thread_count" value { string_value: "2" } } '
        'parameters { key: "execution_mode" value { string_value: "1" } } '
        'parameters { key: "enable_mem_arena" value { string_value: "0" } } '
        'parameters { key: "memory.enable_memory_arena_shrinkage" value { string_value: "cpu:0" } } '
        'optimization { execution_accelerators { gpu_execution_accelerator { name: "tensorrt" '
        'parameters { key: "precision_mode" value: "FP16" } '
        'parameters { key: "max_workspace_size_bytes" value: "1073741824" } '
        'parameters { key: "trt_engine_cache_enable" value: "1" } '
        'parameters { key: "trt_engine_cache_path" value: "/cache" } '
        'parameters { key: "trt_timing_cache_enable" value: "1" } } '
        'cpu_execution_accelerator { name: "openvino" } } }',
    ),
    "tensorrt": (
        "parameters: {execution_context_allocation_strategy: ON_PROFILE_CHANGE}\n"
        "instances: [{kind: mig, mig_profile: 1g.10gb}]\ncc_model_filenames: {'8.9': l4.plan}\n",
        {"1/model.plan": "x"},
        'backend: "tensorrt" platform: "tensorrt_plan" instance_group { count: 1 kind: KIND_GPU } '
        'cc_model_filenames { key: "8.9" value: "l4.plan" } '
        'parameters { key: "execution_context_allocation_strategy" value { string_value: "ON_PROFILE_CHANGE" } }',
    ),
    "torchscript": (
        "parameters: {inference_mode: true, intra_op_thread_count: 1}\n",
        {"1/model.pt": "x"},
        'backend: "pytorch" platform: "pytorch_libtorch" '
        'parameters { key: "INFERENCE_MODE" value { string_value: "true" } } '
        'parameters { key: "INTRA_OP_THREAD_COUNT" value { string_value: "1" } }',
    ),
    "torch_aoti": ("", {"1/model.pt2": "x"}, 'backend: "pytorch" platform: "torch_aoti"'),
    "savedmodel": (
        "parameters: {num_intra_threads: 2, use_per_session_threads: true, signature_def: serve}\n",
        {"1/model.savedmodel/saved_model.pb": "x"},
        'backend: "tensorflow" platform: "tensorflow_savedmodel" '
        'parameters { key: "TF_NUM_INTRA_THREADS" value { string_value: "2" } } '
        'parameters { key: "TF_USE_PER_SESSION_THREADS" value { string_value: "1" } } '
        'parameters { key: "TF_SIGNATURE_DEF" value { string_value: "serve" } }',
    ),
    "graphdef": ("", {"1/model.graphdef": "x"}, 'backend: "tensorflow" platform: "tensorflow_graphdef"'),
    "python": (
        "parameters: {limit: 0.5, strict: true}\nexecution_env: env.tar.gz\nforce_cpu_only_input_tensors: false\n"
        "transaction: {decoupled: true}\n",
        {"1/model.py": CODE, "env.tar.gz": "x"},
        'backend: "python" model_transaction_policy { decoupled: true } '
        'parameters { key: "limit" value { string_value: "0.5" } } '
        'parameters { key: "strict" value { string_value: "true" } } '
        'parameters { key: "EXECUTION_ENV_PATH" value { string_value: "$$TRITON_MODEL_DIRECTORY/env.tar.gz" } } '
        'parameters { key: "FORCE_CPU_ONLY_INPUT_TENSORS" value { string_value: "no" } }',
    ),
    "fil": (
        "parameters: {model_type: lightgbm, is_classifier: false, cpu_nthread: 1, layout: layered}\n",
        {"1/model.txt": "x"},
        'backend: "fil" parameters { key: "model_type" value { string_value: "lightgbm" } } '
        'parameters { key: "is_classifier" value { string_value: "false" } } '
        'parameters { key: "cpu_nthread" value { string_value: "1" } } '
        'parameters { key: "layout" value { string_value: "layered" } }',
    ),
    "openvino": (
        "parameters: {performance_hint: LATENCY, num_streams: 2, enable_batch_padding: true}\n",
        {"1/model.xml": "x", "1/model.bin": "x"},
        'backend: "openvino" parameters { key: "PERFORMANCE_HINT" value { string_value: "LATENCY" } } '
        'parameters { key: "NUM_STREAMS" value { string_value: "2" } } '
        'parameters { key: "ENABLE_BATCH_PADDING" value { string_value: "YES" } }',
    ),
    "vllm": (
        "engine: {model: facebook/opt-125m, max_model_len: 2048, enforce_eager: true}\n",
        {},
        'backend: "vllm" instance_group { count: 1 kind: KIND_MODEL }',
    ),
    "tensorrtllm": (
        "parameters: {engine_path: /engines/llama, model_type: inflight_fused_batching, max_beam_width: 1}\n",
        {},
        'backend: "tensorrtllm" parameters { key: "gpt_model_path" value { string_value: "/engines/llama" } } '
        'parameters { key: "gpt_model_type" value { string_value: "inflight_fused_batching" } } '
        'parameters { key: "max_beam_width" value { string_value: "1" } }',
    ),
    "dali": (
        "parameters: {num_threads: 4}\n",
        {"1/model.dali": "x"},
        'backend: "dali" parameters { key: "num_threads" value { string_value: "4" } }',
    ),
    "identity": ("", {}, 'backend: "identity"'),
    "repeat": ("", {}, 'backend: "repeat"'),
    "square": ("", {}, 'backend: "square"'),
    "custom": (
        "backend: ours\nruntime: libours.so\nparameters: {a: 1}\nextra_parameters: {b: c}\n",
        {"1/anything": "x"},
        'backend: "ours" runtime: "libours.so" parameters { key: "a" value { string_value: "1" } } '
        'parameters { key: "b" value { string_value: "c" } }',
    ),
    "ensemble": (
        "inputs: [{name: a, dtype: FP32, dims: [1]}]\noutputs: [{name: b, dtype: FP32, dims: [1]}]\n"
        "steps: [{model: inner, inputs: {x: a}, outputs: {y: b}}]\n"
        "models: [{name: inner, format: identity}]\n",
        {},
        'platform: "ensemble" input { name: "a" data_type: TYPE_FP32 dims: 1 } '
        'output { name: "b" data_type: TYPE_FP32 dims: 1 } '
        'ensemble_scheduling { step { model_name: "inner" model_version: -1 input_map { key: "x" value: "a" } '
        'output_map { key: "y" value: "b" } } }',
    ),
}  # fmt: skip


@pytest.mark.parametrize("format", FORMATS)
def test_each_format_becomes_its_backend(tmp_path: Path, format: str) -> None:
    more, files, expected = FORMAT_CASES[format]
    given: dict[str, str | bytes] = {"model.yaml": f"format: {format}\n{more}", **files}
    found = repository(tmp_path, given, "served")
    assert found.served.config == parse_config(f'name: "served" {expected}')
    assert found.served.format == format
    assert found.served.versions == (1,)


def test_every_known_backend_has_a_case() -> None:
    assert {*triton_backends.formats(), "custom"} == set(FORMATS) == FORMAT_CASES.keys()


def test_an_environment_names_the_formats_that_a_repository_or_another_server_knows() -> None:
    others = [format for format in runtime_formats.formats() if format not in FORMATS]
    assert get_args(Format) == (*FORMATS, *others)


def test_arguments_of_vllm_become_its_file(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"model.yaml": "format: vllm\nengine: {model: facebook/opt-125m, seed: 7}\n"}
    found = repository(tmp_path, files, "chat", version=3)
    text = next(file.text for file in found.files if file.key == "chat/3/model.json")
    assert text == '{\n  "model": "facebook/opt-125m",\n  "seed": 7\n}\n'


FIL_NAMES = {
    ("26.07", "is_classifier: true"): {"is_classifier": "true", "threshold": "0.5"},
    ("26.07", "output_class: true, threshold: 0.3"): {"is_classifier": "true", "threshold": "0.3"},
    ("25.08", "is_classifier: true, storage_type: AUTO"): {
        "output_class": "true", "threshold": "0.5", "storage_type": "AUTO",
    },
    ("25.08", "output_class: false"): {"output_class": "false"},
    ("25.09", "is_classifier: false"): {"is_classifier": "false"},
}  # fmt: skip


@pytest.mark.parametrize(("release", "written"), FIL_NAMES)
def test_a_forest_is_configured_by_the_names_of_its_release(tmp_path: Path, release: str, written: str) -> None:
    files = {
        "model.yaml": f"format: fil\nparameters: {{model_type: xgboost_json, {written}}}\n",
        "1/xgboost.json": "{}",
    }
    config = repository(tmp_path, files, "forest", release=release).served.config
    texts = {name: value.string_value for name, value in config.parameters.items()}
    assert texts == {"model_type": "xgboost_json", **FIL_NAMES[release, written]}
