"""An event loop that answers the SDK's calls to its monitor in place."""

from __future__ import annotations

import asyncio
import inspect
import signal
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

_SDK_CALLS = "pulumi.runtime._context"
_AT_ONCE = 500


class InlineLoop(asyncio.SelectorEventLoop):
    """A selector loop on which a call to the monitor is an ordinary function call.

    The SDK hands each call to a thread because it expects to wait for a network. Here the monitor is an object
    in this process: a thread would only cost time and order. A monitor method may be a coroutine function
    (transforms are the program's own coroutines); it then runs as a task of this loop. Anything else that a
    program sends to an executor goes to a thread as always.
    """

    def __init__(self) -> None:
        super().__init__()
        # A program that fails leaves futures behind that nobody awaits; its failure is reported by run().
        self.set_exception_handler(lambda _loop, _context: None)
        self._idle: asyncio.Future[None] | None = None
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._under_way = 0
        self._interrupted = False
        self._finishing = False

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """In the block Ctrl-C raises KeyboardInterrupt between two steps of the loop; a second one raises it at once.

        In the middle of a step it could lose the task of that step, which would then never end, not even cancelled.
        One that comes while the loop finishes is raised at the end of the block.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.getsignal(signal.SIGINT)
        if before is not signal.default_int_handler:
            yield
            return
        signal.signal(signal.SIGINT, self._interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
        if self._interrupted:
            raise KeyboardInterrupt

    def _interrupt(self, number: int, frame: Any) -> None:
        if self._interrupted:
            signal.default_int_handler(number, frame)
        self._interrupted = True
        self.call_soon_threadsafe(lambda: None)

    async def idle(self) -> None:
        """Wait until nothing is left that can go on by itself, without a thread, a timer or a network."""
        if self._idle is None:
            self._idle = self.create_future()
        await self._idle

    async def turn(self) -> None:
        """Wait until what started before has gone as far as it can, when many have started since the loop was idle.

        Nobody waits for ever: one that started may need another that has not, and then the loop is idle.
        """
        if not self._waiting and self._under_way < _AT_ONCE:
            self._under_way += 1
            return
        turn = self.create_future()
        self._waiting.append(turn)
        await turn

    def _run_once(self) -> None:
        # The SDK's own synchronous waits turn the loop by these two names.
        if self._interrupted and not self._finishing:
            self._interrupted = False
            raise KeyboardInterrupt
        if not self._ready:  # pyright: ignore[reportAttributeAccessIssue]
            self._on_idle()
        super()._run_once()  # pyright: ignore[reportAttributeAccessIssue]

    def _on_idle(self) -> None:
        self._under_way = min(len(self._waiting), _AT_ONCE)
        for _ in range(self._under_way):
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
        if not self._under_way and self._idle is not None:
            idle, self._idle = self._idle, None
            if not idle.done():
                idle.set_result(None)

    def run_in_executor(self, executor: Executor | None, func: Callable[..., Any], *args: Any) -> Any:
        if executor is not None or getattr(func, "__module__", None) != _SDK_CALLS:
            return super().run_in_executor(executor, func, *args)
        future = self.create_future()
        try:
            result = func(*args)
        except Exception as error:
            future.set_exception(error)
            return future
        if inspect.iscoroutine(result):
            return self.create_task(result)
        if isinstance(result, tuple) and inspect.iscoroutine(result[0]):
            # A function call: the SDK pairs the reply with the error that a network might give.
            return self.create_task(_paired(result[0]))
        future.set_result(result)
        return future

    def finish(self) -> None:
        """Cancel what is left, stop the threads that were started, close."""
        self._finishing = True
        pending = asyncio.all_tasks(self)
        for task in pending:
            task.cancel()
        if pending:
            self.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        self.run_until_complete(self.shutdown_asyncgens())
        self.run_until_complete(self.shutdown_default_executor())
        self.close()


async def _paired(reply: Coroutine[Any, Any, Any]) -> tuple[Any, None]:
    return await reply, None
