"""What stands before a model's server in a cloud, on loopback: it takes the service's path, and hands requests over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from loopback_server import loopback_server


@contextmanager
def cloud_service(path: str, server: str, told: Mapping[str, str] | None = None) -> Iterator[str]:
    """Its address. Body and content type go over, and those of the answer come back, and no header besides.

    Args:
        path: that it takes; any other is 404.
        server: URL that requests are handed over to.
        told: headers of its own in the answer.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, content_type, content = (
                _asked(server, body, self.headers["Content-Type"]) if self.path == path else (404, "text/plain", b"")
            )
            self.send_response(status)
            for name, value in {"Content-Type": content_type, **(told or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            return None

    with loopback_server(Handler) as listening:
        yield f"http://127.0.0.1:{listening.server_address[1]}"


def _asked(url: str, body: bytes, content_type: str) -> tuple[int, str, bytes]:
    try:
        with urlopen(Request(url, body, {"Content-Type": content_type}), timeout=20) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"] or "text/plain", error.read()
