"""Arguments of VertexEndpoint: what other Pulumi languages see, and that they say the same as the declarations."""

from __future__ import annotations

from typing import Any

import pytest
from component_arguments import mirrors, usable_elsewhere
from modelyard.environment import vertex
from modelyard.environment.declaration import Declaration
from modelyard.environment.model import ModelAlerts
from modelyard.serving.vertex import endpoint_args, endpoint_declaration
from modelyard.serving.vertex.endpoint import VertexEndpoint

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
    usable_elsewhere([VertexEndpoint])


@pytest.mark.parametrize(("declaration", "arguments"), MIRRORS, ids=[mirror[1].__name__ for mirror in MIRRORS])
def test_arguments_mirror_their_declaration(declaration: type[Declaration], arguments: Any) -> None:
    mirrors(declaration, arguments)
