"""Models of 40, 140 and 400 GiB: nothing gives up on a pod that takes as long as a plan predicts, and every runtime of
ours streams on every cloud."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from modelyard.graph import ResourceGraph
from modelyard.serving.kserve.service import KServeService
from modelyard.serving.seldon.service import SeldonService
from modelyard.serving.tfserving.service import TensorFlowServingService
from modelyard.serving.torchserve.service import TorchServeService
from modelyard.serving.triton.service import TritonService
from modelyard.sizing.cold_start import ColdStart, cold_start

from .kserve_program import kserve_arguments
from .program import graph_of, one, triton_arguments
from .seldon_program import on_gpu
from .test_streamed_weights import AKS, FOLDER, GCS, GIB, STREAM, WHOLE, without_nothing
from .triton import stored

SIZES_GIB = (40, 140, 400)
TRITON_GB = 16
ARCHIVES = [{"file": "tagger-v1.mar"}]
Declared = Callable[[Any], Any]
OURS: dict[str, Callable[..., Declared]] = {
    "triton": lambda **given: lambda opts: TritonService("tagger", triton_arguments(**given), opts),
    "tensorflow_serving": lambda **given: (
        lambda opts: TensorFlowServingService("tagger", triton_arguments(**given), opts)
    ),
    "torchserve": lambda **given: (
        lambda opts: TorchServeService("tagger", triton_arguments(archives=ARCHIVES, **given), opts)
    ),
}
CLOUDS = {"EKS": {"stored": WHOLE}, "GKE": without_nothing(GCS), "AKS": without_nothing(AKS)}


def of_size(size_gib: int) -> dict[str, Any]:
    return stored(**FOLDER, layout="repository", size_bytes=size_gib * GIB)


def predicted(size_gib: int, by: str = "copy") -> ColdStart:
    weights: Any = by
    return cold_start(node_there=False, image_unpacked_gb=TRITON_GB, model_bytes=size_gib * GIB, weights=weights)


def load_seconds(size_gib: int, by: str = "copy") -> float:
    return next(part.high_seconds for part in predicted(size_gib, by).parts if part.name == "load")


def settings(graph: ResourceGraph) -> dict[str, str]:
    """TorchServe's properties."""
    found = [each.inputs["data"] for each in graph if each.type.endswith(":ConfigMap")]
    (text,) = [data["config.properties"] for data in found if "config.properties" in data]
    return dict(line.split("=", 1) for line in text.splitlines())


def patience(container: dict[str, Any]) -> int:
    probe = container["startupProbe"]
    return probe["periodSeconds"] * probe["failureThreshold"]


@pytest.mark.parametrize("by", ["copy", "stream"])
@pytest.mark.parametrize("size_gib", SIZES_GIB)
@pytest.mark.parametrize("runtime", OURS)
def test_a_pod_is_waited_for_as_long_as_it_is_predicted_to_start(runtime: str, size_gib: int, by: str) -> None:
    graph = graph_of(OURS[runtime](stored=of_size(size_gib), weights={"by": by}))
    deployment = one(graph, "Deployment").inputs
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert patience(container) > load_seconds(size_gib, by)
    whole = predicted(size_gib, by).high_seconds
    assert deployment["spec"]["progressDeadlineSeconds"] > whole
    assert int(deployment["metadata"]["annotations"]["pulumi.com/timeoutSeconds"]) > 2 * whole
    if runtime == "torchserve":
        assert int(settings(graph)["default_startup_timeout"]) > load_seconds(size_gib, by)


@pytest.mark.parametrize("by", ["argo_rollouts", "flagger"])
@pytest.mark.parametrize("size_gib", SIZES_GIB)
def test_rollout_controllers_wait_as_long(size_gib: int, by: str) -> None:
    canary = {"stored": {**of_size(size_gib), "prefix": "shop/tagger/fedcba9876543210", "digest": "e" * 64}}
    rollout = {"stable": 1, "canary": 2, "by": by}
    graph = graph_of(OURS["triton"](stored=of_size(size_gib), rollout=rollout, canary=canary))
    judged = one(graph, "Rollout" if by == "argo_rollouts" else "Canary").inputs
    assert judged["spec"]["progressDeadlineSeconds"] > predicted(size_gib).high_seconds


@pytest.mark.parametrize("by", ["copy", "stream"])
@pytest.mark.parametrize("size_gib", SIZES_GIB)
def test_pods_of_kserve_are_waited_for_too(size_gib: int, by: str) -> None:
    arguments = kserve_arguments(stored=of_size(size_gib), weights={"by": by})
    graph = graph_of(lambda opts: KServeService("tagger", arguments, opts))
    (container,) = one(graph, "ServingRuntime").inputs["spec"]["containers"]
    assert patience(container) > load_seconds(size_gib, by)
    annotations = one(graph, "InferenceService").inputs["metadata"]["annotations"]
    assert int(annotations["pulumi.com/timeoutSeconds"]) > predicted(size_gib, by).high_seconds


@pytest.mark.parametrize(("size_gib", "minutes"), [(40, None), (140, 290), (400, 810)])
def test_seldons_agent_gets_more_than_two_hours_where_it_needs_them(size_gib: int, minutes: int | None) -> None:
    folder = {**of_size(size_gib), "layout": "model"}
    graph = graph_of(lambda opts: SeldonService("tagger", on_gpu(stored=folder), opts))
    containers = one(graph, "Server").inputs["spec"]["podSpec"]["containers"]
    told = [each["env"] for each in containers if each["name"] == "agent"]
    name = "SELDON_MAX_LOAD_ELAPSED_TIME_MINUTES"
    assert told == ([] if minutes is None else [[{"name": name, "value": str(minutes)}]])


@pytest.mark.parametrize("size_bytes", [1024, 2 * GIB])
def test_torchserves_own_time_stays_where_it_will_do(size_bytes: int) -> None:
    given = stored(**FOLDER, layout="repository", size_bytes=size_bytes)
    assert "default_startup_timeout" not in settings(graph_of(OURS["torchserve"](stored=given)))


def test_what_is_declared_of_torchserve_is_kept() -> None:
    config = {"default_startup_timeout": 7200}
    graph = graph_of(OURS["torchserve"](stored=of_size(40), config=config))
    assert settings(graph)["default_startup_timeout"] == "7200"


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("runtime", OURS)
def test_every_runtime_of_ours_reads_the_folder_on_every_cloud(runtime: str, cloud: str) -> None:
    graph = graph_of(OURS[runtime](**CLOUDS[cloud], weights=STREAM))
    spec = one(graph, "Deployment").inputs["spec"]["template"]["spec"]
    assert "initContainers" not in spec
    (container,) = spec["containers"]
    assert {"name": "models", "mountPath": "/models", "readOnly": True} in container["volumeMounts"]
    (volume,) = [each for each in spec["volumes"] if each["name"] == "models"]
    assert volume.get("csi", volume.get("persistentVolumeClaim"))["readOnly"] is True
