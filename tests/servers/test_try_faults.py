"""What goes wrong with ``modelyard try``, as people meet it: one clear sentence, and nothing left behind."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from .conftest import CACHE
from .trial_command import DECLARATION, TrialCommand, doubler
from .triton_server import TritonHome, free_ports

pytestmark = pytest.mark.servers
CANNOT_LOAD = "the server ended with exit code 1: model 'doubler' version 1 cannot be loaded: "


@pytest.fixture
def command(tmp_path: Path, triton_home: TritonHome) -> TrialCommand:
    return TrialCommand(tmp_path, CACHE)


@pytest.mark.parametrize(
    ("initialize", "said"),
    [
        pytest.param(
            "raise ValueError('no weights')",
            f"{CANNOT_LOAD}ValueError: no weights (doubler/1/model.py:8)",
            id="raises",
        ),
        pytest.param(
            "import pandas_of_nobody",
            f"{CANNOT_LOAD}ModuleNotFoundError: No module named 'pandas_of_nobody' (doubler/1/model.py:8); list the "
            "package that holds it in requirements.txt beside model.yaml",
            id="lacks a package",
        ),
        pytest.param(
            "import os; os._exit(3)",
            f"{CANNOT_LOAD}Stub process 'doubler_0_0' is not healthy; its process ended while the model was loaded",
            id="ends its process",
        ),
        pytest.param(
            "time.sleep(10000)",
            "the server was not ready after 4 s: model 'doubler' is still loading; does its initialize return?",
            id="hangs",
        ),
    ],
)
def test_a_model_that_does_not_start(command: TrialCommand, tmp_path: Path, initialize: str, said: str) -> None:
    """The reason comes first, then the end of the server's log."""
    doubler(tmp_path, initialize=initialize)
    seconds = ("--start-seconds", "4") if "sleep" in initialize else ()
    done = command.run("./doubler", "--quiet", *seconds)
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert lines[:2] == [f"modelyard: {said}", "modelyard: end of the server's log:"]
    assert "loading: doubler:1" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("execute", "said"),
    [
        pytest.param("time.sleep(10000)", "no answer", id="sleeps for ever"),
        pytest.param("raise ValueError('broken')", "broken", id="raises"),
        pytest.param("import os; os._exit(3)", "HTTP: 1 row is answered", id="ends its process"),
    ],
)
def test_a_model_that_does_not_answer(command: TrialCommand, tmp_path: Path, execute: str, said: str) -> None:
    doubler(tmp_path, execute=execute)
    done = command.run("./doubler", "--quiet", "--answer-seconds", "1.5", "--rate", "10")
    assert done.returncode == 3, done.stderr
    assert done.stdout.startswith("doubler does not answer as declared on Triton 2.51.0: ")
    assert said in done.stdout


def test_a_port_in_use(command: TrialCommand, tmp_path: Path) -> None:
    doubler(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = command.run("./doubler", "--quiet", "--http-port", str(port))
    assert done.returncode == 1
    assert done.stderr == (
        f"modelyard: port {port} (HTTP) cannot be listened on: address already in use; name another\n"
    )


def test_a_backend_that_nothing_stands_in_for(command: TrialCommand, tmp_path: Path) -> None:
    model = doubler(tmp_path, declaration=DECLARATION.replace("python", "tensorrt"))
    (model / "1" / "model.py").rename(model / "1" / "model.plan")
    done = command.run("./doubler", "--quiet")
    assert done.returncode == 1
    assert done.stderr == (
        "modelyard: model 'doubler': nothing here can stand in for Triton's backend 'tensorrt'; run a server that has "
        "it and name it with --server\n"
    )


def test_a_repository_that_is_wrong(command: TrialCommand, tmp_path: Path) -> None:
    """Is refused before anything starts, with every problem."""
    wrong = DECLARATION.replace("dims: [2]", "dims: [0]") + "batching: {preferred_sizes: [16]}\n"
    doubler(tmp_path, declaration=wrong)
    done = command.run("./doubler", "--quiet")
    assert done.returncode == 1
    assert done.stderr.count("doubler/model.yaml:") >= 2


def test_no_package_index(command: TrialCommand, tmp_path: Path) -> None:
    doubler(tmp_path)
    command.cache = tmp_path / "cache"
    (port,) = free_ports(1)
    command.variables = {"PIP_INDEX_URL": f"http://user:hunter2@127.0.0.1:{port}/simple", "PIP_EXTRA_INDEX_URL": ""}
    done = command.run("./doubler", "--quiet")
    assert done.returncode == 1
    assert done.stderr == (
        "modelyard: nvidia-pytriton==0.7.0 could not be installed: no package index answers; check the network and "
        "pip's index settings, or name a server with --server\n"
    )
    assert [each.name for each in command.cache.iterdir() if not each.name.endswith(".lock")] == []


def test_a_cache_that_cannot_be_written(command: TrialCommand, tmp_path: Path) -> None:
    doubler(tmp_path)
    (tmp_path / "file").write_text("")
    command.cache = tmp_path / "file" / "cache"
    done = command.run("./doubler", "--quiet")
    assert done.returncode == 1
    assert done.stderr == (
        f"modelyard: {command.cache}: cannot be written: not a directory; make room there, or set MODELYARD_CACHE to a "
        "folder that can\n"
    )


def test_a_full_disk(command: TrialCommand, tmp_path: Path) -> None:
    """A file system of 30 MiB is mounted for the command alone; the server needs ten times as much."""
    doubler(tmp_path)
    command.cache = tmp_path / "cache"
    command.cache.mkdir()
    mount = f'mount -t tmpfs -o size=30m none {command.cache} && exec "$@"'
    command.prefix = ("unshare", "--mount", "sh", "-c", mount, "sh")
    if shutil.which("unshare") is None or subprocess.run([*command.prefix, "true"], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here, so that none can be full")
    done = command.run("./doubler", "--quiet")
    assert done.returncode == 1
    assert re.fullmatch(
        r"modelyard: .*: (the disk is full; make room, or set MODELYARD_CACHE to a folder with 2 GiB|"
        r"cannot be written: no space left on device; .*)\n", done.stderr,
    ), done.stderr  # fmt: skip


def test_a_requirement_that_nobody_has(command: TrialCommand, tmp_path: Path) -> None:
    (doubler(tmp_path) / "requirements.txt").write_text("numpy>=2\n")
    done = command.run("./doubler", "--quiet")
    assert done.returncode == 1
    assert done.stderr == (
        "modelyard: model 'doubler': numpy>=2 could not be installed: these cannot go together: numpy>=2, (constraint) "
        "numpy<2\n"
    )


class _SomethingElse(BaseHTTPRequestHandler):
    """Answers everything with a page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<h1>hello</h1>")

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None: ...


@contextmanager
def something_else() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _SomethingElse) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_a_server_that_is_not_there(command: TrialCommand, tmp_path: Path) -> None:
    doubler(tmp_path)
    (port,) = free_ports(1)
    done = command.run("./doubler", "--quiet", "--server", f"http://127.0.0.1:{port}", "--rate", "5")
    assert done.returncode == 1
    assert done.stderr.startswith(f"modelyard: http://127.0.0.1:{port}/v2 does not answer: ")


def test_a_server_that_is_no_triton(command: TrialCommand, tmp_path: Path) -> None:
    doubler(tmp_path)
    with something_else() as port:
        done = command.run("./doubler", "--quiet", "--server", f"http://127.0.0.1:{port}")
    assert done.returncode == 1
    assert done.stderr == (f"modelyard: http://127.0.0.1:{port}/v2 did not answer with JSON; is it a Triton server?\n")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://host", "--server ftp://host: write http://host:port or https://host:port"),
        ("http://", "--server http://: write http://host:port or https://host:port"),
        ("http://host:99999", "--server http://host:99999: write http://host:port or https://host:port"),
    ],
)
def test_an_address_that_is_none(command: TrialCommand, tmp_path: Path, url: str, said: str) -> None:
    doubler(tmp_path)
    done = command.run("./doubler", "--quiet", "--server", url)
    assert (done.returncode, done.stderr) == (1, f"modelyard: {said}\n")


def test_a_folder_for_temporary_files_with_a_space(command: TrialCommand, tmp_path: Path) -> None:
    """Triton hands paths to a shell without quotes."""
    spaced = tmp_path / "a folder"
    spaced.mkdir()
    command.folder = spaced
    doubler(spaced)
    assert command.run("./doubler", "--quiet", "--keep-log", "triton.log").returncode == 0
    named = re.search(r"\S+/modelyard-server-\w+", (spaced / "triton.log").read_text())
    assert named is not None
    assert " " not in named[0]
    assert not Path(named[0]).exists()
