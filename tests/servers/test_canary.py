"""A canary behind the real gateway, before two real servers: what callers get, counted by the servers themselves."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from math import exp, lgamma, log
from pathlib import Path
from urllib.parse import quote

import pytest
from modelyard.environment.rollout import Gates, Rollout, Sticky, canary_name
from modelyard.governance.ownership import Ownership
from modelyard.monitoring.model_alerts import ModelThresholds, model_alerts
from modelyard.monitoring.watched_track import Served
from modelyard.serving.rollout.gates import gates, judge
from modelyard.serving.rollout.split import Split
from modelyard.serving.rollout.split_policy import split_policy
from modelyard.serving.rollout.split_route import TRACK_HEADER, split_route, track_clusters
from modelyard.serving.rollout.workloads import canary_workload, split
from modelyard.serving.triton.server import server
from modelyard.serving.workload.http_route import http_route
from modelyard.serving.workload.traffic_policy import backend_traffic_policy
from modelyard.trial.server import Ports

from .conftest import CACHE, CONFIG, MODEL
from .envoy_gateway import EnvoyGateway, build_envoy_gateway, envoy_gateway
from .envoy_proxy import model_behind_gateway
from .network_namespace import NoNamespace, network_namespace
from .split_traffic import Connection, GrpcCaller, ask_many, constant_load
from .triton_server import CannotInstall, TritonHome, TritonServer, fetch, free_ports, serve

pytestmark = [pytest.mark.servers, pytest.mark.whole]

MODEL_NAME = "doubler"
STABLE, CANARY = 1, 2
PATH = f"/v2/models/{MODEL_NAME}/infer"
FACTORS = {STABLE: 2.0, CANARY: 3.0}
"""Version 2 triples what version 1 doubles: an answer tells whose it is."""


@dataclass(frozen=True)
class Canary:
    """The gateway, and the servers of both versions."""

    gateway: EnvoyGateway
    servers: dict[int, TritonServer]

    @property
    def host(self) -> str:
        return f"{MODEL_NAME}.{self.gateway.domain}"

    def declare(self, ports: Ports | None = None, **rollout: object) -> Split:
        """Applies the rendered objects of a rollout; ``ports`` are the canary's, its server's by default."""
        made = traffic(Rollout.model_validate({"stable": STABLE, "canary": CANARY, **rollout}))
        services = {
            MODEL_NAME: self.servers[STABLE].running.ports,
            canary_name(MODEL_NAME, CANARY): ports or self.servers[CANARY].running.ports,
        }
        self.gateway.apply([split_policy(made), split_route(made)], services)
        return made

    def alone(self) -> None:
        """Applies the objects of the model without a rollout."""
        model = model_behind_gateway(MODEL_NAME)
        made = [each for each in (backend_traffic_policy(model), http_route(model)) if each is not None]
        self.gateway.apply(made, {MODEL_NAME: self.servers[STABLE].running.ports})

    def answered(self, version: int) -> int:
        """Requests that this version's server counts as answered."""
        counted = re.findall(
            rf'^nv_inference_request_success{{model="{MODEL_NAME}",version="{version}"}} (\d+)',
            self.servers[version].metrics(),
            re.MULTILINE,
        )
        return sum(map(int, counted))


def traffic(rollout: Rollout) -> Split:
    """What modelyard renders for this rollout."""
    stable = model_behind_gateway(MODEL_NAME)
    configured = server(MODEL_NAME, image="tritonserver", versions=[CANARY])
    made = split(stable, rollout, canary_workload(stable, rollout, configured, stable.stored))
    assert made is not None
    return made


def repository(folder: Path, version: int) -> Path:
    models = folder / f"models-{version}"
    (models / MODEL_NAME / str(version)).mkdir(parents=True)
    (models / MODEL_NAME / "config.pbtxt").write_text(CONFIG)
    text = MODEL.replace("x * 2", f"x * {FACTORS[version]:g}")
    (models / MODEL_NAME / str(version) / "model.py").write_text(text)
    return models


@pytest.fixture(scope="module")
def canary(triton_home: TritonHome, envoy: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Canary]:
    try:
        binary = build_envoy_gateway(CACHE)
    except CannotInstall as error:
        pytest.skip(f"no Envoy Gateway to test against: {error}")
    folder = tmp_path_factory.mktemp("canary")
    with ExitStack() as stack:
        try:
            stack.enter_context(network_namespace())
        except NoNamespace as error:
            pytest.skip(f"Envoy Gateway binds every interface, so it is not run here: {error}")
        servers = {
            version: stack.enter_context(
                serve(triton_home, repository(folder, version), folder / f"triton-{version}.log")
            )
            for version in (STABLE, CANARY)
        }
        made = stack.enter_context(envoy_gateway(binary, envoy, folder / "gateway", "east", "ml.example.org"))
        yield Canary(made, servers)


def interval(requests: int, percent: int, confidence: float = 0.999) -> range:
    """Counts that a fair split of so many requests gives with this probability: the binomial distribution's own
    quantiles."""
    if percent == 100:
        return range(requests, requests + 1)
    share, tail, below = percent / 100, (1 - confidence) / 2, 0.0
    low = high = 0
    for count in range(requests + 1):
        ways = lgamma(requests + 1) - lgamma(count + 1) - lgamma(requests - count + 1)
        below += exp(ways + count * log(share) + (requests - count) * log(1 - share))
        if below < tail:
            low = count + 1
        if below <= 1 - tail:
            high = count + 1
    return range(low, high + 1)


def until(true: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.1)
    return true()


def test_a_tenth_of_the_requests_is_the_canarys(canary: Canary) -> None:
    """2,000 requests; with a fair coin one run in a thousand leaves the interval, 156 to 245."""
    canary.declare(percent=10)
    before = {version: canary.answered(version) for version in FACTORS}
    answers = ask_many(canary.gateway, canary.host, PATH, [{}] * 2000)
    counted = {version: canary.answered(version) - before[version] for version in FACTORS}
    assert {answer.status for answer in answers} == {200}
    assert counted[STABLE] + counted[CANARY] == 2000
    assert counted[CANARY] in interval(2000, 10)
    assert sum(answer.track == "canary" and answer.y == FACTORS[CANARY] for answer in answers) == counted[CANARY]
    assert sum(answer.track == "stable" and answer.y == FACTORS[STABLE] for answer in answers) == counted[STABLE]


def test_the_gateway_splits_as_declared(canary: Canary) -> None:
    """Exactly 90 to 10 in the proxy's own configuration for every path that both answer, inference and metadata, over
    HTTP and gRPC; a path of one version, and a request that names a side, lead there alone."""
    canary.declare(percent=10)
    for path, named, backends in canary.gateway.actions(MODEL_NAME):
        alone = named or "/versions/" in path
        assert alone or backends == ((0, 90), (1, 10)), path
    connection = Connection(canary.gateway, canary.host)
    for track in ("stable", "canary"):
        answers = [connection.ask(PATH, headers={TRACK_HEADER: track}) for _ in range(20)]
        assert {answer.track for answer in answers} == {track}
    connection.close()


def test_a_version_is_asked_by_its_path(canary: Canary) -> None:
    """Also the canary, before it gets any traffic."""
    canary.declare(percent=0)
    connection = Connection(canary.gateway, canary.host)
    for version, track in ((STABLE, "stable"), (CANARY, "canary")):
        answers = [connection.ask(f"/v2/models/{MODEL_NAME}/versions/{version}/infer") for _ in range(20)]
        assert {(answer.track, answer.y) for answer in answers} == {(track, FACTORS[version])}
    connection.close()


def test_users_stay_where_they_are(canary: Canary) -> None:
    """By a header: the same side at every request, and at every greater share for those who had the canary."""
    users = [f"user-{number}" for number in range(120)]
    had: set[str] = set()
    for percent in (10, 50, 100):
        canary.declare(percent=percent, sticky=Sticky(header="x-user-id"))
        answers = ask_many(canary.gateway, canary.host, PATH, [{"x-user-id": user} for user in users * 2])
        sides = {user: {answers[place + again * len(users)].track for again in range(2)} for place, user in
                 enumerate(users)}  # fmt: skip
        assert {len(side) for side in sides.values()} == {1}
        has = {user for user, side in sides.items() if side == {"canary"}}
        assert had <= has
        assert len(has) in interval(len(users), percent)
        had = has
    canary.declare(percent=10, sticky=Sticky(header="x-user-id"))
    anonymous = ask_many(canary.gateway, canary.host, PATH, [{}] * 100)
    assert {answer.track for answer in anonymous} == {"stable", "canary"}


def test_a_cookie_keeps_its_caller(canary: Canary) -> None:
    canary.declare(percent=50, sticky=Sticky(cookie="side"))
    """From the second request on: the first one has no cookie yet, and goes to either side."""
    sides = set()
    for _ in range(12):
        connection = Connection(canary.gateway, canary.host)
        first = connection.ask(PATH)
        assert first.cookie is not None and "Max-Age=86400" in first.cookie
        mine = {"cookie": first.cookie.partition(";")[0]}
        later = [connection.ask(PATH, headers=mine) for _ in range(10)]
        assert len({answer.track for answer in later}) == 1
        assert {answer.cookie for answer in later} == {None}
        sides.add(later[0].track)
        connection.close()
    assert sides == {"stable", "canary"}


def test_a_shadow_answers_nobody(canary: Canary) -> None:
    """Every request is copied to the canary, and every answer is the stable version's; also while nothing answers
    there."""
    canary.declare(mirror_percent=100)
    before = {version: canary.answered(version) for version in FACTORS}
    answers = ask_many(canary.gateway, canary.host, PATH, [{}] * 200)
    assert {(answer.track, answer.y) for answer in answers} == {("stable", FACTORS[STABLE])}
    assert until(lambda: canary.answered(CANARY) - before[CANARY] == 200)
    assert canary.answered(STABLE) - before[STABLE] == 200
    canary.declare(mirror_percent=100, ports=Ports(*free_ports(3)))
    alone = ask_many(canary.gateway, canary.host, PATH, [{}] * 100)
    assert {(answer.status, answer.track) for answer in alone} == {(200, "stable")}


def test_promotion_and_rollback_lose_nothing(canary: Canary) -> None:
    """Constant load over HTTP and gRPC, from a model without a rollout through every step, back, and to its end."""
    canary.alone()
    with constant_load(canary.gateway, canary.host, MODEL_NAME, canary.gateway.certificate) as load:
        for percent in (0, 10, 50, 100, 0, 100, 10, 0):
            canary.declare(percent=percent)
            time.sleep(0.7)
        canary.alone()
        settled = load.total()
        assert until(lambda: load.total() > settled + 50)
    assert not load.failures
    for protocol in ("http", "grpc"):
        assert min(load.answers[protocol, "stable"], load.answers[protocol, "canary"]) > 20
    after = ask_many(canary.gateway, canary.host, PATH, [{}] * 100)
    assert {answer.y for answer in after} == {FACTORS[STABLE]}


def test_a_canary_gets_nothing_before_it_is_ready(canary: Canary, triton_home: TritonHome, tmp_path: Path) -> None:
    """Its route may be there before it: without a weight nobody reaches it. The other way round they would."""
    nowhere = Ports(*free_ports(3))
    canary.declare(percent=0, ports=nowhere)
    with (
        constant_load(canary.gateway, canary.host, MODEL_NAME, canary.gateway.certificate) as load,
        serve(triton_home, repository(tmp_path, CANARY), tmp_path / "triton.log") as late,
    ):
        canary.declare(percent=10, ports=late.running.ports)
        assert until(lambda: load.answers["http", "canary"] > 10)
        canary.declare(percent=0, ports=late.running.ports)
    assert not load.failures
    canary.declare(percent=50, ports=nowhere)
    early = ask_many(canary.gateway, canary.host, PATH, [{}] * 100)
    assert {answer.status for answer in early} == {200, 503}


def test_gates_are_answered_by_what_is_counted(canary: Canary, tmp_path: Path) -> None:
    """A real Prometheus scrapes the real proxy and the canary's server. A canary whom nobody has asked is not judged,
    one without faults passes, and one that fails is refused: over HTTP by what the gateway counts, over gRPC by what
    the server counts, since a gRPC error is no HTTP error."""
    made = canary.declare(percent=50)
    clusters = track_clusters(made.namespace, made.name, made.stable.routes, "canary")
    declared = Gates(error_rate=0.05, p99_ms=10_000, window_minutes=1, least_requests=20)
    asked = gates(declared, clusters, ("shop", canary_name(MODEL_NAME, CANARY)))
    assert [gate.name for gate in asked] == ["error_rate", "server_error_rate", "p99_ms"]
    metrics_port = canary.servers[CANARY].running.ports.metrics
    with prometheus(tmp_path, canary.gateway.admin(), f"127.0.0.1:{metrics_port}") as url:

        def measured() -> dict[str, float | None]:
            return {gate.name: asked_prometheus(url, gate.query) for gate in asked}

        assert judge(asked, {gate.name: None for gate in asked}).outcome == "undetermined"

        def passes() -> bool:
            ask_many(canary.gateway, canary.host, PATH, [{}] * 40)
            return judge(asked, measured()).outcome == "pass"

        assert until(passes, 120), measured()
        with GrpcCaller(canary.host, MODEL_NAME, canary.gateway.certificate) as caller:
            failed = [caller.ask(x=-100.0, headers=((TRACK_HEADER, "canary"),)) for _ in range(60)]
        assert all(reason is not None for _, reason in failed)
        assert until(lambda: (measured()["server_error_rate"] or 0) > 0.05)
        assert (measured()["error_rate"] or 0) <= 0.05
        connection = Connection(canary.gateway, canary.host)
        for _ in range(60):
            assert connection.ask(PATH, x=-1.0, headers={TRACK_HEADER: "canary"}).status == 500
        connection.close()
        assert until(lambda: (measured()["error_rate"] or 0) > 0.05)
        assert judge(asked, measured()).outcome == "fail"


def test_alerts_tell_the_sides_apart(canary: Canary, tmp_path: Path) -> None:
    """A canary that fails a few of many requests: the rule of its own fires, by its name, and the stable side's does
    not. The rules are asked as they are, over seconds instead of minutes."""
    canary.declare(percent=10)
    served = Served(MODEL_NAME, "shop", stable=STABLE, canary=CANARY)
    ownership = Ownership("shop", "CC-1", "prod", "shop@example.org")
    thresholds = ModelThresholds(MODEL_NAME, ownership, 0.25, 1000, 5, 4, p99_ms=10_000, served=served)
    alerts = {alert.name: alert.expression.replace("[5m]", "[6s]") for alert in model_alerts(thresholds)}
    metrics_port = canary.servers[CANARY].running.ports.metrics
    with prometheus(tmp_path, canary.gateway.admin(), f"127.0.0.1:{metrics_port}") as url:

        def fires(alert: str) -> bool:
            return asked_prometheus(url, alerts[alert]) is not None

        def asked(x: float) -> bool:
            connection = Connection(canary.gateway, canary.host)
            # A tenth of them in every second, however slowly they are answered.
            for number in range(100):
                side, value = ("canary", x) if number % 10 == 0 else ("stable", 1.0)
                connection.ask(PATH, x=value, headers={TRACK_HEADER: side})
            connection.close()
            return fires("CanaryGatewayErrorRate")

        assert not any(asked(1.0) for _ in range(3))
        assert until(lambda: asked(-1.0), 120)
        assert not fires("ModelGatewayErrorRate")
        assert not fires("CanaryLatencyP99")


@contextmanager
def prometheus(folder: Path, proxy: str, triton: str) -> Iterator[str]:
    """The URL of a Prometheus that scrapes every second, with the labels that a cluster's would add."""
    found = shutil.which("prometheus")
    if found is None:
        pytest.skip("prometheus is not on PATH; Debian's package prometheus has it")
    labels = {"namespace": "shop", "service": canary_name(MODEL_NAME, CANARY)}
    config = {
        "global": {"scrape_interval": "1s"},
        "scrape_configs": [
            {"job_name": "gateway", "metrics_path": "/stats/prometheus", "static_configs": [{"targets": [proxy]}]},
            {"job_name": "triton", "static_configs": [{"targets": [triton], "labels": labels}]},
        ],
    }
    (folder / "prometheus.yml").write_text(json.dumps(config))
    (port,) = free_ports(1)
    command = [found, f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}",
               f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]  # fmt: skip
    process = subprocess.Popen(command)
    url = f"http://127.0.0.1:{port}"
    try:
        assert until(lambda: _ready(url), 120), "Prometheus did not start"
        yield url
    finally:
        process.terminate()
        process.wait(30)


def asked_prometheus(url: str, query: str) -> float | None:
    status, text = fetch(f"{url}/api/v1/query?query={quote(query)}")
    assert status == 200, text
    result = json.loads(text)["data"]["result"]
    assert len(result) < 2, query
    return float(result[0]["value"][1]) if result else None


def _ready(url: str) -> bool:
    try:
        return fetch(f"{url}/-/ready")[0] == 200
    except OSError:
        return False
