"""Arguments of an Arc cluster as a compute, checked and completed, and what Azure takes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import StringConstraints

from ...environment.azureml import ArcCluster, ArcExtension, ArcInstanceType
from ...environment.patterns import AZURE_LOCATION_PATTERN
from ...governance.arguments import read_arguments
from ...governance.ownership import Ownership
from .kubernetes_compute_args import AzureMLKubernetesComputeArgs


class AzureMLKubernetesComputeDeclaration(ArcCluster):
    """Same keys as :class:`~modelyard.serving.azureml.kubernetes_compute_args.AzureMLKubernetesComputeArgs`."""

    ownership: Mapping[str, Any]
    location: Annotated[str, StringConstraints(pattern=AZURE_LOCATION_PATTERN)]
    resource_group: Any
    workspace: Any

    @property
    def owner(self) -> Ownership:
        return Ownership.of(self.ownership)  # type: ignore[arg-type]

    @property
    def cluster_name(self) -> str:
        return self.cluster.rpartition("/")[2]

    @property
    def cluster_resource_group(self) -> str:
        return self.cluster.split("/")[4]


def kubernetes_compute_declaration(
    name: str, args: AzureMLKubernetesComputeArgs
) -> AzureMLKubernetesComputeDeclaration:
    """The arguments with their defaults.

    Raises:
        InvalidEnvironment: unknown keys, missing keys or values that do not fit, all at once.
    """
    return read_arguments(
        AzureMLKubernetesComputeDeclaration, args, AzureMLKubernetesComputeArgs, f"AzureMLKubernetesCompute {name}"
    )


def extension_settings(extension: ArcExtension) -> dict[str, str]:
    """``configurationSettings`` of the extension ("Review Azure Machine Learning extension configuration settings"):
    inference and nothing else. It brings no Prometheus operator, since the cluster has its own."""
    settings = {
        "enableTraining": False,
        "enableInference": True,
        "inferenceRouterServiceType": extension.router,
        "inferenceRouterHA": extension.router_ha,
        "allowInsecureConnections": extension.insecure,
        "installNvidiaDevicePlugin": extension.install_gpu_plugin,
        "installPromOp": False,
        "installVolcano": False,
    }
    if extension.tls_secret is not None and extension.tls_name is not None:
        settings |= {"sslSecret": extension.tls_secret, "sslCname": extension.tls_name}
    return {key: str(value) for key, value in settings.items()}


def compute_properties(declared: AzureMLKubernetesComputeDeclaration) -> dict[str, Any]:
    """``properties`` of the attached compute."""
    properties: dict[str, Any] = {"namespace": declared.namespace}
    if declared.instance_types:
        properties["instanceTypes"] = {
            name: instance_type_schema(each) for name, each in declared.instance_types.items()
        }
        properties["defaultInstanceType"] = next(iter(declared.instance_types))
    return {
        "computeType": "Kubernetes",
        "resourceId": declared.cluster,
        "disableLocalAuth": True,
        "properties": properties,
    }


def instance_type_schema(instance_type: ArcInstanceType) -> dict[str, Any]:
    """One of ``instanceTypes``; the first that is declared is the compute's own."""
    asked = {"cpu": f"{instance_type.cpu:g}", "memory": f"{instance_type.memory_gib:g}Gi"}
    if instance_type.gpus:
        asked["nvidia.com/gpu"] = str(instance_type.gpus)
    made: dict[str, Any] = {"resources": {"requests": asked, "limits": dict(asked)}}
    if instance_type.node_selector:
        made["nodeSelector"] = dict(instance_type.node_selector)
    return made
