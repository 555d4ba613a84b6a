"""A Kubernetes cluster of one's own as a compute of a workspace, as a Pulumi component."""

from typing import Any

import pulumi

from modelyard.environment.azureml import EXTENSION_TYPE
from modelyard.governance.azure_sdk import azure
from modelyard.governance.known_after import known_after
from modelyard.serving.azureml.kubernetes_compute_args import AzureMLKubernetesComputeArgs
from modelyard.serving.azureml.kubernetes_compute_declaration import (
    AzureMLKubernetesComputeDeclaration,
    compute_properties,
    extension_settings,
    kubernetes_compute_declaration,
)

_COMPONENT = "AzureMLKubernetesCompute"


class AzureMLKubernetesCompute(pulumi.ComponentResource):
    """A cluster that Azure Arc knows, wherever it stands: Azure ML's extension in it, and the cluster as a compute of
    a workspace, where online endpoints may run.

    Takes the provider of azure-native from ``opts``.

    Raises:
        InvalidEnvironment: arguments do not fit, or the cluster has no extension; before any resource is registered.
        NoAzureSdk: pulumi-azure-native is not installed.
    """

    compute: pulumi.Output[str]
    """Name of the compute, known once it is attached: what an endpoint's ``arc`` names."""
    compute_id: pulumi.Output[str]
    """Resource id of the compute."""
    principal_id: pulumi.Output[str]
    """Of the compute's identity, which pulls images for its pods."""

    def __init__(
        self, name: str, args: AzureMLKubernetesComputeArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        declared = kubernetes_compute_declaration(name, args)
        tags = declared.owner.aws_tags()
        learning = azure(_COMPONENT, "machinelearningservices")
        super().__init__("modelyard:index:AzureMLKubernetesCompute", name, {}, opts)
        extension = self._extension(name, declared)
        attached = learning.Compute(
            name,
            compute_name=declared.compute,
            workspace_name=declared.workspace,
            resource_group_name=declared.resource_group,
            location=declared.location,
            identity={"type": "SystemAssigned"},
            properties=compute_properties(declared),
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=extension),
        )
        self.compute = known_after(pulumi.Output.from_input(declared.compute), [attached])
        self.compute_id = attached.id
        self.principal_id = attached.identity.apply(lambda identity: identity["principal_id"])
        self.register_outputs({"compute": self.compute, "computeId": self.compute_id, "principalId": self.principal_id})

    def _extension(self, name: str, declared: AzureMLKubernetesComputeDeclaration) -> list[Any]:
        if declared.extension is None:
            return []
        version = declared.extension.version
        pinned: dict[str, Any] = {} if version is None else {"version": version}
        made = azure(_COMPONENT, "kubernetesconfiguration").Extension(
            name,
            extension_name="azureml",
            extension_type=EXTENSION_TYPE,
            cluster_rp="Microsoft.Kubernetes",
            cluster_resource_name="connectedClusters",
            cluster_name=declared.cluster_name,
            resource_group_name=declared.cluster_resource_group,
            auto_upgrade_minor_version=version is None,
            release_train=declared.extension.release_train,
            scope={"cluster": {"releaseNamespace": "azureml"}},
            identity={"type": "SystemAssigned"},
            configuration_settings=extension_settings(declared.extension),
            opts=pulumi.ResourceOptions(parent=self),
            **pinned,
        )
        return [made]
