"""Registrations in turn: a program of any size has only so many of them under way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from pulumi.runtime.rpc_manager import RPCManager

from modelyard.offline.loop import InlineLoop

_REGISTRATION = "register resource"


class Turns(RPCManager):
    """The SDK's list of calls under way, in which a registration waits for its turn on the loop.

    A program declares everything before its first registration is sent. All of them at once would each hold their
    inputs in every form that these take on their way to the monitor.
    """

    def __init__(self, loop: InlineLoop) -> None:
        super().__init__()
        self._loop = loop

    def do_rpc(self, name: str, rpc_function: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        if name != _REGISTRATION:
            return super().do_rpc(name, rpc_function)

        async def in_turn() -> Any:
            await self._loop.turn()
            return await rpc_function()

        return super().do_rpc(name, in_turn)

    def forget_finished(self) -> None:
        """Drop the calls that went well, which the SDK would look at one by one."""
        self.rpcs[:] = [call for call in self.rpcs if not _went_well(call)]


def _went_well(call: Any) -> bool:
    return call.done() and not call.cancelled() and call.exception() is None
