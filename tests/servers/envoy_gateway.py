"""The real Envoy Gateway with a real Envoy, fed the objects that a cluster would get.

It runs in its standalone mode, which reads objects from files and starts one Envoy. What differs from a cluster: Envoy
is a process and no Deployment, Services, which need a cluster, become objects of its kind ``Backend`` with the same
ports, and routes of every namespace may attach. Everything binds to a network namespace of its own.
"""

from __future__ import annotations

import copy
import fcntl
import functools
import hashlib
import json
import os
import re
import shutil
import ssl
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

from modelyard.capacity.software.certificates import CERTIFICATE_SECRET
from modelyard.capacity.software.gateway import NAME, gateway_objects
from modelyard.capacity.software.namespaces import GATEWAY
from modelyard.governance.ownership import Ownership
from modelyard.serving.triton.server import GRPC_PORT
from modelyard.trial.server import Ports

from .triton_server import CannotInstall, fetch

MODULE = Path(__file__).parent / "gateway" / "go"
"""Names the release as a Go tool."""
PACKAGE = "github.com/envoyproxy/gateway/cmd/envoy-gateway"
ENVOY_RELEASE = "1.40.0"
HTTPS_PORT = 443

_API = "gateway.envoyproxy.io/v1alpha1"
_START_SECONDS = 180
_APPLY_SECONDS = 60
_BUILD_SECONDS = 900
_SETTLE_SECONDS = 0.5
_PLATFORM = Ownership("platform", "CC-1", "prod", "platform@example.org")


def build_envoy_gateway(cache: Path) -> Path:
    """The binary, built once from its Go module for as long as the module's files stay the same.

    Raises:
        CannotInstall: there is no Go, or no module proxy answers.
    """
    found = _built(cache)
    if isinstance(found, CannotInstall):
        raise found
    return found


@functools.cache
def _built(cache: Path) -> Path | CannotInstall:
    """Tried once: a proxy that says nothing keeps one test waiting, and no other."""
    pinned = b"".join((MODULE / name).read_bytes() for name in ("go.mod", "go.sum"))
    home = cache / f"envoy-gateway-{hashlib.sha256(pinned).hexdigest()[:12]}"
    binary = home / "envoy-gateway"
    if binary.exists():
        return binary
    go = shutil.which("go")
    if go is None:
        return CannotInstall("Go is not on PATH, which builds Envoy Gateway")
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not binary.exists():
            made = home / "envoy-gateway.new"
            command = [go, "build", "-trimpath", "-ldflags=-s -w", "-o", str(made), PACKAGE]
            try:
                done = subprocess.run(command, cwd=MODULE, capture_output=True, text=True, timeout=_BUILD_SECONDS)
            except subprocess.TimeoutExpired:
                return CannotInstall(f"Envoy Gateway does not build in {_BUILD_SECONDS} s")
            if done.returncode:
                return CannotInstall(f"Envoy Gateway does not build: {done.stderr.strip().splitlines()[-1]}")
            made.rename(binary)
    return binary


@dataclass(frozen=True)
class EnvoyGateway:
    """A running gateway for hosts below ``domain``."""

    folder: Path
    domain: str
    certificate: Path

    def apply(self, objects: Sequence[Mapping[str, Any]], services: Mapping[str, Ports]) -> None:
        """Makes these the routes and policies, with servers behind the Services by their names. Returns when Envoy
        splits as they say."""
        backends: dict[str, dict[str, Any]] = {}
        made = [_without_table_size(_with_backends(each, services, backends)) for each in objects]
        _write(self.folder / "resources" / "models.yaml", [*backends.values(), *made])
        expected = {each["metadata"]["name"]: _actions(each) for each in made if each["kind"] == "HTTPRoute"}
        self._wait(
            lambda: all(self.actions(name) == actions for name, actions in expected.items()),
            "the routes are not applied",
        )
        # Endpoints of a cluster that stays are not seen in the routes.
        time.sleep(_SETTLE_SECONDS)

    def actions(self, route: str) -> set[tuple[str, bool, tuple[tuple[int, int], ...]]]:
        """Envoy's own view of a route: path, whether a header is asked for, and the backends' places and weights."""
        found = set()
        for each in _find(self._dump("dynamic_route_configs"), "routes"):
            for one in each:
                at = re.match(rf"httproute/[^/]+/{route}/rule/", one.get("name", ""))
                if at:
                    path = next(value for key, value in one["match"].items() if key != "headers")
                    found.add((path, "headers" in one["match"], _places(one["route"])))
        return found

    def metrics(self) -> str:
        """What Prometheus would scrape from Envoy."""
        return fetch(f"http://{self.admin()}/stats/prometheus")[1]

    def context(self) -> ssl.SSLContext:
        """Trusts the gateway's certificate."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def _wait(self, done: Any, what: str, seconds: float = _APPLY_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not _answers(done):
            assert time.monotonic() < deadline, f"{what}\n{self.log()[-3000:]}"
            time.sleep(0.05)

    def log(self) -> str:
        return (self.folder / "gateway.log").read_text()

    def admin(self) -> str:
        """Where Envoy answers its administrator."""
        return next((self.folder / "run").rglob("admin-address*.txt")).read_text().strip()

    def _dump(self, resource: str) -> Any:
        return json.loads(fetch(f"http://{self.admin()}/config_dump?resource={resource}")[1])


@contextmanager
def envoy_gateway(binary: Path, envoy: Path, folder: Path, cluster: str, domain: str) -> Iterator[EnvoyGateway]:
    """A gateway with the platform's own GatewayClass and Gateway, for the hosts below ``cluster.domain``."""
    for name in ("resources", "run", "state", "config", f"data/envoy-versions/{ENVOY_RELEASE}/bin"):
        (folder / name).mkdir(parents=True)
    (folder / "data" / "envoy-versions" / ENVOY_RELEASE / "bin" / "envoy").symlink_to(envoy)
    key, certificate = _certificate(folder, f"*.{cluster}.{domain}")
    _write(folder / "resources" / "gateway.yaml", _platform(cluster, domain, key, certificate))
    config = folder / "gateway-config.yaml"
    _write(config, [_settings(folder)])
    subprocess.run(
        [str(binary), "certgen", "--local", "--config-home", str(folder / "config")], check=True, capture_output=True
    )
    running = EnvoyGateway(folder, f"{cluster}.{domain}", certificate)
    with (folder / "gateway.log").open("w") as log:
        process = subprocess.Popen([str(binary), "server", "--config-path", str(config)], stdout=log, stderr=log)
        try:
            running._wait(
                lambda: process.poll() is None and fetch(f"http://{running.admin()}/ready")[0] == 200,
                "Envoy Gateway did not start",
                _START_SECONDS,
            )
            yield running
        finally:
            process.terminate()
            process.wait(30)


def _platform(cluster: str, domain: str, key: Path, certificate: Path) -> list[dict[str, Any]]:
    """What the platform installs, with Envoy as a process in place of its Deployment."""
    rendered = gateway_objects(_PLATFORM, cluster=cluster, domain=domain, reach="internal", system_nodes={})
    proxy = {
        "apiVersion": _API,
        "kind": "EnvoyProxy",
        "metadata": {"name": NAME, "namespace": GATEWAY},
        "spec": {"provider": {"type": "Host", "host": {"envoyVersion": ENVOY_RELEASE}}},
    }
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": CERTIFICATE_SECRET, "namespace": GATEWAY},
        "type": "kubernetes.io/tls",
        "data": {"tls.crt": _encoded(certificate), "tls.key": _encoded(key)},
    }
    kept = [each for each in rendered if each["kind"] in ("GatewayClass", "Gateway")]
    for listener in (one for each in kept if each["kind"] == "Gateway" for one in each["spec"]["listeners"]):
        # Objects from files lose their namespaces' labels, which the listener would ask for.
        listener["allowedRoutes"] = {"namespaces": {"from": "All"}}
    return [secret, proxy, *kept]


def _encoded(path: Path) -> str:
    return b64encode(path.read_bytes()).decode()


def _settings(folder: Path) -> dict[str, Any]:
    host = {
        "configHome": str(folder / "config"),
        "dataHome": str(folder / "data"),
        "stateHome": str(folder / "state"),
        "runtimeDir": str(folder / "run"),
    }
    return {
        "apiVersion": _API,
        "kind": "EnvoyGateway",
        "gateway": {"controllerName": "gateway.envoyproxy.io/gatewayclass-controller"},
        "provider": {
            "type": "Custom",
            "custom": {
                "resource": {"type": "File", "file": {"paths": [str(folder / "resources")]}},
                "infrastructure": {"type": "Host", "host": host},
            },
        },
        "logging": {"level": {"default": "info"}},
        "extensionApis": {"enableBackend": True},
    }


def _with_backends(
    manifest: Mapping[str, Any], services: Mapping[str, Ports], backends: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """The object with Backends where it names Services; these are added to ``backends``."""
    made = copy.deepcopy(dict(manifest))
    for one_rule in made["spec"].get("rules", []):
        mirrors = [
            each["requestMirror"]["backendRef"] for each in one_rule.get("filters", []) if "requestMirror" in each
        ]
        for reference in [*one_rule["backendRefs"], *mirrors]:
            service, declared = reference["name"], reference.pop("port")
            reference.update(group="gateway.envoyproxy.io", kind="Backend", name=f"{service}-{declared}")
            ports, grpc = services[service], declared == GRPC_PORT
            spec: dict[str, Any] = {
                "endpoints": [{"ip": {"address": "127.0.0.1", "port": ports.grpc if grpc else ports.http}}]
            }
            if grpc:
                spec["appProtocols"] = ["gateway.envoyproxy.io/h2c"]
            metadata = {"name": reference["name"], "namespace": made["metadata"]["namespace"]}
            backends[reference["name"]] = {"apiVersion": _API, "kind": "Backend", "metadata": metadata, "spec": spec}
    return made


def _without_table_size(made: dict[str, Any]) -> dict[str, Any]:
    """The standalone mode's store of objects, which no cluster has, ends the whole gateway at a number of 64 bits
    without a sign. A consistent hash gets one by default, which is Envoy's own default too."""
    hashed = made["spec"].get("loadBalancer", {}).get("consistentHash")
    if hashed is not None:
        hashed["tableSize"] = None
    return made


def _actions(route: Mapping[str, Any]) -> set[tuple[str, bool, tuple[tuple[int, int], ...]]]:
    """The same of a rendered HTTPRoute. Envoy Gateway leaves a backend without a weight out."""
    found = set()
    for rule in route["spec"]["rules"]:
        weights = tuple((i, w) for i, each in enumerate(rule["backendRefs"]) if (w := each.get("weight")) != 0)
        placed = tuple((place, weight or 0) for place, weight in weights)
        for match in rule["matches"]:
            found.add((match["path"]["value"], "headers" in match, placed))
    return found


def _places(action: Mapping[str, Any]) -> tuple[tuple[int, int], ...]:
    if "weighted_clusters" not in action:
        return ((0, 0),)
    clusters = action["weighted_clusters"]["clusters"]
    return tuple((int(each["name"].rpartition("/")[2]), each["weight"]) for each in clusters)


def _find(dump: Any, key: str) -> Iterator[Any]:
    """Every value by this key, at any depth."""
    if isinstance(dump, dict):
        for name, inner in dump.items():
            if name == key:
                yield inner
            yield from _find(inner, key)
    elif isinstance(dump, list):
        for inner in dump:
            yield from _find(inner, key)


def _answers(done: Any) -> bool:
    try:
        return bool(done())
    except (URLError, OSError, StopIteration, json.JSONDecodeError):
        return False


def _certificate(folder: Path, host: str) -> tuple[Path, Path]:
    openssl = shutil.which("openssl")
    if openssl is None:
        raise CannotInstall("openssl is not on PATH, which makes the gateway's certificate")
    key, certificate = folder / "tls.key", folder / "tls.crt"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=gateway", "-addext", f"subjectAltName=DNS:{host}",
         "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return key, certificate


def _write(path: Path, documents: Sequence[Mapping[str, Any]]) -> None:
    """JSON documents are YAML too. The file appears whole."""
    beside = path.parent.parent / f"{path.name}.new"
    beside.write_text("\n---\n".join(json.dumps(each) for each in documents))
    os.replace(beside, path)
