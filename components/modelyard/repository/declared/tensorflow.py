"""A TensorFlow model, for the releases of Triton that still have the backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from .model import ModelDeclaration
from .parameters import Parameters
from .texts import Text

Threads = Annotated[int, Field(ge=0, le=1024)]


class TensorFlowParameters(Parameters):
    """triton-inference-server/tensorflow_backend r25.02, README.md, parameters."""

    keys: ClassVar[Mapping[str, str]] = {
        "num_intra_threads": "TF_NUM_INTRA_THREADS",
        "num_inter_threads": "TF_NUM_INTER_THREADS",
        "use_per_session_threads": "TF_USE_PER_SESSION_THREADS",
        "graph_tag": "TF_GRAPH_TAG",
        "signature_def": "TF_SIGNATURE_DEF",
        "max_session_share_count": "MAX_SESSION_SHARE_COUNT",
        "init_ops_file": "TF_INIT_OPS_FILE",
    }
    switch: ClassVar[tuple[str, str]] = ("0", "1")

    num_intra_threads: Threads | None = None
    num_inter_threads: Threads | None = None
    use_per_session_threads: bool | None = None
    graph_tag: Text | None = None
    signature_def: Text | None = None
    max_session_share_count: Annotated[int, Field(ge=1, le=1024)] | None = None
    """Instances that share one session. Default: 1."""
    init_ops_file: Text | None = None
    """JSON file in the version folder that lists initialisation operations."""


class SavedModelModel(ModelDeclaration):
    format: Literal["savedmodel"]
    parameters: TensorFlowParameters = TensorFlowParameters()


class GraphDefModel(ModelDeclaration):
    format: Literal["graphdef"]
    parameters: TensorFlowParameters = TensorFlowParameters()
