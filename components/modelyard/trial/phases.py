"""The steps of a trial, and who is told of them while they happen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

PREPARE = "prepare"
INSTALL = "install"
START = "start"
SMOKE = "smoke"
GOLDEN = "golden"
PROFILE = "profile"
LOAD = "load"
COMPARE = "compare"
STOP = "stop"

SAID = {
    PREPARE: "preparing the repository",
    INSTALL: "installing the server",
    START: "starting the server",
    SMOKE: "smoke test",
    GOLDEN: "golden responses",
    PROFILE: "measuring the profile",
    LOAD: "load",
    COMPARE: "comparing",
    STOP: "stopping the server",
}


class Watch(Protocol):
    """Who is told."""

    def phase(self, name: str) -> None:
        """A phase begins."""

    def detail(self, text: str) -> None:
        """What the phase is doing."""

    def progress(self, done: float, total: float) -> None:
        """How far the phase is."""


class Nobody:
    """A watch that looks away."""

    def phase(self, name: str) -> None: ...

    def detail(self, text: str) -> None: ...

    def progress(self, done: float, total: float) -> None: ...


@dataclass(slots=True)
class Phases:
    """Runs through the phases and keeps their times."""

    watch: Watch
    seconds: dict[str, float] = field(default_factory=dict)
    current: str = PREPARE

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        self.current = name
        self.watch.phase(name)
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - start
