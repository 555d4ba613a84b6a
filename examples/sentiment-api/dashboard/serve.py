"""The dashboard's server, on this machine: the page, and ``POST /api/sentiment``, which asks the model wherever it is
served. Credentials stay in this process; the page has none.

    python dashboard/serve.py http://127.0.0.1:8000              # a server on this machine
    python dashboard/serve.py outputs.json                       # pulumi stack output --json > outputs.json
"""

from __future__ import annotations

import argparse
import json
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from modelyard.environment.target import SERVICE_OF
from modelyard.serving.client import Client, Endpoint, NotAnswered, Tensor

PAGE = Path(__file__).with_name("index.html")
MODEL = "sentiment"
LONGEST_BODY = 64 * 1024
MOST_TEXTS = 32
"""max_batch_size of model.yaml."""
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class BadRequest(Exception):
    """What the page sent is not what is answered here."""


def server(client: Client, port: int) -> ThreadingHTTPServer:
    """Listens on 127.0.0.1; port 0 is any that is free."""

    class Handler(_Handler):
        asked = client

    made = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    made.daemon_threads = True
    return made


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer leaves in one piece and at once, or the page would measure TCP's delayed acknowledgements (40 ms).
    wbufsize = -1
    disable_nagle_algorithm = True
    asked: Client

    def do_GET(self) -> None:
        if self.path == "/" and self._is_of_here():
            self._send(HTTPStatus.OK, PAGE.read_bytes(), "text/html; charset=utf-8")
        elif self.path == "/api/place" and self._is_of_here():
            endpoint = self.asked.endpoint
            place = {"service": SERVICE_OF[endpoint.target], "region": endpoint.region, "host": endpoint.host}
            self._json(HTTPStatus.OK, place)
        else:
            self._json(HTTPStatus.NOT_FOUND, {"error": "there is / and /api/sentiment"})

    def do_POST(self) -> None:
        try:
            texts = self._texts()
        except BadRequest as wrong:
            self.close_connection = True
            self._json(HTTPStatus.BAD_REQUEST, {"error": str(wrong)})
            return
        try:
            self._json(HTTPStatus.OK, judged(self.asked, texts))
        except NotAnswered as none:
            self._json(HTTPStatus.BAD_GATEWAY, {"error": str(none)})

    def _texts(self) -> list[str]:
        if self.path != "/api/sentiment" or not self._is_of_here():
            raise BadRequest("POST goes to /api/sentiment of this machine")
        if self.headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
            raise BadRequest("send JSON, with content type application/json")
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LONGEST_BODY:
            raise BadRequest(f"send up to {LONGEST_BODY} bytes, and say how many")
        try:
            texts = json.loads(self.rfile.read(int(length)))["texts"]
        except (KeyError, TypeError, ValueError, RecursionError):
            raise BadRequest('send {"texts": ["..."]}') from None
        fits = isinstance(texts, list) and all(isinstance(each, str) for each in texts)
        if not fits or not 1 <= len(texts) <= MOST_TEXTS:
            raise BadRequest(f"texts is a list of 1 to {MOST_TEXTS} texts")
        return texts

    def _is_of_here(self) -> bool:
        """Not a page of elsewhere whose name was made to lead here."""
        return self.headers.get("Host", "").rpartition(":")[0] in ("127.0.0.1", "localhost")

    def _json(self, status: HTTPStatus, content: Any) -> None:
        self._send(status, json.dumps(content).encode(), "application/json")

    def _send(self, status: HTTPStatus, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nobody's texts are kept."""


def judged(client: Client, texts: list[str]) -> dict[str, Any]:
    """Label and probability of each text.

    Raises:
        NotAnswered: why there is no answer.
    """
    answer = client.infer([Tensor.of("text", "BYTES", [[text] for text in texts])])
    pairs = zip(answer["label"], answer["score"], strict=True)
    return {
        "answers": [{"label": label, "score": score} for label, score in pairs],
        "served_by": answer.reply.served_by,
        "latency_ms": answer.reply.latency_ms,
    }


def endpoint_of(where: str, region: str | None) -> Endpoint:
    """Of an address, or of a file with a stack's outputs."""
    if where.startswith(("http://", "https://")):
        return Endpoint.at(where, MODEL)
    return Endpoint.of_outputs(json.loads(Path(where).read_text(encoding="utf-8")), MODEL, region)


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve the dashboard on this machine.")
    parser.add_argument("where", help="URL of a server, or a file that pulumi stack output --json wrote")
    parser.add_argument("--region", help="where the stack serves the model in several places: a region, or a cluster")
    parser.add_argument("--port", type=int, default=8080)
    arguments = parser.parse_args()
    try:
        client = Client(endpoint_of(arguments.where, arguments.region))
        listening = server(client, arguments.port)
    except (NotAnswered, OSError, ValueError) as error:
        raise SystemExit(f"{arguments.where}: {error}") from None
    print(f"http://127.0.0.1:{listening.server_address[1]}")
    try:
        listening.serve_forever()
    except KeyboardInterrupt:
        listening.server_close()


if __name__ == "__main__":
    main()
