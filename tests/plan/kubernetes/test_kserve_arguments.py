"""Arguments of KServe's components: what other Pulumi languages see, and that they say the same as the declarations."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.environment import inference_graph, kserve
from modelyard.environment.declaration import Declaration
from modelyard.serving.kserve import (
    cluster_args,
    cluster_declaration,
    graph_args,
    graph_declaration,
    service_args,
    service_declaration,
)
from modelyard.serving.kserve.cluster import KServeCluster
from modelyard.serving.kserve.graph_service import KServeGraph
from modelyard.serving.kserve.service import KServeService
from pulumi.provider.experimental.analyzer import Analyzer

from . import test_arguments as others

MIRRORS: list[tuple[type[Declaration], Any]] = [
    (kserve.CompanionScaling, service_args.CompanionScalingArgs),
    (kserve.Companion, service_args.CompanionArgs),
    (kserve.ModelCache, service_args.ModelCacheArgs),
    (service_declaration.KServeServiceDeclaration, service_args.KServeServiceArgs),
    (inference_graph.GraphStep, graph_args.GraphStepArgs),
    (inference_graph.GraphNode, graph_args.GraphNodeArgs),
    (graph_declaration.GraphModelDeclaration, graph_args.GraphModelArgs),
    (graph_declaration.KServeGraphDeclaration, graph_args.KServeGraphArgs),
    (cluster_declaration.NodeGroupDeclaration, cluster_args.NodeGroupArgs),
    (cluster_declaration.KServeClusterDeclaration, cluster_args.KServeClusterArgs),
]


def test_the_components_can_be_used_from_other_languages() -> None:
    components: list[Any] = [KServeService, KServeGraph, KServeCluster]
    analysed = Analyzer("modelyard").analyze(components)
    assert set(analysed["component_definitions"]) == {"KServeService", "KServeGraph", "KServeCluster"}
    for definition in analysed["component_definitions"].values():
        for described in (definition.inputs, definition.outputs):
            assert all(prop.description for prop in described.values()), definition.name


@pytest.mark.parametrize(("declaration", "arguments"), MIRRORS, ids=[mirror[1].__name__ for mirror in MIRRORS])
def test_arguments_mirror_their_declaration(declaration: type[Declaration], arguments: Any) -> None:
    others.test_arguments_mirror_their_declaration(declaration, arguments, set())
    others.test_arguments_are_described_as_in_their_declaration(declaration, arguments)
