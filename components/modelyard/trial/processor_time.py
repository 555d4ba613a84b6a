"""Processor time of a server's processes, by thread and by the stage that a process belongs to.

Read from Linux's /proc: ``task/<thread>/schedstat`` counts nanoseconds, where ``stat`` would count hundredths of a
second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_STUB = "triton_python_backend_stub"


@dataclass(frozen=True, slots=True)
class Thread:
    used_s: float
    stage: str | None
    """The model whose instance the process is; None: the server itself."""


def threads_of(group: int) -> dict[int, Thread]:
    """The living threads of a process group; none where there is no /proc or no such group."""
    found: dict[int, Thread] = {}
    try:
        processes = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    except OSError:
        return found
    for process in processes:
        try:
            # The name of the program may hold spaces and brackets; the group is the third field after it.
            if int((process / "stat").read_bytes().rpartition(b")")[2].split()[2]) != group:
                continue
            stage = _stage((process / "cmdline").read_bytes())
            for thread in (process / "task").iterdir():
                found[int(thread.name)] = Thread(int((thread / "schedstat").read_bytes().split()[0]) / 1e9, stage)
        except (OSError, IndexError, ValueError):
            continue  # ended while it was read
    return found


def used(before: Mapping[int, Thread], after: Mapping[int, Thread]) -> tuple[float, dict[str, float]]:
    """Seconds of all together, and of the processes of stages by stage. What a thread used that has ended since is
    missing."""
    total = 0.0
    by_stage: dict[str, float] = {}
    for number, thread in after.items():
        earlier = before.get(number)
        moved = max(thread.used_s - (earlier.used_s if earlier else 0.0), 0.0)
        total += moved
        if thread.stage is not None:
            by_stage[thread.stage] = by_stage.get(thread.stage, 0.0) + moved
    return total, by_stage


def _stage(command: bytes) -> str | None:
    """The Python backend's process for an instance is given ``<repository>/<model>/<version>/model.py``."""
    words = command.decode(errors="replace").split("\0")
    if len(words) < 2 or not words[0].endswith(_STUB):
        return None
    path = Path(words[1])
    return path.parts[-3] if len(path.parts) >= 3 else None
