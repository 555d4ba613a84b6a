"""The same request to every target, against services on loopback; SageMaker's is made and read by botocore, and
Vertex AI's held to its message classes."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from modelyard.environment.target import Target
from modelyard.serving.client import (
    CannotAsk,
    Client,
    Endpoint,
    NoCredentials,
    NotAnswered,
    NotReached,
    Refused,
    Tensor,
    TookTooLong,
    Unreadable,
)

from .recorded import Service, Told, service

SECRET = "s3cr3t-of-nobody"
TEXT = [Tensor.of("text", "BYTES", [["a lovely day"]])]
BODY = {"inputs": [{"name": "text", "datatype": "BYTES", "shape": [1, 1], "data": ["a lovely day"]}]}
VERTEX = "/v1/projects/p/locations/europe-west4/endpoints/1234567890:rawPredict"
PATHS: dict[Target, str] = {
    "kubernetes": "",
    "sagemaker": "/endpoints/prod-sentiment/invocations",
    "vertex": VERTEX,
    "azureml": "/score",
}
ASKED: dict[Target, str] = {
    **PATHS,
    "kubernetes": "/v2/models/sentiment/infer",
    "azureml": "/v2/models/sentiment/infer",
}
TARGETS = list(PATHS)
_TEMPLATES = """
import sys
from google.api_core.path_template import validate
from google.cloud.aiplatform_v1.services.prediction_service.transports import rest_base
options = rest_base._BasePredictionServiceRestTransport._BaseRawPredict._get_http_options()
print(any(validate(each["uri"], sys.argv[1]) for each in options if each["method"] == "post"))
"""


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", SECRET)
    monkeypatch.delenv("MODELYARD_ENDPOINT_TOKEN", raising=False)


def client(target: Target, running: Service, *, timeout_s: float = 10.0, attempts: int = 3) -> Client:
    if target == "sagemaker":
        pytest.importorskip("botocore", reason="botocore is missing, so SageMaker's requests were not made")
    endpoint = Endpoint(target, running.url + PATHS[target], "sentiment", "us-east-1")
    return Client(endpoint, token=SECRET, timeout_s=timeout_s, attempts=attempts, pause=lambda _: None)


@pytest.mark.parametrize("target", TARGETS)
def test_one_request_has_one_answer_at_every_target(target: Target) -> None:
    with service(Told()) as running:
        answer = client(target, running).infer(TEXT)
    (asked,) = running.asked
    assert asked.path == ASKED[target]
    assert json.loads(asked.body) == BODY
    assert asked.headers["content-type"] == "application/json"
    assert answer["score"] == (0.75,)
    assert answer.reply.latency_ms > 0


@pytest.mark.parametrize("target", ["kubernetes", "vertex", "azureml"])
def test_the_token_is_a_header(target: Target) -> None:
    with service(Told()) as running:
        client(target, running).infer(TEXT)
    assert running.asked[0].headers["authorization"] == f"Bearer {SECRET}"


def test_sagemakers_request_is_signed_for_its_region() -> None:
    with service(Told()) as running:
        client("sagemaker", running).infer(TEXT)
    said = running.asked[0].headers["authorization"]
    assert said.startswith("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/")
    assert "/us-east-1/sagemaker/aws4_request" in said
    assert SECRET not in said


@pytest.mark.parametrize(
    ("target", "variant", "asks", "answers"),
    [
        ("kubernetes", "canary", "x-modelyard-track", "x-modelyard-track"),
        ("sagemaker", "v3", "x-amzn-sagemaker-target-variant", "x-Amzn-Invoked-Production-Variant"),
        ("azureml", "v3", "azureml-model-deployment", "azureml-model-deployment"),
    ],
)
def test_who_answers_can_be_named_and_is_told(target: Target, variant: str, asks: str, answers: str) -> None:
    with service(Told(headers={answers: variant})) as running:
        answer = client(target, running).infer(TEXT, variant=variant)
    assert running.asked[0].headers[asks] == variant
    assert answer.reply.served_by == variant


def test_vertex_ai_tells_the_deployed_model_and_takes_none() -> None:
    with service(Told(headers={"X-Vertex-AI-Deployed-Model-Id": "77"})) as running:
        asking = client("vertex", running)
        assert asking.infer(TEXT).reply.served_by == "77"
        with pytest.raises(CannotAsk) as raised:
            asking.infer(TEXT, variant="v3")
    assert len(running.asked) == 1
    assert str(raised.value) == (
        "variant 'v3': Vertex AI picks the deployed model by the split alone; leave it out, or give that version an "
        "endpoint of its own"
    )


def test_vertex_ais_path_is_that_of_its_message_classes() -> None:
    """In a process of its own: Pulumi brings another build of the same messages."""
    with service(Told()) as running:
        client("vertex", running).infer(TEXT)
    command = [sys.executable, "-c", _TEMPLATES, running.asked[0].path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "ModuleNotFoundError" in done.stderr:
        pytest.skip("google-cloud-aiplatform is missing, so the path was not held to its message classes")
    assert done.stdout.split() == ["True"], done.stderr


@pytest.mark.parametrize("target", TARGETS)
def test_a_busy_endpoint_is_asked_again(target: Target) -> None:
    with service(Told(503, b"{}"), Told(429, b"{}"), Told()) as running:
        assert client(target, running).infer(TEXT)["score"] == (0.75,)
    assert len(running.asked) == 3


@pytest.mark.parametrize("target", TARGETS)
def test_a_wrong_request_is_not_sent_again(target: Target) -> None:
    body = b'{"error": "unexpected shape", "message": "unexpected shape"}'
    with service(Told(400, body)) as running, pytest.raises(Refused) as raised:
        client(target, running).infer(TEXT)
    assert len(running.asked) == 1
    assert raised.value.status == 400
    assert str(raised.value) == "127.0.0.1 refused the request: unexpected shape (400)"


@pytest.mark.parametrize("target", TARGETS)
def test_a_slow_request_is_not_sent_again(target: Target) -> None:
    with service(Told(waits_seconds=30)) as running, pytest.raises(TookTooLong) as raised:
        client(target, running, timeout_s=0.2).infer(TEXT)
    assert len(running.asked) == 1
    assert str(raised.value) == (
        "127.0.0.1 did not answer within 0.2 s; raise timeout_s, or look whether the model is ready"
    )


@pytest.mark.parametrize("target", TARGETS)
def test_an_endpoint_that_is_not_there_is_a_sentence(target: Target) -> None:
    with service(Told()) as running:
        asking = client(target, running)
    with pytest.raises(NotReached, match=r"^127\.0\.0\.1 is not reached"):
        asking.infer(TEXT)


@pytest.mark.parametrize("target", ["kubernetes", "vertex", "azureml"])
def test_a_redirect_gets_no_token(target: Target) -> None:
    told = r"\(307\)$"
    with (
        service(Told()) as other,
        service(Told(307, b"", {"Location": other.url})) as running,
        pytest.raises(Refused, match=told),
    ):
        client(target, running).infer(TEXT)
    assert not other.asked


@pytest.mark.parametrize("target", TARGETS)
def test_no_sentence_and_no_text_of_the_client_shows_a_secret(target: Target) -> None:
    said = json.dumps({"error": {"message": f"bad token {SECRET}"}, "message": "bad token"}).encode()
    with service(Told(403, said)) as running:
        asking = client(target, running)
        with pytest.raises(NotAnswered) as raised:
            asking.infer(TEXT)
    assert SECRET not in f"{raised.value} {raised.value!r} {asking!r} {asking.endpoint!r}"


def test_another_format_goes_as_it_is() -> None:
    with service(Told(body=b"1,0", headers={"Content-Type": "text/csv"})) as running:
        reply = client("sagemaker", running).send(b"a,b", "text/csv")
        with pytest.raises(Unreadable, match=r"^SageMaker did not answer in the Open Inference Protocol \(1,0\)"):
            client("sagemaker", running).infer(TEXT)
    assert (reply.body, reply.content_type) == (b"1,0", "text/csv")
    assert (running.asked[0].body, running.asked[0].headers["content-type"]) == (b"a,b", "text/csv")


def test_an_error_of_the_models_server_is_read_as_botocore_reads_it() -> None:
    said = json.dumps({"Message": "account 1", "OriginalMessage": "no such input", "OriginalStatusCode": 400}).encode()
    with service(Told(424, said, {"x-amzn-ErrorType": "ModelError"})) as running, pytest.raises(Refused) as raised:
        client("sagemaker", running).infer(TEXT)
    assert str(raised.value) == (
        "127.0.0.1 refused the request: no such input (ModelError); the model's server failed; look at the endpoint's "
        "log group"
    )


def test_without_credentials_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "GOOGLE_OAUTH_ACCESS_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/dev/null")
    with service(Told()) as running:
        with pytest.raises(NoCredentials, match=r"^SageMaker: no AWS credentials were found; run `aws sso login`"):
            client("sagemaker", running).infer(TEXT)
        with pytest.raises(NoCredentials, match=r"^Vertex AI: no Google Cloud credentials were found; run `gcloud"):
            client("vertex", running).infer(TEXT)
        keyed = Endpoint("azureml", running.url, "sentiment", auth="Key")
        with pytest.raises(NoCredentials, match=r"^this endpoint takes its own key; set MODELYARD_ENDPOINT_TOKEN"):
            Client(keyed).infer(TEXT)
    assert not running.asked


@pytest.mark.parametrize(
    ("target", "hidden", "sentence"),
    [
        ("sagemaker", "botocore", r"^SageMaker's requests are signed by the package botocore, which is missing"),
        ("azureml", "azure.identity", r"^Azure's tokens are read by the package azure-identity, which is missing"),
    ],
)
def test_a_missing_package_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, target: Target, hidden: str, sentence: str
) -> None:
    for name in [each for each in sys.modules if each == hidden or each.startswith(f"{hidden}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, hidden, None)
    endpoint = Endpoint(target, f"http://127.0.0.1:9{PATHS[target]}", "sentiment", "us-east-1")
    with pytest.raises(NotAnswered, match=sentence):
        Client(endpoint).infer(TEXT)


@pytest.mark.parametrize(
    ("target", "token"), [("kubernetes", SECRET), ("azureml", SECRET), ("azureml", None), ("vertex", None)]
)
def test_a_token_is_not_sent_in_the_clear(target: Target, token: str | None) -> None:
    with pytest.raises(CannotAsk) as raised:
        Client(Endpoint(target, "http://models.example.com", "sentiment"), token=token)
    assert str(raised.value) == (
        "models.example.com is asked over http, which shows the token to the network; write https://"
    )


@pytest.mark.parametrize(
    ("target", "arguments", "sentence"),
    [
        ("sagemaker", {"protocol": "grpc"}, "SageMaker is asked over HTTP; leave protocol out"),
        ("kubernetes", {"protocol": "grcp"}, "protocol 'grcp': a model is asked over http or grpc; name one of them"),
        ("vertex", {"upload_to": "s3://a/b"},
         "upload_to is about an endpoint of SageMaker that answers into S3; leave it out"),
    ],
)  # fmt: skip
def test_what_a_target_does_not_have_is_a_sentence(target: Target, arguments: Any, sentence: str) -> None:
    with pytest.raises(CannotAsk) as raised:
        Client(Endpoint(target, "https://models.example.com", "sentiment"), **arguments)
    assert str(raised.value) == sentence


def test_who_needs_no_token_may_be_asked_over_http() -> None:
    Client(Endpoint.at("http://models.example.com", "sentiment"))


def test_the_variable_holds_the_token_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELYARD_ENDPOINT_TOKEN", "of-the-variable")
    with service(Told()) as running:
        Client(Endpoint.at(running.url, "sentiment")).infer(TEXT)
    assert running.asked[0].headers["authorization"] == "Bearer of-the-variable"


def test_what_reads_credentials_is_made_once_for_all_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    with service(Told()) as running:
        asking = {target: client(target, running) for target in TARGETS}
        for each in asking.values():
            each.infer(TEXT)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "GOOGLE_OAUTH_ACCESS_TOKEN"):
            monkeypatch.delenv(name)
        for each in asking.values():
            each.infer(TEXT)
    assert len(running.asked) == 2 * len(TARGETS)
