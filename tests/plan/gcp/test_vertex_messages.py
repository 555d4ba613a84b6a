"""What an endpoint's versions are declared as is what Vertex AI's own message classes read."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.serving.vertex.resources import DeployedModelProvider, ModelProvider, TrafficSplitProvider
from modelyard.serving.vertex.rest_api import VertexApi
from unit.serving.vertex.messages import documentation
from unit.serving.vertex.rest_server import VertexRestApi, serving

from .program import CANARY, DEPLOYED, KEY, MODEL, SPLIT, all_of, planned

PROBE = {"path": "/up", "period_seconds": 5, "failure_threshold": 60, "initial_delay_seconds": 3}
CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "canary": dict(CANARY),
    "prebuilt": {"prebuilt": "tf2-gpu.2-15", "image": None, "env": {"THREADS": "4"}},
    "container": {
        "server": "custom",
        "container": {
            "port": 9000, "grpc_port": 9001, "command": ["/bin/serve"], "args": ["--fast"], "shared_memory_mib": 512,
            "deployment_timeout_minutes": 30, "startup_probe": PROBE, "health_probe": {"command": ["/bin/ready"]},
            "liveness_probe": {},
        },
    },
    "machines": {
        "scaling": {
            "min_replicas": 2, "max_replicas": 9, "target_gpu_utilization_percent": 70,
            "target_requests_per_second": 1.5,
        },
        "target_cpu_percent": 50, "required_replicas": 1, "spot": True, "access_log": True, "container_log": False,
    },
    "reserved": {"reservation": {"kind": "specific", "names": ["projects/p/zones/z/reservations/r"]}},
    "tryout": {"fast_tryout": True},
    "shapley": {"explanation": {"method": "sampled_shapley", "inputs": {"a": "A"}, "outputs": {"b": "B"}}},
    "gradients": {"explanation": {"method": "integrated_gradients", "inputs": {"a": "A"}, "outputs": {"b": "B"}}},
    "xrai": {"explanation": {"method": "xrai", "inputs": {"a": "A"}, "outputs": {"b": "B"}, "paths": 25}},
    "encrypted": {"kms_key": KEY, "digest": "0123456789abcdef"},
}  # fmt: skip


@pytest.mark.parametrize("changes", CASES.values(), ids=CASES)
def test_every_declaration_is_uploaded_deployed_and_asked(changes: dict[str, Any]) -> None:
    if documentation("Model") is None:
        pytest.skip("google-cloud-aiplatform is not installed: no body is read by the service's own message classes")
    graph = planned("up", **changes).graph
    rest = VertexRestApi()
    rest.any_endpoint, rest.polls_before_done = True, 0
    numbers: dict[str, str] = {}
    with serving(rest) as address:
        api = VertexApi("us-central1", lambda method, url: {}, address, lambda seconds: None)
        upload, deploy, split = (
            type(kind.__name__, (kind,), {"api": lambda self, props: api})()
            for kind in (ModelProvider, DeployedModelProvider, TrafficSplitProvider)
        )
        for name, model in all_of(graph, MODEL).items():
            made = upload.create(dict(model.inputs))
            deployed = dict(all_of(graph, DEPLOYED)[name].inputs)
            done = deploy.create({**deployed, "model": made.outs["name"]})
            numbers[deployed["displayName"]] = done.outs["deployedModelId"]
        inputs = dict(all_of(graph, SPLIT)["fraud"].inputs)
        shares = [{**share, "deployedModelId": numbers[f"fraud-v{share['version']}"]} for share in inputs["shares"]]
        split.create({**inputs, "shares": shares})
    (endpoint,) = (each for each in rest.endpoints.values() if each.get("trafficSplit"))
    assert sum(endpoint["trafficSplit"].values()) == 100
    for deployed in endpoint["deployedModels"]:
        assert "labels" not in deployed and deployed["serviceAccount"].endswith(".iam.gserviceaccount.com")
