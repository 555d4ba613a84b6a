"""A version roll under traffic: real Triton servers behind a real Envoy, stopped and started as Kubernetes would.

What is played here is Kubernetes alone: pods are added to the endpoints when they are ready and taken out when they are
to stop, and Envoy hears of it late. The order of things, the times, the arguments of the server and the settings of the
gateway are those of the plan; waiting times are divided by :data:`FASTER`.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
from modelyard.serving.workload.deployment import deployment
from modelyard.trial.server import Ports, RunningServer, serve

from .envoy_proxy import EnvoyProxy, model_behind_gateway, proxy
from .steady_traffic import SteadyTraffic, steady_traffic
from .triton_server import TritonHome

pytestmark = pytest.mark.servers

FASTER = 5
PROPAGATION_SECONDS = 1.0
"""From a change of the endpoints to the proxies that know it."""
REPLICAS = 2
REQUESTS_PER_SECOND = 150

STAGE = """\
import time

import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        time.sleep(0.04)
        x = [pb_utils.get_input_tensor_by_name(request, "x").as_numpy() for request in requests]
        return [pb_utils.InferenceResponse([pb_utils.Tensor("y", FORMULA)]) for each in x]
"""
STAGE_CONFIG = """\
backend: "python"
max_batch_size: 32
input [{ name: "x", data_type: TYPE_FP32, dims: [ 1 ] }]
output [{ name: "y", data_type: TYPE_FP32, dims: [ 1 ] }]
instance_group [{ kind: KIND_CPU }]
dynamic_batching { }
"""
ENSEMBLE_CONFIG = """\
platform: "ensemble"
max_batch_size: 32
input [{ name: "x", data_type: TYPE_FP32, dims: [ 1 ] }]
output [{ name: "y", data_type: TYPE_FP32, dims: [ 1 ] }]
ensemble_scheduling {
  step [
    { model_name: "prepare" model_version: -1
      input_map { key: "x" value: "x" } output_map { key: "y" value: "prepared" } },
    { model_name: "score" model_version: -1
      input_map { key: "x" value: "prepared" } output_map { key: "y" value: "y" } }
  ]
}
"""


def repository(folder: Path, version: int) -> Path:
    """An ensemble of two stages whose answer to 1 is its version."""
    formulas = {"prepare": "each + 1", "score": f"each / 2 * {version}"}
    for name, formula in formulas.items():
        (folder / name / str(version)).mkdir(parents=True)
        (folder / name / str(version) / "model.py").write_text(STAGE.replace("FORMULA", formula))
        (folder / name / "config.pbtxt").write_text(STAGE_CONFIG)
    (folder / "fraud" / str(version)).mkdir(parents=True)
    (folder / "fraud" / "config.pbtxt").write_text(ENSEMBLE_CONFIG)
    return folder


@dataclass
class Pod:
    """One server, and what Kubernetes does to it."""

    held: AbstractContextManager[RunningServer]
    server: RunningServer
    stopping: threading.Thread | None = None


@dataclass
class Cluster:
    """Endpoints and pods of one Deployment."""

    home: TritonHome
    gateway: EnvoyProxy
    drain_seconds: float
    exit_timeout_seconds: int
    grace_seconds: float
    pods: list[Pod] = field(default_factory=list)
    killed: int = 0
    _endpoints: list[Ports] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, models: Path) -> None:
        """A pod that is ready, of these models, and known to the proxies a little later."""
        held = serve(self.home, models, extra_arguments=[f"--exit-timeout-secs={self.exit_timeout_seconds}"])
        pod = Pod(held, held.__enter__())
        self.pods.append(pod)
        self._endpoint(pod, there=True)

    def stop(self, pod: Pod) -> None:
        """Begins to delete the pod: the endpoint goes, and the container is told to stop after its preStop hook."""
        self._endpoint(pod, there=False)
        pod.stopping = threading.Thread(target=self._delete, args=(pod,))
        pod.stopping.start()

    def gone(self, pod: Pod) -> None:
        """Waits for its end."""
        assert pod.stopping is not None
        pod.stopping.join()

    def close(self) -> None:
        # Triton waits for open connections, also idle ones: the gateway closes those to pods that it forgets.
        self.gateway.send_to([])
        left = [pod for pod in self.pods if pod.stopping is None]
        for pod in left:
            pod.stopping = threading.Thread(target=pod.held.__exit__, args=(None, None, None))
            pod.stopping.start()
        for pod in self.pods:
            self.gone(pod)

    def _delete(self, pod: Pod) -> None:
        time.sleep(self.drain_seconds)
        deadline = time.monotonic() + self.grace_seconds
        os.kill(pod.server.pid, signal.SIGTERM)
        while not pod.server.ended():
            if time.monotonic() > deadline:
                self.killed += 1
                break
            time.sleep(0.05)
        pod.held.__exit__(None, None, None)

    def _endpoint(self, pod: Pod, *, there: bool) -> None:
        with self._lock:
            if there:
                self._endpoints.append(pod.server.ports)
            else:
                self._endpoints.remove(pod.server.ports)
            now = list(self._endpoints)
        timer = threading.Timer(PROPAGATION_SECONDS, self.gateway.send_to, args=(now,))
        timer.daemon = True
        timer.start()


@dataclass(frozen=True)
class Roll:
    """What was seen of one roll."""

    traffic: SteadyTraffic
    killed: int


def roll(
    triton_home: TritonHome,
    envoy: Path,
    folder: Path,
    *,
    surge: int,
    drain_seconds: float | None = None,
    exit_timeout_seconds: int | None = None,
) -> Roll:
    """From version 1 to version 2 under traffic; by default with the plan's preStop sleep and exit timeout."""
    model = model_behind_gateway("fraud")
    spec = deployment(model)["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    (planned_exit,) = (each for each in container["args"] if each.startswith("--exit-timeout-secs="))
    before, after = (repository(folder / f"v{version}", version) for version in (1, 2))
    (folder / "envoy").mkdir()
    with proxy(envoy, model, [], folder / "envoy") as gateway:
        cluster = Cluster(
            triton_home,
            gateway,
            container["lifecycle"]["preStop"]["sleep"]["seconds"] / FASTER if drain_seconds is None else drain_seconds,
            int(planned_exit.partition("=")[2]) if exit_timeout_seconds is None else exit_timeout_seconds,
            spec["template"]["spec"]["terminationGracePeriodSeconds"],
        )
        with _closing(cluster):
            for _ in range(REPLICAS):
                cluster.start(before)
            time.sleep(PROPAGATION_SECONDS + 0.5)
            with steady_traffic(gateway, REQUESTS_PER_SECOND) as traffic:
                time.sleep(1)
                assert set(traffic.latest.values()) == {1.0}
                for old in list(cluster.pods):
                    if not surge:
                        # Kubernetes replaces a pod as soon as it is unavailable: it need not have ended.
                        cluster.stop(old)
                    cluster.start(after)
                    time.sleep(spec["minReadySeconds"] / FASTER)
                    if surge:
                        cluster.stop(old)
                for old in cluster.pods[:REPLICAS]:
                    cluster.gone(old)
                time.sleep(1)
            return Roll(traffic, cluster.killed)


@contextmanager
def _closing(cluster: Cluster) -> Iterator[None]:
    try:
        yield
    finally:
        cluster.close()


@pytest.mark.parametrize("surge", [1, 0], ids=["one more pod", "one pod less"])
def test_a_roll_drops_no_request(triton_home: TritonHome, envoy: Path, tmp_path: Path, surge: int) -> None:
    seen = roll(triton_home, envoy, tmp_path, surge=surge)
    traffic = seen.traffic
    print(traffic.total, dict(traffic.answers), dict(traffic.failures))
    assert not traffic.failures
    assert traffic.total > 1000
    # Both versions have answered, over both protocols, and the new one alone in the end.
    assert set(traffic.answers) == {(protocol, value) for protocol in ("http", "grpc") for value in (1.0, 2.0)}
    assert set(traffic.latest.values()) == {2.0}
    assert seen.killed == 0


def test_without_the_drain_requests_are_dropped(triton_home: TritonHome, envoy: Path, tmp_path: Path) -> None:
    """The same roll without preStop hook and exit timeout: what the test above shows could have gone wrong.

    Under traffic this even either of the two alone would carry it. Together they also carry a burst that needs new
    connections, and requests that are longer than the sleep.
    """
    seen = roll(triton_home, envoy, tmp_path, surge=1, drain_seconds=0, exit_timeout_seconds=0)
    print(seen.traffic.total, dict(seen.traffic.answers), dict(seen.traffic.failures))
    assert seen.traffic.failures


def test_what_the_signal_does(triton_home: TritonHome, tmp_path: Path) -> None:
    """Why the signal comes after the endpoint is gone: requests in flight are finished, through all stages of an
    ensemble, and new connections are refused at once, while an idle one keeps the server waiting."""
    slow = repository(tmp_path / "models", 1)
    for stage in ("prepare", "score"):
        model = slow / stage / "1" / "model.py"
        said = f"print('{stage} executes', flush=True); time.sleep(1)"
        model.write_text(model.read_text().replace("time.sleep(0.04)", said))
    with serve(triton_home, slow) as server:
        idle, asked, late = (HTTPConnection("127.0.0.1", server.ports.http, timeout=30) for _ in range(3))
        idle.request("GET", "/v2/health/ready")
        assert idle.getresponse().read() == b""
        infer(asked)
        wait_for(server, "prepare executes")
        os.kill(server.pid, signal.SIGTERM)
        wait_for(server, "Signal (15) received.")
        with pytest.raises((ConnectionError, HTTPException)):
            infer(late)
            late.getresponse()
        answer = json.loads(asked.getresponse().read())
        assert answer["outputs"][0]["data"] == [1.0]
        asked.close()
        wait_for(server, "Found 1 HTTP service connections")
        assert not server.ended()
        idle.close()
        deadline = time.monotonic() + 60
        while not server.ended():
            assert time.monotonic() < deadline, "it still waits"
            time.sleep(0.05)


def infer(connection: HTTPConnection) -> None:
    tensor = {"name": "x", "shape": [1, 1], "datatype": "FP32", "data": [1.0]}
    connection.request("POST", "/v2/models/fraud/infer", json.dumps({"inputs": [tensor]}))


def wait_for(server: RunningServer, said: str) -> None:
    deadline = time.monotonic() + 30
    while said not in server.log.read_text(errors="replace"):
        assert time.monotonic() < deadline, f"the server never said {said!r}"
        time.sleep(0.05)
