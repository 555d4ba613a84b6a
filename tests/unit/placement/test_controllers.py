"""Pods that controllers make: how many, where, and what room a release of them needs."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.catalog import allocatable, instance
from modelyard.graph import UNKNOWN, Resource
from modelyard.placement import Requests, place, workloads

from .plan import (
    autoscaler,
    controlled,
    deployment,
    gpu_pods,
    graph,
    inference_service,
    keda,
    node_group,
    rollout,
    share,
)

KNATIVE = {"mode": "Knative"}
HALF = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "50%", "maxUnavailable": 0}}
ROUTED = {"canary": {"trafficRouting": {"plugins": {}}, "maxSurge": 0, "maxUnavailable": 1}}
WINDOW = ("0 8 * * 1-5", "0 20 * * 1-5", 3)


def canary(target: str) -> Resource:
    return controlled("flagger.app/v1beta1", "Canary", target, {"targetRef": {"kind": "Deployment", "name": target}})


def server(**spec: Any) -> Resource:
    pods = {**gpu_pods(), "containers": [{"name": "triton", **share()}]}
    return controlled("mlops.seldon.io/v1alpha1", "Server", "s", {"podSpec": pods, **spec})


def router(mode: str = "Standard", **spec: Any) -> Resource:
    annotations = {"serving.kserve.io/deploymentMode": mode}
    asked = {"nodes": {}, **share(gpus=0, cpu="500m", memory="256Mi"), **spec}
    return controlled("serving.kserve.io/v1alpha1", "InferenceGraph", "g", asked, annotations)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        # name, replicas outside of windows, at the highest floor, at the most; pods that a release of the floor adds
        ([inference_service("a")], [("a-predictor", 1, 1, 1, 1)]),
        ([inference_service("a", {"minReplicas": 0})], [("a-predictor", 1, 1, 1, 1)]),
        ([inference_service("a", {"minReplicas": 4, "maxReplicas": 6})], [("a-predictor", 4, 4, 6, 1)]),
        ([inference_service("a", {"minReplicas": 4, "deploymentStrategy": HALF})], [("a-predictor", 4, 4, 4, 2)]),
        (
            [inference_service("a", {"minReplicas": 4, "deploymentStrategy": {"type": "Recreate"}})],
            [("a-predictor", 4, 4, 4, 0)],
        ),
        ([inference_service("a", {"minReplicas": 2, "maxReplicas": 9}, scaler="none")], [("a-predictor", 2, 2, 2, 1)]),
        ([inference_service("a", {"minReplicas": 2}, scaler="external")], [("a-predictor", 1, 1, 1, 1)]),
        (
            [inference_service("a", {"maxReplicas": 9}, scaler="external"), autoscaler("a-predictor", 2, 5)],
            [("a-predictor", 2, 2, 5, 1)],
        ),
        (
            [inference_service("a", scaler="external"), keda("a-predictor", 0, 5, WINDOW)],
            [("a-predictor", 0, 3, 5, 1)],
        ),
        (
            [inference_service("a", transformer={"containers": [share(0)], "minReplicas": 2})],
            [("a-predictor", 1, 1, 1, 1), ("a-transformer", 2, 2, 2, 1)],
        ),
        ([inference_service("a", {"minReplicas": 0, "maxReplicas": 3}, **KNATIVE)], [("a-predictor", 0, 0, 3, 0)]),
        ([inference_service("a", {"minReplicas": 2, "maxReplicas": 3}, **KNATIVE)], [("a-predictor", 2, 2, 3, 2)]),
        (
            [inference_service("a", {"minReplicas": 2, "canaryTrafficPercent": 10}, **KNATIVE)],
            [("a-predictor", 2, 2, 2, 1), ("a-predictor-before", 2, 2, 2, 1)],
        ),
        ([inference_service("a", {"minReplicas": UNKNOWN})], [("a-predictor", None, None, None, None)]),
        ([router(minReplicas=2, maxReplicas=3)], [("g", 2, 2, 3, 1)]),
        ([router("Knative", minReplicas=0, maxReplicas=3)], [("g", 0, 0, 3, 0)]),
        ([rollout("r", ROUTED, 3)], [("r", 3, 3, 3, 3)]),
        ([rollout("r", {"blueGreen": {}}, 3)], [("r", 3, 3, 3, 3)]),
        ([rollout("r", {"canary": {"maxSurge": 1}}, 3)], [("r", 3, 3, 3, 1)]),
        ([rollout("r", ROUTED, 1), keda("r", 0, 5, WINDOW, kind="Rollout")], [("r", 0, 3, 5, 3)]),
        ([rollout("r", ROUTED, workloadRef={"kind": "Deployment", "name": "d"})], []),
        ([deployment("d"), autoscaler("d", 2, 5), canary("d")], [("d-primary", 2, 2, 5, 2)]),
        ([deployment("d", replicas=3), canary("other")], [("d", 3, 3, 3, 1)]),
        ([server(replicas=2, minReplicas=2, maxReplicas=4)], [("s", 2, 2, 4, 0)]),
        ([server()], [("s", 1, 1, 1, 0)]),
    ],
)
def test_replicas_and_room_for_a_release(found: list[Resource], expected: list[tuple[Any, ...]]) -> None:
    made = workloads(graph(*found))
    assert [
        (
            each.name,
            each.replicas_base,
            each.replicas_floor,
            each.replicas_max,
            None if each.replicas_floor is None else each.surge(each.replicas_floor),
        )
        for each in made
    ] == expected
    for each in made:
        assert (each.cluster, each.namespace) == ("main", "models")


def test_a_predictor_has_what_its_runtime_brings() -> None:
    """Here the runtime asks for the GPU and tolerates its nodes, as KServe's own runtimes do."""
    brought = {"name": "kserve-container", "image": "i", **share(gpus=2, cpu="3")}
    spec = {"containers": [brought], "supportedModelFormats": [], "tolerations": gpu_pods()["tolerations"]}
    runtime = controlled("serving.kserve.io/v1alpha1", "ServingRuntime", "shared", spec)
    everywhere = controlled("serving.kserve.io/v1alpha1", "ClusterServingRuntime", "a", spec)
    asking: dict[str, Any] = {"model": {"runtime": "shared"}, "nodeSelector": {}}
    service = inference_service("a", asking)
    service.inputs["spec"]["predictor"].pop("tolerations")
    wanted = Requests(cpu_millicores=3000, memory_mib=4096, gpus=2)
    (served,) = workloads(graph(runtime, everywhere, service))
    assert (served.requests, len(served.tolerations)) == (wanted, 1)
    (alone,) = workloads(graph(service))
    assert alone.requests == Requests()
    asking["model"] = {"runtime": "a"}
    (by_cluster,) = workloads(graph(everywhere, inference_service("b", asking)))
    assert by_cluster.requests == wanted


@pytest.mark.parametrize(
    ("predictor", "gpus"),
    [
        ({"model": None, "containers": [{"name": "own", **share(gpus=3)}]}, 3),
        ({"model": None, "sklearn": {"storageUri": "s3://models", **share(gpus=4)}}, 4),
        ({"containers": [{"name": "beside", **share(gpus=1)}]}, 2),
    ],
)
def test_a_predictor_of_another_form_is_read_too(predictor: dict[str, Any], gpus: int) -> None:
    (found,) = workloads(graph(inference_service("a", predictor)))
    assert found.requests is not None and found.requests.gpus == gpus


@pytest.mark.parametrize("part", ["metadata", "spec"])
def test_what_is_not_known_yet_breaks_nothing(part: str) -> None:
    for made in (inference_service("a"), router(), rollout("r", ROUTED), server()):
        made.inputs[part] = UNKNOWN
        assert len(workloads(graph(made))) <= 1


@pytest.mark.parametrize(
    ("release", "most", "blocked"),
    [
        # Three pods of one GPU on nodes of one: a release that a controller moves needs three more.
        ([rollout("r", ROUTED, 3)], 6, False),
        ([rollout("r", ROUTED, 3)], 5, True),
        ([rollout("r", {"canary": {"maxSurge": 1, "maxUnavailable": 0}}, 3)], 4, False),
        ([rollout("r", {"canary": {"maxSurge": 1, "maxUnavailable": 0}}, 3)], 3, True),
        ([deployment("r", replicas=3), canary("r")], 6, False),
        ([deployment("r", replicas=3), canary("r")], 5, True),
        ([inference_service("r", {"minReplicas": 3, "deploymentStrategy": HALF})], 4, False),
        ([inference_service("r", {"minReplicas": 3, "deploymentStrategy": HALF})], 3, True),
        ([server(replicas=3)], 3, False),
    ],
)
def test_a_release_that_runs_beside_the_pods_that_serve_needs_room_for_all(
    release: list[Resource], most: int, blocked: bool
) -> None:
    placed = place(graph(node_group("gpu", most=most), *release))
    assert placed.misfits == ()
    (pool,) = placed.pools
    assert pool.nodes_at_floor == 3
    assert placed.blocked["max"].get(pool.pool.key, ()) == ((release[0].urn,) if blocked else ())


def test_the_components_of_one_service_are_placed_apart_and_misfits_are_named() -> None:
    transformer = {"containers": [{"name": "own", **share(gpus=0, cpu="64")}], "minReplicas": 2}
    service = inference_service("a", {"minReplicas": 2}, transformer=transformer)
    placed = place(graph(node_group("gpu"), node_group("cpu", "m6i.2xlarge", gpu=False), service))
    (gpu, cpu) = placed.pools
    assert [(each.workload.name, each.replicas_at_floor) for each in gpu.residents] == [("a-predictor", 2)]
    assert cpu.residents == ()
    (misfit,) = placed.misfits
    assert (misfit.name, misfit.replicas, misfit.urn) == ("a-transformer", 2, service.urn)
    left = [allocatable(instance("aws", "us-east-1", name)).cpu_millicores for name in ("g6.xlarge", "m6i.2xlarge")]
    assert misfit.reasons == (
        "gpu: does not tolerate the taint nvidia.com/gpu=present:NoSchedule; asks for 64000m CPU, a g6.xlarge node "
        f"leaves {left[0]}m",
        f"cpu: asks for 64000m CPU, a m6i.2xlarge node leaves {left[1]}m",
    )


def test_what_controllers_add_is_said_to_be_left_out() -> None:
    cache = controlled("serving.kserve.io/v1alpha1", "LocalModelCache", "c", {})
    assert place(graph(node_group("gpu"), server(), cache, rollout("r", ROUTED))).notes == (
        "jobs that KServe's model cache downloads models by run on the nodes of its groups for a while and are not "
        "placed",
        "Seldon's own containers in a Server's pods come from its ServerConfig and are not counted",
        "a release that a controller or Knative moves runs beside all pods that serve: room for as many again is asked "
        "for while it lasts, and is in no count of nodes",
    )
