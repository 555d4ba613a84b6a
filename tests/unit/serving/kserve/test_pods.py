"""Pods of an InferenceService are those that a Deployment of ours would have."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.governance.ownership import Ownership
from modelyard.serving.kserve.inference_service import inference_service
from modelyard.serving.kserve.manifests import Tracks
from modelyard.serving.kserve.pods import pods_of
from modelyard.serving.kserve.service_declaration import declaration, tracks
from modelyard.serving.kserve.serving_runtime import serving_runtime
from modelyard.serving.workload.deployment import deployment

SHOP = Ownership("shop", "CC-2000", "prod", "shop@retail.example")
IMAGE = f"registry.example.com/pre@sha256:{'0' * 64}"
ARGUMENTS: Any = {
    "ownership": SHOP.args(),
    "model": "tagger",
    "cluster": "east",
    "server": "triton",
    "format": "onnx",
    "pool": "l4",
    "price_basis": "aws/us-east-1/g6.2xlarge/on_demand",
    "stored": {"bucket": "retail-prod-models", "region": "us-east-1", "digest": "d", "prefix": "shop/tagger"},
    "scaling": {"min_replicas": 2, "max_replicas": 5},
    "transformer": {"image": IMAGE, "cpu": 0.5, "scaling": {"max_replicas": 3}},
}


@pytest.fixture(scope="module")
def served() -> Tracks:
    return tracks(declaration("tagger", ARGUMENTS))


def test_the_predictor_is_what_our_own_deployment_would_be(served: Tracks) -> None:
    predictor, transformer = pods_of(inference_service(served.stable), serving_runtime(served.stable))
    assert (predictor.component, predictor.name) == ("predictor", "tagger-predictor")
    ours = deployment(served.workload)["spec"]["template"]
    container, wanted = predictor.template["spec"].pop("containers")[0], ours["spec"].pop("containers")[0]
    assert container == {**wanted, "name": "kserve-container"}
    ours["spec"]["initContainers"][0]["name"] = "storage-initializer"
    assert predictor.template["spec"] == ours["spec"]
    for key in ("labels", "annotations"):
        assert ours["metadata"][key].items() <= predictor.template["metadata"][key].items()
    assert (transformer.component, transformer.name) == ("transformer", "tagger-transformer")
    assert transformer.template["spec"]["containers"][0]["resources"]["requests"]["cpu"] == "500m"


def test_without_its_runtime_the_share_of_a_node_is_still_known(served: Tracks) -> None:
    predictor, _ = pods_of(inference_service(served.stable), None)
    (container,) = predictor.template["spec"]["containers"]
    assert container["resources"]["limits"]["nvidia.com/gpu"] == "1" and "image" not in container
