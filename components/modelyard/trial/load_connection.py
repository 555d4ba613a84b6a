"""Connections of the load generator: HTTP/1.1 over sockets that never block, one request at a time on each."""

from __future__ import annotations

import json
import os
import select
import selectors
import socket
import time
from typing import Any
from urllib.parse import urlsplit

_CONNECT_S = 5.0
_AT_FIRST = 16
_SPARE = 4
_OPENING = 16
_RETRY_S = 0.01
_RECEIVE = 1 << 18
_LONGEST_REFUSAL = 200


class CannotConnect(Exception):
    """Nothing answers at the address; the message says what was tried."""


class Connections:
    """Up to ``most`` connections to one server, opened as they are needed."""

    def __init__(self, url: str, most: int) -> None:
        parts = urlsplit(url)
        self._url = url
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = _tls() if parts.scheme == "https" else None
        self._address: Any = None
        self._family = socket.AF_INET
        self._most = most
        self._selector = selectors.DefaultSelector()
        self._waiting = [self._selector.fileno()]
        self._idle: list[Connection] = []
        self._opening = 0
        self._open = 0
        self._not_before = 0.0

    @property
    def full(self) -> bool:
        """Every connection that may be is there."""
        return self._open - self._opening >= self._most

    def open_first(self) -> None:
        """Opens a few and waits for them.

        Raises:
            CannotConnect: nothing answers.
        """
        try:
            found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise CannotConnect(f"this machine knows no host {self._host!r}: {error.strerror or error}") from None
        self._family, self._address = found[0][0], found[0][4]
        self._open_and_wait(min(_AT_FIRST, self._most))

    def open_all(self) -> None:
        """Opens the rest and waits for them.

        Raises:
            CannotConnect: the server takes fewer.
        """
        self._open_and_wait(self._most)

    def ready(self) -> bool:
        """Whether :meth:`take` would give one; opens another where it would not."""
        if not self._idle:
            self._start_opening()
        return bool(self._idle)

    def take(self) -> Connection | None:
        """One without a request; None: all are taken, and another is being opened unless :attr:`full`."""
        if len(self._idle) <= _SPARE:
            self._start_opening()
        return self._idle.pop() if self._idle else None

    def give_back(self, connection: Connection) -> None:
        """After its answer was read."""
        connection.request = None
        if connection.closes:
            self.drop(connection)
        else:
            self._idle.append(connection)

    def drop(self, connection: Connection) -> None:
        """Closes it, whatever it waits for."""
        if connection.socket is None:
            return
        self._selector.unregister(connection.socket)
        connection.socket.close()
        connection.socket = None
        self._open -= 1
        if connection.opening:
            self._opening -= 1
        if connection in self._idle:
            self._idle.remove(connection)

    def wait(self, seconds: float) -> list[Connection]:
        """Those whose answer has come or that failed, as soon as there are any and at most after ``seconds``.

        epoll rounds up to whole milliseconds, select waits as long as it is told to.
        """
        if seconds > 0:
            select.select(self._waiting, (), (), seconds)
        done: list[Connection] = []
        for key, _ in self._selector.select(0):
            connection: Connection | None = key.data
            if connection is None:
                raise SystemExit("the parent has ended")
            if connection.opening:
                self._go_on_opening(connection)
                if connection.failure is not None:
                    done.append(connection)
            elif connection.receive():
                if connection.request is None:
                    self.drop(connection)  # closed by the server while nothing was asked
                else:
                    done.append(connection)
            if connection.socket is not None and connection.events != key.events:
                self._selector.modify(connection.socket, connection.events, connection)
        return done

    def watch_parent(self, descriptor: int) -> None:
        """Ends the process when this pipe is closed."""
        self._selector.register(descriptor, selectors.EVENT_READ, None)

    def close(self) -> None:
        """Closes all."""
        for key in list(self._selector.get_map().values()):
            if isinstance(key.data, Connection):
                self.drop(key.data)
        self._selector.close()

    def listen_for_writing(self, connection: Connection) -> None:
        """After a request that did not fit into the socket's buffer."""
        if connection.socket is not None:
            self._selector.modify(connection.socket, connection.events, connection)

    def _open_and_wait(self, count: int) -> None:
        deadline = time.monotonic() + _CONNECT_S
        while len(self._idle) < count:
            self._start_opening(least=count)
            for connection in self.wait(0.05):
                raise CannotConnect(f"nothing answers at {self._url}: {connection.failure}; is the server running?")
            if time.monotonic() > deadline:
                raise CannotConnect(f"{self._url} did not accept {count} connections within {_CONNECT_S:g} s")

    def _start_opening(self, least: int = 0) -> None:
        while (
            self._open < self._most
            and self._opening < _OPENING
            and (len(self._idle) + self._opening <= _SPARE or len(self._idle) + self._opening < least)
            and time.monotonic() >= self._not_before
        ):
            plain = socket.socket(self._family, socket.SOCK_STREAM)
            plain.setblocking(False)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.connect_ex(self._address)
            connection = Connection(plain)
            self._selector.register(plain, connection.events, connection)
            self._open += 1
            self._opening += 1

    def _go_on_opening(self, connection: Connection) -> None:
        plain = connection.socket
        assert plain is not None
        error = plain.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            connection.failure = os.strerror(error)
        elif self._tls is None:
            self._opened(connection)
        else:
            self._shake_hands(connection)
        if connection.failure is not None:
            self._not_before = time.monotonic() + _RETRY_S
            self.drop(connection)

    def _shake_hands(self, connection: Connection) -> None:
        import ssl

        given = connection.socket
        assert given is not None and self._tls is not None
        try:
            if not isinstance(given, ssl.SSLSocket):
                self._selector.unregister(given)
                given = self._tls.wrap_socket(given, server_hostname=self._host, do_handshake_on_connect=False)
                connection.socket = given
                self._selector.register(given, connection.events, connection)
            given.do_handshake()
        except ssl.SSLWantReadError:
            connection.events = selectors.EVENT_READ
        except ssl.SSLWantWriteError:
            connection.events = selectors.EVENT_WRITE
        except OSError as error:
            connection.failure = f"TLS: {error.strerror or error}"
        else:
            self._opened(connection)

    def _opened(self, connection: Connection) -> None:
        connection.opening = False
        connection.events = selectors.EVENT_READ
        self._opening -= 1
        self._idle.append(connection)


class Connection:
    """One socket and what was received on it."""

    def __init__(self, plain: socket.socket) -> None:
        self.socket: socket.socket | None = plain
        self.opening = True
        self.events = selectors.EVENT_WRITE
        self.request: int | None = None
        """Which request waits for its answer here."""
        self.status = 0
        self.body = b""
        self.keeps_body = False
        """Of an answer without an error; otherwise it is dropped unread."""
        self.closes = False
        """The server closes it after this answer."""
        self.failure: str | None = None
        self._received = b""
        self._unsent: memoryview | None = None

    def send(self, message: bytes) -> bool:
        """False: the connection is lost. What does not fit into the socket's buffer follows as it empties."""
        self._unsent = memoryview(message)
        self._flush()
        return self.failure is None

    def receive(self) -> bool:
        """Whether the answer is whole, or the connection lost (:attr:`failure`)."""
        if self._unsent is not None:
            self._flush()
        data = self._read()
        if self.failure is not None:
            return True
        if not data:
            return False
        whole = self._received + data if self._received else data
        try:
            complete = self._parse(whole)
        except ValueError:
            self.failure = "the answer is not HTTP/1.1; is it a Triton server's HTTP port?"
            return True
        if complete:
            self._received = b""
            return True
        self._received = whole
        return False

    @property
    def unsent(self) -> bool:
        return self._unsent is not None

    def refusal(self) -> str:
        """Why the answer is none."""
        try:
            said = json.loads(self.body)["error"]
        except (ValueError, KeyError, TypeError):
            said = self.body.decode(errors="replace")
        said = " ".join(str(said).split())
        return f"HTTP {self.status}: {said[:_LONGEST_REFUSAL]}" if said else f"HTTP {self.status}"

    def _flush(self) -> None:
        assert self.socket is not None and self._unsent is not None
        try:
            sent = self.socket.send(self._unsent)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            if not _wants_more(error):
                self.failure = f"the connection was lost: {error.strerror or error}"
                return
            sent = 0
        left = self._unsent[sent:]
        self._unsent = left if len(left) else None
        self.events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._unsent is not None else 0)

    def _read(self) -> bytes:
        assert self.socket is not None
        try:
            data = self.socket.recv(_RECEIVE)
            while data and getattr(self.socket, "pending", int)():
                data += self.socket.recv(_RECEIVE)
        except BlockingIOError:
            return b""
        except OSError as error:
            if not _wants_more(error):
                self.failure = f"the connection was lost: {error.strerror or error}"
            return b""
        if not data:
            self.failure = "the server closed the connection before it answered"
        return data

    def _parse(self, data: bytes) -> bool:
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = data[:end].lower()
        self.status = int(head[9:12])
        self.closes = b"\r\nconnection: close" in head
        start = end + 4
        length = _header(head, b"content-length")
        if length is not None:
            if len(data) < start + int(length):
                return False
            self.body = data[start:] if self.keeps_body or self.status != 200 else b""
            return True
        if b"\r\ntransfer-encoding: chunked" in head:
            return self._parse_chunks(data, start)
        self.failure = "the server's answer has no length"
        return True

    def _parse_chunks(self, data: bytes, at: int) -> bool:
        body = b""
        while True:
            end = data.find(b"\r\n", at)
            if end < 0:
                return False
            size = int(data[at:end].split(b";")[0], 16)
            at = end + 2 + size + 2
            if len(data) < at:
                return False
            if size == 0:
                self.body = body
                return True
            body += data[end + 2 : end + 2 + size]


def _header(head: bytes, name: bytes) -> bytes | None:
    at = head.find(b"\r\n" + name + b":")
    if at < 0:
        return None
    start = at + len(name) + 3
    end = head.find(b"\r\n", start)
    return head[start : end if end >= 0 else None].strip()


def _wants_more(error: OSError) -> bool:
    """TLS that has to read before it can write, or the other way round."""
    return type(error).__name__ in ("SSLWantReadError", "SSLWantWriteError")


def _tls() -> Any:
    import ssl

    return ssl.create_default_context()
