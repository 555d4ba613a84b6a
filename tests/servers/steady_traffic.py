"""Requests to a model at a steady rate, whatever becomes of those before: an open loop over HTTP and gRPC."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from struct import pack, unpack
from typing import Any

import grpc
from tritonclient.grpc import service_pb2

from .envoy_proxy import EnvoyProxy

_messages: Any = service_pb2
"""Generated code, whose messages no type checker sees."""

_DEADLINE_SECONDS = 30
_WORKERS = 64


class SteadyTraffic:
    """Answers and failures of requests to a model with an input ``x`` and an output ``y``, by protocol."""

    def __init__(self) -> None:
        self.answers: Counter[tuple[str, float]] = Counter()
        self.failures: Counter[tuple[str, str]] = Counter()
        self.latest: dict[str, float] = {}
        """The answer to the newest request, by protocol."""
        self._lock = threading.Lock()

    @property
    def total(self) -> int:
        return self.answers.total() + self.failures.total()

    def answered(self, protocol: str, value: float) -> None:
        with self._lock:
            self.answers[protocol, value] += 1
            self.latest[protocol] = value

    def failed(self, protocol: str, reason: str) -> None:
        with self._lock:
            self.failures[protocol, reason] += 1


@contextmanager
def steady_traffic(gateway: EnvoyProxy, requests_per_second: float) -> Iterator[SteadyTraffic]:
    """Runs while the body does; at the end every request has been answered or has failed. Half of it is HTTP."""
    traffic, stop = SteadyTraffic(), threading.Event()
    every_seconds = 2 / requests_per_second
    senders = [
        threading.Thread(target=_send, args=(send, every_seconds, stop))
        for send in (_Http(gateway, traffic), _Grpc(gateway, traffic))
    ]
    for sender in senders:
        sender.start()
    try:
        yield traffic
    finally:
        stop.set()
        for sender in senders:
            sender.join()


def _send(protocol: _Http | _Grpc, every_seconds: float, stop: threading.Event) -> None:
    with protocol:
        due = time.monotonic()
        while not stop.is_set():
            protocol.send()
            due += every_seconds
            time.sleep(max(0.0, due - time.monotonic()))


class _Http:
    """Connections to the gateway are kept: what is seen is the gateway's way with its pods."""

    def __init__(self, gateway: EnvoyProxy, traffic: SteadyTraffic) -> None:
        self._gateway, self._traffic = gateway, traffic
        self._pool = ThreadPoolExecutor(_WORKERS)
        self._kept = threading.local()
        tensor = {"name": "x", "shape": [1, 1], "datatype": "FP32", "data": [1.0]}
        self._body = json.dumps({"inputs": [tensor]})

    def __enter__(self) -> _Http:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def send(self) -> None:
        self._pool.submit(self._ask)

    def _ask(self) -> None:
        if not hasattr(self._kept, "connection"):
            self._kept.connection = HTTPConnection("127.0.0.1", self._gateway.port, timeout=_DEADLINE_SECONDS)
        connection: HTTPConnection = self._kept.connection
        try:
            path = f"/v2/models/{self._gateway.model.name}/infer"
            connection.request("POST", path, self._body, {"host": self._gateway.hostname})
            answer = connection.getresponse()
            text = answer.read()
            if answer.status == 200:
                self._traffic.answered("http", json.loads(text)["outputs"][0]["data"][0])
            else:
                self._traffic.failed("http", f"{answer.status} {text[:80]!r}")
        except (OSError, HTTPException, ValueError, KeyError) as error:
            connection.close()
            self._traffic.failed("http", repr(error)[:80])


class _Grpc:
    """One channel to the gateway."""

    def __init__(self, gateway: EnvoyProxy, traffic: SteadyTraffic) -> None:
        self._traffic = traffic
        options = [("grpc.default_authority", gateway.hostname)]
        self._channel = grpc.insecure_channel(f"127.0.0.1:{gateway.port}", options)
        self._infer = self._channel.unary_unary(
            "/inference.GRPCInferenceService/ModelInfer",
            request_serializer=bytes,
            response_deserializer=_messages.ModelInferResponse.FromString,
        )
        request = _messages.ModelInferRequest(model_name=gateway.model.name)
        request.inputs.add(name="x", datatype="FP32", shape=[1, 1])
        request.raw_input_contents.append(pack("<f", 1.0))
        self._request = request.SerializeToString()
        self._open: set[grpc.Future] = set()

    def __enter__(self) -> _Grpc:
        return self

    def __exit__(self, *_: object) -> None:
        for call in list(self._open):
            call.exception()
        self._channel.close()

    def send(self) -> None:
        call = self._infer.future(self._request, timeout=_DEADLINE_SECONDS)
        self._open.add(call)
        call.add_done_callback(self._done)

    def _done(self, call: grpc.Future) -> None:
        error = call.exception()
        if error is None:
            (value,) = unpack("<f", call.result().raw_output_contents[0])
            self._traffic.answered("grpc", value)
        else:
            code = error.code() if isinstance(error, grpc.RpcError) and hasattr(error, "code") else error
            self._traffic.failed("grpc", f"{code} {getattr(error, 'details', str)()}"[:120])
        self._open.discard(call)
