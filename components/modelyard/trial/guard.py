"""Runs a server as its child and outlives whoever started it, to leave nothing behind.

Run as a program of its own, with the standard library alone. Standard input is the starter's: a line ``stop SECONDS``
ends the server, and so does its end, which comes however the starter ends, ``kill -9`` included. Standard output says
``{"pid": ...}`` when the server runs, ``{"exit": ...}`` when it ended and ``{"cannot_start": ...}`` when it never ran.

The one argument is JSON: ``command``, ``environment``, ``cwd``, ``log``, ``shared_memory`` (files in /dev/shm whose
names start so are removed when the server has ended), ``folders`` (removed when standard input has ended too) and
``orphans`` (folders that are removed where that end came without a line before).
"""

from __future__ import annotations

import contextlib
import ctypes
import glob
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from typing import Any

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_GRACE_SECONDS = 5.0


def main() -> None:
    plan = json.loads(sys.argv[1])
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(wake)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, _note)
    libc = ctypes.CDLL(None)
    # What the server leaves behind becomes a child of this process, and is ended by it.
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    told = False
    try:
        try:
            server = _start(plan, libc)
        except OSError as error:
            _say({"cannot_start": f"{error.filename or plan['command'][0]}: {error.strerror}"})
            return
        _say({"pid": server.pid})
        grace_seconds, told = _watch(server, woken)
        code = _stop(server, grace_seconds)
        _clean(plan["shared_memory"])
        _say({"exit": code})
    finally:
        told = _wait_for_end_of_input() or told
        for folder in plan["folders"] if told else [*plan["folders"], *plan["orphans"]]:
            shutil.rmtree(folder, ignore_errors=True)


def _note(number: int, frame: object) -> None:
    """The wakeup descriptor tells the loop."""


def _start(plan: dict[str, Any], libc: ctypes.CDLL) -> subprocess.Popen[bytes]:
    me = os.getpid()

    def die_with_me() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != me:
            os._exit(1)

    with open(plan["log"], "ab") as log:
        return subprocess.Popen(
            plan["command"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=plan["environment"],
            cwd=plan["cwd"],
            process_group=0,
            preexec_fn=die_with_me,
        )


def _watch(server: subprocess.Popen[bytes], woken: int) -> tuple[float, bool]:
    """Until the server has ended or is to end: seconds of grace that it gets, and whether the starter said so."""
    while True:
        readable, _, _ = select.select([0, woken], [], [])
        if woken in readable:
            numbers = os.read(woken, 4096)
            if server.poll() is not None:
                return 0.0, False
            if set(numbers) - {signal.SIGCHLD}:
                return _GRACE_SECONDS, False
        if 0 in readable:
            words = os.read(0, 4096).split()
            return (float(words[1]), True) if words else (_GRACE_SECONDS, False)


def _stop(server: subprocess.Popen[bytes], grace_seconds: float) -> int:
    """End it and all that it started; its exit code."""
    if server.poll() is None:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(grace_seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    code = server.wait()
    while _reap():
        for child in _children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        time.sleep(0.01)
    return code


def _reap() -> bool:
    """Collect children that ended; whether any is left."""
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return True
        except ChildProcessError:
            return False


def _children() -> list[int]:
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as stat:
                    parent = int(stat.read().rpartition(b")")[2].split()[1])
            except (OSError, ValueError, IndexError):
                continue
            if parent == os.getpid():
                found.append(int(name))
    return found


def _clean(shared_memory: str) -> None:
    for left in glob.glob(f"/dev/shm/{glob.escape(shared_memory)}*"):
        with contextlib.suppress(OSError):
            os.unlink(left)


def _wait_for_end_of_input() -> bool:
    """Whether a line came before the end."""
    told = False
    while os.read(0, 4096):
        told = True
    return told


def _say(fact: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):
        os.write(1, json.dumps(fact).encode() + b"\n")


if __name__ == "__main__":
    main()
