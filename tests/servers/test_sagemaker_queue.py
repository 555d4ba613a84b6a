"""An asynchronous endpoint of SageMaker as moto has it: requests and answers are objects in its S3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from modelyard.serving.client import Client, Endpoint, Refused, Tensor

from .conftest import CACHE
from .object_stores import BUCKET, Store, install_stores, s3
from .triton_server import CannotInstall

pytestmark = pytest.mark.servers
ANSWER = {"outputs": [{"name": "score", "datatype": "FP32", "shape": [1, 1], "data": [0.75]}]}
TEXT = [Tensor.of("text", "BYTES", [["a lovely day"]])]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    try:
        programs = install_stores(CACHE)
    except CannotInstall as error:
        pytest.skip(f"no moto to test against: {error}")
    with s3(programs, tmp_path) as running:
        yield running


@pytest.fixture
def client(store: Store, monkeypatch: pytest.MonkeyPatch) -> Client:
    pytest.importorskip("botocore", reason="botocore is missing, so SageMaker was not asked")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-nobody")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", store.endpoint)
    endpoint = Endpoint("sagemaker", f"{store.endpoint}/endpoints/prod-m/async-invocations", "m", "us-east-1")
    return Client(endpoint, upload_to=f"s3://{BUCKET}/requests", answer_within_s=20)


def tell(store: Store, *results: dict[str, Any]) -> None:
    """What the endpoint's next requests become."""
    url = f"{store.endpoint}/moto-api/static/sagemaker/async-endpoint-results"
    body = json.dumps({"region": "us-east-1", "results": results}).encode()
    with urlopen(Request(url, body, {"Content-Type": "application/json"}), timeout=20):
        pass


def test_a_request_is_put_into_s3_and_its_answer_read_there(client: Client, store: Store) -> None:
    tell(store, {"data": json.dumps(ANSWER)})
    assert client.infer(TEXT)["score"] == (0.75,)
    import botocore.session

    reading: Any = botocore.session.get_session().create_client("s3", "us-east-1", endpoint_url=store.endpoint)
    (listed,) = reading.list_objects_v2(Bucket=BUCKET, Prefix="requests/")["Contents"]
    put = reading.get_object(Bucket=BUCKET, Key=listed["Key"])
    assert json.loads(put["Body"].read())["inputs"][0]["data"] == ["a lovely day"]
    assert put["ContentType"] == "application/json"


def test_a_failure_is_read_there_too(client: Client, store: Store) -> None:
    tell(store, {"is_failure": True, "data": "unexpected shape"})
    with pytest.raises(Refused) as raised:
        client.infer(TEXT)
    assert str(raised.value) == "prod-m failed: unexpected shape; look at the endpoint's log group"
