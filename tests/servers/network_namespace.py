"""A network namespace for one part of a test: servers that cannot be told to stay on loopback are alone there."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

_CLONE_NEWNET = 0x40000000
_OWN = "/proc/thread-self/ns/net"


class NoNamespace(Exception):
    """This machine or user may not make one."""


@contextmanager
def network_namespace() -> Iterator[None]:
    """The calling thread, and every thread and process that it starts, has a loopback of its own meanwhile.

    Raises:
        NoNamespace: it takes root (CAP_SYS_ADMIN) on Linux.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if not os.path.exists(_OWN):
        raise NoNamespace("no network namespaces here: they take Linux")
    before = os.open(_OWN, os.O_RDONLY)
    try:
        if libc.unshare(_CLONE_NEWNET) != 0:
            raise NoNamespace(f"no network namespace: {os.strerror(ctypes.get_errno())}; it takes root")
        try:
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True, capture_output=True)
            yield
        finally:
            if libc.setns(before, _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "the thread could not go back to its network namespace")
    except FileNotFoundError as error:
        raise NoNamespace("no network namespace: iproute2's ip is not on PATH") from error
    finally:
        os.close(before)
