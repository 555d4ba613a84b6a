"""Arguments of Azure ML's components: what other Pulumi languages see, and that they say what the declarations say."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.environment import azureml
from modelyard.environment.declaration import Declaration
from modelyard.environment.descriptions import descriptions
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
from pulumi.provider.experimental.analyzer import Analyzer

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
    analysed = Analyzer("modelyard").analyze(COMPONENTS)
    assert set(analysed["component_definitions"]) == {component.__name__ for component in COMPONENTS}
    for definition in analysed["component_definitions"].values():
        for described in (definition.inputs, definition.outputs):
            assert all(prop.description for prop in described.values()), definition.name
    for definition in analysed["type_definitions"].values():
        assert all(prop.description for prop in definition.properties.values()), definition.name


@pytest.mark.parametrize(("declaration", "arguments"), MIRRORS, ids=[mirror[1].__name__ for mirror in MIRRORS])
def test_arguments_mirror_their_declaration(declaration: type[Declaration], arguments: Any) -> None:
    assert set(arguments.__annotations__) == set(declaration.model_fields)
    required = {name for name, field in declaration.model_fields.items() if field.is_required()}
    assert arguments.__required_keys__ == required


@pytest.mark.parametrize(("declaration", "arguments"), MIRRORS, ids=[mirror[1].__name__ for mirror in MIRRORS])
def test_arguments_are_described_as_in_their_declaration(declaration: type[Declaration], arguments: Any) -> None:
    analyzer = Analyzer("modelyard")
    for name, description in descriptions(declaration).items():
        said = analyzer.get_docstring(arguments, name)
        assert said is not None, name
        assert " ".join(said.split()).startswith(" ".join(description.split()).rstrip(".")), name
