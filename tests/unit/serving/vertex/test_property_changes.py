"""What a change of each property does, before anything is asked: the table, check and diff."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from modelyard.serving.vertex.deployed_model_provider import DeployedModelProvider
from modelyard.serving.vertex.model_provider import ModelProvider
from modelyard.serving.vertex.property_changes import changes, same
from modelyard.serving.vertex.provider import VertexProvider
from modelyard.serving.vertex.traffic_split_provider import TrafficSplitProvider
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime import rpc

from .messages import documentation
from .test_providers import deployed, model, shares

PROVIDERS: list[tuple[VertexProvider, dict[str, Any]]] = [
    (ModelProvider(), model(1)),
    (DeployedModelProvider(), deployed(1)),
    (TrafficSplitProvider(), shares({"1": 90, "2": 10})),
]


@pytest.mark.parametrize(("provider", "inputs"), PROVIDERS, ids=[one.RESOURCE for one, _ in PROVIDERS])
def test_each_property_changes_as_the_table_says(provider: VertexProvider, inputs: dict[str, Any]) -> None:
    assert provider.check({}, inputs).failures == []
    for name, change in changes(provider.RESOURCE).items():
        diff = provider.diff("id", inputs, {**inputs, name: "another"})
        assert (diff.changes, diff.replaces) == {
            "replace": (True, [name]), "update": (True, []), "none": (False, []),
        }[change], name  # fmt: skip
        assert diff.delete_before_replace is False
    assert provider.diff("id", inputs, dict(inputs)).changes is False


@pytest.mark.parametrize(("provider", "inputs"), PROVIDERS, ids=[one.RESOURCE for one, _ in PROVIDERS])
def test_what_is_not_known_yet_counts_as_another(provider: VertexProvider, inputs: dict[str, Any]) -> None:
    for name, change in changes(provider.RESOURCE).items():
        if change == "replace":
            assert provider.diff("id", inputs, {**inputs, name: rpc.UNKNOWN}).replaces == [name]


def test_only_what_the_api_can_change_is_changed_in_place() -> None:
    """Immutable fields of the service's own messages say so; what ``mutateDeployedModel`` takes is listed there."""
    deployed_model, model_version = documentation("MutateDeployedModelRequest"), documentation("UpdateModelRequest")
    if deployed_model is None or model_version is None:
        pytest.skip("google-cloud-aiplatform is not installed: the table is not compared with its messages")
    mutable = {name for name, change in changes("DeployedModel").items() if change == "update"}
    said = deployed_model.partition("update_mask")[0]
    for name in mutable:
        snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
        assert snake in said, name
    own = {name for name, change in changes("Model").items() if change == "update"} - {"versionAliases"}
    assert own == {"versionDescription", "labels"}
    assert (
        "supported version-specific fields: version_description. Labels are supported in both scenarios"
        in model_version
    )


@pytest.mark.parametrize(
    ("provider", "inputs", "failures"),
    [
        (ModelProvider(), {**model(1), "modelId": None}, [("modelId", "modelId is missing")]),
        (ModelProvider(), {**model(1), "containerSpec": {"args": []}}, [("containerSpec", "imageUri is missing")]),
        (ModelProvider(), {**model(1), "versionAliases": ["default"]}, [("versionAliases", "is Vertex AI's own")]),
        (ModelProvider(), {**model(1), "lables": {}}, [("lables", "is no property of Model; allowed: project, ")]),
        (DeployedModelProvider(), deployed(1, minReplicaCount=0), [("minReplicaCount", "keeps at least one replica")]),
        (DeployedModelProvider(), deployed(1, minReplicaCount=5), [("maxReplicaCount", "is 4, less than")]),
        (
            DeployedModelProvider(),
            deployed(1, requiredReplicaCount=2),
            [("requiredReplicaCount", "is 2, more than minReplicaCount 1")],
        ),
        (TrafficSplitProvider(), shares({"1": 90, "2": 5}), [("shares", "90 and 5 make 95, and the shares of an")]),
        (TrafficSplitProvider(), shares({"1": 110, "2": -10}), [("shares", "110 and -10 are no shares")]),
        (TrafficSplitProvider(), shares({rpc.UNKNOWN: 100}), []),
        (ModelProvider(), {**model(1), "containerSpec": rpc.UNKNOWN}, []),
        (DeployedModelProvider(), deployed(1, model=rpc.UNKNOWN, minReplicaCount=rpc.UNKNOWN), []),
    ],
)
def test_what_the_api_would_refuse_is_refused_before(provider: Any, inputs: Any, failures: Any) -> None:
    found = provider.check({}, inputs).failures
    assert [failure.property for failure in found] == [name for name, _ in failures]
    for failure, (_, said) in zip(found, failures, strict=True):
        assert said in failure.reason


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (3, 3.0, True),
        ("256", 256, True),
        (None, False, True),
        (None, [], True),
        ({"a": {"b": 0}}, {"a": {}}, True),
        ([1, 2], [1.0, 2.0], True),
        ([1, 2], [2, 1], False),
        (True, 1, True),
        (True, False, False),
        ({"a": 1}, {"b": 1}, False),
        ("x", None, False),
    ],
)
def test_the_same_said_otherwise(one: Any, other: Any, equal: bool) -> None:
    assert same(one, other) is same(other, one) is equal


def test_the_state_holds_the_name_of_the_code_and_nothing_else() -> None:
    for provider, _ in PROVIDERS:
        held = base64.b64decode(serialize_provider(provider))
        assert type(provider).__module__.encode() in held and len(held) < 120
        assert provider.serialize_as_secret_always is False
