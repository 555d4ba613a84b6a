"""Requests sent at one moment, so that they are executed as one batch, and what the server counted of it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from .address import ServerAddress
from .load_connection import CannotConnect, Connection, Connections
from .requests import SampleRequest


class Refused(Exception):
    """The server answered with an error or not at all; the message is its own."""


class Bursts:
    """Sends to one server over connections that stay open. Use it as a context manager."""

    def __init__(self, address: ServerAddress, most: int, *, timeout_s: float = 30.0) -> None:
        """``most`` requests at a time.

        Raises:
            Refused: nothing answers at the address.
        """
        self.address = address
        self.timeout_s = timeout_s
        self.most = most
        self._connections = Connections(address.http, most)
        try:
            self._connections.open_first()
            self._connections.open_all()
        except CannotConnect as error:
            raise Refused(str(error)) from None

    def __enter__(self) -> Bursts:
        return self

    def __exit__(self, *_: object) -> None:
        self._connections.close()

    def message(self, model: str, request: SampleRequest) -> bytes:
        """What :meth:`send` takes, made once and sent often."""
        return request.http(self.address, model)

    def send(self, messages: Sequence[bytes]) -> float:
        """Sends all of them at once and waits for all answers. Milliseconds from the first sending to the last
        answer.

        Raises:
            Refused: one was answered by an error, or not in time.
        """
        start = time.perf_counter()
        self._exchange(messages, keeps_body=False)
        return 1000 * (time.perf_counter() - start)

    def statistics(self, model: str) -> Sequence[Mapping[str, Any]]:
        """The statistics API's answer for a model.

        Raises:
            Refused: as :meth:`send`.
        """
        url = urlsplit(self.address.http)
        headers = "".join(f"{name}: {value}\r\n" for name, value in self.address.headers.items())
        path = f"{url.path.rstrip('/')}/v2/models/{quote(model, safe='')}/stats"
        asked = f"GET {path} HTTP/1.1\r\nHost: {url.netloc}\r\n{headers}\r\n".encode()
        return json.loads(self._exchange([asked], keeps_body=True)[0])["model_stats"]

    def keep_sending(self, message: bytes, callers: int, seconds: float) -> None:
        """So many callers, each sending again when it was answered.

        Raises:
            Refused: as :meth:`send`.
        """
        end = time.monotonic() + seconds
        deadline = end + self.timeout_s
        for _ in range(callers):
            self._send(0, message, False, deadline)
        left = callers
        while left:
            for connection in self._answered(deadline):
                self._connections.give_back(connection)
                if time.monotonic() < end:
                    self._send(0, message, False, deadline)
                else:
                    left -= 1

    def _exchange(self, messages: Sequence[bytes], *, keeps_body: bool) -> list[bytes]:
        bodies = [b""] * len(messages)
        deadline = time.monotonic() + self.timeout_s
        left = len(messages)
        for at, message in enumerate(messages):
            self._send(at, message, keeps_body, deadline)
        while left:
            for connection in self._answered(deadline):
                assert connection.request is not None
                bodies[connection.request] = connection.body
                self._connections.give_back(connection)
                left -= 1
        return bodies

    def _answered(self, deadline: float) -> list[Connection]:
        if time.monotonic() > deadline:
            raise Refused(f"no answer within {self.timeout_s:g} s")
        done = self._connections.wait(0.5)
        for connection in done:
            if connection.failure is not None:
                self._connections.drop(connection)
                raise Refused(connection.failure)
            if connection.status != 200:
                self._connections.give_back(connection)
                raise Refused(connection.refusal())
        return done

    def _send(self, at: int, message: bytes, keeps_body: bool, deadline: float) -> None:
        connection = self._free(deadline)
        connection.request = at
        connection.keeps_body = keeps_body
        if not connection.send(message):
            raise Refused(connection.failure or "the connection was lost")
        if connection.unsent:
            self._connections.listen_for_writing(connection)

    def _free(self, deadline: float) -> Connection:
        """One without a request; those that the server closed are opened again."""
        while True:
            connection = self._connections.take()
            if connection is not None:
                return connection
            if time.monotonic() > deadline:
                raise Refused(f"no connection within {self.timeout_s:g} s")
            for failed in self._connections.wait(0.05):
                raise Refused(failed.failure or "the connection was lost")
