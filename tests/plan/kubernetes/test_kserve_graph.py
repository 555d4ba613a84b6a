"""What a KServeGraph and a KServeCluster make."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.graph import ResourceGraph
from modelyard.serving.kserve.cluster import KServeCluster
from modelyard.serving.kserve.graph_service import KServeGraph

from .kserve_program import graph_arguments
from .program import PLATFORM, graph_of, one, waits_for


@pytest.fixture(scope="module")
def graph() -> ResourceGraph:
    return graph_of(lambda opts: KServeGraph("prod-east-fraud", graph_arguments(), opts))


def test_steps_are_as_declared(graph: ResourceGraph) -> None:
    nodes = one(graph, "InferenceGraph").inputs["spec"]["nodes"]
    assert nodes == {
        "root": {
            "routerType": "Sequence",
            "steps": [
                {"name": "features", "serviceName": "features"},
                {"name": "score", "nodeName": "models", "data": "$response"},
                {"name": "rules", "serviceName": "rules", "data": "$response", "dependency": "Hard"},
            ],
        },
        "models": {
            "routerType": "Splitter",
            "steps": [{"serviceName": "xgboost", "weight": 90}, {"serviceName": "logistic", "weight": 10}],
        },
    }


def test_the_router_reaches_the_models_that_it_asks_and_no_others(graph: ResourceGraph) -> None:
    spec = one(graph, "NetworkPolicy").inputs["spec"]
    assert spec["podSelector"] == {"matchLabels": {"serving.kserve.io/inferencegraph": "fraud"}}
    reached: dict[str, Any] = {}
    for rule in spec["egress"][1:]:
        (to,) = rule["to"]
        reached[to["podSelector"]["matchLabels"]["serving.kserve.io/inferenceservice"]] = rule["ports"][0]["port"]
    assert reached == {"features": 8080, "xgboost": 8080, "logistic": 8080, "rules": 8000}


def test_the_route_waits_for_the_graph(graph: ResourceGraph) -> None:
    made, route = one(graph, "InferenceGraph"), one(graph, "HTTPRoute")
    assert waits_for(graph, route, made)
    assert made.inputs["metadata"]["annotations"]["pulumi.com/waitFor"] == "condition=Ready"
    assert made.inputs["metadata"]["annotations"]["serving.kserve.io/deploymentMode"] == "Standard"
    (rule,) = route.inputs["spec"]["rules"]
    assert rule["backendRefs"] == [{"name": "fraud", "port": 80}]


def test_a_cluster_holds_what_restricted_namespaces_admit() -> None:
    groups = [{"name": "l4", "pool": "l4", "storage_gib": 200}]
    arguments: Any = {"ownership": PLATFORM.args(), "node_groups": groups}
    made = graph_of(lambda opts: KServeCluster("east", arguments, opts))
    storage = one(made, "ClusterStorageContainer").inputs
    assert storage["metadata"]["name"] == "modelyard"
    security = storage["spec"]["container"]["securityContext"]
    assert security == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    group = one(made, "LocalModelNodeGroup").inputs["spec"]
    assert group["storageLimit"] == "200Gi"
    (term,) = group["persistentVolumeSpec"]["nodeAffinity"]["required"]["nodeSelectorTerms"]
    assert term["matchExpressions"] == [{"key": "modelyard.dev/pool", "operator": "In", "values": ["l4"]}]
