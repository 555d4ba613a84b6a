"""What every model declares, whatever its format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator

from ...environment.declaration import Declaration
from .batch_tensor import BatchInput, BatchOutput
from .dynamic_batching import DynamicBatching
from .instances import InstanceGroup
from .metrics import ModelMetrics
from .optimization import Optimization
from .parameters import Parameters, parameter_text
from .repository_agent import RepositoryAgent
from .sequence_batching import SequenceBatching
from .signature import SignatureSource
from .tensor import InputTensor, OutputTensor
from .texts import ParameterValue, Text
from .version_policy import VersionPolicy
from .warmup import Warmup


class Transaction(Declaration):
    """``ModelTransactionPolicy``."""

    decoupled: bool
    """Whether one request may have none or several answers."""


class ModelDeclaration(Declaration):
    """One model. Subclasses, one for each format, add what only that format has.

    What is left out is left to sizing (batching, instances) or to Triton.
    """

    scheduled_by_triton: ClassVar[bool] = True
    """Whether Triton's batcher and instances decide when a request executes. Not where the backend puts requests
    together by itself, nor of an ensemble, which executes nothing: there both are on only where they are declared."""

    format: Any
    """Text; each subclass narrows it to its own."""
    name: Text | None = None
    """Of a composing model. The file's own model may leave it out: the environment says it."""
    source: Text | None = None
    """Of a composing model: its folder, relative to model.yaml. Default: its name."""
    max_batch_size: Annotated[int, Field(ge=0, le=65_536)] | None = None
    """What the model can take; 0 for a model without a batch dimension, which is the default. What is used comes from
    sizing and is never more."""
    signature: SignatureSource | None = None
    """Where inputs and outputs are read from instead of being typed out."""
    inputs: list[InputTensor] = []
    """Left out: as the signature says, or as Triton reads them from the model."""
    outputs: list[OutputTensor] = []
    """Left out: as the signature says, or as Triton reads them from the model."""
    batch_inputs: list[BatchInput] = []
    """``batch_input``: tensors that the server makes from a batch."""
    batch_outputs: list[BatchOutput] = []
    """``batch_output``: tensors that are split in another way than along the batch."""
    instances: list[InstanceGroup] = []
    """Default: one group that Triton places."""
    batching: DynamicBatching | None = None
    """Default: on, as sizing says, where max_batch_size is above 1."""
    sequence_batching: SequenceBatching | None = None
    """Instead of batching, where requests belong together."""
    version_policy: VersionPolicy | None = None
    """Default: the version that the environment says and no other; of a composing model the newest."""
    optimization: Optimization | None = None
    """Settings inside the backend that make a model faster."""
    warmup: list[Warmup] = []
    """``model_warmup``: requests that it answers before it is ready."""
    response_cache: bool | None = None
    """Whether answers are kept; the server needs ``--cache-config``."""
    transaction: Transaction | None = None
    """``model_transaction_policy``."""
    runtime: Text | None = None
    """Library of the backend that serves it, such as ``model.py`` for a backend written in Python."""
    default_model_filename: Text | None = None
    """Default: the format's."""
    cc_model_filenames: dict[Text, Text] = {}
    """File by CUDA compute capability: {"7.5": model_t4.plan}."""
    metric_tags: dict[Text, Text] = {}
    """Labels of its metrics."""
    metrics: ModelMetrics | None = None
    """``model_metrics``."""
    repository_agents: list[RepositoryAgent] = []
    """``model_repository_agents``, in the order in which they see the model."""
    op_library_filenames: list[Text] = []
    """``model_operations``: libraries of custom operations."""
    files: list[Text] = []
    """Further files and folders beside model.yaml that the server is to see; version folders, warm-up data and
    whatever else is named here are seen anyway."""
    extra_parameters: dict[Text, ParameterValue] = {}
    """Parameters that Modelyard does not know, passed on as they are."""

    def parameter_texts(self, release: str) -> dict[str, str]:
        """``ModelConfig.parameters``, as the release's backend reads them."""
        typed = getattr(self, "parameters", None)
        known = typed.texts(release) if isinstance(typed, Parameters) else {}
        return {**known, **self.free_texts(self.extra_parameters)}

    @staticmethod
    def free_texts(parameters: Mapping[str, ParameterValue]) -> dict[str, str]:
        return {name: parameter_text(value) for name, value in parameters.items()}

    @model_validator(mode="after")
    def _one_scheduler(self) -> ModelDeclaration:
        if self.batching is not None and self.sequence_batching is not None:
            raise ValueError("names both batching and sequence_batching; a model has one scheduler: keep one")
        return self
