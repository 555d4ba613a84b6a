"""A server process under its guard (:mod:`.guard`), which leaves nothing of it behind however this process ends."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_GUARD = Path(__file__).with_name("guard.py")
_GUARD_SECONDS = 20.0
_FIRST_WORD_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class GuardPlan:
    """What the guard is told."""

    command: Sequence[str]
    environment: Mapping[str, str]
    """All of it: nothing is inherited."""
    cwd: str
    log: str
    """File that the server's output is appended to."""
    shared_memory: str
    """Files in /dev/shm whose names begin so are removed with the server."""
    folders: Sequence[str]
    """Removed with the server."""
    orphans: Sequence[str] = ()
    """Folders that are removed where this process ended without a word."""


class CannotServe(Exception):
    """The server did not become ready. ``str()`` says why in its first line; then comes the end of its log."""

    def __init__(self, reason: str, log_tail: Sequence[str] = ()) -> None:
        self.reason = reason
        self.log_tail = tuple(log_tail)
        shown = [f"  {line}" for line in log_tail]
        super().__init__("\n".join([reason, *(["end of the server's log:", *shown] if shown else [])]))


class GuardedServer:
    """From its making on the guard runs, and :meth:`stop` is due."""

    def __init__(self, plan: GuardPlan) -> None:
        self._said = b""
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_GUARD), json.dumps(asdict(plan))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def pid(self) -> int:
        """Of the server, which is also its process group; asked once, after the making.

        Raises:
            CannotServe: the program cannot be started.
        """
        first = self.heard(_FIRST_WORD_SECONDS)
        if "pid" not in first:
            raise CannotServe(f"the server cannot be started: {first.get('cannot_start', 'its guard ended')}")
        return first["pid"]

    def heard(self, seconds: float) -> dict[str, Any]:
        """What the guard says next, empty when it says nothing in time. Once the server runs that is its end:
        ``{"exit": code}``, negative for a signal."""
        assert self._guard.stdout is not None
        deadline = time.monotonic() + seconds
        while b"\n" not in self._said:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._guard.stdout], [], [], left)[0]:
                return {}
            part = os.read(self._guard.stdout.fileno(), 4096)
            if not part:
                return {"exit": self._guard.wait()}
            self._said += part
        line, _, self._said = self._said.partition(b"\n")
        return json.loads(line)

    def stop(self, grace_seconds: float) -> None:
        """End the server, kindly for so many seconds, and what it left."""
        guard = self._guard
        assert guard.stdin is not None and guard.stdout is not None
        try:
            with suppress(BrokenPipeError):
                guard.stdin.write(f"stop {grace_seconds}\n".encode())
                guard.stdin.flush()
        finally:
            # From here on the guard does everything, even when this process is interrupted again.
            with suppress(BrokenPipeError):
                guard.stdin.close()
        try:
            guard.wait(grace_seconds + _GUARD_SECONDS)
        except subprocess.TimeoutExpired:
            guard.kill()
            guard.wait()
        guard.stdout.close()
