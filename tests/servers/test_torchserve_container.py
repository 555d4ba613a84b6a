"""TorchServe as its pod runs it: first process of its own process space, as the image's user, on a root file system
that nobody writes to."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from modelyard.serving.torchserve.archived_version import ArchivedVersion
from modelyard.serving.torchserve.server import USER, Loaded
from modelyard.trial import runtime_torchserve
from modelyard.trial.packages import CannotInstall

from .torchserve_home import PEERS, Archiver

pytestmark = [pytest.mark.servers, pytest.mark.whole]

INSIDE = """\
mount --make-rprivate / && mount -t tmpfs -o mode=1777 tmpfs /tmp && mount -o remount,ro,bind / || exit 9
cd / && exec setpriv --reuid {user} --regid {user} --clear-groups -- {command}
"""


@pytest.fixture(scope="module")
def home() -> Path:
    if os.geteuid() != 0 or not all(shutil.which(each) for each in ("unshare", "setpriv")):
        pytest.skip("needs root, unshare and setpriv (Debian's util-linux) to take writable files away")
    if PEERS.is_relative_to("/tmp"):
        pytest.skip("the checkout lies below /tmp, where the server gets an empty folder: its container is NOT checked")
    try:
        return runtime_torchserve.home(PEERS)
    except CannotInstall as error:
        pytest.skip(f"no TorchServe to test against: {error}")


def test_it_starts_serves_and_ends_on_sigterm(home: Path) -> None:
    folder = PEERS / f"torchserve-container-{os.getpid()}"
    folder.mkdir()
    try:
        Archiver(home, folder).archive("doubler.mar", version="1.0")
        one = ArchivedVersion(1, "1.0", "doubler.mar")
        loaded = Loaded("doubler", (one,), 1, str(folder / "store"))
        launch = runtime_torchserve.launch(home, folder, loaded)
        # As the container's variables are, but for the place of the settings.
        written = {name: "/tmp" if value == str(folder / "tmp") else value for name, value in launch.variables.items()}
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755)
        script = INSIDE.format(user=USER, command=shlex.join(launch.command))
        with (
            (folder / "log").open("w") as log,
            subprocess.Popen(
                ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "/bin/sh", "-c", script],
                env={**written, "HOME": "/tmp"},
                stdout=log,
                stderr=log,
            ) as process,
        ):
            try:
                assert answers(f"http://127.0.0.1:{launch.ready_port}/ready"), (folder / "log").read_text()[-2000:]
                first = int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text())
                assert os.stat(f"/proc/{first}").st_uid == USER
                os.kill(first, signal.SIGTERM)
                assert process.wait(30) == 0
            finally:
                process.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def answers(url: str) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urlopen(url, timeout=10):
                return True
        except (URLError, OSError):
            time.sleep(0.3)
    return False
