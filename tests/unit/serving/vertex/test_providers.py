"""Models, deployed models and traffic splits against Vertex AI's REST API on loopback: what is asked, and in which
order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from modelyard.serving.vertex.deployed_model_provider import DeployedModelProvider
from modelyard.serving.vertex.model_provider import ModelProvider
from modelyard.serving.vertex.provider import VertexProvider
from modelyard.serving.vertex.refusal import VertexError
from modelyard.serving.vertex.rest_api import VertexApi
from modelyard.serving.vertex.traffic_split_provider import TrafficSplitProvider

from .messages import NoSuchBody, checked, documentation
from .rest_server import ENDPOINT, PARENT, VertexRestApi, serving

FRAUD = f"{PARENT}/models/prod-fraud"


class Clock:
    """Passes as it is waited for."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def pause(self, seconds: float) -> None:
        self.seconds += seconds

    def now(self) -> float:
        return self.seconds


class Cloud:
    """The three providers, all asking one API."""

    def __init__(self, rest: VertexRestApi, address: str) -> None:
        self.rest, self.clock = rest, Clock()
        asked_by = lambda method, url: {"Authorization": "Bearer planted-token-1"}  # noqa: E731
        self._api = VertexApi("us-central1", asked_by, address, self.clock.pause, self.clock.now)
        self.model, self.deployed, self.split = (
            self._of(kind)() for kind in (ModelProvider, DeployedModelProvider, TrafficSplitProvider)
        )

    def _of(self, kind: type[VertexProvider]) -> type[Any]:
        api = self._api

        class Local(kind):
            def api(self, props: Any) -> VertexApi:
                return api

        return Local

    def upload(self, version: int, **changes: Any) -> Any:
        return self.model.create(model(version, **changes))

    def deploy(self, version: int, **changes: Any) -> Any:
        return self.deployed.create(deployed(version, **changes))

    @property
    def endpoint(self) -> dict[str, Any]:
        return self.rest.endpoints[ENDPOINT]


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    rest = VertexRestApi()
    with serving(rest) as address:
        yield Cloud(rest, address)
    assert rest.tokens <= {"Bearer planted-token-1"}


def model(version: int, **changes: Any) -> dict[str, Any]:
    return {
        "project": "shop-prod",
        "location": "us-central1",
        "modelId": "prod-fraud",
        "displayName": "prod-fraud",
        "versionAliases": [f"v{version}"],
        "versionDescription": f"Version {version}",
        "containerSpec": {
            "imageUri": "us-docker.pkg.dev/shop-prod/serving/triton@sha256:0",
            "predictRoute": "/v2/models/fraud/infer",
            "healthRoute": "/v2/health/ready",
            "ports": [{"containerPort": 8080.0}],
            "sharedMemorySizeMb": "256",
            "deploymentTimeout": "1800s",
        },
        "artifactUri": f"gs://models/fraud/{version}",
        "labels": {"department": "toys", "model": "fraud"},
        **changes,
    }


def deployed(version: int, **changes: Any) -> dict[str, Any]:
    return {
        "location": "us-central1",
        "endpoint": ENDPOINT,
        "model": f"{FRAUD}@{version}",
        "displayName": f"fraud-v{version}",
        "machineSpec": {"machineType": "g2-standard-8", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1.0},
        "minReplicaCount": 1.0,
        "maxReplicaCount": 4.0,
        "enableAccessLogging": False,
        "disableContainerLogging": False,
        **changes,
    }


def shares(percents: dict[str, int]) -> dict[str, Any]:
    said = [
        {"version": float(place), "percent": float(percent), "deployedModelId": number}
        for place, (number, percent) in enumerate(percents.items(), 1)
    ]
    return {"location": "us-central1", "endpoint": ENDPOINT, "shares": said}


def test_the_shapes_are_checked_by_the_services_own_classes() -> None:
    """Where they are missing the other tests still hold, and say less: that must be seen."""
    if documentation("Model") is None:
        pytest.skip("google-cloud-aiplatform is not installed: no body is read by the service's own message classes")
    body = {"modelId": "m", "model": {"displayName": "m", "containerSpec": {"imageURI": "x"}}}
    with pytest.raises(NoSuchBody, match="imageURI"):
        checked("UploadModelRequest", body)


def test_a_canary_is_deployed_given_traffic_promoted_and_the_old_one_leaves_last(cloud: Cloud) -> None:
    cloud.upload(1)
    cloud.upload(2)
    one, two = cloud.deploy(1), cloud.deploy(2)
    first, second = one.outs["deployedModelId"], two.outs["deployedModelId"]
    assert "trafficSplit" not in cloud.endpoint, "a deployment moves no traffic"
    split = cloud.split.create(shares({first: 90, second: 10}))
    assert cloud.endpoint["trafficSplit"] == {first: 90, second: 10}
    cloud.split.update(split.id, split.outs, shares({first: 0, second: 100}))
    assert cloud.endpoint["trafficSplit"] == {second: 100}
    cloud.deployed.delete(one.id, one.outs)
    assert [each["id"] for each in cloud.endpoint["deployedModels"]] == [second]
    cloud.model.delete(f"{FRAUD}@1", model(1))
    assert list(cloud.rest.models[FRAUD]) == ["2"]
    assert cloud.rest.models[FRAUD]["2"]["versionAliases"] == ["v2", "default"]


def test_everything_is_taken_down_again(cloud: Cloud) -> None:
    uploaded, made = cloud.upload(1), cloud.deploy(1)
    split = cloud.split.create(shares({made.outs["deployedModelId"]: 100}))
    cloud.split.delete(split.id, split.outs)
    assert cloud.endpoint["trafficSplit"] == {}
    cloud.deployed.delete(made.id, made.outs)
    cloud.model.delete(uploaded.id, uploaded.outs)
    assert (cloud.endpoint["deployedModels"], cloud.rest.models) == ([], {})
    cloud.deployed.delete(made.id, made.outs)
    cloud.model.delete(uploaded.id, uploaded.outs)
    del cloud.rest.endpoints[ENDPOINT]
    cloud.split.delete(split.id, split.outs)


def test_a_version_has_its_name_labels_and_no_token_in_its_state(cloud: Cloud) -> None:
    made = cloud.upload(3)
    live = cloud.rest.models[FRAUD]["1"]
    assert made.id == f"{FRAUD}@1" and made.outs["versionId"] == "1"
    assert live["versionAliases"] == ["v3", "default"]
    assert live["labels"] == {
        "department": "toys",
        "model": "fraud",
        "modelyard-content": cloud.model.content(model(3)),
    }
    assert live["containerSpec"]["ports"] == [{"containerPort": 8080}]
    assert "planted-token-1" not in repr(made.outs)


def test_two_versions_that_are_uploaded_at_once_share_the_model(cloud: Cloud) -> None:
    cloud.upload(1)
    cloud.rest.fails["models/prod-fraud"] = (404, {"error": {"code": 404, "message": "no", "status": "NOT_FOUND"}})
    made = cloud.upload(2)
    assert made.id == f"{FRAUD}@2"
    assert [path for method, path in cloud.rest.asked if path == "models:upload"] == ["models:upload"] * 3


def test_what_an_interrupted_run_left_is_taken_up(cloud: Cloud) -> None:
    assert cloud.upload(1).id == cloud.upload(1).id
    assert cloud.upload(1, artifactUri="gs://models/fraud/other").id == f"{FRAUD}@2"
    first, again = cloud.deploy(1), cloud.deploy(1)
    assert first.id == again.id and len(cloud.endpoint["deployedModels"]) == 1
    cloud.split.create(shares({first.outs["deployedModelId"]: 100}))
    assert cloud.deploy(1).id != first.id, "what somebody asks is somebody's"


@pytest.mark.parametrize(
    ("changes", "mask"),
    [
        ({"minReplicaCount": 2}, "dedicatedResources.minReplicaCount"),
        ({"maxReplicaCount": 9}, "dedicatedResources.maxReplicaCount"),
        ({"requiredReplicaCount": 1}, "dedicatedResources.requiredReplicaCount"),
        (
            {"autoscalingMetricSpecs": [{"metricName": "cpu", "target": 50}]},
            "dedicatedResources.autoscalingMetricSpecs",
        ),
        ({"disableContainerLogging": True}, "disableContainerLogging"),
    ],
)
def test_replicas_change_in_place(cloud: Cloud, changes: dict[str, Any], mask: str) -> None:
    cloud.upload(1)
    made = cloud.deploy(1)
    new = deployed(1, **changes)
    diff = cloud.deployed.diff(made.id, made.outs, new)
    assert (diff.changes, diff.replaces) == (True, [])
    cloud.deployed.update(made.id, made.outs, new)
    live: Any = cloud.endpoint["deployedModels"][0]
    for step in mask.split("."):
        live = live[step]
    assert live == next(iter(changes.values()))
    assert cloud.deployed.diff(made.id, new, new).changes is False


def test_labels_and_names_of_a_version_change_in_place(cloud: Cloud) -> None:
    cloud.upload(1)
    made = cloud.upload(2)
    new = model(2, labels={"department": "books"}, versionDescription="other", versionAliases=["v2", "champion"])
    cloud.model.update(made.id, made.outs, new)
    live = cloud.rest.models[FRAUD]["2"]
    assert (live["versionDescription"], live["versionAliases"]) == ("other", ["v2", "champion"])
    assert live["labels"]["department"] == "books" and "modelyard-content" in live["labels"]
    cloud.model.update(made.id, new, model(2, versionAliases=["v2"]))
    assert live["versionAliases"] == ["v2"]


def test_drift_is_read(cloud: Cloud) -> None:
    made_model = cloud.upload(1)
    made = cloud.deploy(1)
    number = made.outs["deployedModelId"]
    split = cloud.split.create(shares({number: 100}))
    for provider, state in ((cloud.model, made_model), (cloud.deployed, made), (cloud.split, split)):
        read = provider.read(state.id, state.outs)
        assert provider.diff(state.id, read.outs, read.inputs).changes is False
        assert provider.diff(state.id, state.outs, read.inputs).changes is False
    cloud.rest.models[FRAUD]["1"]["labels"] = {"department": "nobody"}
    cloud.endpoint["deployedModels"][0]["dedicatedResources"]["maxReplicaCount"] = 7
    cloud.endpoint["trafficSplit"] = {number: 40, "99": 60}
    assert cloud.model.read(made_model.id, made_model.outs).inputs["labels"] == {"department": "nobody"}
    assert cloud.deployed.read(made.id, made.outs).inputs["maxReplicaCount"] == 7
    assert cloud.split.read(split.id, split.outs).inputs["shares"] == [
        {"version": 1, "percent": 40, "deployedModelId": number},
        {"version": 0, "percent": 60, "deployedModelId": "99"},
    ]


def test_the_one_version_of_a_peered_endpoint_leaves_with_its_traffic(cloud: Cloud) -> None:
    cloud.upload(1)
    cloud.endpoint["network"] = "projects/123/global/networks/main"
    made = cloud.deploy(1)
    cloud.endpoint["trafficSplit"] = {made.outs["deployedModelId"]: 100}
    assert cloud.deploy(1).id == made.id, "what an interrupted run left there is taken up"
    cloud.deployed.delete(made.id, made.outs)
    assert cloud.endpoint["deployedModels"] == []


def test_what_is_gone_is_read_as_gone(cloud: Cloud) -> None:
    uploaded, made = cloud.upload(1), cloud.deploy(1)
    split = cloud.split.create(shares({made.outs["deployedModelId"]: 100}))
    cloud.endpoint["deployedModels"].clear()
    cloud.rest.models.clear()
    assert cloud.model.read(uploaded.id, uploaded.outs).id == ""
    assert cloud.deployed.read(made.id, made.outs).id == ""
    cloud.rest.endpoints.clear()
    assert cloud.split.read(split.id, split.outs).id == ""


def deploy(cloud: Cloud) -> None:
    cloud.upload(1)
    cloud.deploy(1)


def undeploy_with_traffic(cloud: Cloud) -> None:
    cloud.upload(1)
    made = cloud.deploy(1)
    cloud.split.create(shares({made.outs["deployedModelId"]: 100}))
    cloud.deployed.delete(made.id, made.outs)


def without_endpoint(cloud: Cloud) -> None:
    del cloud.rest.endpoints[ENDPOINT]
    deploy(cloud)


def no_quota(cloud: Cloud) -> None:
    said = {"code": 429, "message": "The following quotas are exceeded: L4.", "status": "RESOURCE_EXHAUSTED"}
    cloud.rest.fails[":deployModel"] = (429, {"error": said})
    deploy(cloud)


def no_right(cloud: Cloud) -> None:
    said = {"code": 403, "message": "Permission 'aiplatform.models.upload' denied.", "status": "PERMISSION_DENIED"}
    cloud.rest.fails["models:upload"] = (403, {"error": said})
    deploy(cloud)


def operation_fails(cloud: Cloud) -> None:
    cloud.rest.operation_errors["deploy"] = "Model server exited unexpectedly.\nSee the logs."
    deploy(cloud)


def operation_never_ends(cloud: Cloud) -> None:
    cloud.rest.never_done.add("deploy")
    deploy(cloud)


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (
            undeploy_with_traffic,
            f"did not undeploy fraud-v1 from {ENDPOINT}: it still answers 100 % of the requests; somebody else has "
            "moved them there, so move them away, or run `pulumi refresh` and deploy again",
        ),
        (without_endpoint, f"cannot deploy fraud-v1 to {ENDPOINT}: there is no such endpoint"),
        (
            no_quota,
            f"Vertex AI refused to deploy fraud-v1 to {ENDPOINT}: The following quotas are exceeded: L4 "
            "(RESOURCE_EXHAUSTED); ask for more quota of this machine type or GPU in the region, or deploy elsewhere",
        ),
        (
            no_right,
            "Vertex AI refused to upload model prod-fraud v1: Permission 'aiplatform.models.upload' denied "
            "(PERMISSION_DENIED); who deploys needs roles/aiplatform.user in the project, and "
            "roles/iam.serviceAccountUser on the account that the container acts as",
        ),
        (
            operation_fails,
            f"Vertex AI began to deploy fraud-v1 to {ENDPOINT} and failed: Model server exited unexpectedly. See the "
            f"logs; its operation is {PARENT}/operations/2",
        ),
        (
            operation_never_ends,
            f"Vertex AI has not ended to deploy fraud-v1 to {ENDPOINT} after 150 minutes; it goes on as "
            f"{PARENT}/operations/2, and the next `pulumi up` takes up what it leaves",
        ),
    ],
)
def test_what_goes_wrong_is_one_sentence(cloud: Cloud, act: Callable[[Cloud], None], said: str) -> None:
    with pytest.raises(VertexError) as refused:
        act(cloud)
    assert str(refused.value) == said


def test_a_busy_service_is_waited_for(cloud: Cloud) -> None:
    cloud.upload(1)
    busy = "There are other operations running on the Endpoint 1234567890. Operation(s) are: 7."
    cloud.rest.fails[":deployModel"] = (
        400, {"error": {"code": 400, "message": busy, "status": "FAILED_PRECONDITION"}},
    )  # fmt: skip
    cloud.rest.fails["endpoints/1234567890"] = (503, {"error": {"code": 503, "message": "", "status": "UNAVAILABLE"}})
    cloud.rest.polls_before_done = 20
    made = cloud.deploy(1)
    assert made.outs["deployedModelId"] == cloud.endpoint["deployedModels"][0]["id"]
    assert cloud.clock.seconds > 60, "the pauses grow, and all of them were waited for"


def test_a_deployment_that_failed_is_deployed_again(cloud: Cloud) -> None:
    with pytest.raises(VertexError):
        operation_fails(cloud)
    assert cloud.deploy(1).id.startswith(f"{ENDPOINT}/deployedModels/")
    assert len(cloud.endpoint["deployedModels"]) == 1
