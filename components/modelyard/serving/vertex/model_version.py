"""A version of a model as Vertex AI's Model Registry takes it: the inputs of ``VertexModel``
(REST v1, ``Model``, ``ModelContainerSpec``, ``ExplanationSpec``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...catalog.vertex_containers import container_image
from ...environment.vertex import VertexExplanation, VertexProbe
from ...governance.ownership import Ownership
from ..managed.endpoint import endpoint_name, version_name
from .endpoint_declaration import VertexEndpointDeclaration


def model_id(declared: VertexEndpointDeclaration, ownership: Ownership) -> str:
    """Last part of the model's name: people find it there."""
    return endpoint_name(ownership.environment, declared.model)


def model_inputs(declared: VertexEndpointDeclaration, ownership: Ownership, version: int) -> dict[str, Any]:
    """All but ``project`` and ``location``, with Vertex AI's own names. Outputs are where the arguments have them."""
    tried = declared.canary if declared.rollout is not None and version == declared.rollout.canary else None
    image = declared.image if tried is None or tried.image is None else tried.image
    digest = declared.digest if tried is None else tried.digest
    inputs: dict[str, Any] = {
        "modelId": model_id(declared, ownership),
        "displayName": model_id(declared, ownership),
        "versionAliases": [version_name(version)],
        "versionDescription": f"Version {version} of {declared.model}, managed by modelyard",
        "containerSpec": container_spec(declared, image),
        "artifactUri": declared.artefact if tried is None else tried.artefact,
        "labels": {**ownership.gcp_labels(), "version": version_name(version)},
    }
    if digest is not None:
        inputs["artifactDigest"] = digest
    if declared.explanation is not None:
        inputs["explanationSpec"] = explanation_spec(declared.explanation)
    if declared.kms_key is not None:
        inputs["encryptionSpec"] = {"kmsKeyName": declared.kms_key}
    return inputs


def container_spec(declared: VertexEndpointDeclaration, image: Any) -> dict[str, Any]:
    """``ModelContainerSpec``."""
    told = {**declared.env, **declared.readable_secrets}
    variables = [{"name": name, "value": told[name]} for name in sorted(told)]
    if declared.prebuilt is not None:
        found: dict[str, Any] = {"imageUri": container_image(declared.prebuilt, declared.region)}
        return {**found, "env": variables} if variables else found
    own, triton = declared.container, declared.server == "triton"
    health = own.health_route or ("/v2/health/ready" if triton else "/health")
    spec: dict[str, Any] = {
        "imageUri": image,
        "predictRoute": own.predict_route or (f"/v2/models/{declared.model}/infer" if triton else "/predict"),
        "healthRoute": health,
        "ports": [{"containerPort": own.port}],
    }
    if own.grpc_port is not None:
        spec["grpcPorts"] = [{"containerPort": own.grpc_port}]
    if own.command:
        spec["command"] = list(own.command)
    args = list(own.args) or (triton_arguments(declared.model, own.grpc_port) if triton else [])
    if args:
        spec["args"] = args
    if variables:
        spec["env"] = variables
    if own.shared_memory_mib is not None:
        spec["sharedMemorySizeMb"] = str(own.shared_memory_mib)
    if own.deployment_timeout_minutes is not None:
        spec["deploymentTimeout"] = f"{own.deployment_timeout_minutes * 60}s"
    for key, probe in (
        ("startupProbe", own.startup_probe),
        ("healthProbe", own.health_probe),
        ("livenessProbe", own.liveness_probe),
    ):
        if probe is not None:
            spec[key] = _probe(probe, health, own.port)
    return spec


def triton_arguments(model: str, grpc_port: int | None) -> list[str]:
    """Triton finds the repository by AIP_STORAGE_URI, which Vertex AI sets, and turns gRPC off there unless it is told
    (triton-inference-server/server, ``command_line_parser.cc``)."""
    grpc = [] if grpc_port is None else ["--allow-grpc=true", f"--grpc-port={grpc_port}"]
    return ["tritonserver", f"--vertex-ai-default-model={model}", *grpc]


def explanation_spec(explanation: VertexExplanation) -> dict[str, Any]:
    """``ExplanationSpec``."""
    parameters: Mapping[str, Any] = {
        "sampled_shapley": {"sampledShapleyAttribution": {"pathCount": explanation.paths}},
        "integrated_gradients": {"integratedGradientsAttribution": {"stepCount": explanation.paths}},
        "xrai": {"xraiAttribution": {"stepCount": explanation.paths}},
    }[explanation.method]
    image = {"modality": "image"} if explanation.method == "xrai" else {}
    return {
        "parameters": parameters,
        "metadata": {
            "inputs": {name: {"inputTensorName": tensor, **image} for name, tensor in explanation.inputs.items()},
            "outputs": {name: {"outputTensorName": tensor} for name, tensor in explanation.outputs.items()},
        },
    }


def _probe(probe: VertexProbe, health: str, port: int) -> dict[str, Any]:
    asked = {"exec": {"command": list(probe.command)}} if probe.command else {
        "httpGet": {"path": probe.path or health, "port": port}
    }  # fmt: skip
    return {
        **asked,
        "periodSeconds": probe.period_seconds,
        "timeoutSeconds": probe.timeout_seconds,
        "failureThreshold": probe.failure_threshold,
        "initialDelaySeconds": probe.initial_delay_seconds,
    }
