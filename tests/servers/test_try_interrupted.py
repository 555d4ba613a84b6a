"""Signals in every phase of ``modelyard try``: it ends soon, and leaves no process, file or shared memory."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import CACHE
from .trial_command import TrialCommand, doubler
from .triton_server import TritonHome

pytestmark = pytest.mark.servers


@pytest.fixture
def command(tmp_path: Path, triton_home: TritonHome) -> TrialCommand:
    return TrialCommand(tmp_path, CACHE)


@pytest.fixture
def silent_index() -> Iterator[int]:
    """Takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


PHASES = {
    "start": ("starting the server", "time.sleep(1000)", "pass"),
    "smoke": ("smoke test", "pass", "time.sleep(1000)"),
    "golden": ("golden responses", "pass", "time.sleep(1)"),
    "load": ("load", "pass", "pass"),
    "profile": ("measuring the profile", "pass", "pass"),
}


@pytest.mark.parametrize("phase", PHASES)
def test_control_c(command: TrialCommand, tmp_path: Path, phase: str) -> None:
    said, initialize, execute = PHASES[phase]
    model = doubler(tmp_path, initialize=initialize, execute=execute)
    one = '{"inputs": {"x": {"data": [[1, 2]]}}, "outputs": {"y": {"data": [[2, 4]]}}}'
    (model / "golden.json").write_text(f'{{"cases": [{", ".join([one] * 30)}]}}')
    seconds = "0.5" if phase == "profile" else "60"
    profile = ("--profile", "--profile-seconds", "60") if phase == "profile" else ()
    process = command.start("./doubler", "--rate", "30", "--seconds", seconds, *profile)
    command.until(process, f"modelyard: {said}")
    # Into the phase, whatever it is doing.
    time.sleep(0.4)
    assert command.end(process) == 130
    command.assert_nothing_left(process.pid)
    assert not (model / "profile.json").exists()


def test_control_c_while_files_are_read(command: TrialCommand, tmp_path: Path) -> None:
    model = doubler(tmp_path)
    large = model / "1" / "weights.bin"
    with large.open("wb") as file:
        file.truncate(40 * 1024**3)
    process = command.start("./doubler")
    deadline = time.monotonic() + 60
    while str(large) not in _open_files(process.pid):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "the file was never opened"
        time.sleep(0.02)
    assert command.end(process) == 130
    command.assert_nothing_left(process.pid)


def test_control_c_while_the_server_is_installed(command: TrialCommand, tmp_path: Path, silent_index: int) -> None:
    doubler(tmp_path)
    command.cache = tmp_path / "cache"
    command.variables = {"PIP_INDEX_URL": f"http://127.0.0.1:{silent_index}/simple"}
    process = command.start("./doubler")
    command.until(process, "modelyard: installing the server")
    made = "triton-*/bin/pip"
    deadline = time.monotonic() + 120
    while not list(command.cache.glob(made)):
        assert time.monotonic() < deadline, "no virtual environment was made"
        time.sleep(0.05)
    assert command.end(process) == 130
    command.assert_nothing_left(process.pid)
    assert [each.name for each in command.cache.iterdir() if each.suffix != ".lock"] == []


def test_control_c_while_the_server_stops(command: TrialCommand, tmp_path: Path) -> None:
    doubler(tmp_path)
    process = command.start("./doubler")
    command.until(process, "modelyard: stopping the server")
    time.sleep(0.3)
    assert command.end(process) == 130
    command.assert_nothing_left(process.pid, seconds=30)


def test_control_c_twice(command: TrialCommand, tmp_path: Path) -> None:
    doubler(tmp_path, execute="time.sleep(1000)")
    process = command.start("./doubler")
    command.until(process, "modelyard: smoke test")
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    assert command.end(process) == 130
    command.assert_nothing_left(process.pid)


def test_a_polite_end(command: TrialCommand, tmp_path: Path) -> None:
    doubler(tmp_path)
    process = command.start("./doubler", "--rate", "30", "--seconds", "60")
    command.until(process, "modelyard: load")
    time.sleep(0.4)
    assert command.end(process, signal.SIGTERM) == 128 + signal.SIGTERM
    command.assert_nothing_left(process.pid)


@pytest.mark.parametrize("phase", ["start", "load"])
def test_killed(command: TrialCommand, tmp_path: Path, phase: str) -> None:
    """Nothing of the command runs any more, and still the server goes, with its files."""
    said, initialize, execute = PHASES[phase]
    doubler(tmp_path, initialize=initialize, execute=execute)
    process = command.start("./doubler", "--rate", "30", "--seconds", "60")
    command.until(process, f"modelyard: {said}")
    time.sleep(1.5 if phase == "start" else 0.5)
    assert command.end(process, signal.SIGKILL) == -signal.SIGKILL
    command.assert_nothing_left(process.pid, seconds=30)


def _open_files(pid: int) -> set[str]:
    found = set()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(os.readlink(each))
        except OSError:
            continue
    return found
