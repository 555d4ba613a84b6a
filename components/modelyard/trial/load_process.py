"""The load generator: ``python -m modelyard.trial.load_process``, started by :func:`.load.load`.

Reads its plan from standard input and writes its messages to standard output. It ends when standard input is closed,
which also happens when its parent is killed. It imports no more than it needs, since all it does competes with a
server on the same machine.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import signal
import sys
import time
from array import array
from collections import deque
from typing import Any

from .arrivals import arrivals
from .load_connection import CannotConnect, Connection, Connections

_TIMEOUT = 1
_UNKNOWN = -1.0
_MOST_REASONS = 50
_PROGRESS_S = 0.2
_SOON_S = 0.05
_AHEAD_S = 0.01
_OTHER_FILES = 32
_PR_SET_TIMERSLACK = 29


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _wake_exactly()
    line = sys.stdin.buffer.readline()
    if not line:
        return
    plan = json.loads(line)
    requests = [sys.stdin.buffer.read(length) for length in plan["lengths"]]
    gc.disable()
    try:
        Generator(plan, requests).run()
    except CannotConnect as error:
        _say({"kind": "failed", "why": str(error)})


class Generator:
    """One run. Times are seconds on :func:`time.perf_counter`, schedule times relative to the measured part."""

    def __init__(self, plan: dict[str, Any], requests: list[bytes]) -> None:
        self.requests = requests
        self.seconds: float = plan["seconds"]
        self.warm_up_s: float = plan["warm_up_s"]
        self.timeout_s: float = plan["timeout_s"]
        self.closed = "concurrency" in plan
        self.schedule = array("d") if self.closed else _schedule(plan)
        most = _openable(plan["concurrency"] if self.closed else plan["most_in_flight"])
        self.connections = Connections(plan["url"], most)
        self.due = array("d")
        self.latency = array("d")
        self.late = array("d")
        self.outcome = array("H")
        self.reasons = [f"no answer within {self.timeout_s:g} s"]
        self.answered = self.failed = self.answers_in_time = self.waited_in_flight = 0
        self.backlog: deque[int] = deque()
        """Requests that are due and wait for a connection."""
        self.in_flight: deque[tuple[int, Connection]] = deque()
        """In the order of sending; those that were answered leave when they come first."""
        self.cpu_start = self.cpu_end = 0.0

    def run(self) -> None:
        self.connections.open_first()
        self.connections.watch_parent(sys.stdin.fileno())
        if self.closed:
            self.connections.open_all()
        # An open loop's first request may be due at once, and would be late before the loop runs.
        self.start = time.perf_counter() + self.warm_up_s + (0.0 if self.closed else _AHEAD_S)
        self.measuring = False
        self.next_progress = time.perf_counter()
        if self.closed:
            self._run_closed()
        else:
            self._run_open()
        self._write()

    def _run_open(self) -> None:
        schedule, connections, clock = self.schedule, self.connections, time.perf_counter
        count = len(schedule)
        sent = 0
        while sent < count or self.backlog or self.in_flight:
            now = clock() - self.start
            while sent < count and schedule[sent] <= now:
                self._register(schedule[sent])
                if self.backlog or not self._send(sent, now):
                    self._put_off(sent, now)
                sent += 1
                now = clock() - self.start
            self._tell(now)
            wait = schedule[sent] - now if sent < count else _SOON_S
            for connection in connections.wait(min(wait, _SOON_S)):
                self._take(connection)
            while self.backlog and self._send(self.backlog[0], clock() - self.start):
                self.backlog.popleft()
            self._give_up(clock() - self.start)
        self._tell(max(clock() - self.start, self.seconds))

    def _run_closed(self) -> None:
        connections, clock = self.connections, time.perf_counter
        while True:
            now = clock() - self.start
            while now < self.seconds and connections.ready():
                at = len(self.due)
                self._register(now)
                self._send(at, now)
                now = clock() - self.start
            self._tell(now)
            if now >= self.seconds and not self.in_flight:
                break
            for connection in connections.wait(_SOON_S):
                self._take(connection)
            self._give_up(clock() - self.start)
        self._tell(max(clock() - self.start, self.seconds))

    def _register(self, due: float) -> None:
        self.due.append(due)
        self.latency.append(0.0)
        self.late.append(_UNKNOWN)
        self.outcome.append(0)

    def _send(self, at: int, now: float) -> bool:
        """False: every connection is taken."""
        connection = self.connections.take()
        if connection is None:
            return False
        if self.late[at] == _UNKNOWN:
            self.late[at] = now - self.due[at]
        connection.request = at
        self.in_flight.append((at, connection))
        if not connection.send(self.requests[at % len(self.requests)]):
            self._fail(connection, now)
        elif connection.unsent:
            self.connections.listen_for_writing(connection)
        return True

    def _put_off(self, at: int, now: float) -> None:
        self.backlog.append(at)
        if self.connections.full:
            # What it waits from here on is the server's doing, not the generator's.
            self.late[at] = now - self.due[at]
            self.waited_in_flight += self.due[at] >= 0

    def _take(self, connection: Connection) -> None:
        """An answer, or the end of a connection."""
        now = time.perf_counter() - self.start
        if connection.failure is not None:
            self._fail(connection, now)
            return
        at = connection.request
        assert at is not None
        connection.request = None
        self.latency[at] = now - self.due[at]
        if connection.status == 200:
            self.answered += 1
            self.answers_in_time += 0 <= now < self.seconds
        else:
            self.failed += 1
            self.outcome[at] = self._reason(connection.refusal())
        self.connections.give_back(connection)

    def _fail(self, connection: Connection, now: float) -> None:
        at, why = connection.request, self._reason(connection.failure or "the connection was lost")
        connection.request = None
        self.connections.drop(connection)
        # Without a request it could not be opened: those that wait for one have nothing to wait for.
        lost = [at] if at is not None else list(self.backlog)
        if at is None:
            self.backlog.clear()
        for each in lost:
            self.latency[each] = now - self.due[each]
            self.outcome[each] = why
            self.failed += 1

    def _give_up(self, now: float) -> None:
        in_flight = self.in_flight
        while in_flight:
            at, connection = in_flight[0]
            if connection.request == at:
                if now - self.due[at] < self.timeout_s:
                    break
                connection.request = None
                self.connections.drop(connection)
                self._time_out(at, now)
            in_flight.popleft()
        while self.backlog and now - self.due[self.backlog[0]] >= self.timeout_s:
            self._time_out(self.backlog.popleft(), now)

    def _time_out(self, at: int, now: float) -> None:
        self.latency[at] = now - self.due[at]
        self.outcome[at] = _TIMEOUT
        self.failed += 1

    def _reason(self, text: str) -> int:
        if text not in self.reasons:
            if len(self.reasons) >= _MOST_REASONS:
                text = "other reasons"
            if text not in self.reasons:
                self.reasons.append(text)
        return self.reasons.index(text) + 1

    def _tell(self, now: float) -> None:
        if not self.measuring and now >= 0:
            self.measuring = True
            self.cpu_start = time.process_time()
            _say({"kind": "measuring"})
        if not self.cpu_end and now >= self.seconds:
            self.cpu_end = time.process_time()
        clock = time.perf_counter()
        if clock >= self.next_progress:
            self.next_progress = clock + _PROGRESS_S
            seconds = max(now, -self.warm_up_s) + self.warm_up_s
            _say({"kind": "progress", "seconds": seconds, "answered": self.answered, "failed": self.failed})

    def _write(self) -> None:
        measured = [at for at, due in enumerate(self.due) if due >= 0]
        first = measured[0] if measured else len(self.due)
        numbers = array("d", self.due[first:])
        numbers.extend(seconds * 1000 for seconds in self.latency[first:])
        numbers.extend(max(seconds, 0.0) * 1000 for seconds in self.late[first:])
        content = numbers.tobytes() + self.outcome[first:].tobytes()
        message = {
            "kind": "result",
            "count": len(measured),
            "content": len(content),
            "reasons": self.reasons,
            "waited_in_flight": self.waited_in_flight,
            "answers_in_time": self.answers_in_time,
            "cpu_s": self.cpu_end - self.cpu_start,
        }
        _say(message, content)


def _schedule(plan: dict[str, Any]) -> array[float]:
    """Times of the warm-up, below 0, and of the measured part."""
    rate, pattern, seed = plan["rate"], plan["pattern"], plan["seed"]
    warm_up = arrivals(rate, plan["warm_up_s"], pattern=pattern, seed=~seed)
    times = array("d", (at - plan["warm_up_s"] for at in warm_up))
    times.extend(arrivals(rate, plan["seconds"], pattern=pattern, seed=seed))
    return times


def _say(message: dict[str, Any], content: bytes = b"") -> None:
    data = json.dumps(message).encode() + b"\n" + content
    while data:
        data = data[os.write(1, data) :]


def _openable(connections: int) -> int:
    """So many, or as many as this process may open."""
    try:
        import resource
    except ImportError:
        return connections
    wanted = connections + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return min(connections, max(soft - _OTHER_FILES, 1))
    return connections


def _wake_exactly() -> None:
    """Linux wakes a sleeper up to 50 µs late to save power; sending on time matters more here."""
    try:
        ctypes.CDLL(None).prctl(_PR_SET_TIMERSLACK, 1, 0, 0, 0)
    except (OSError, AttributeError):
        return


if __name__ == "__main__":
    main()
