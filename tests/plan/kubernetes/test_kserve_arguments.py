"""Arguments of KServe's components: what other Pulumi languages see, and that they say the same as the declarations."""

from __future__ import annotations

from typing import Any

import pytest
from component_arguments import mirrors, usable_elsewhere
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
    usable_elsewhere([KServeService, KServeGraph, KServeCluster])


@pytest.mark.parametrize(("declaration", "arguments"), MIRRORS, ids=[mirror[1].__name__ for mirror in MIRRORS])
def test_arguments_mirror_their_declaration(declaration: type[Declaration], arguments: Any) -> None:
    mirrors(declaration, arguments)
