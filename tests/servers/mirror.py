"""A server that answers with what it was asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

from loopback_server import loopback_server


@contextmanager
def mirror() -> Iterator[int]:
    """Serves on loopback while the block runs, and gives its port."""
    with loopback_server(_Mirror) as server:
        yield server.server_port


class _Mirror(BaseHTTPRequestHandler):
    """Answers with the request's headers and the size of its body."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        size = len(self.rfile.read(int(self.headers.get("content-length") or 0)))
        seen = {name.lower(): value for name, value in self.headers.items()}
        text = json.dumps({"headers": seen, "bytes": size}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:
        pass
