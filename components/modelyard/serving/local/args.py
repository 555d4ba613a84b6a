"""Arguments of :class:`~modelyard.serving.local.local_model_server.LocalModelServer`.

The annotations stay real objects (no postponed evaluation): Pulumi's component analyzer reads them.
"""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

from modelyard.governance.ownership import OwnershipArgs
from modelyard.serving.tfserving.service_args import TensorFlowServerArgs


class LocalModelServerArgs(TypedDict):
    """One model in a container of this machine's Docker."""

    model: str
    """Name of the model, and of its folder: lower-case letters, digits and hyphens, at most 40."""
    runtime: str
    """tensorflow_serving or triton."""
    repository: str
    """Folder that holds the model's folder, with a folder for each version in it; relative to the program's."""
    image: NotRequired[str]
    """Server image. Default: the one that the catalogue knows."""
    version: NotRequired[int]
    """Version that is served, and the one that predict_url names. Default: 1."""
    versions: NotRequired[Sequence[int]]
    """Versions that are served side by side. Default: version."""
    server: NotRequired[TensorFlowServerArgs]
    """Labels, batching and what else TensorFlow Serving is told. Default: nothing."""
    http_port: NotRequired[int]
    """Port of this machine, on 127.0.0.1 alone. Default: the server's own, 8501 or 8000."""
    grpc_port: NotRequired[int]
    """The same for gRPC. Default: 8500 or 8001."""
    metrics_port: NotRequired[int]
    """The same for the metrics of Triton; TensorFlow Serving has them on http_port. Default: 8002."""
    memory_gib: NotRequired[float]
    """Memory that the container may use, in GiB. Default: 4."""
    gpus: NotRequired[bool]
    """Whether the container gets all GPUs of this machine. Default: false."""
    env: NotRequired[Mapping[str, str]]
    """Environment variables of the server that are no secrets."""
    restart: NotRequired[str]
    """no, on-failure, unless-stopped or always. Default: unless-stopped."""
    start_timeout_seconds: NotRequired[int]
    """The server is waited for so long, without the time that the image takes. Default: 300."""
    ownership: NotRequired[OwnershipArgs]
    """Whose it is, as labels of the container. Default: only the model's name."""
