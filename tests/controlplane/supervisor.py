"""Runs the processes of a control plane in a network namespace of their own, and leaves nothing behind.

Run as a program of its own, with the standard library alone. The one argument is JSON: ``folder``, which is removed at
the end and holds each process's log, and ``port``, the API server's port inside the namespace.

Standard output says ``{"port": ...}`` first: a port of the caller's loopback that is passed on to ``port`` inside; or
``{"refused": ...}`` where the kernel gives no namespace. Standard input is the starter's: lines
``{"start": NAME, "command": [...], "environment": {...}}`` and ``{"stop": NAME}``, each answered by
``{"started": NAME}`` or ``{"stopped": NAME}``. Its end, which comes however the starter ends, ``kill -9`` included,
ends all of them. ``{"ended": NAME, "exit": ...}`` says that a process ended by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import fcntl
import json
import os
import shutil
import signal
import socket
import struct
import sys
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_SIOCGIFFLAGS = 0x8913
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1
_GRACE_SECONDS = 3.0

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    plan = json.loads(sys.argv[1])
    # Ctrl-C reaches the whole group of the terminal; the end of standard input is what ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        try:
            outside = _listen()
            _enter_namespace()
        except OSError as error:
            _say({"refused": f"{error.strerror} (a network namespace needs root, or user namespaces)"})
            return
        asyncio.run(_Processes(Path(plan["folder"]), plan["port"]).serve(outside))
    finally:
        shutil.rmtree(plan["folder"], ignore_errors=True)


class _Processes:
    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._port = port
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._watching: set[asyncio.Task[None]] = set()

    async def serve(self, outside: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, ended.set)
        await asyncio.start_server(self._pass_on, sock=outside)
        _say({"port": outside.getsockname()[1]})
        orders = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
        try:
            following = asyncio.create_task(self._follow(orders))
            await asyncio.wait([following, asyncio.create_task(ended.wait())], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for process in self._running.values():
                _kill(process)  # nothing that they could save is wanted
            await asyncio.gather(*(process.wait() for process in self._running.values()))

    async def _follow(self, orders: asyncio.StreamReader) -> None:
        while line := await orders.readline():
            order = json.loads(line)
            if "start" in order:
                await self._start(order["start"], order["command"], order["environment"])
                _say({"started": order["start"]})
            else:
                await self._stop(order["stop"])
                _say({"stopped": order["stop"]})

    async def _start(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        with open(self._folder / f"{name}.log", "ab") as log:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                cwd=self._folder,
                preexec_fn=_die_with_parent,
                process_group=0,
            )
        self._running[name] = process
        task = asyncio.create_task(self._watch(name, process))
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)

    async def _watch(self, name: str, process: asyncio.subprocess.Process) -> None:
        code = await process.wait()
        if self._running.get(name) is process:
            del self._running[name]
            _say({"ended": name, "exit": code})

    async def _stop(self, name: str) -> None:
        process = self._running.pop(name, None)
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(process.wait(), _GRACE_SECONDS)
        _kill(process)
        await process.wait()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))


def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


def _listen() -> socket.socket:
    """A socket of the caller's loopback: it stays there when the process leaves."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.bind(("127.0.0.1", 0))
    listening.listen(128)
    return listening


def _enter_namespace() -> None:
    """Without root, by a user namespace in which this user is root."""
    user, group = os.getuid(), os.getgid()
    if _libc.unshare(_CLONE_NEWNET) != 0:
        if _libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(control, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _say(fact: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):
        os.write(1, json.dumps(fact).encode() + b"\n")


if __name__ == "__main__":
    main()
