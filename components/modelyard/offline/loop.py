"""An event loop that answers the SDK's calls to its monitor in place."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any

_SDK_CALLS = "pulumi.runtime._context"


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
