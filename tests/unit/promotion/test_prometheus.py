"""What is said of an address that gives no answer, and that a token goes nowhere else."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from modelyard.promotion.prometheus import CannotAsk, Prometheus

TOKEN = "hunter2-token"
RESULTS = {
    "matrix": {"resultType": "matrix", "result": []},
    "number": {"resultType": "scalar", "result": [1.5, "NaN"]},
    "broken": {"resultType": "vector", "result": [{"metric": {}, "value": [1, "x"]}]},
    "fine": {"resultType": "vector", "result": [{"metric": {"a": "b"}, "value": [1, "2.5"]}]},
}


class Handler(BaseHTTPRequestHandler):
    """Answers by the first part of the path."""

    asked: list[tuple[str, str | None]] = []

    def do_POST(self) -> None:
        kind = self.path.split("/")[1]
        self.asked.append((self.path, self.headers.get("Authorization")))
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, body, location = 200, "", None
        if kind.isdecimal():
            status = int(kind)
            location = "https://login.example.org/?state=secret" if status == 302 else None
        elif kind == "late":
            time.sleep(1)
        elif kind == "html":
            body = "<html>Log in</html>"
        elif kind == "other":
            body = json.dumps({"items": []})
        elif kind == "refused":
            status, body = 422, json.dumps({"status": "error", "errorType": "execution", "error": "too many\nsamples"})
        else:
            body = json.dumps({"status": "success", "data": RESULTS[kind]})
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Callers who do not wait are what is tested."""


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[str]:
    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"{'http' if context is None else 'https'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving() as made:
        yield made


@pytest.mark.parametrize(
    ("path", "token", "message"),
    [
        ("401", None, "asks for a token; name the environment variable that has one with --token-env"),
        ("401", TOKEN, "does not accept the token; take one that may read metrics"),
        ("403", TOKEN, "forbids the question; whoever asks needs the right to read metrics"),
        ("404", None, "has no /api/v1/query, so it is not Prometheus; name its address"),
        ("503", None, "answers 503; try again, or look at its log"),
        ("302", TOKEN, "answers that Prometheus is elsewhere (https://login.example.org/); name that address, or log "
                       "in there first"),
        ("html", None, "what answers there is not Prometheus; name its address"),
        ("other", None, "what answers there is not Prometheus; name its address"),
        ("broken", None, "what answers there is not Prometheus; name its address"),
        ("refused", None, "does not take the query: too many samples (sum(up))"),
        ("matrix", None, "the query gives a matrix and has to give numbers of one moment: sum(up)"),
        ("late", None, "does not answer within 0.2 seconds; look whether it is reached from here"),
    ],
)  # fmt: skip
def test_no_answer(url: str, path: str, token: str | None, message: str) -> None:
    with pytest.raises(CannotAsk) as refused:
        Prometheus(f"{url}/{path}/", token=token, seconds=0.2 if path == "late" else 10).instant("sum(up)")
    assert str(refused.value) == f"{url}/{path}: {message}"


def test_an_answer(url: str) -> None:
    (found,) = Prometheus(f"{url}/fine", token=TOKEN).instant("up")
    assert (found.labels, found.values) == ({"a": "b"}, ((1.0, 2.5),))
    assert Handler.asked[-1] == ("/fine/api/v1/query", f"Bearer {TOKEN}")
    (scalar,) = Prometheus(f"{url}/number").instant("NaN")
    assert scalar.values[0][1] != scalar.values[0][1]


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(CannotAsk) as refused:
            Prometheus(url).instant("up")
    assert str(refused.value) == f"{url}: cannot be reached: connection refused"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("prometheus:9090", "prometheus:9090: is not an address; write http://host:port or https://host:port"),
        ("http://", "http://: is not an address; write http://host:port or https://host:port"),
        ("http://host:99999", "http://host:99999: is not an address; write http://host:port or https://host:port"),
        ("http://host/graph?q=up",
         "http://host/graph?q=up: is not an address; write http://host:port or https://host:port"),
        ("https://me:hunter2@host:9090",
         "https://[hidden]@host:9090: holds a name or a password; delete it, and name the environment variable that "
         "has a token with --token-env"),
        ("http://prometheus.example.org:9090",
         "http://prometheus.example.org:9090: the token would be sent in clear text; name an https:// address"),
    ],
)  # fmt: skip
def test_no_address(url: str, message: str) -> None:
    with pytest.raises(CannotAsk) as refused:
        Prometheus(url, token=TOKEN)
    assert str(refused.value) == message


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not on PATH, which makes a certificate")
    folder = tmp_path_factory.mktemp("tls")
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
               "2", "-subj", "/CN=prometheus", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
               str(folder / "key"), "-out", str(folder / "crt")]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return folder / "crt", folder / "key"


def test_a_certificate_is_checked(certificate: tuple[Path, Path], url: str, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with serving(context) as tls:
        with pytest.raises(CannotAsk) as refused:
            Prometheus(f"{tls}/fine").instant("up")
        assert str(refused.value) == (
            f"{tls}/fine: its certificate is not trusted: self-signed certificate; name its authority with --ca-file"
        )
        (found,) = Prometheus(f"{tls}/fine", token=TOKEN, ca_file=certificate[0]).instant("up")
        assert found.values == ((1.0, 2.5),)
    plain = url.replace("http://", "https://")
    with pytest.raises(CannotAsk) as refused:
        Prometheus(plain).instant("up")
    assert str(refused.value) == f"{plain}: does not speak TLS; name an http:// address, or the port that does"
    none = tmp_path / "none.pem"
    none.write_text("no certificate")
    for file, reason in ((none, "holds no certificate"), (tmp_path / "gone", "no such file or directory")):
        with pytest.raises(CannotAsk) as refused:
            Prometheus(plain, ca_file=file)
        assert str(refused.value) == f"--ca-file {file}: {reason}; name a PEM file"
