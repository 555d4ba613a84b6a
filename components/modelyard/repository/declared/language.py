"""Large language models: their configuration only. Objectives in tokens, and sizing, are out of scope yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from .model import ModelDeclaration
from .parameters import Parameters
from .texts import ParameterValue, Text


class VllmModel(ModelDeclaration):
    """triton-inference-server/vllm_backend, README.md. Served by the release's vllm-python-py3 image."""

    scheduled_by_triton: ClassVar[bool] = False
    format: Literal["vllm"]
    engine: dict[Text, ParameterValue] = {}
    """Arguments of vLLM's engine, written to ``model.json`` of the served version: {model: ..., max_model_len: ...}.
    Left out: model.json lies in the version folder."""


class TensorRtLlmParameters(Parameters):
    """triton-inference-server/tensorrtllm_backend, docs/model_config.md."""

    keys: ClassVar[Mapping[str, str]] = {"engine_path": "gpt_model_path", "model_type": "gpt_model_type"}

    engine_path: Text
    """``gpt_model_path``: folder of the engine on the server."""
    model_type: Literal["inflight_fused_batching", "inflight_batching", "v1"] | None = None
    """``gpt_model_type``."""
    encoder_model_path: Text | None = None
    max_beam_width: Annotated[int, Field(ge=1)] | None = None
    batch_scheduler_policy: Literal["max_utilization", "guaranteed_no_evict"] | None = None
    kv_cache_free_gpu_mem_fraction: Annotated[float, Field(gt=0, le=1)] | None = None
    max_tokens_in_paged_kv_cache: Annotated[int, Field(ge=1)] | None = None
    max_attention_window_size: Annotated[int, Field(ge=1)] | None = None
    enable_kv_cache_reuse: bool | None = None
    enable_chunked_context: bool | None = None
    exclude_input_in_output: bool | None = None
    normalize_log_probs: bool | None = None
    xgrammar_tokenizer_info_path: Text | None = None


class TensorRtLlmModel(ModelDeclaration):
    """Served by the release's trtllm-python-py3 image."""

    scheduled_by_triton: ClassVar[bool] = False
    format: Literal["tensorrtllm"]
    parameters: TensorRtLlmParameters
