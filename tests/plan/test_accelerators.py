"""The environment of docs/accelerators.md as it stands: Neuron devices, NeuronCores and TPU chips, planned, priced and
placed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from accelerators_project import accelerators_project
from modelyard.graph import Resource
from modelyard.review.build import plan
from modelyard.review.plan import PlanDocument
from modelyard.review.plan_json import to_json

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
INFERENCE_SERVICE = "kubernetes:serving.kserve.io/v1beta1:InferenceService"


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> PlanDocument:
    pytest.importorskip("pulumi_gcp")
    environment = accelerators_project(tmp_path_factory.mktemp("accelerators"))
    return plan(environment, environment.parent)


def resource(document: PlanDocument, type_: str, name: str) -> Resource:
    (found,) = [each for stack in document.stacks for each in stack.graph.of_type(type_) if each.name == name]
    return found


def pod(document: PlanDocument, name: str) -> dict[str, Any]:
    return resource(document, DEPLOYMENT, name).inputs["spec"]["template"]["spec"]


@pytest.mark.parametrize(
    ("name", "pool", "device", "count", "taint", "labels"),
    [
        ("prod-east-search", "inf2", "aws.amazon.com/neuron", "1", "aws.amazon.com/neuron", {}),
        ("prod-east-answers", "cores", "aws.amazon.com/neuroncore", "1", "aws.amazon.com/neuron", {}),
        (
            "prod-iowa-vision", "v5e", "google.com/tpu", "1", "google.com/tpu",
            {
                "cloud.google.com/gke-tpu-accelerator": "tpu-v5-lite-podslice",
                "cloud.google.com/gke-tpu-topology": "1x1",
            },
        ),
    ],
)  # fmt: skip
def test_pods_ask_for_the_device_of_their_pool(
    document: PlanDocument, name: str, pool: str, device: str, count: str, taint: str, labels: dict[str, str]
) -> None:
    spec = pod(document, name)
    assert spec["nodeSelector"] == {"modelyard.dev/pool": pool, **labels}
    assert spec["tolerations"] == [{"key": taint, "operator": "Exists", "effect": "NoSchedule"}]
    (container,) = spec["containers"]
    assert container["resources"]["limits"][device] == container["resources"]["requests"][device] == count
    assert not [key for key in container["resources"]["limits"] if key.startswith("nvidia.com/")]


def test_kserve_asks_for_every_chip_of_a_node(document: PlanDocument) -> None:
    predictor = resource(document, INFERENCE_SERVICE, "prod-iowa-speech").inputs["spec"]["predictor"]
    assert predictor["model"]["resources"]["limits"]["google.com/tpu"] == "4"
    assert predictor["nodeSelector"]["cloud.google.com/gke-tpu-topology"] == "2x2"
    assert predictor["nodeSelector"]["cloud.google.com/gke-tpu-accelerator"] == "tpu-v6e-slice"


def test_a_tpu_pool_is_told_by_its_machine_type_alone(document: PlanDocument) -> None:
    pool = resource(document, "gcp:container/nodePool:NodePool", "prod-iowa-v6e").inputs
    assert pool["nodeConfig"]["machineType"] == "ct6e-standard-4t"
    assert pool["nodeConfig"]["imageType"] == "COS_CONTAINERD"
    assert pool["nodeLocations"] == ["us-central1-a", "us-central1-b", "us-central1-c"]
    assert pool["nodeConfig"]["taints"] == [{"key": "google.com/tpu", "value": "present", "effect": "NO_SCHEDULE"}]
    assert not {"guestAccelerators"} & set(pool["nodeConfig"])
    assert "placementPolicy" not in pool
    labels = pool["nodeConfig"]["labels"]
    assert labels["modelyard.dev/accelerator"] == "TPU-v6e"
    assert not [key for key in labels if key.startswith("nvidia.com/")]


def test_neuron_groups_start_from_its_image_and_tell_the_autoscaler_of_their_devices(document: PlanDocument) -> None:
    group = resource(document, "aws:eks/nodeGroup:NodeGroup", "prod-east-cores").inputs
    assert group["amiType"] == "AL2023_x86_64_NEURON"
    tags = {
        each.inputs["tag"]["key"]: each.inputs["tag"]["value"]
        for stack in document.stacks
        for each in stack.graph.of_type("aws:autoscaling/tag:Tag")
        if each.name.startswith("prod-east-cores-")
    }
    assert tags["k8s.io/cluster-autoscaler/node-template/resources/aws.amazon.com/neuroncore"] == "12"
    assert tags["k8s.io/cluster-autoscaler/node-template/taint/aws.amazon.com/neuron"] == "present:NoSchedule"


def test_only_what_the_pools_need_is_installed(document: PlanDocument) -> None:
    releases = {each.name for stack in document.stacks for each in stack.graph.of_type("kubernetes:helm.sh/v3:Release")}
    assert "prod-east-neuron" in releases
    nvidia = ("device-plugin", "dcgm-exporter", "gpu-operator")
    assert not [name for name in releases if name.endswith(nvidia)]
    assert "prod-iowa-neuron" not in releases


def test_every_replica_has_a_place_and_a_price(document: PlanDocument) -> None:
    found = to_json(document)
    assert found["placement"]["misfits"] == []
    devices = {
        (each["cluster"], each["pool"]): (each["accelerators"]["resource"], each["accelerators"]["per_node"])
        for each in found["placement"]["pools"]
        if each["pool"] != "system"
    }
    assert devices == {
        ("east", "inf2"): ("aws.amazon.com/neuron", 1),
        ("east", "cores"): ("aws.amazon.com/neuroncore", 12),
        ("iowa", "v5e"): ("google.com/tpu", 1),
        ("iowa", "v6e"): ("google.com/tpu", 4),
    }
    assert not [each for each in found["costs"]["unpriced"] if "GpuNodePool" in each["urn"]]


def test_a_pod_pays_its_share_of_the_devices(document: PlanDocument) -> None:
    nodes: dict[str, Decimal] = {}
    for line in document.costs.lines:
        if line.model is not None and line.unit == "node-hour":
            nodes[line.model] = nodes.get(line.model, Decimal(0)) + line.usd
    # 730 hours: two nodes of an Inferentia2 at $0.7582, two of twelve NeuronCores at $6.49063 for all, two nodes of a
    # chip at $1.20, and two of four chips at $10.80.
    assert {name: round(usd, 2) for name, usd in nodes.items()} == {
        "search": Decimal("1106.97"),
        "answers": Decimal("789.69"),
        "vision": Decimal("1752.00"),
        "speech": Decimal("15768.00"),
    }


def test_what_is_mandatory_holds(document: PlanDocument) -> None:
    broken = [each for each in document.policies if each.level == "mandatory"]
    assert [each.message for each in broken] == []
