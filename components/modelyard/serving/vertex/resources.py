"""What Vertex AI has and no Pulumi SDK: a model version, a deployed model and a traffic split.

They are dynamic resources of Pulumi: ``pulumi up`` runs them in the project's own Python, where modelyard is installed.
Their types are ``pulumi-python:dynamic/vertex:Model``, ``...:DeployedModel`` and ``...:TrafficSplit``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import Resource

from .deployed_model_provider import DeployedModelProvider
from .model_provider import ModelProvider
from .traffic_split_provider import TrafficSplitProvider


class VertexModel(Resource, module="vertex", name="Model"):
    """One version of a model in the Model Registry."""

    name: pulumi.Output[str]
    """``projects/<project>/locations/<location>/models/<model>@<version id>``."""
    versionId: pulumi.Output[str]
    """Vertex AI's own number."""

    def __init__(self, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(ModelProvider(), name, {**props, **dict.fromkeys(ModelProvider.OUTPUTS)}, opts)


class VertexDeployedModel(Resource, module="vertex", name="DeployedModel"):
    """A model version on an endpoint, with replicas and without traffic."""

    deployedModelId: pulumi.Output[str]
    """Vertex AI's own number."""

    def __init__(self, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(DeployedModelProvider(), name, {**props, **dict.fromkeys(DeployedModelProvider.OUTPUTS)}, opts)


class VertexTrafficSplit(Resource, module="vertex", name="TrafficSplit"):
    """Percent of an endpoint's requests by deployed model."""

    def __init__(self, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(TrafficSplitProvider(), name, dict(props), opts)
