"""The server of a trial: its ports, its guard, and its response cache."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest
from modelyard.trial import server
from modelyard.trial.server import CannotServe, PortInUse, Ports, RunningServer, serve

from .conftest import CONFIG, MODEL
from .triton_server import TritonHome, fetch

pytestmark = pytest.mark.servers


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    version = tmp_path / "models" / "doubler" / "1"
    version.mkdir(parents=True)
    (version / "model.py").write_text(MODEL)
    (version.parent / "config.pbtxt").write_text(CONFIG)
    return tmp_path / "models"


def answers(running: RunningServer) -> bool:
    body = json.dumps({"inputs": [{"name": "x", "shape": [1, 1], "datatype": "FP32", "data": [21]}]}).encode()
    status, text = fetch(f"http://{running.http_url}/v2/models/doubler/infer", body)
    return status == 200 and json.loads(text)["outputs"][0]["data"] == [42.0]


def processes(group: int) -> list[int]:
    """Those of a process group."""
    found = []
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                if os.getpgid(int(each.name)) == group:
                    found.append(int(each.name))
            except ProcessLookupError:
                continue
    return found


def test_a_port_that_somebody_takes_meanwhile(
    triton_home: TritonHome, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Free when it was chosen, in use when the server wants it: others are chosen once."""
    choose, chosen = server._free, []
    with socket.create_server(("127.0.0.1", 0)) as taken:

        def first_taken(ports: Ports) -> Ports:
            free = choose(ports)
            chosen.append(Ports(taken.getsockname()[1], free.grpc, free.metrics) if not chosen else free)
            return chosen[-1]

        monkeypatch.setattr(server, "_free", first_taken)
        with serve(triton_home, repository) as running:
            assert answers(running)
            assert running.ports == chosen[1]
    assert len(chosen) == 2


def test_a_named_port_of_grpc_that_is_in_use(triton_home: TritonHome, repository: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse) as refused, serve(triton_home, repository, ports=Ports(grpc=port)):
            pass
    assert str(refused.value) == f"port {port} (gRPC) cannot be listened on: address already in use; name another"


def test_named_ports_are_used(triton_home: TritonHome, repository: Path) -> None:
    free = server._free(Ports())
    with serve(triton_home, repository, ports=free) as running:
        assert running.ports == free
        assert answers(running)


def test_a_guard_that_is_killed_takes_the_server_with_it(triton_home: TritonHome, repository: Path) -> None:
    before = shared_memory()
    with serve(triton_home, repository) as running:
        assert shared_memory() - before, "the server's own"
        group = processes(running.pid)
        assert len(group) >= 2, "the server, and a process of the model"
        status = Path(f"/proc/{running.pid}/stat").read_text().rpartition(")")[2].split()
        os.kill(int(status[1]), signal.SIGKILL)
        deadline = time.monotonic() + 90
        while any(Path(f"/proc/{each}").exists() for each in group):
            assert time.monotonic() < deadline, "something outlived the guard"
            time.sleep(0.1)
        assert running.ended()
    assert shared_memory() == before


def shared_memory() -> set[Path]:
    """Of all servers that this process started: another test's may be running."""
    return set(Path("/dev/shm").glob(f"modelyard-{os.getpid()}-*"))


def test_a_program_that_cannot_be_started(triton_home: TritonHome, repository: Path, tmp_path: Path) -> None:
    broken = replace(triton_home, binary=tmp_path / "nothing")
    with pytest.raises(CannotServe) as refused, serve(broken, repository):
        pass
    assert str(refused.value) == f"the server cannot be started: {broken.binary}: No such file or directory"


def test_the_response_cache_can_be_turned_on(triton_home: TritonHome, repository: Path) -> None:
    config = repository / "doubler" / "config.pbtxt"
    config.write_text(config.read_text() + "response_cache { enable: true }\n")
    with serve(triton_home, repository, extra_arguments=["--cache-config=local,size=1048576"]) as running:
        assert answers(running) and answers(running)
        stats = json.loads(fetch(f"http://{running.http_url}/v2/models/doubler/stats")[1])
        assert stats["model_stats"][0]["inference_stats"]["cache_hit"]["count"] == 1
