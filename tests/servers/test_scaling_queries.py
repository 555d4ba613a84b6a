"""The autoscaler's queries, answered by a real Prometheus that scrapes a real Triton and a real Envoy."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import quote

import pytest
import yaml
from modelyard.serving.autoscaling.scale_target import ScaleTarget
from modelyard.serving.autoscaling.signals import SignalName, measured_runtimes, query, signals_of
from modelyard.serving.autoscaling.wake_up import demand_query
from modelyard.serving.workload.http_route import inference_clusters

from .triton_server import TritonHome, fetch, free_ports, serve

pytestmark = [pytest.mark.servers, pytest.mark.whole]

WINDOW = "6s"
CALLERS = 4
SERVICE_SECONDS = 0.05
DEPLOYED = ScaleTarget("sleeper", "shop", "triton", gateway_clusters=inference_clusters("shop", "sleeper"))
GONE = ScaleTarget("gone", "shop", "triton")
SIGNALS: tuple[SignalName, ...] = ("queue_ms", "concurrency", "requests_per_second")

CONFIG = """\
backend: "python"
max_batch_size: 0
input [{ name: "x", data_type: TYPE_FP32, dims: [ 1 ] }]
output [{ name: "y", data_type: TYPE_FP32, dims: [ 1 ] }]
instance_group [{ kind: KIND_CPU, count: 1 }]
"""
MODEL = f"""\
import time

import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        answers = []
        for request in requests:
            time.sleep({SERVICE_SECONDS})
            x = pb_utils.get_input_tensor_by_name(request, "x").as_numpy()
            answers.append(pb_utils.InferenceResponse([pb_utils.Tensor("y", x)]))
        return answers
"""
BODY = json.dumps({"inputs": [{"name": "x", "shape": [1], "datatype": "FP32", "data": [1]}]}).encode()


@dataclass(frozen=True)
class Prometheus:
    """A running server that scrapes every second."""

    url: str

    def ask(self, text: str) -> float | None:
        """The one number that KEDA would get; None where there is no answer."""
        status, answer = fetch(f"{self.url}/api/v1/query?query={quote(text)}")
        assert status == 200, answer
        found = json.loads(answer)["data"]["result"]
        assert len(found) <= 1, found
        return float(found[0]["value"][1]) if found else None

    def soon(self, text: str, true: Callable[[float | None], bool]) -> float | None:
        """Its answer as soon as ``true`` holds; the last one after a minute."""
        deadline = time.monotonic() + 60
        while not true(answer := self.ask(text)) and time.monotonic() < deadline:
            time.sleep(0.5)
        return answer


@contextmanager
def prometheus(folder: Path, jobs: list[dict[str, Any]]) -> Iterator[Prometheus]:
    binary = shutil.which("prometheus")
    if binary is None:
        pytest.skip("no Prometheus to test against: prometheus is not on PATH; Debian's package prometheus has it")
    (port,) = free_ports(1)
    config = folder / "prometheus.yml"
    config.write_text(
        yaml.safe_dump({"global": {"scrape_interval": "1s", "scrape_timeout": "1s"}, "scrape_configs": jobs})
    )
    command = [binary, f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}"]
    with (folder / "prometheus.log").open("w") as log:
        process = subprocess.Popen(
            [*command, f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"], stdout=log, stderr=log
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/-/ready", process, folder / "prometheus.log")
            yield Prometheus(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait(30)


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while True:
        assert process.poll() is None, log.read_text()[-2000:]
        assert time.monotonic() < deadline, f"{url} was not ready in time"
        with suppress(URLError, ConnectionError):
            if fetch(url)[0] == 200:
                return
        time.sleep(0.2)


def job(name: str, port: int, path: str, labels: dict[str, str]) -> dict[str, Any]:
    targets = [{"targets": [f"127.0.0.1:{port}"], "labels": labels}]
    return {"job_name": name, "metrics_path": path, "static_configs": targets}


@pytest.fixture(scope="module")
def answers(triton_home: TritonHome, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, float | None]]:
    """What Prometheus says of a server that nobody has asked, of the same under four callers who each wait for their
    answer, and of one that is gone."""
    folder = tmp_path_factory.mktemp("scaling")
    version = folder / "models" / "sleeper" / "1"
    version.mkdir(parents=True)
    (version / "model.py").write_text(MODEL)
    (version.parent / "config.pbtxt").write_text(CONFIG)
    labels = {"namespace": "shop", "service": "sleeper", "pod": "sleeper-0"}
    with (
        serve(triton_home, folder / "models", folder / "triton.log") as server,
        prometheus(folder, [job("triton", server.metrics_port, "/metrics", labels)]) as asked,
    ):
        queries = {signal: query(DEPLOYED, signal, WINDOW) for signal in SIGNALS}
        asked.soon(queries["requests_per_second"], lambda answer: answer is not None)
        idle = {signal: asked.ask(text) for signal, text in queries.items()}
        until = time.monotonic() + 9

        def call(_: int) -> None:
            while time.monotonic() < until:
                assert server.request("/v2/models/sleeper/infer", body=BODY)[0] == 200

        with ThreadPoolExecutor(CALLERS) as callers:
            running = list(callers.map(call, range(CALLERS)))
        assert len(running) == CALLERS
        busy = {signal: asked.ask(text) for signal, text in queries.items()}
        gone = {signal: asked.ask(query(GONE, signal, WINDOW)) for signal in SIGNALS}
    return {"idle": idle, "busy": busy, "gone": gone}


@pytest.mark.parametrize("signal", SIGNALS)
def test_without_requests_a_server_reports_zero_and_nothing_is_divided_by_zero(
    answers: dict[str, dict[str, float | None]], signal: str
) -> None:
    assert answers["idle"][signal] == 0


@pytest.mark.parametrize("signal", SIGNALS)
def test_without_a_server_there_is_no_answer(answers: dict[str, dict[str, float | None]], signal: str) -> None:
    assert answers["gone"][signal] is None


def test_requests_in_flight_are_those_of_the_callers(answers: dict[str, dict[str, float | None]]) -> None:
    """Four callers have four requests in flight, less the moments between an answer and the next request."""
    concurrency = answers["busy"]["concurrency"]
    assert concurrency is not None
    assert CALLERS / 2 < concurrency <= CALLERS * 1.05


def test_the_queue_is_time_per_request(answers: dict[str, dict[str, float | None]]) -> None:
    """With one instance, a request waits for those before it: its time in the server less its own execution. Time in
    the server is requests in flight by requests per second (Little's law)."""
    busy = {signal: value or 0.0 for signal, value in answers["busy"].items()}
    assert busy["requests_per_second"] > 1
    in_server_ms = 1000 * busy["concurrency"] / busy["requests_per_second"]
    executes_ms = 1000 / busy["requests_per_second"]
    assert busy["queue_ms"] == pytest.approx(in_server_ms - executes_ms, rel=0.25)


SERVED = 'namespace="shop",service="tagger"'
HISTOGRAM = ":tensorflow:serving:batching_session:queuing_latency"
POD = "tagger-6d4cf56db6-x2x7p"

# A minute a step; a counter that grows by 60 grows by one per second.
WRITTEN: list[tuple[str, SignalName, dict[str, str], float | None]] = [
    (
        "triton",
        "queue_ms",
        {
            f'nv_inference_queue_duration_us{{{SERVED},pod="a",model="resize"}}': "0+240000x30",
            f'nv_inference_queue_duration_us{{{SERVED},pod="b",model="tagger"}}': "0+120000x30",
            f'nv_inference_request_success{{{SERVED},pod="a",model="resize"}}': "0+60x30",
            f'nv_inference_request_success{{{SERVED},pod="b",model="tagger"}}': "0+60x30",
        },
        6,
    ),
    (
        "triton",
        "concurrency",
        {
            f'nv_inference_request_duration_us{{{SERVED},pod="a",model="resize"}}': "0+60000000x30",
            f'nv_inference_request_duration_us{{{SERVED},pod="a",model="tagger"}}': "0+120000000x30",
            f'nv_inference_request_duration_us{{{SERVED},pod="b",model="tagger"}}': "0+120000000x30",
        },
        4,
    ),
    (
        "triton",
        "requests_per_second",
        {
            f'nv_inference_request_success{{{SERVED},pod="a",model="tagger"}}': "0+60x30",
            f'nv_inference_request_success{{{SERVED},pod="b",model="tagger"}}': "0+60x30",
            'nv_inference_request_success{namespace="shop",service="tagger-2",model="tagger"}': "0+60x30",
        },
        2,
    ),
    (
        "tensorflow-serving",
        "queue_ms",
        {f"{HISTOGRAM}_sum{{{SERVED}}}": "0+480000x30", f"{HISTOGRAM}_count{{{SERVED}}}": "0+60x30"},
        8,
    ),
    ("tensorflow-serving", "queue_ms", {f":tensorflow:serving:request_count{{{SERVED}}}": "0+60x30"}, None),
    (
        "tensorflow-serving",
        "concurrency",
        {f':tensorflow:serving:request_latency_sum{{{SERVED},entrypoint="REST"}}': "0+240000000x30"},
        4,
    ),
    (
        "tensorflow-serving",
        "requests_per_second",
        {
            f':tensorflow:serving:request_count{{{SERVED},status="OK"}}': "0+60x30",
            f':tensorflow:serving:request_count{{{SERVED},status="INTERNAL"}}': "0+60x30",
        },
        2,
    ),
    (
        "torchserve",
        "queue_ms",
        {
            f"ts_queue_latency_microseconds{{{SERVED}}}": "0+480000x30",
            f"ts_inference_requests_total{{{SERVED}}}": "0+60x30",
        },
        8,
    ),
    (
        "torchserve",
        "queue_ms",
        {
            f"ts_queue_latency_microseconds{{{SERVED}}}": "480000x30",
            f"ts_inference_requests_total{{{SERVED}}}": "60x30",
        },
        0,
    ),
    ("torchserve", "concurrency", {f"ts_inference_latency_microseconds{{{SERVED}}}": "0+120000000x30"}, 2),
    ("torchserve", "requests_per_second", {f"ts_inference_requests_total{{{SERVED}}}": "0+240x30"}, 4),
    ("mlserver", "concurrency", {f"model_infer_request_duration_sum{{{SERVED}}}": "0+120x30"}, 2),
    ("mlserver", "requests_per_second", {f"model_infer_request_success_total{{{SERVED}}}": "0+240x30"}, 4),
    ("kserve", "concurrency", {f"request_predict_seconds_sum{{{SERVED}}}": "0+120x30"}, 2),
    ("kserve", "requests_per_second", {f"request_predict_seconds_count{{{SERVED}}}": "0+240x30"}, 4),
    (
        "triton",
        "gpu_utilization_percent",
        {
            f'DCGM_FI_DEV_GPU_UTIL{{namespace="shop",pod="{POD}",gpu="0"}}': "50x30",
            f'DCGM_FI_DEV_GPU_UTIL{{namespace="shop",pod="{POD}",gpu="1"}}': "100x30",
            'DCGM_FI_DEV_GPU_UTIL{namespace="shop",pod="tagger-big-6d4cf56db6-x2x7p",gpu="0"}': "0x30",
        },
        75,
    ),
]


def test_every_query_answers_what_the_series_say(promtool: str, tmp_path: Path) -> None:
    tests = [
        {
            "interval": "1m",
            "input_series": [{"series": name, "values": values} for name, values in series.items()],
            "promql_expr_test": [
                {
                    "expr": query(ScaleTarget("tagger", "shop", runtime), signal),
                    "eval_time": "28m",
                    "exp_samples": [] if answer is None else [{"labels": "{}", "value": answer}],
                }
            ],
        }
        for runtime, signal, series, answer in WRITTEN
    ]
    path = tmp_path / "test.yaml"
    path.write_text(yaml.safe_dump({"evaluation_interval": "1m", "tests": tests}))
    done = subprocess.run([promtool, "test", "rules", str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_query_is_asked_about_a_series() -> None:
    asked = {(runtime.replace("-", "_"), signal) for runtime, signal, _, answer in WRITTEN if answer}
    own = {(runtime, signal) for runtime in measured_runtimes() for signal in signals_of(runtime)}
    assert asked == {each for each in own if each[1] != "gpu_utilization_percent" or each[0] == "triton"}


ROUTES = {
    # Where Envoy Gateway leads requests for a Service without pods, by its address and by its endpoints.
    "/refused": {"route": {"cluster": "httproute/shop/sleeper/rule/0"}},
    "/answered-by-the-route": {"direct_response": {"status": 503}, "stat_prefix": "httproute/shop/other"},
}


@pytest.fixture(scope="module")
def asleep(envoy: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Prometheus, int, int]]:
    """A model without pods behind an Envoy that makes counters as Envoy Gateway has it do: at their first use."""
    folder = tmp_path_factory.mktemp("asleep")
    port, admin_port, nobody = free_ports(3)
    config = folder / "envoy.json"
    config.write_text(json.dumps(envoy_config(port, admin_port, nobody)))
    with (folder / "envoy.log").open("w") as log:
        process = subprocess.Popen(
            [str(envoy), "-c", str(config), "--concurrency", "1", "--disable-hot-restart", "--log-level", "warn"],
            stdout=log,
            stderr=log,
        )
        try:
            wait_for(f"http://127.0.0.1:{admin_port}/ready", process, folder / "envoy.log")
            with prometheus(folder, [job("gateway", admin_port, "/stats/prometheus", {"pod": "proxy-0"})]) as asked:
                asked.soon("envoy_server_live", lambda answer: answer is not None)
                yield asked, port, admin_port
        finally:
            process.terminate()
            process.wait(30)


def test_every_request_to_a_model_that_sleeps_is_seen(asleep: tuple[Prometheus, int, int]) -> None:
    """The first makes the counter, the second, when nobody has asked for a while, is an increase of it."""
    asked, port, admin_port = asleep
    assert DEPLOYED.gateway_clusters is not None
    demand = demand_query(DEPLOYED.gateway_clusters, WINDOW)
    assert asked.ask(demand) == 0
    counted = fetch(f"http://127.0.0.1:{admin_port}/stats/prometheus")[1]
    assert "envoy_cluster_upstream_rq_completed" not in counted
    for _ in range(2):
        assert fetch(f"http://127.0.0.1:{port}/refused")[0] == 503
        assert (asked.soon(demand, lambda answer: bool(answer)) or 0) > 0
        assert asked.ask(demand_query(inference_clusters("shop", "sleeper-2"), WINDOW)) == 0
        assert asked.soon(demand, lambda answer: answer == 0) == 0, "nobody asks any more"


def test_a_gateway_that_is_not_measured_is_no_answer(asleep: tuple[Prometheus, int, int]) -> None:
    asked, _, _ = asleep
    assert DEPLOYED.gateway_clusters is not None
    elsewhere = demand_query(DEPLOYED.gateway_clusters, WINDOW).replace("envoy_server_live", "envoy_of_another_cluster")
    assert asked.ask(elsewhere) is None


def test_what_a_route_answers_itself_is_counted_for_no_model(asleep: tuple[Prometheus, int, int]) -> None:
    """Why the route of a model that sleeps leads to its Service's address."""
    _, port, admin_port = asleep
    assert fetch(f"http://127.0.0.1:{port}/answered-by-the-route")[0] == 503
    lines = fetch(f"http://127.0.0.1:{admin_port}/stats/prometheus")[1].splitlines()
    counted = {line.partition("{")[0] for line in lines if "shop/other" in line and not line.endswith(" 0")}
    assert counted == set()
    assert any(line.startswith("envoy_http_rq_direct_response") and line.endswith(" 1") for line in lines)


def envoy_config(port: int, admin_port: int, nobody: int) -> dict[str, Any]:
    extensions = "type.googleapis.com/envoy.extensions.filters"
    router = {"name": "router", "typed_config": {"@type": f"{extensions}.http.router.v3.Router"}}
    routes = [{"match": {"path": path}, **route} for path, route in ROUTES.items()]
    manager = {
        "@type": f"{extensions}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "https-443",
        "route_config": {"virtual_hosts": [{"name": "models", "domains": ["*"], "routes": routes}]},
        "http_filters": [router],
    }
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
    name = "httproute/shop/sleeper/rule/0"
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": address(nobody)}}]}]
    return {
        "node": {"id": "proxy", "cluster": "gateway"},
        "admin": {"address": address(admin_port)},
        "deferred_stat_options": {"enable_deferred_creation_stats": True},
        "static_resources": {
            "listeners": [{"address": address(port), "filter_chains": [chain]}],
            "clusters": [
                {
                    "name": name,
                    "type": "STATIC",
                    "connect_timeout": "2s",
                    "load_assignment": {"cluster_name": name, "endpoints": endpoints},
                }
            ],
        },
    }


def address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
