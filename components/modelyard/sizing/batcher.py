"""Triton's dynamic batcher, as far as it decides which requests execute together and when.

What it follows, unchanged from release 24.10 to 26.06 in the core repository's dynamic_batch_scheduler.cc,
rate_limiter.cc and instance_queue.cc (with the default queue policy, one priority, equal shapes):

- A payload is a batch on its way to an instance. Up to twice as many payloads as instances stand in line; beyond
  that the batcher stops until one is taken. The last in line grows with the requests that arrive, until an instance
  takes it or it is as large as the largest preferred size. So batches form under backlog without any delay.
- No preferred sizes in the configuration mean one: the maximum batch size.
- Without a delay, a payload that reaches any preferred size is closed; a small preferred size is a small maximum.
- With a delay, requests wait, also while all instances are busy, until their number reaches a preferred size or the
  oldest has waited for the delay. Then they go to the payload in line, or become one.
- With a delay the batcher is not woken by an arrival that leaves the queue below the next preferred size. A payload
  in line therefore grows when the number is reached, and else only with what came before it stood in line.
- An instance that takes a payload takes the ones behind it along while they fit into the maximum batch size, where
  there is a delay and they are older than it.
- Without dynamic batching each request is a payload, and any number stands in line.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from .settings import StageSettings

Request = int

BATCHER_FIRST = 0.25
"""How often, with a delay, the batcher's thread is quicker than the instance's when an execution ends, so that the
payload in line grows once more with all that waits. Measured on two cores, 0.2 to 0.3; it is up to
the operating system."""

TOGETHER = 0.3
"""How often requests that arrive at one moment, as those of a batch that the step before has executed, are all there
before the batcher's thread looks. Else the first is sent by itself and the others follow together when it is done.
Measured on two cores: of 4, 8 and 16 at once 1 went ahead in 60 % and none in 27 %."""


@dataclass(slots=True)
class Payload:
    """A batch on its way to an instance."""

    requests: list[Request] = field(default_factory=list)
    oldest_ms: float = 0.0
    in_line: bool = False
    taken: bool = False


class Batcher:
    """One model's queue and instances. Times are milliseconds on the caller's clock."""

    def __init__(
        self,
        settings: StageSettings,
        start: Callable[[list[Request]], None],
        wake_at: Callable[[float], None],
        *,
        rows_per_request: int = 1,
        draw: Callable[[], float] | None = None,
    ) -> None:
        """
        Args:
            settings: of the stage.
            start: called with the requests of each execution as it begins.
            wake_at: asks for a call of :meth:`timer` at a time.
            rows_per_request: of every request.
            draw: random numbers from 0 to 1, for :data:`BATCHER_FIRST` and :data:`TOGETHER`; None: neither happens.
        """
        self._draw = draw
        self._start = start
        self._wake_at = wake_at
        self._rows = rows_per_request
        self._dynamic = settings.dynamic_batching and settings.max_batch_size > 0
        self._largest = max(settings.max_batch_size, 1)
        self._preferred = tuple(sorted(settings.preferred_batch_sizes)) or (self._largest,)
        self._delay_ms = settings.max_queue_delay_us / 1000
        self._places = 2 * settings.instances
        self.idle = settings.instances
        self._queue: deque[tuple[float, Request]] = deque()
        self._line: deque[Payload] = deque()
        self._current = Payload()
        self._closed = False
        self._next_preferred = 0
        self._timer_ms: float | None = None

    def arrive(self, now_ms: float, request: Request) -> None:
        """A request enters the queue."""
        if not self._dynamic:
            self._line.append(Payload([request], now_ms, in_line=True))
            self._dispatch(now_ms)
            return
        self._queue.append((now_ms, request))
        if len(self._line) >= self._places:
            return
        if self._timer_ms is not None and self._timer_ms <= now_ms:
            return
        if self._closed or self._current.taken or len(self._queue) * self._rows >= self._next_preferred:
            if self.idle and self._draw is not None and self._draw() < TOGETHER:
                self._timer_ms = now_ms
                self._wake_at(now_ms)
            else:
                self._run(now_ms)

    def timer(self, now_ms: float) -> None:
        """The time asked for by ``wake_at`` has come; calls that are no longer wanted do nothing."""
        if self._timer_ms is not None and now_ms >= self._timer_ms:
            self._run(now_ms)

    def finish(self, now_ms: float) -> None:
        """An execution has ended. Its instance takes the next payload, before or after the batcher has run."""
        if self._dynamic and self._delay_ms > 0 and self._draw is not None and self._draw() < BATCHER_FIRST:
            self._run(now_ms)
        self.idle += 1
        self._dispatch(now_ms)
        if self._dynamic:
            self._run(now_ms)

    def _run(self, now_ms: float) -> None:
        self._timer_ms = None
        while True:
            if self._closed or self._current.taken:
                self._current = Payload()
                self._closed = False
                self._next_preferred = 0
            if not self._queue or len(self._line) >= self._places:
                return
            count, wait_ms = self._pending(now_ms)
            if wait_ms > 0:
                self._timer_ms = now_ms + wait_ms
                self._wake_at(self._timer_ms)
                return
            self._hand_over(now_ms, count)

    def _hand_over(self, now_ms: float, count: int) -> None:
        """The first requests of the queue join the current payload, which gets in line."""
        payload, queue = self._current, self._queue
        if count and not payload.requests:
            payload.oldest_ms = queue[0][0]
        for _ in range(count):
            payload.requests.append(queue.popleft()[1])
        if payload.requests and not payload.in_line:
            payload.in_line = True
            self._line.append(payload)
            self._dispatch(now_ms)

    def _pending(self, now_ms: float) -> tuple[int, float]:
        """How many requests of the queue go now, or how long to wait instead."""
        rows = self._rows
        already = len(self._current.requests) * rows
        largest_preferred = self._preferred[-1]
        pending = best = 0
        full = False
        for _ in range(len(self._queue)):
            if already + pending > 0:
                if already + pending + rows > largest_preferred and best == 0:
                    best = pending
                    self._closed = True
                if already + pending + rows > self._largest:
                    full = True
                    break
            pending += rows
            if already + pending in self._preferred:
                best = pending
        age_ms = now_ms - self._queue[0][0]
        # A nanosecond of rounding must not turn a timer that has come into another wait.
        late = self._delay_ms > 0 and age_ms >= self._delay_ms - 1e-6
        if best and not late:
            self._closed = self._closed or self._delay_ms == 0
            return best // rows, 0.0
        if pending == 0:
            return 0, 0.0
        if full or already + pending >= largest_preferred:
            self._closed = True
            return pending // rows, 0.0
        if late or self._delay_ms == 0:
            return pending // rows, 0.0
        following = next((size for size in self._preferred if size > already + pending), self._preferred[0])
        self._next_preferred = following - already
        if not self._closed and already and already not in self._preferred:
            return pending // rows, 0.0
        return 0, self._delay_ms - age_ms

    def _dispatch(self, now_ms: float) -> None:
        while self.idle and self._line:
            payload = self._line.popleft()
            payload.taken = True
            if self._delay_ms > 0:
                self._merge(now_ms, payload)
            self.idle -= 1
            self._start(payload.requests)

    def _merge(self, now_ms: float, payload: Payload) -> None:
        while self._line and now_ms - self._line[0].oldest_ms > self._delay_ms:
            behind = self._line[0]
            if (len(payload.requests) + len(behind.requests)) * self._rows > self._largest:
                return
            behind.taken = True
            payload.requests.extend(behind.requests)
            self._line.popleft()
