"""Arguments of VertexEndpoint: what other Pulumi languages see, and that they say the same as the declarations."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.environment import vertex
from modelyard.environment.declaration import Declaration
from modelyard.environment.descriptions import descriptions
from modelyard.environment.model import ModelAlerts
from modelyard.serving.vertex import endpoint_args, endpoint_declaration
from modelyard.serving.vertex.endpoint import VertexEndpoint
from pulumi.provider.experimental.analyzer import Analyzer

MIRRORS: list[tuple[type[Declaration], type]] = [
    (vertex.VertexProbe, endpoint_args.VertexProbeArgs),
    (vertex.VertexContainer, endpoint_args.VertexContainerArgs),
    (vertex.VertexReservation, endpoint_args.VertexReservationArgs),
    (vertex.VertexExplanation, endpoint_args.VertexExplanationArgs),
    (vertex.VertexRequestLog, endpoint_args.VertexRequestLogArgs),
    (ModelAlerts, endpoint_args.VertexAlertsArgs),
    (endpoint_declaration.VertexCanaryDeclaration, endpoint_args.VertexCanaryArgs),
    (endpoint_declaration.VertexEndpointDeclaration, endpoint_args.VertexEndpointArgs),
]


def test_it_can_be_used_from_other_languages() -> None:
    analysed = Analyzer("modelyard").analyze([VertexEndpoint])
    definition = analysed["component_definitions"]["VertexEndpoint"]
    for described in (definition.inputs, definition.outputs):
        assert all(prop.description for prop in described.values())
    for each in analysed["type_definitions"].values():
        assert all(prop.description for prop in each.properties.values()), each.name


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
