"""Who is asked, by whom, and what is said when nobody answers."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from modelyard.serving.vertex.credentials import headers
from modelyard.serving.vertex.refusal import NoCredentials, VertexError
from modelyard.serving.vertex.rest_api import CUSTOM_ENDPOINT, VertexApi

from .rest_server import ENDPOINT, VertexRestApi, serving

VARIABLES = (
    "GOOGLE_OAUTH_ACCESS_TOKEN",
    "GOOGLE_CREDENTIALS",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CLOUD_PROJECT",
)


@pytest.fixture(autouse=True)
def nobody_is_logged_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "gcloud"))
    monkeypatch.setenv("NO_GCE_CHECK", "true")


def test_a_token_of_the_environment_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", "planted-token-1")
    assert headers()("GET", "https://x.example") == {"Authorization": "Bearer planted-token-1"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "Vertex AI: no Google Cloud credentials were found; run `gcloud auth application-default login`"),
        ("{planted-secret-1", "Vertex AI: GOOGLE_CREDENTIALS is no JSON; run `gcloud auth"),
        (
            '{"type": "nobody", "private_key": "planted-secret-1"}',
            "GOOGLE_CREDENTIALS is of no known type (allowed: service_account, authorized_user); run",
        ),
        (
            '{"type": "service_account", "private_key": "planted-secret-1"}',
            "GOOGLE_CREDENTIALS lacks a part of its key; run",
        ),
        ("/nowhere/planted-secret-1.json", "GOOGLE_CREDENTIALS is neither JSON nor a file that can be read; run"),
    ],
)
def test_credentials_that_are_not_there_are_one_sentence(
    monkeypatch: pytest.MonkeyPatch, given: str | None, said: str
) -> None:
    if given is not None:
        monkeypatch.setenv("GOOGLE_CREDENTIALS", given)
    with pytest.raises(NoCredentials) as refused:
        headers()
    assert said in str(refused.value) and "\n" not in str(refused.value)
    assert "planted-secret-1" not in str(refused.value)


def test_without_googles_packages_it_is_said_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.auth", None)
    with pytest.raises(NoCredentials) as refused:
        headers()
    assert str(refused.value).startswith(
        "Vertex AI: credentials are read by packages that are missing (pip install google-auth requests); run `gcloud"
    )


def test_the_region_has_an_address_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CUSTOM_ENDPOINT, raising=False)
    assert VertexApi("europe-west4")._base == "https://europe-west4-aiplatform.googleapis.com/v1"
    monkeypatch.setenv(CUSTOM_ENDPOINT, "https://private.example/v1/")
    assert VertexApi("europe-west4")._base == "https://private.example/v1"


@pytest.mark.parametrize("address", ["http://elsewhere.example/v1", "elsewhere.example", "ftp://127.0.0.2/v1"])
def test_a_token_never_goes_over_the_network_in_the_clear(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv(CUSTOM_ENDPOINT, address)
    with pytest.raises(VertexError) as refused:
        VertexApi("europe-west4")
    assert str(refused.value) == (
        f"GOOGLE_VERTEX_AI_CUSTOM_ENDPOINT is {address!r}: a token would go there in the clear; give an address that "
        "begins with https://"
    )


def api_at(address: str) -> VertexApi:
    passed = [0.0]

    def pause(seconds: float) -> None:
        passed[0] += seconds

    return VertexApi("us-central1", lambda method, url: {}, address, pause, lambda: passed[0])


def test_what_is_not_there_is_none() -> None:
    with serving(VertexRestApi()) as address:
        assert api_at(address).get(f"{ENDPOINT}9", "read it") is None
        assert (api_at(address).get(ENDPOINT, "read it") or {})["name"] == ENDPOINT


def test_an_address_that_nobody_answers_at_is_said() -> None:
    with serving(VertexRestApi()) as address:
        pass
    with pytest.raises(VertexError) as refused:
        api_at(address).post("x:deployModel", {}, "deploy fraud-v1")
    host = address.removeprefix("http://").removesuffix("/v1")
    assert str(refused.value).startswith(f"cannot deploy fraud-v1: {host} is not reached (")
    assert str(refused.value).endswith("; check the network and the region")


@pytest.fixture
def odd(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server that is not Vertex AI."""
    code, location, content = request.param

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(code)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """The test says what went wrong."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        ((200, "", b"<html>Sign in</html>"), "answered something that is no JSON"),
        ((302, "http://elsewhere.example/", b""), "it answered 302 Found"),
        ((400, "", b"<html>no</html>"), "Vertex AI refused to read it: it answered 400 Bad Request (400)"),
        ((401, "", json.dumps({"error": {"code": 401, "message": "x", "status": "UNAUTHENTICATED"}}).encode()),
         "x (UNAUTHENTICATED); the credentials have expired or are another cloud's; run `gcloud auth"),
    ],
    indirect=["odd"],
)  # fmt: skip
def test_an_odd_answer_is_one_sentence(odd: str, said: str) -> None:
    with pytest.raises(VertexError) as refused:
        api_at(odd).get("models/1", "read it")
    assert said in str(refused.value) and "\n" not in str(refused.value)
