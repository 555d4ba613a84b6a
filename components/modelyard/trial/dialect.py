"""How a server's Open Inference Protocol differs from the whole of it: what is asked in another form, or not at all."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """The defaults are Triton's: the whole protocol, with its extension for binary tensors."""

    server: str = "Triton"
    """As its makers write it."""
    binary_http: bool = True
    """Whether tensors over HTTP may be binary; else they are JSON, with an explicit content type."""
    model_ready_http: bool = True
    metadata: bool = True
    """Whether a model says what its tensors are."""
    named_outputs: bool = True
    """Whether outputs have the names, shapes and dtypes of the configuration; else they count by their order, have as
    many values, and are taken for what is configured."""
    gaps: tuple[str, ...] = ()
    """What follows for a smoke test, one sentence each."""


TRITON = Dialect()
MLSERVER = Dialect(
    server="MLServer",
    binary_http=False,
    named_outputs=False,
    gaps=("MLServer's XGBoost runtime calls its output predict; outputs were compared by their order",),
)
KSERVE = Dialect(server="KServe's Python server", binary_http=False)
TORCHSERVE = Dialect(
    server="TorchServe",
    binary_http=False,
    model_ready_http=False,
    metadata=False,
    named_outputs=False,
    gaps=(
        "TorchServe 0.12 has no model metadata, and no readiness of a model over HTTP; neither was asked",
        "TorchServe 0.12 calls its gRPC service org.pytorch.serve.grpc.openinference.GRPCInferenceService and reads no "
        "raw tensors, so that no client of the protocol can ask it; nothing was asked over gRPC",
        "TorchServe's envelope names outputs as inputs and flattens them; outputs were compared by their order",
    ),
)
