"""Every manifest against the CustomResourceDefinitions that KServe ships."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from custom_resources import NoDefinitions, Schemas, faults, schemas
from modelyard.serving.kserve.cluster import KServeCluster
from modelyard.serving.kserve.graph_service import KServeGraph
from modelyard.serving.kserve.service import KServeService

from .kserve_program import (
    FOLDER,
    IMAGE,
    SERVERS,
    canary_revision,
    graph_arguments,
    kserve_arguments,
    of_canary,
    on_cpu,
)
from .program import PLATFORM, manifests_of

COMPANION = {"image": IMAGE, "env": {"THRESHOLD": "0.5"}, "scaling": {"max_replicas": 3}}
CACHED = {"node_groups": ["l4"], "size_gib": 3.5}

SERVICES: dict[str, Any] = {
    "a canary": kserve_arguments(**of_canary()),
    "a transformer and an explainer": kserve_arguments(transformer=COMPANION, explainer=COMPANION),
    "KEDA": kserve_arguments(
        autoscaler="keda", scaling={"max_replicas": 3, "target_queue_ms": 7.5, "target_requests_per_second": 20}
    ),
    "HPA": kserve_arguments(autoscaler="hpa", scaling={"max_replicas": 3}),
    "a department's cache": kserve_arguments(model_cache=CACHED, stored=FOLDER),
    "everybody's cache": kserve_arguments(model_cache={**CACHED, "scope": "cluster"}, stored=FOLDER),
    "a canary revision": kserve_arguments(**canary_revision()),
    **{f"{server} {format}": on_cpu(server, format) for server, format in SERVERS},
    **{
        f"{server} {format} on Knative": on_cpu(
            server, format, mode="knative", hostname=None, scaling={"min_replicas": 0, "target_concurrency": 4}
        )
        for server, format in SERVERS
    },
}


@pytest.fixture(scope="module")
def published() -> Schemas:
    try:
        return schemas("github.com/kserve/kserve", "v0.20.0", "config/crd/full/**/serving.kserve.io_*.yaml")
    except NoDefinitions as error:
        pytest.skip(f"no definitions of KServe to check against: {error}")


def of_kserve(made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [manifest for manifest in made if manifest["apiVersion"].startswith("serving.kserve.io/")]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_fits(name: str, published: Schemas) -> None:
    made = of_kserve(manifests_of(lambda opts: KServeService("tagger", SERVICES[name], opts)))
    assert {"InferenceService", "ServingRuntime"} <= {manifest["kind"] for manifest in made}
    assert [fault for manifest in made for fault in faults(manifest, published)] == []


def test_a_graph_and_what_a_cluster_holds_fit(published: Schemas) -> None:
    groups: Any = [{"name": "l4", "pool": "l4", "storage_gib": 200}]
    held: Any = {"ownership": PLATFORM.args(), "node_groups": groups}
    made = of_kserve(manifests_of(lambda opts: KServeGraph("fraud", graph_arguments(), opts)))
    made += of_kserve(manifests_of(lambda opts: KServeCluster("east", held, opts)))
    kinds_made = [manifest["kind"] for manifest in made]
    assert kinds_made == ["InferenceGraph", "ClusterStorageContainer", "LocalModelNodeGroup"]
    assert [fault for manifest in made for fault in faults(manifest, published)] == []


def changed(manifest: Mapping[str, Any], path: list[Any], value: Any) -> dict[str, Any]:
    other: Any = copy.deepcopy(manifest)
    at = other
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return other


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (["modle"], {}, ".modle is unknown"),
        (["maxReplicas"], "3", ".maxReplicas: '3' is no whole number that fits"),
        (["scaleMetric"], "gpu", ".scaleMetric: 'gpu' is none of"),
        (["model", "modelFormat"], {}, ".model.modelFormat.name is missing"),
        (["model", "resources", "limits", "memory"], "4 GB", ".model.resources.limits.memory: '4 GB'"),
        (["tolerations", 0], "all", ".tolerations[0]: 'all' is no mapping"),
    ],
    ids=lambda value: str(value[-1]) if isinstance(value, list) else None,
)
def test_the_definitions_are_asked(path: list[Any], value: Any, fault: str, published: Schemas) -> None:
    """A check that lets everything through would pass the tests above."""
    (service,) = [
        manifest
        for manifest in manifests_of(lambda opts: KServeService("tagger", kserve_arguments(), opts))
        if manifest["kind"] == "InferenceService"
    ]
    (found,) = faults(changed(service, ["spec", "predictor", *path], value), published)
    assert found.startswith(f"InferenceService.spec.predictor{fault}")
