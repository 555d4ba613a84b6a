"""The client and the sentiment example against the real Triton server."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from modelyard.serving.client import Client, Endpoint, Refused, Tensor
from modelyard.trial.server_home import ServerHome

from .sentiment_example import EXAMPLE, dashboard, served

pytestmark = pytest.mark.servers
GOLDEN: list[dict[str, Any]] = json.loads((EXAMPLE / "models" / "sentiment" / "golden.json").read_text())["cases"]


@pytest.fixture(scope="module")
def url(triton_home: ServerHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(triton_home, tmp_path_factory.mktemp("sentiment") / "models") as address:
        yield address


@pytest.fixture(scope="module")
def client(url: str) -> Client:
    return Client(Endpoint.at(url, "sentiment"))


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["name"])
def test_the_server_answers_as_the_classifier_does(client: Client, case: dict[str, Any]) -> None:
    answer = client.infer([Tensor.of("text", "BYTES", case["inputs"]["text"]["data"])])
    assert answer["label"] == tuple(case["outputs"]["label"]["data"][0])
    assert answer["score"] == pytest.approx(case["outputs"]["score"]["data"][0], abs=1e-5)


def test_a_batch_is_answered_in_order(client: Client) -> None:
    texts = ["I love it", "I hate it", "Ünïcödé 你好", ""]
    answer = client.infer([Tensor.of("text", "BYTES", [[text] for text in texts])])
    assert answer.outputs["label"].shape == (4, 1)
    assert answer["label"][:2] == ("positive", "negative")


def test_the_servers_own_refusals_are_sentences(client: Client, url: str) -> None:
    with pytest.raises(Refused) as raised:
        client.infer([Tensor.of("text", "INT32", [[1]])])
    assert raised.value.status == 400
    assert "data-type is 'INT32', but model 'sentiment' expects 'BYTES'" in str(raised.value)
    with pytest.raises(Refused, match=r"is it the model's name, and is the model loaded\?$"):
        Client(Endpoint.at(url, "sentimnt")).infer([Tensor.of("text", "BYTES", [["a"]])])


@pytest.fixture(scope="module")
def page(client: Client) -> Iterator[str]:
    with dashboard(client) as address:
        yield address


def test_the_dashboards_api_answers_over_rest(page: str) -> None:
    status, said = asked(page, b'{"texts": ["I love this shop", "I hate this shop"]}')
    assert status == 200
    assert [each["label"] for each in said["answers"]] == ["positive", "negative"]
    assert said["latency_ms"] > 0


@pytest.mark.parametrize(
    ("body", "headers", "sentence"),
    [
        (b"{}", {}, 'send {"texts": ["..."]}'),
        (b"[]", {}, 'send {"texts": ["..."]}'),
        (b'{"texts": []}', {}, "texts is a list of 1 to 32 texts"),
        (b'{"texts": [1]}', {}, "texts is a list of 1 to 32 texts"),
        (b'{"texts": "abc"}', {}, "texts is a list of 1 to 32 texts"),
        (b'{"texts": ["a"]}', {"Content-Type": "text/plain"}, "send JSON, with content type application/json"),
        (b'{"texts": ["a"]}', {"Host": "evil.example.com"}, "POST goes to /api/sentiment of this machine"),
        (b'{"texts": ["' + b"a" * 70_000 + b'"]}', {}, "send up to 65536 bytes, and say how many"),
    ],
)  # fmt: skip
def test_what_the_api_does_not_take_is_a_sentence(
    page: str, body: bytes, headers: dict[str, str], sentence: str
) -> None:
    assert asked(page, body, headers) == (400, {"error": sentence})


def asked(page: str, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    connection = HTTPConnection(urlsplit(page).netloc, timeout=20)
    try:
        connection.request("POST", "/api/sentiment", body, {"Content-Type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_a_smoke_test_says_what_is_wrong_by_its_exit_code(url: str, tmp_path: Path) -> None:
    outputs = tmp_path / "outputs.json"
    outputs.write_text(json.dumps({"models": {"sentiment": {"main": url}}}))
    done = smoke(EXAMPLE, str(outputs))
    assert (done.returncode, done.stdout) == (0, "every answer is right\n")
    copy = tmp_path / "example"
    shutil.copytree(EXAMPLE, copy)
    golden = copy / "models" / "sentiment" / "golden.json"
    golden.write_text(golden.read_text().replace('"negative"', '"positive"', 1))
    done = smoke(copy, url)
    assert done.returncode == 3
    assert done.stdout.endswith("answers that are wrong: 1\n")
    done = smoke(EXAMPLE, "http://127.0.0.1:9")
    assert done.returncode == 1
    assert done.stderr == (
        "http://127.0.0.1:9: 127.0.0.1 is not reached (connection refused); check the address and the network\n"
    )


def smoke(example: Path, where: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(example / "smoke.py"), where]
    return subprocess.run(command, capture_output=True, text=True, check=False)
