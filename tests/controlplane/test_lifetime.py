"""A control plane ends with whoever started it, and nobody outside this machine reaches it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from .api import Api, Refused, until
from .control_plane import ControlPlane

pytestmark = pytest.mark.whole

STARTER = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background begins without it
sys.path.insert(0, sys.argv[1])
from controlplane.control_plane import control_plane

with control_plane() as plane:
    print(plane.folder, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_nothing_is_left_when_its_starter_is_killed(control_plane: ControlPlane, number: signal.Signals) -> None:
    tests = str(Path(__file__).parents[1])
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, tests], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert starter.stdout is not None
        folder = Path(starter.stdout.readline().strip())
        assert folder.is_dir() and len(_processes(folder)) >= 3
        starter.send_signal(number)
        starter.wait(90)
        until(lambda: not _processes(folder) and not folder.exists(), 90, lambda: f"left: {_processes(folder)}")
    finally:
        starter.kill()
        starter.wait()


def test_it_answers_on_loopback_and_nobody_without_its_token(control_plane: ControlPlane, api: Api) -> None:
    port = api.port
    assert _listening(port) == {"127.0.0.1"}
    stranger = Api(port, "guessed", control_plane.certificate)
    with pytest.raises(Refused, match="Unauthorized"):
        stranger.request("GET", "/api/v1/namespaces")
    stranger.close()


def _processes(folder: Path) -> list[str]:
    """Command lines that name the folder."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            line = Path(f"/proc/{name}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(folder) in line:
                found.append(line)
    return found


def _listening(port: int) -> set[str]:
    """Addresses of this machine on which somebody listens at a port."""
    found = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        local, state = line.split()[1], line.split()[3]
        address, number = local.split(":")
        if state == "0A" and int(number, 16) == port:
            found.add(socket.inet_ntoa(bytes.fromhex(address)[::-1]))
    return found
