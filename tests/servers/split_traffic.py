"""Requests to a model behind the real gateway over TLS, and which side answered them."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from struct import pack, unpack
from typing import Any

import grpc
from modelyard.serving.rollout.split_route import TRACK_HEADER
from tritonclient.grpc import service_pb2

from .envoy_gateway import HTTPS_PORT, EnvoyGateway

_messages: Any = service_pb2
"""Generated code, whose messages no type checker sees."""
_DEADLINE_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """What came back: of a failure its reason in place of the side."""

    track: str
    status: int
    y: float | None = None
    cookie: str | None = None


class Connection(HTTPSConnection):
    """One kept connection to the gateway on loopback, for a model's host."""

    def __init__(self, gateway: EnvoyGateway, host: str) -> None:
        super().__init__("127.0.0.1", HTTPS_PORT, timeout=_DEADLINE_SECONDS)
        self._gateway_context, self._host = gateway.context(), host

    def connect(self) -> None:
        made = socket.create_connection(("127.0.0.1", HTTPS_PORT), _DEADLINE_SECONDS)
        self.sock = self._gateway_context.wrap_socket(made, server_hostname=self._host)

    def ask(self, path: str, x: float = 1.0, headers: dict[str, str] | None = None) -> Answer:
        """An inference of a model with an input ``x`` and an output ``y``; never raises."""
        tensor = {"name": "x", "shape": [1, 1], "datatype": "FP32", "data": [x]}
        try:
            self.request("POST", path, json.dumps({"inputs": [tensor]}), {"host": self._host, **(headers or {})})
            answer = self.getresponse()
            text = answer.read()
            y = json.loads(text)["outputs"][0]["data"][0] if answer.status == 200 else None
            track = answer.headers.get(TRACK_HEADER, text[:80].decode(errors="replace"))
            return Answer(track, answer.status, y, answer.headers.get("set-cookie"))
        except (OSError, HTTPException, ValueError, KeyError) as error:
            self.close()
            return Answer(repr(error)[:80], 0)


def ask_many(
    gateway: EnvoyGateway, host: str, path: str, headers: Sequence[dict[str, str]], workers: int = 6
) -> list[Answer]:
    """One request for each of the headers, in their order, by some connections at once."""
    kept = threading.local()

    def ask(each: dict[str, str]) -> Answer:
        if not hasattr(kept, "connection"):
            kept.connection = Connection(gateway, host)
        return kept.connection.ask(path, headers=each)

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(ask, headers))


@dataclass
class Load:
    """Answers by protocol and side, and failures."""

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)

    def total(self) -> int:
        return self.answers.total() + self.failures.total()


@contextmanager
def constant_load(gateway: EnvoyGateway, host: str, model: str, certificate: Path, senders: int = 3) -> Iterator[Load]:
    """Requests without a break while the body runs: HTTP on kept connections, and gRPC."""
    load, stop, lock = Load(), threading.Event(), threading.Lock()

    def count(protocol: str, track: str, failed: str | None) -> None:
        with lock:
            if failed is None:
                load.answers[protocol, track] += 1
            else:
                load.failures[f"{protocol} {failed}"] += 1

    def over_http() -> None:
        connection = Connection(gateway, host)
        while not stop.is_set():
            answer = connection.ask(f"/v2/models/{model}/infer")
            count("http", answer.track, None if answer.status == 200 else f"{answer.status} {answer.track}")
            time.sleep(0.005)
        connection.close()

    def over_grpc() -> None:
        with GrpcCaller(host, model, certificate) as caller:
            while not stop.is_set():
                track, failed = caller.ask()
                count("grpc", track, failed)
                time.sleep(0.005)

    threads = [threading.Thread(target=each) for each in (*[over_http] * senders, over_grpc)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        stop.set()
        for thread in threads:
            thread.join()


class GrpcCaller:
    """One channel to the gateway."""

    def __init__(self, host: str, model: str, certificate: Path) -> None:
        options = [("grpc.ssl_target_name_override", host), ("grpc.default_authority", host)]
        credentials = grpc.ssl_channel_credentials(certificate.read_bytes())
        self._channel = grpc.secure_channel(f"127.0.0.1:{HTTPS_PORT}", credentials, options)
        self._infer = self._channel.unary_unary(
            "/inference.GRPCInferenceService/ModelInfer",
            request_serializer=bytes,
            response_deserializer=_messages.ModelInferResponse.FromString,
        )
        self._model = model

    def __enter__(self) -> GrpcCaller:
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()

    def ask(self, x: float = 1.0, headers: Sequence[tuple[str, str]] = ()) -> tuple[str, str | None]:
        """The side that answered, and the failure if it was one."""
        request = _messages.ModelInferRequest(model_name=self._model)
        request.inputs.add(name="x", datatype="FP32", shape=[1, 1])
        request.raw_input_contents.append(pack("<f", x))
        try:
            response, call = self._infer.with_call(
                request.SerializeToString(), timeout=_DEADLINE_SECONDS, metadata=tuple(headers)
            )
        except grpc.RpcError as error:
            return "", f"{error.code()} {error.details()}"[:120]  # type: ignore[attr-defined]
        unpack("<f", response.raw_output_contents[0])
        return str(dict(call.initial_metadata()).get(TRACK_HEADER, "")), None
