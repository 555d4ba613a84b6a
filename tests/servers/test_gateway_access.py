"""Who may ask a model, how often and with how much: the rendered policies on the real Envoy Gateway and Envoy."""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import stat
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from modelyard.capacity.software.gateway import NAME
from modelyard.capacity.software.gateway_access import client_traffic_policy
from modelyard.capacity.software.namespaces import GATEWAY
from modelyard.environment.access import (
    Access,
    ApiKey,
    Authentication,
    Cors,
    Counted,
    Jwt,
    Mtls,
    RateLimit,
)
from modelyard.environment.secret import SecretReference
from modelyard.governance.ownership import Ownership
from modelyard.serving.access.limits import limited
from modelyard.serving.access.security_policy import security_policy
from modelyard.serving.triton.server import GRPC_PORT
from modelyard.serving.workload.http_route import http_route
from modelyard.serving.workload.traffic_policy import backend_traffic_policy

from .conftest import CACHE
from .envoy_gateway import HTTPS_PORT, EnvoyGateway, build_envoy_gateway, envoy_gateway
from .envoy_proxy import model_behind_gateway
from .mirror import mirror
from .network_namespace import NoNamespace, network_namespace
from .token_issuer import ISSUER, JWKS_URI, TokenIssuer, token_issuer
from .triton_server import CannotInstall

pytestmark = [pytest.mark.servers, pytest.mark.whole]

PLATFORM = Ownership("platform", "CC-1", "prod", "platform@example.org")
TRUSTED = Path("/etc/ssl/certs/ca-certificates.crt")
"""What Envoy Gateway lets Envoy trust when it fetches keys."""
KEYS = {"web": "the key of the web shop", "app": "the key of the app"}
PAGE = "https://shop.example.com"

JWT = Jwt(issuer=ISSUER, jwks_uri=JWKS_URI, audiences=["models"], scopes=["predict"], claim_headers={"x-user": "sub"})
API_KEY = ApiKey(clients={name: SecretReference(config=f"{name}-key") for name in KEYS})
ACCESSES = {
    "tokens": Access(
        authentication=Authentication(jwt=JWT),
        rate_limit=RateLimit(requests=3, unit="hour", per=Counted(claim="team")),
        cors=Cors(allow_origins=[PAGE]),
    ),
    "keys": Access(
        authentication=Authentication(api_key=API_KEY),
        rate_limit=RateLimit(requests=3, unit="hour", per=Counted(header="x-client-id")),
    ),
    "counted": Access(rate_limit=RateLimit(requests=3, unit="hour", per=Counted(client_ip=True))),
    "together": Access(rate_limit=RateLimit(requests=3, unit="hour")),
    "small": Access(max_request_mib=1),
    "open": Access(),
    "unfinished": Access(authentication=Authentication(api_key=API_KEY)),
    "addresses": Access(rate_limit=RateLimit(requests=3, unit="hour", per=Counted(client_ip=True))),
}


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def seen(self) -> dict[str, str]:
        """Headers of the request as the model got it."""
        return json.loads(self.text)["headers"]


@dataclass(frozen=True)
class Guarded:
    """The gateway before a server that says what it was asked."""

    gateway: EnvoyGateway
    issuer: TokenIssuer

    def ask(
        self,
        model: str,
        headers: Mapping[str, str] | None = None,
        *,
        body: bytes = b"{}",
        path: str | None = None,
        method: str = "POST",
        client: Path | None = None,
    ) -> Answer:
        """One request on a connection of its own. ``client`` is the caller's certificate."""
        host = f"{model}.{self.gateway.domain}"
        context = self.gateway.context()
        if client is not None:
            context.load_cert_chain(client)
        connection = http.client.HTTPConnection(host, timeout=30)
        plain = socket.create_connection(("127.0.0.1", HTTPS_PORT), 30)
        try:
            connection.sock = context.wrap_socket(plain, server_hostname=host)
            connection.request(method, path or f"/v2/models/{model}/infer", body, dict(headers or {}))
            answer = connection.getresponse()
            return Answer(answer.status, answer.read().decode(), dict(answer.getheaders()))
        finally:
            connection.close()
            plain.close()

    def statuses(self, count: int, model: str, headers: Mapping[str, str] | None = None) -> list[int]:
        return [self.ask(model, headers).status for _ in range(count)]

    def bearer(self, **claims: Any) -> dict[str, str]:
        return {"authorization": f"Bearer {self.issuer.token(**claims)}"}


@pytest.fixture(scope="module")
def guarded(envoy: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("access")
    if not TRUSTED.exists():
        pytest.skip(f"no authorities at {TRUSTED}, where Envoy Gateway has Envoy look for them")
    try:
        binary = build_envoy_gateway(CACHE)
    except CannotInstall as error:
        pytest.skip(f"no Envoy Gateway to test against: {error}")
    with ExitStack() as stack:
        try:
            stack.enter_context(network_namespace())
            issuer = stack.enter_context(token_issuer(folder / "issuer"))
        except (NoNamespace, CannotInstall) as error:
            pytest.skip(f"no gateway with an identity provider: {error}")
        port = stack.enter_context(mirror())
        trusting = _trusting(binary, issuer.authority, folder)
        gateway = stack.enter_context(envoy_gateway(trusting, envoy, folder / "gateway", "east", "ml.example.org"))
        running = Guarded(gateway, issuer)
        _apply(running, "access", [each for model in ACCESSES for each in objects(model, port)])
        _apply(running, "clients", [client_traffic_policy(None, PLATFORM, gateway=NAME, namespace=GATEWAY)])
        _until(lambda: running.ask("open").status == 200 and running.ask("tokens", running.bearer()).status == 200)
        yield running


def objects(name: str, port: int) -> list[dict[str, Any]]:
    """What is rendered for a model with this access, and the one server behind every port of it."""
    model, access = model_behind_gateway(name), ACCESSES[name]
    route, policy = http_route(model), backend_traffic_policy(model)
    assert route is not None and policy is not None
    route, policies = limited(route, policy, access, grpc_ports=(GRPC_PORT,))
    for rule in route["spec"]["rules"]:
        rule["backendRefs"] = [{"group": "gateway.envoyproxy.io", "kind": "Backend", "name": name}]
    guard = security_policy(model.metadata(), access, route=name, keys="not-there" if name == "unfinished" else "keys")
    backend = {
        "apiVersion": "gateway.envoyproxy.io/v1alpha1",
        "kind": "Backend",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"endpoints": [{"ip": {"address": "127.0.0.1", "port": port}}]},
    }
    return [backend, _keys(), *([] if guard is None else [guard]), *policies, route]


def _keys() -> dict[str, Any]:
    data = {client: b64encode(key.encode()).decode() for client, key in KEYS.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys", "namespace": "shop"}, "data": data}


def test_a_request_needs_a_token(guarded: Guarded) -> None:
    assert guarded.ask("tokens").status == 401
    answer = guarded.ask("tokens", guarded.bearer(team="first"))
    assert answer.status == 200
    assert answer.seen["x-user"] == "ann"


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"exp": 1}, 401),
        ({"iss": "https://other.example.org"}, 401),
        ({"aud": "somebody-else"}, 403),
        ({"scope": "read"}, 403),
        ({"scope": None}, 403),
    ],
)
def test_a_token_must_fit(guarded: Guarded, claims: dict[str, Any], status: int) -> None:
    assert guarded.ask("tokens", guarded.bearer(**claims)).status == status


def test_a_token_of_another_key_is_refused(guarded: Guarded) -> None:
    header, claims, signature = guarded.issuer.token().split(".")
    forged = f"{header}.{claims}.{signature[:-8]}AAAAAAAA"
    assert guarded.ask("tokens", {"authorization": f"Bearer {forged}"}).status == 401


def test_a_token_in_the_address_does_not_count(guarded: Guarded) -> None:
    path = f"/v2/models/tokens/infer?access_token={guarded.issuer.token()}"
    assert guarded.ask("tokens", path=path).status == 401


def test_callers_cannot_say_who_they_are(guarded: Guarded) -> None:
    """The header is the token's alone, and the token itself ends at the gateway."""
    seen = guarded.ask("tokens", {**guarded.bearer(team="second"), "x-user": "root"}).seen
    assert seen["x-user"] == "ann"
    assert "authorization" not in seen


def test_requests_are_counted_by_claim(guarded: Guarded) -> None:
    assert guarded.statuses(5, "tokens", guarded.bearer(team="a")) == [200, 200, 200, 429, 429]
    assert guarded.ask("tokens", guarded.bearer(team="b")).status == 200


def test_who_lacks_the_claim_is_counted_too(guarded: Guarded) -> None:
    """Together with everybody else who lacks it, whatever the request says of itself."""
    statuses = [
        guarded.ask("tokens", {**guarded.bearer(sub=f"caller {n}"), "x-rate-limit-claim": str(n)}).status
        for n in range(5)
    ]
    assert statuses.count(429) >= 2 and statuses[-2:] == [429, 429]


@pytest.mark.parametrize(("origin", "allowed"), [(PAGE, True), ("https://other.example.com", False)])
def test_pages_of_named_origins_may_ask(guarded: Guarded, origin: str, allowed: bool) -> None:
    """A browser asks without a token whether it may."""
    asked = {"origin": origin, "access-control-request-method": "POST"}
    answer = guarded.ask("tokens", asked, method="OPTIONS")
    assert ("access-control-allow-origin" in answer.headers) is allowed


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "another"}, {"x-client-id": "web"}])
def test_a_request_needs_a_key(guarded: Guarded, headers: dict[str, str]) -> None:
    assert guarded.ask("keys", headers).status == 401


def test_a_key_names_its_client_and_is_counted(guarded: Guarded) -> None:
    web = guarded.ask("keys", {"x-api-key": KEYS["web"], "x-client-id": "root"})
    assert (web.status, web.seen["x-client-id"]) == (200, "web")
    assert "x-api-key" not in web.seen
    assert guarded.statuses(4, "keys", {"x-api-key": KEYS["web"]}) == [200, 200, 429, 429]
    assert guarded.ask("keys", {"x-api-key": KEYS["app"]}).status == 200


@pytest.mark.parametrize("model", ["counted", "together"])
def test_over_the_limit_is_429(guarded: Guarded, model: str) -> None:
    assert guarded.statuses(5, model) == [200, 200, 200, 429, 429]
    # As the declaration says: a proxy counts each path for itself.
    assert guarded.ask(model, path=f"/v2/models/{model}/versions/1/infer").status == 200


def test_callers_cannot_say_where_they_are(guarded: Guarded) -> None:
    statuses = [guarded.ask("addresses", {"x-forwarded-for": f"192.0.2.{n}"}).status for n in range(5)]
    assert statuses == [200, 200, 200, 429, 429]


def test_a_policy_that_cannot_be_applied_leaves_nothing_open(guarded: Guarded) -> None:
    """Its Secret is not there."""
    assert guarded.statuses(2, "unfinished", {"x-api-key": KEYS["web"]}) == [500, 500]


MIB = 1024 * 1024


@pytest.mark.parametrize(("size", "status"), [(MIB, 200), (MIB + 1, 413)])
def test_a_large_request_is_413(guarded: Guarded, size: int, status: int) -> None:
    assert guarded.ask("small", body=bytes(size)).status == status
    assert guarded.ask("open", body=bytes(size)).status == 200


def test_grpc_is_never_held(guarded: Guarded) -> None:
    """A stream of requests has no end to wait for."""
    path = "/inference.GRPCInferenceService/ModelStreamInfer"
    assert guarded.ask("small", body=bytes(3 * MIB), path=path).status == 200


def test_a_header_with_an_underscore_is_refused(guarded: Guarded) -> None:
    """Servers that take x_user for x-user would believe it."""
    assert guarded.ask("open", {"x_user": "root"}).status == 400


def test_a_route_is_never_open_when_its_policies_are_there_first(guarded: Guarded) -> None:
    """In the order in which components make them, and in the other order when they are deleted."""
    ACCESSES["late"] = Access(authentication=Authentication(jwt=JWT), max_request_mib=1)
    made = objects("late", _port(guarded))
    policies = [each for each in made if each["kind"] != "HTTPRoute"]
    try:
        _apply(guarded, "late-policies", policies)
        _apply(guarded, "late", [each for each in made if each["kind"] == "HTTPRoute"])
        # Under load the proxy may know who may ask before it knows how tokens are read: it refuses everybody then.
        assert _seen_until(guarded, 401) <= {404, 403, 401}
        assert guarded.ask("late", guarded.bearer()).status == 200
        assert guarded.ask("late", guarded.bearer(), body=bytes(MIB + 1)).status == 413
        (guarded.gateway.folder / "resources" / "late.yaml").unlink()
        assert _seen_until(guarded, 404) <= {404, 403, 401}
    finally:
        for name in ("late", "late-policies"):
            (guarded.gateway.folder / "resources" / f"{name}.yaml").unlink(missing_ok=True)
        del ACCESSES["late"]


def _port(guarded: Guarded) -> int:
    """Of the server behind every model."""
    text = (guarded.gateway.folder / "resources" / "access.yaml").read_text()
    backend = next(each for each in map(json.loads, text.split("\n---\n")) if each["kind"] == "Backend")
    return backend["spec"]["endpoints"][0]["ip"]["port"]


def _seen_until(guarded: Guarded, status: int) -> set[int]:
    """Every status of requests without a token, asked as fast as they are answered."""
    seen: set[int] = set()

    def asked() -> bool:
        seen.add(guarded.ask("late").status)
        return status in seen

    _until(asked)
    return seen


def test_mtls(guarded: Guarded, tmp_path: Path) -> None:
    """Of the authority that a ConfigMap names, and with a name that is allowed."""
    mtls = Mtls(config_map="callers", dns_names=["shop.example.org"])
    policy = client_traffic_policy(mtls, PLATFORM, gateway=NAME, namespace=GATEWAY)
    authority = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "callers", "namespace": GATEWAY},
        "data": {"ca.crt": guarded.issuer.authority.read_text()},
    }
    before = client_traffic_policy(None, PLATFORM, gateway=NAME, namespace=GATEWAY)
    known, other = guarded.issuer.certificate("shop.example.org"), guarded.issuer.certificate("other.example.org")
    stranger = ssl.SSLError, ConnectionError, http.client.HTTPException
    _apply(guarded, "clients", [authority, policy])
    try:
        _until(lambda: _refused(guarded, None))
        answer = guarded.ask("open", {"x-forwarded-client-cert": "By=nobody"}, client=known)
        assert answer.status == 200
        assert "By=nobody" not in answer.seen["x-forwarded-client-cert"]
        assert "shop.example.org" in answer.seen["x-forwarded-client-cert"]
        with pytest.raises(stranger):
            guarded.ask("open", client=other)
    finally:
        _apply(guarded, "clients", [before])
        _until(lambda: not _refused(guarded, None))


def _refused(guarded: Guarded, client: Path | None) -> bool:
    try:
        guarded.ask("open", client=client)
    except (ssl.SSLError, ConnectionError, http.client.HTTPException):
        return True
    return False


def _trusting(binary: Path, authority: Path, folder: Path) -> Path:
    """Envoy Gateway for which this authority is among those that the machine trusts; for the machine it is not."""
    bundle = folder / "trusted.crt"
    bundle.write_text(TRUSTED.read_text() + authority.read_text())
    started = folder / "envoy-gateway"
    started.write_text(
        f'#!/bin/sh\nexec unshare --mount sh -c \'mount --bind {bundle} {TRUSTED} && exec {binary} "$@"\' sh "$@"\n'
    )
    started.chmod(started.stat().st_mode | stat.S_IXUSR)
    return started


def _apply(guarded: Guarded, name: str, documents: list[dict[str, Any]]) -> None:
    """JSON documents are YAML too; the file appears whole."""
    unique = {(each["kind"], each["metadata"]["name"]): each for each in documents}
    beside = guarded.gateway.folder / f"{name}.new"
    beside.write_text("\n---\n".join(json.dumps(each) for each in unique.values()))
    os.replace(beside, guarded.gateway.folder / "resources" / f"{name}.yaml")


def _until(done: Any, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if done():
                return
        except (OSError, http.client.HTTPException):
            pass
        assert time.monotonic() < deadline, "the gateway does not do as its policies say"
        time.sleep(0.1)
