"""Alerts on what real servers tell a real Prometheus: each query is asked as the rule has it, over seconds instead of
minutes, of a server that fails and of one that does not."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from modelyard.governance.ownership import Ownership
from modelyard.monitoring.model_alerts import ModelThresholds, model_alerts
from modelyard.monitoring.watched_track import Served
from modelyard.serving.torchserve.archived_version import ArchivedVersion
from modelyard.serving.torchserve.server import Loaded
from modelyard.trial import runtime_torchserve
from modelyard.trial.packages import CannotInstall
from modelyard.trial.runtime import model_of, runtimes
from modelyard.trial.runtime_process import launched
from modelyard.trial.subject import Subject

from .conftest import CONFIG, MODEL
from .test_runtime_smoke import _home, subject  # noqa: F401  (a fixture)
from .test_scaling_queries import Prometheus, job, prometheus
from .test_triton import infer
from .torchserve_home import PEERS, Archiver, torchserve
from .triton_server import TritonHome, fetch, serve

pytestmark = [pytest.mark.servers, pytest.mark.whole]

OWNERSHIP = Ownership("shop", "CC-1", "prod", "shop@example.org")
SECONDS = 8
JSON = {"content-type": "application/json"}
BYTES = {"content-type": "application/octet-stream"}


@dataclass(frozen=True)
class Watched:
    """A server that is scraped, with the labels that its monitor gives its series."""

    prometheus: Prometheus
    expressions: dict[str, str]

    def fires(self, alert: str) -> bool:
        """Whether the condition of an alert holds now."""
        return self.prometheus.ask(self.expressions[alert]) is not None

    def under(self, call: Callable[[], object]) -> None:
        """For so long that every rate is of this load alone."""
        until = time.monotonic() + SECONDS

        def caller(_: int) -> None:
            while time.monotonic() < until:
                call()

        with ThreadPoolExecutor(4) as callers:
            list(callers.map(caller, range(4)))


@contextmanager
def watched(folder: Path, served: Served, metrics: str, *, p99_ms: float = 64) -> Iterator[Watched]:
    """``metrics`` is the URL that the server tells them at."""
    where = urlsplit(metrics)
    thresholds = ModelThresholds("tagger", OWNERSHIP, 0.25, 5, 5, 4, p99_ms=p99_ms, served=served)
    expressions = {alert.name: alert.expression.replace("[5m]", "[6s]") for alert in model_alerts(thresholds)}
    service = "tagger-predictor" if served.runtime == "kserve" else "tagger"
    labels = {"namespace": "shop", "service": service, "pod": "tagger-0"}
    with prometheus(folder, [job("server", where.port or 0, where.path, labels)]) as asked:
        asked.soon(f'up{{service="{service}"}}', lambda answer: answer == 1)
        yield Watched(asked, expressions)


FAILING_HANDLER = """\
import time


def handle(data, context):
    if data is None:
        return
    time.sleep(0.02)
    if any("broken" in str(each) for each in data):
        raise ValueError("broken")
    return [{"fine": True} for _ in data]
"""


@pytest.fixture(scope="module")
def of_torchserve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Watched, str]]:
    try:
        home = runtime_torchserve.home(PEERS)
    except CannotInstall as error:
        pytest.skip(f"no TorchServe to test against: {error}")
    folder = tmp_path_factory.mktemp("torchserve")
    archiver = Archiver(home, folder)
    archive = archiver.archive("tagger-1.mar", version="1.0", handler=FAILING_HANDLER, name="tagger")
    versions = (ArchivedVersion(1, "1.0", archive.name),)
    loaded = Loaded("tagger", versions, 1, str(archive.parent), "torchserve")
    with torchserve(home, loaded, folder / "log") as address:
        assert address.metrics is not None
        with watched(folder, Served("tagger", "shop", "torchserve"), address.metrics) as server:
            yield server, f"{address.http}/predictions/tagger"


def test_torchserves_failures_and_queue(of_torchserve: tuple[Watched, str]) -> None:
    server, url = of_torchserve
    assert not server.fires("ModelNotMeasured"), "before the first request, too"
    server.under(lambda: fetch(url, b"fine", BYTES))
    assert not server.fires("ModelErrorRate")
    assert server.fires("ModelQueueTime"), "four callers of one worker wait for each other"
    answers: set[int] = set()
    server.under(lambda: answers.add(fetch(url, b"broken", BYTES)[0]))
    assert answers and all(status >= 500 for status in answers)
    assert server.fires("ModelErrorRate")


def test_one_caller_of_torchserve_waits_for_nobody(of_torchserve: tuple[Watched, str]) -> None:
    server, url = of_torchserve
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        fetch(url, b"fine", BYTES)
    assert not server.fires("ModelQueueTime")


def test_tritons_failures(triton_home: TritonHome, tmp_path: Path) -> None:
    """The model raises for what lies far below zero."""
    version = tmp_path / "models" / "doubler" / "1"
    version.mkdir(parents=True)
    (version / "model.py").write_text(MODEL)
    (version.parent / "config.pbtxt").write_text(CONFIG)
    with serve(triton_home, tmp_path / "models", tmp_path / "triton.log") as running:
        metrics = f"http://127.0.0.1:{running.metrics_port}/metrics"
        with watched(tmp_path, Served("tagger", "shop", "kserve", "triton"), metrics) as server:
            server.under(lambda: infer(running, 1.0))
            assert not server.fires("ModelErrorRate")
            assert not server.fires("ModelNotMeasured")
            server.under(lambda: infer(running, -100.0))
            assert server.fires("ModelErrorRate")


def rows(tensor: str, columns: int) -> bytes:
    """Four of them. XGBoost refuses those that have too few columns."""
    data = [0.5] * 4 * columns
    asked = {"name": tensor, "shape": [4, columns], "datatype": "FP32", "data": data}
    return json.dumps({"inputs": [asked]}).encode()


@pytest.mark.parametrize("name", ["mlserver", "kserve"])
def test_what_python_servers_tell(name: str, subject: Subject, tmp_path: Path) -> None:  # noqa: F811
    """MLServer counts its failures. KServe's server counts none, and how long it predicts."""
    module: Any = import_module(f"modelyard.trial.runtime_{name}")
    model = model_of(subject, runtimes()[name])
    (columns,) = model.config.input[0].dims
    right, wrong = rows(model.input, columns), rows(model.input, 1)
    with launched(module.prepared(_home(name), model), log=tmp_path / "log") as address:
        metrics = address.metrics or f"{address.http}/metrics"
        server_name = "mlserver" if name == "mlserver" else "xgbserver"
        served = Served("tagger", "shop", "kserve", server_name, knative=name == "kserve")
        url = f"{address.http}/v2/models/{model.name}/infer"
        with watched(tmp_path, served, metrics, p99_ms=0.001) as server:
            assert not server.fires("ModelNotMeasured")
            assert fetch(url, right, JSON)[0] == 200
            server.under(lambda: fetch(url, right, JSON))
            if name == "kserve":
                assert server.fires("ModelLatencyP99")
                assert "ModelErrorRate" not in server.expressions
                return
            assert not server.fires("ModelErrorRate")
            assert fetch(url, wrong, JSON)[0] >= 400
            server.under(lambda: fetch(url, wrong, JSON))
            assert server.fires("ModelErrorRate")
