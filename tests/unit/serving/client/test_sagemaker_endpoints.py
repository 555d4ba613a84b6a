"""SageMaker's other endpoints: of inference components, of many models, and those that answer into S3."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.serving.client import CannotAsk, Client, Endpoint, Refused, Tensor, TookTooLong

from .recorded import ANSWER, Told, service

pytest.importorskip("botocore", reason="botocore is missing, so SageMaker's requests were not made")
TEXT = [Tensor.of("text", "BYTES", [["a lovely day"]])]
PATH = "/endpoints/prod-sentiment/async-invocations"
TAKEN = Told(
    202,
    b'{"InferenceId": "7"}',
    {
        "X-Amzn-SageMaker-OutputLocation": "s3://answers/sentiment/7.out",
        "X-Amzn-SageMaker-FailureLocation": "s3://answers/failures/7.out",
    },
)
MISSING = Told(404, b"<Error><Code>NoSuchKey</Code></Error>", {"Content-Type": "application/xml"})
HIDDEN = Told(403, b"<Error><Code>AccessDenied</Code></Error>", {"Content-Type": "application/xml"})


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-nobody")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")


def test_an_inference_component_and_one_of_many_models_are_named() -> None:
    with service(Told()) as running:
        url = f"{running.url}/endpoints/shared/invocations"
        Client(Endpoint("sagemaker", url, "m", "us-east-1", component="prod-sentiment")).infer(TEXT)
        Client(Endpoint("sagemaker", url, "m", "us-east-1", target_model="a/model.tar.gz")).infer(TEXT)
    one, other = (each.headers for each in running.asked)
    assert one["x-amzn-sagemaker-inference-component"] == "prod-sentiment"
    assert other["x-amzn-sagemaker-target-model"] == "a/model.tar.gz"
    assert "x-amzn-sagemaker-target-model" not in one


def test_the_outputs_of_a_stack_name_what_a_request_says_besides() -> None:
    said = {"target": "sagemaker", "region": "us-east-1", "url": "https://runtime.sagemaker.us-east-1.amazonaws.com/"}
    for key in ("component", "target_model", "upload_to"):
        outputs = {"endpoints": {"m": {"us-east-1": {**said, key: "prod-m"}}}}
        assert getattr(Endpoint.of_outputs(outputs, "m"), key) == "prod-m"


def asking(monkeypatch: pytest.MonkeyPatch, url: str, **given: Any) -> Client:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
    return Client(Endpoint("sagemaker", url + PATH, "m", "us-east-1"), **{"pause": lambda _: None, **given})


def test_the_answer_is_waited_for_in_s3(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    with service(TAKEN, MISSING, MISSING, HIDDEN, HIDDEN, Told(body=ANSWER)) as running:
        answer = asking(monkeypatch, running.url, waiting=said.append).infer(TEXT)
    assert answer["score"] == (0.75,)
    asked, *waited = running.asked
    assert asked.path == PATH
    assert b"a lovely day" in asked.body
    assert asked.headers["x-amzn-sagemaker-content-type"] == "application/json"
    assert "x-amzn-sagemaker-inputlocation" not in asked.headers
    assert [each.path for each in waited] == ["/answers/sentiment/7.out", "/answers/failures/7.out"] * 2 + [
        "/answers/sentiment/7.out"
    ]
    assert said == ["0 s: waiting for s3://answers/sentiment/7.out"] * 2


def test_a_failure_is_the_servers_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    with service(TAKEN, MISSING, Told(body=b"no input text")) as running, pytest.raises(Refused) as raised:
        asking(monkeypatch, running.url).infer(TEXT)
    assert str(raised.value) == "prod-sentiment failed: no input text; look at the endpoint's log group"
    assert raised.value.status == 424


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    with service(TAKEN, MISSING) as running, pytest.raises(TookTooLong) as raised:
        asking(monkeypatch, running.url, answer_within_s=0.001).infer(TEXT)
    assert str(raised.value) == (
        "prod-sentiment put no answer at s3://answers/sentiment/7.out within 0.001 s; raise answer_within_s, and look "
        "whether who asks may read there (s3:GetObject)"
    )


def test_a_large_request_goes_through_s3(monkeypatch: pytest.MonkeyPatch) -> None:
    large = [Tensor.of("text", "BYTES", [["a" * 130_000]])]
    with service(Told(body=b""), TAKEN, Told(body=ANSWER)) as running:
        with pytest.raises(CannotAsk) as raised:
            asking(monkeypatch, running.url).infer(large)
        asking(monkeypatch, running.url, upload_to="s3://requests/of/mine/").infer(large)
    assert str(raised.value) == (
        "the request has 130082 bytes, and up to 128000 go with an asynchronous request; give the client upload_to, an "
        "s3://bucket/prefix that the endpoint's role may read"
    )
    put, asked, _ = running.asked
    assert put.path.startswith("/requests/of/mine/")
    assert b"a" * 130_000 in put.body
    assert asked.headers["x-amzn-sagemaker-inputlocation"] == f"s3:/{put.path}"
    assert asked.body == b""


def test_the_endpoint_says_where_a_large_request_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    with service(TAKEN, Told(body=ANSWER), Told(body=b""), TAKEN, Told(body=ANSWER)) as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", running.url)
        client = Client(Endpoint("sagemaker", running.url + PATH, "m", "us-east-1", upload_to="s3://requests/m"))
        for text in ("short", "a" * 130_000):
            client.infer([Tensor.of("text", "BYTES", [[text]])])
    assert [each.path.startswith("/requests/m/") for each in running.asked] == [False, False, True, False, False]


@pytest.mark.parametrize(
    ("given", "variant", "sentence"),
    [
        ({"upload_to": "https://bucket/x"}, None, "'https://bucket/x' is no place in S3; write s3://bucket/prefix"),
        ({}, "v3",
         "variant 'v3': an asynchronous endpoint of SageMaker picks the variant by the weights alone; leave it out"),
    ],
)  # fmt: skip
def test_what_such_an_endpoint_does_not_take_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, given: Any, variant: str | None, sentence: str
) -> None:
    with service(TAKEN) as running, pytest.raises(CannotAsk) as raised:
        asking(monkeypatch, running.url, **given).infer(TEXT, variant=variant)
    assert str(raised.value) == sentence
    assert not running.asked


def test_a_bucket_that_is_not_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    no_bucket = Told(404, b"<Error><Code>NoSuchBucket</Code><Message>no such bucket</Message></Error>")
    with service(no_bucket) as running, pytest.raises(Refused) as raised:
        asking(monkeypatch, running.url, upload_to="s3://requests").infer(TEXT)
    assert str(raised.value) == (
        "S3's bucket requests refused the request: no such bucket (NoSuchBucket); name a bucket of the endpoint's "
        "region"
    )
