"""A small HTTP server on loopback that answers as it is told to: what a gateway or a dying server may do, and a
Triton server at hand does not."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from modelyard.trial.address import ServerAddress

Answer = Callable[[socket.socket], bool]
"""Answers one request that was read; False closes the connection."""


@dataclass
class AnsweringServer:
    address: ServerAddress
    bodies: list[bytes] = field(default_factory=list)
    """Of the requests, in the order in which they came."""
    connections: int = 0


def answer(status: str = "200 OK", body: bytes = b"{}", *, headers: str = "", after_s: float = 0.0) -> Answer:
    def send(connection: socket.socket) -> bool:
        time.sleep(after_s)
        connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body)
        return "close" not in headers

    return send


def in_pieces(content: bytes, size: int) -> Answer:
    """Sends a whole answer so many bytes at a time."""

    def send(connection: socket.socket) -> bool:
        for at in range(0, len(content), size):
            connection.sendall(content[at : at + size])
            time.sleep(0.001)
        return True

    return send


def hang_up(connection: socket.socket) -> bool:
    return False


def stay_silent(connection: socket.socket) -> bool:
    while connection.recv(1024):
        pass
    return False


@contextmanager
def answering(answers: dict[str, Answer], certificate: tuple[str, str] | None = None) -> Iterator[AnsweringServer]:
    """Answers each model's requests in its own way; with a certificate and its key over TLS."""
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
    with socket.create_server(("127.0.0.1", 0), backlog=200) as listening:
        scheme = "http" if context is None else "https"
        server = AnsweringServer(ServerAddress(f"{scheme}://localhost:{listening.getsockname()[1]}"))
        open_connections: list[socket.socket] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection = listening.accept()[0]
                    server.connections += 1
                    open_connections.append(connection)
                    threading.Thread(target=serve, args=[connection], daemon=True).start()

        def serve(connection: socket.socket) -> None:
            with suppress(OSError):
                if context is not None:
                    connection = context.wrap_socket(connection, server_side=True)
                    open_connections.append(connection)
                with connection:
                    while (request := _read(connection)) is not None:
                        model, body = request
                        server.bodies.append(body)
                        if not answers[model](connection):
                            break

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield server
        finally:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            for connection in open_connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


def _read(connection: socket.socket) -> tuple[str, bytes] | None:
    """The model and the body of the next request."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    path = head.split(b" ")[1].decode().split("/")
    return path[3] if len(path) > 3 else path[1], body
