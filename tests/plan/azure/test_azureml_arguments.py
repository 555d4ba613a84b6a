"""Arguments of Azure ML's components: what other Pulumi languages see, and that they say what the declarations say."""

from __future__ import annotations

from typing import Any

import pytest
from component_arguments import mirrors, usable_elsewhere
from modelyard.environment import azureml
from modelyard.environment.declaration import Declaration
from modelyard.serving.azureml import (
    assets,
    endpoint_args,
    endpoint_declaration,
    kubernetes_compute_args,
    kubernetes_compute_declaration,
    registry_args,
    registry_declaration,
    workspace_args,
    workspace_declaration,
)
from modelyard.serving.azureml.endpoint import AzureMLEndpoint
from modelyard.serving.azureml.kubernetes_compute import AzureMLKubernetesCompute
from modelyard.serving.azureml.registry import AzureMLRegistry
from modelyard.serving.azureml.workspace import AzureMLWorkspace

COMPONENTS: list[Any] = [AzureMLEndpoint, AzureMLKubernetesCompute, AzureMLRegistry, AzureMLWorkspace]

MIRRORS: list[tuple[type[Declaration], type]] = [
    (azureml.Probe, endpoint_args.AzureMLProbeArgs),
    (azureml.RequestSettings, endpoint_args.AzureMLRequestArgs),
    (azureml.DataCollection, endpoint_args.AzureMLDataCollectionArgs),
    (assets.Routes, endpoint_args.AzureMLRoutesArgs),
    (endpoint_declaration.AzureMLVersionDeclaration, endpoint_args.AzureMLVersionArgs),
    (endpoint_declaration.AzureMLEndpointDeclaration, endpoint_args.AzureMLEndpointArgs),
    (azureml.ArcExtension, kubernetes_compute_args.AzureMLExtensionArgs),
    (azureml.ArcInstanceType, kubernetes_compute_args.AzureMLInstanceTypeArgs),
    (
        kubernetes_compute_declaration.AzureMLKubernetesComputeDeclaration,
        kubernetes_compute_args.AzureMLKubernetesComputeArgs,
    ),
    (registry_declaration.AzureMLRegistryDeclaration, registry_args.AzureMLRegistryArgs),
    (workspace_declaration.AzureMLKeyDeclaration, workspace_args.AzureMLKeyArgs),
    (workspace_declaration.AzureMLWorkspaceDeclaration, workspace_args.AzureMLWorkspaceArgs),
]


def test_every_component_can_be_used_from_other_languages() -> None:
    usable_elsewhere(COMPONENTS)


@pytest.mark.parametrize(("declaration", "arguments"), MIRRORS, ids=[mirror[1].__name__ for mirror in MIRRORS])
def test_arguments_mirror_their_declaration(declaration: type[Declaration], arguments: Any) -> None:
    mirrors(declaration, arguments)
