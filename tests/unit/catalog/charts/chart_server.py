"""Repositories of charts on loopback: an index with its archives, and an OCI registry that asks for a token.

The registry follows the OCI distribution specification as far as pulling goes, so that Helm itself can pull from it.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import yaml
from loopback_server import loopback_server

TOKEN = "a-token-of-anonymous-readers"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.cncf.helm.config.v1+json"
_CHART = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"


@dataclass
class ChartServer:
    port: int
    archives: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """By name and version."""
    documents: dict[str, bytes] = field(default_factory=dict)
    """By path, what is answered whatever is published."""
    media_type: str = _CHART
    announced: str | None = None
    """Digest that the registry names for every manifest. None: the right one."""
    asks_for_token: bool = True
    asked: list[str] = field(default_factory=list)

    @property
    def index(self) -> str:
        return f"http://127.0.0.1:{self.port}/charts"

    @property
    def oci(self) -> str:
        return f"oci://127.0.0.1:{self.port}/team/charts"

    def publish(self, name: str, version: str, text: str = "first") -> bytes:
        """A chart with one file of this text; gives its archive."""
        self.archives[name, version] = archive(name, version, text)
        return self.archives[name, version]

    def manifest(self, name: str, version: str) -> bytes:
        layer, config = self.archives[name, version], self.config(name, version)
        described = [
            {"mediaType": media, "digest": sha256(content), "size": len(content)}
            for media, content in ((_CONFIG, config), (self.media_type, layer))
        ]
        manifest = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": described[0], "layers": described[1:]}
        return json.dumps(manifest).encode()

    def config(self, name: str, version: str) -> bytes:
        return json.dumps({"name": name, "version": version, "apiVersion": "v2"}).encode()

    def index_file(self) -> bytes:
        entries: dict[str, list[dict[str, Any]]] = {}
        for (name, version), content in self.archives.items():
            entries.setdefault(name, []).append(
                {
                    "apiVersion": "v2",
                    "created": "2026-08-20T08:57:59.801607965Z",
                    "digest": sha256(content).removeprefix("sha256:"),
                    "name": name,
                    "type": "application",
                    "urls": [f"{self.index}/{name}-{version}.tgz"],
                    "version": version,
                }
            )
        return yaml.safe_dump({"apiVersion": "v1", "entries": entries, "generated": "2026-08-20T09:00:00Z"}).encode()


def sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def archive(name: str, version: str, text: str) -> bytes:
    """The same bytes for the same chart: no times in it."""
    files = {
        "Chart.yaml": yaml.safe_dump({"apiVersion": "v2", "name": name, "version": version}),
        "templates/config.yaml": yaml.safe_dump(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "it"}, "data": {"text": text}}
        ),
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for path, content in files.items():
            member = tarfile.TarInfo(f"{name}/{path}")
            member.size = len(content.encode())
            tar.addfile(member, io.BytesIO(content.encode()))
    return gzip.compress(packed.getvalue(), mtime=0)


@contextlib.contextmanager
def chart_server() -> Iterator[ChartServer]:
    """Runs until the block ends."""
    with loopback_server(_Handler) as server:
        charts = ChartServer(server.server_address[1])
        server.charts = charts  # type: ignore[attr-defined]
        yield charts


class _Handler(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        charts: ChartServer = self.server.charts  # type: ignore[attr-defined]
        path, _, query = self.path.partition("?")
        charts.asked.append(self.path)
        if path in charts.documents:
            self._answer(200, charts.documents[path])
        elif path == "/charts/index.yaml":
            self._answer(200, charts.index_file())
        elif path == "/token":
            granted = "scope=repository%3Ateam%2Fcharts" in query
            self._answer(200 if granted else 403, json.dumps({"token": TOKEN}).encode())
        elif path.startswith("/v2/"):
            self._registry(charts, path)
        else:
            self._answer(404, b"")

    def _registry(self, charts: ChartServer, path: str) -> None:
        if charts.asks_for_token and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            name = "/".join(path.split("/")[2:-2]) or "team/charts"
            asked = (
                f'Bearer realm="http://127.0.0.1:{charts.port}/token",service="charts.example",'
                f'scope="repository:{name}:pull"'
            )
            self._answer(401, b"", {"WWW-Authenticate": asked})
            return
        parts = path.split("/")
        kind, reference, name = parts[-2], parts[-1], parts[-3]
        for (chart, version), content in charts.archives.items():
            manifest = charts.manifest(chart, version)
            if kind == "manifests" and chart == name and reference in (version, sha256(manifest)):
                digest = charts.announced or sha256(manifest)
                self._answer(200, manifest, {"Content-Type": _MANIFEST, "Docker-Content-Digest": digest})
                return
            for blob in (content, charts.config(chart, version)):
                if kind == "blobs" and reference == sha256(blob):
                    self._answer(200, blob, {"Content-Type": "application/octet-stream"})
                    return
        self._answer(200 if path == "/v2/" else 404, b"{}")

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""
