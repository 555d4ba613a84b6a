"""Arguments of :class:`~modelyard.serving.seldon.pipeline_service.SeldonPipeline`.

The annotations stay real objects (no postponed evaluation): Pulumi's component analyzer reads them.
"""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

from modelyard.governance.ownership import OwnershipArgs
from modelyard.serving.access.args import AccessArgs
from modelyard.serving.workload.args import GatewayArgs


class SeldonStepArgs(TypedDict):
    """One model of a pipeline."""

    model: str
    """Name of the Model, and of the step."""
    inputs: NotRequired[Sequence[str]]
    """What it is sent: ``<step>``, ``<step>.outputs``, ``<step>.outputs.<tensor>``, or the same with ``inputs``.
    Default: the pipeline's own inputs."""
    tensor_map: NotRequired[Mapping[str, str]]
    """New names of tensors, by what inputs call them: ``<step>.outputs.<tensor>``. Default: none."""
    join: NotRequired[str]
    """Of several inputs. inner: all of them, outer: those that came within the window, any: the first. Default:
    inner."""
    join_window_ms: NotRequired[int]
    """How long inputs wait for each other. Default: Seldon's."""
    triggers: NotRequired[Sequence[str]]
    """Sources that must have come before the step runs, and are not handed to it. Default: none."""
    batch_size: NotRequired[int]
    """Requests that are collected before the step runs. Default: each by itself."""


class SeldonPipelineArgs(TypedDict):
    """Models of one department that hand their outputs on, by Seldon Core 2 on one cluster."""

    ownership: OwnershipArgs
    """Who pays. The department is also the namespace, which must exist and hold a SeldonRuntime."""
    name: str
    """Name of the Pipeline: lower-case letters, digits and hyphens, at most 40."""
    models: Sequence[str]
    """Models that Seldon serves in this namespace; steps may name no other."""
    steps: Sequence[SeldonStepArgs]
    """At least one, each model once."""
    output: Sequence[str]
    """Sources whose tensors are the answer."""
    output_join: NotRequired[str]
    """Of several outputs. Default: inner."""
    hostname: NotRequired[str]
    """Where the pipeline answers through the gateway. Default: at Seldon's own Envoy alone."""
    access: NotRequired[AccessArgs]
    """Who may ask through the gateway. Default: whoever reaches it."""
    gateway: NotRequired[GatewayArgs]
    """Default: the gateway ``modelyard`` in ``gateway-system``, which the platform installs."""
    request_timeout_seconds: NotRequired[int]
    """The gateway ends a request after so long. Default: 60."""
