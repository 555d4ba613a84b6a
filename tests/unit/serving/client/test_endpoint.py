"""Where a model is asked, by the outputs of a stack or by an address."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.serving.client import CannotAsk, Endpoint, NoSuchEndpoint

URL = "https://runtime.sagemaker.us-east-1.amazonaws.com/endpoints/prod-sentiment/invocations"
OUTPUTS: dict[str, Any] = {
    "models": {"fraud": {"east": "https://fraud.example.com", "west": "https://fraud.west.example.com"}},
    "graphs": {},
    "pipelines": {},
    "endpoints": {
        "sentiment": {
            "us-east-1": {
                "target": "sagemaker", "region": "us-east-1", "model": "sentiment", "name": "prod-sentiment",
                "url": URL,
            },
        },
        "toxicity": {
            "westeurope": {
                "target": "azureml", "region": "westeurope", "model": "toxicity", "name": "prod-toxicity",
                "url": "https://prod-toxicity.westeurope.inference.ml.azure.com/score", "auth": "Key",
            },
        },
    },
}  # fmt: skip


def test_an_endpoint_of_outputs_is_where_the_stack_serves_the_model() -> None:
    assert Endpoint.of_outputs(OUTPUTS, "sentiment") == Endpoint("sagemaker", URL, "sentiment", "us-east-1")
    assert Endpoint.of_outputs(OUTPUTS, "toxicity").auth == "Key"
    assert Endpoint.of_outputs(OUTPUTS, "fraud", "west") == Endpoint(
        "kubernetes", "https://fraud.west.example.com", "fraud"
    )


@pytest.mark.parametrize(
    ("outputs", "model", "where", "sentence"),
    [
        (OUTPUTS, "sentimnt", None, "model 'sentimnt' is not in the outputs of this stack; did you mean sentiment?"),
        ({}, "x", None,
         "model 'x' is not in the outputs of this stack, which names none; is it the stack of the model's department?"),
        (OUTPUTS, "fraud", None, "model 'fraud' is served in east, west; name the one that is asked"),
        (OUTPUTS, "fraud", "weast", "region or cluster 'weast' is not in model 'fraud'; did you mean west?"),
        ({"endpoints": {"x": {"here": "text"}}}, "x", None,
         "the outputs of this stack have no address of model 'x' in here; run pulumi up, and then pulumi stack output "
         "--json"),
        ({"models": ["x"]}, "x", None,
         "output 'models' is not one of a department's stack; write it with pulumi stack output --json"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_sentence(outputs: Any, model: str, where: str | None, sentence: str) -> None:
    with pytest.raises(NoSuchEndpoint) as raised:
        Endpoint.of_outputs(outputs, model, where)
    assert str(raised.value) == sentence


@pytest.mark.parametrize(
    ("url", "target", "region"),
    [
        (URL, "sagemaker", "us-east-1"),
        ("https://vpce-1-2.runtime.sagemaker.eu-west-1.vpce.amazonaws.com/endpoints/a/invocations", "sagemaker",
         "eu-west-1"),
        ("https://runtime.sagemaker.cn-north-1.amazonaws.com.cn/endpoints/a/invocations", "sagemaker", "cn-north-1"),
        ("https://europe-west4-aiplatform.googleapis.com/v1/projects/p/locations/europe-west4/endpoints/1:rawPredict",
         "vertex", "europe-west4"),
        ("https://1.europe-west4-2.prediction.vertexai.goog/v1/projects/p/locations/europe-west4/endpoints/1:rawPredict",
         "vertex", "europe-west4"),
        ("https://prod-a.westeurope.inference.ml.azure.com/score", "azureml", "westeurope"),
        ("https://runtime.sagemaker.us-east-1.evil-amazonaws.com/endpoints/a/invocations", "kubernetes", None),
        ("http://127.0.0.1:8000", "kubernetes", None),
    ],
)  # fmt: skip
def test_a_host_says_the_target(url: str, target: str, region: str | None) -> None:
    found = Endpoint.at(url, "m")
    assert (found.target, found.region) == (target, region)


@pytest.mark.parametrize("url", ["ftp://a", "https://", "http://a:0", "http://[", "http://a:port"])
def test_what_is_no_address_is_a_sentence(url: str) -> None:
    with pytest.raises(CannotAsk) as raised:
        Endpoint.at(url, "m")
    assert str(raised.value) == f"endpoint {url!r} is no address; write https://host or https://host/path"
