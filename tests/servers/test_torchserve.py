"""The real TorchServe with the configuration, the script and the paths that the component writes for its container."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest
from modelyard.serving.torchserve.archived_version import ArchivedVersion
from modelyard.serving.torchserve.server import DRAIN, OPEN_INFERENCE_GRPC, Loaded
from modelyard.trial import runtime_torchserve
from modelyard.trial.address import ServerAddress
from modelyard.trial.guarded_server import CannotServe
from modelyard.trial.packages import CannotInstall
from modelyard.trial.runtime_process import Launch, launched

from .torchserve_home import LATE_HANDLER, PEERS, PLAIN_HANDLER, SLOW_HANDLER, Archiver, torchserve, two_versions

pytestmark = [pytest.mark.servers, pytest.mark.whole]
BODY = {"inputs": [{"name": "x", "shape": [2, 1], "datatype": "FP32", "data": [1.0, 2.5]}]}


@pytest.fixture(scope="module")
def home() -> Path:
    try:
        return runtime_torchserve.home(PEERS)
    except CannotInstall as error:
        pytest.skip(f"no TorchServe to test against: {error}")


@pytest.fixture(scope="module")
def store(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    archiver = Archiver(home, tmp_path_factory.mktemp("archives"))
    for version in (1, 2):
        archiver.archive(f"doubler-{version}.mar", version=f"{version}.0")
    return archiver.folder / "store"


@dataclass(frozen=True)
class Running:
    address: ServerAddress
    log: Path
    places: dict[str, str]
    """The properties that it was started with."""

    def ask(self, path: str, body: Any = BODY, url: str | None = None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{url or self.address.http}{path}", data, {"Content-Type": "application/json"})
        try:
            with urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except HTTPError as error:
            return error.code, error.read()

    def values(self, path: str) -> list[float]:
        status, answer = self.ask(path)
        assert status == 200
        return answer["outputs"][0]["data"]


@pytest.fixture(scope="module")
def running(home: Path, store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Versions 1 and 2, where callers get 2."""
    log = tmp_path_factory.mktemp("torchserve") / "log"
    with torchserve(home, two_versions(store, default=2), log) as address:
        yield Running(address, log, properties(address))


def properties(address: ServerAddress) -> dict[str, str]:
    """The configuration file of the process that answers there."""
    assert address.process_group is not None
    variables = Path(f"/proc/{address.process_group}/environ").read_bytes().decode().split("\0")
    (file,) = (each.partition("=")[2] for each in variables if each.startswith("TS_CONFIG_FILE="))
    lines = Path(file).read_text().splitlines()
    return {key: value for key, _, value in (line.partition("=") for line in lines)}


def test_each_version_answers_and_the_declared_one_where_none_is_named(running: Running) -> None:
    assert running.values("/predictions/doubler/1.0") == [2.0, 5.0]
    assert running.values("/predictions/doubler/2.0") == [4.0, 10.0]
    assert running.values("/predictions/doubler") == [4.0, 10.0]
    assert running.values("/v2/models/doubler/infer") == [4.0, 10.0]


def test_a_version_in_a_path_of_the_protocol_is_not_served(running: Running) -> None:
    assert running.ask("/v2/models/doubler/versions/1.0/infer")[0] == 501


def test_the_unversioned_call_is_counted_as_default(running: Running) -> None:
    """Counters, no gauges, for each version and ``default``."""
    running.values("/v2/models/doubler/infer")
    text = scraped(running)
    for name in ("ts_inference_requests_total", "ts_inference_latency_microseconds", "ts_queue_latency_microseconds"):
        assert f"# TYPE {name} counter" in text
        versions = set(re.findall(rf'{name}{{model_name="doubler",model_version="([^"]+)"', text))
        assert {"default", "1.0"} <= versions


def test_management_is_on_loopback_and_can_load_nothing(running: Running) -> None:
    management = running.places["management_address"]
    assert management.startswith("http://127.0.0.1:")
    assert running.places["grpc_management_address"] == "127.0.0.1"
    status, _ = running.ask("/models?url=doubler-1.mar&model_name=other", {}, url=management)
    assert status == 405
    status, models = running.ask("/models", None, url=management)
    assert status == 200
    assert [model["modelName"] for model in models["models"]] == ["doubler"]
    assert running.ask("/models", None)[0] in (404, 405), "management answers on the port of inference"


def test_its_grpc_service_has_a_name_of_its_own_and_takes_lists(running: Running) -> None:
    """Why ``modelyard try`` asks it over HTTP alone, and why the route names another service than the protocol's."""
    import grpc
    from tritonclient.grpc import service_pb2

    messages: Any = service_pb2
    tensor = messages.ModelInferRequest.InferInputTensor(name="x", shape=[2, 1], datatype="FP32")
    tensor.contents.fp32_contents.extend([1.0, 2.5])
    request = messages.ModelInferRequest(model_name="doubler", inputs=[tensor])
    with grpc.insecure_channel(f"127.0.0.1:{running.places['grpc_inference_port']}") as channel:

        def asked(service: str) -> Any:
            call = channel.unary_unary(
                f"/{service}/ModelInfer",
                request_serializer=messages.ModelInferRequest.SerializeToString,
                response_deserializer=messages.ModelInferResponse.FromString,
            )
            return call(request, timeout=30)

        assert list(asked(OPEN_INFERENCE_GRPC).outputs[0].contents.fp32_contents) == [4.0, 10.0]
        with pytest.raises(grpc.RpcError) as refused:
            asked("inference.GRPCInferenceService")
    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED  # type: ignore[attr-defined]


def test_ready_is_said_when_workers_have_loaded_the_model_and_ping_says_it_before(home: Path, tmp_path: Path) -> None:
    """Both are asked until readiness comes, of a model that takes its time."""
    Archiver(home, tmp_path).archive("late.mar", version="1.0", handler=LATE_HANDLER, name="late")
    loaded = Loaded("late", (ArchivedVersion(1, "1.0", "late.mar"),), 1, str(tmp_path / "store"), "torchserve")
    seen: list[tuple[int | None, int | None]] = []
    ports: list[Launch] = []

    def prepare(folder: Path) -> Launch:
        ports.append(runtime_torchserve.launch(home, folder, loaded))
        return ports[0]

    def look(_: float) -> None:
        (launch,) = ports
        seen.append((status(launch.http_port, "/ping"), status(launch.ready_port, "/ready")))

    with launched(prepare, log=tmp_path / "log", on_wait=look) as address:
        assert (200, 503) in seen, "ping was ready while the model was not"
        assert Running(address, tmp_path / "log", {}).ask("/predictions/late") == (200, {"late": True})


def test_health_of_the_protocol_says_nothing_of_the_model(running: Running) -> None:
    assert running.ask("/v2/health/ready", None) == (200, {"ready": True})
    assert running.ask("/v2/models/doubler/ready", None)[0] == 404
    assert running.ask("/ping", None) == (200, {"status": "Healthy"})


def test_the_default_version_is_one_line_and_not_default_version(
    home: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rolled back, callers get 1. The property ``models`` alone would not have done it: TorchServe reads its
    defaultVersion from snapshots, and takes the first archive that it loads."""
    with torchserve(home, two_versions(store, default=1), tmp_path / "log") as address:
        running = Running(address, tmp_path / "log", properties(address))
        assert running.places["load_models"] == "doubler-1.mar,doubler-2.mar"
        assert running.values("/predictions/doubler") == [2.0, 5.0]
    monkeypatch.setattr(
        "modelyard.serving.torchserve.config_properties.default_first", lambda versions, default: list(versions)
    )
    with torchserve(home, two_versions(store, default=2), tmp_path / "log") as address:
        running = Running(address, tmp_path / "log", properties(address))
        assert json.loads(running.places["models"])["doubler"]["2.0"]["defaultVersion"] is True
        assert running.values("/predictions/doubler") == [2.0, 5.0]


def test_the_key_that_is_met_in_the_wild_leaves_every_call_refused(
    home: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from modelyard.serving.torchserve import server

    written = server.config_properties

    def misspelt(*args: Any, **named: Any) -> str:
        return written(*args, **named).replace("disable_token_authorization", "disable_token_auth")

    monkeypatch.setattr(server, "config_properties", misspelt)
    # The script's own question is refused as well, and ends it.
    with pytest.raises(CannotServe), torchserve(home, two_versions(store, 2), tmp_path / "log", 90.0):
        pass
    assert re.search(r'"GET /models/doubler/all HTTP/1.1" 400 ', (tmp_path / "log").read_text())


def test_an_archive_that_cannot_be_loaded_ends_the_server_that_calls_itself_healthy(
    home: Path, store: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "store"
    broken.mkdir()
    (broken / "doubler-1.mar").symlink_to(store / "doubler-1.mar")
    (broken / "doubler-2.mar").write_bytes(b"no zip file")
    with pytest.raises(CannotServe), torchserve(home, two_versions(broken, 1), tmp_path / "log", 90.0):
        pass
    text = (tmp_path / "log").read_text()
    assert "TorchServe has not loaded version 2.0 of doubler; the reason is above" in text


def test_batches_of_several_requests_are_for_the_handlers_own_form(home: Path, tmp_path: Path) -> None:
    """Behind the protocol's envelope a second request of a batch would get no answer; by itself the handler gets
    both."""
    archiver = Archiver(home, tmp_path)
    archiver.archive("plain.mar", version="1.0", handler=PLAIN_HANDLER, name="plain")
    one = ArchivedVersion(1, "1.0", "plain.mar", batch_size=2, max_batch_delay_ms=2000)
    loaded = Loaded("plain", (one,), 1, str(tmp_path / "store"), "torchserve")
    for protocol, right in (("torchserve", [200, 200]), ("open_inference", [503, 503])):
        with torchserve(home, replace(loaded, protocol=protocol), tmp_path / "log") as address:
            running = Running(address, tmp_path / "log", {})
            with ThreadPoolExecutor(2) as callers:
                answers = list(callers.map(running.ask, ["/predictions/plain"] * 2))
        assert [status for status, _ in answers] == right, protocol
        if protocol == "torchserve":
            assert [answer["rows"] for _, answer in answers] == [2, 2]


def test_requests_in_flight_are_answered_when_the_pod_is_told_to_stop(home: Path, tmp_path: Path) -> None:
    """TorchServe itself would cut them; the script waits as long as the gateway would."""
    Archiver(home, tmp_path).archive("slow.mar", version="1.0", handler=SLOW_HANDLER, name="slow")
    loaded = Loaded("slow", (ArchivedVersion(1, "1.0", "slow.mar"),), 1, str(tmp_path / "store"), "torchserve")
    for drain_seconds, right in (("4", 200), ("0", None)):

        def prepare(folder: Path, drain_seconds: str = drain_seconds) -> Launch:
            launch = runtime_torchserve.launch(home, folder, loaded)
            return replace(launch, variables={**launch.variables, DRAIN: drain_seconds})

        with launched(prepare, log=tmp_path / "log") as address, ThreadPoolExecutor(1) as caller:
            running = Running(address, tmp_path / "log", {})
            asked = caller.submit(running.ask, "/predictions/slow")
            time.sleep(1)
            assert address.process_group is not None
            os.kill(address.process_group, signal.SIGTERM)
            if right is None:
                with pytest.raises(OSError):
                    asked.result(30)
            else:
                assert asked.result(30) == (right, {"done": True})
            until_gone(address)


def status(port: int | None, path: str) -> int | None:
    """None: nobody answers."""
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status
    except HTTPError as error:
        return error.code
    except (URLError, OSError):
        return None


def scraped(running: Running) -> str:
    assert running.address.metrics is not None
    with urlopen(running.address.metrics, timeout=30) as answer:
        return answer.read().decode()


def until_gone(address: ServerAddress) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urlopen(f"{address.http}/ping", timeout=5).close()
        except HTTPError:
            pass
        except (URLError, OSError):
            return
        time.sleep(0.2)
    raise AssertionError("the server still answers")
