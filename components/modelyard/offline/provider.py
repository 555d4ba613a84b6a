"""Serve a simulated provider to the real engine: ``python -m modelyard.offline.provider aws|azure-native|gcp|...``.

The process prints the port that it listens on, on loopback alone, and speaks the engine's ResourceProvider service
(``proto/pulumi/provider.proto`` of pulumi/pulumi). One process is one provider instance.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from modelyard.graph import UNKNOWN
from modelyard.offline import wire
from modelyard.offline.drift import Drift
from modelyard.offline.schemas import Problem
from modelyard.offline.simulated import Before, SimulatedProvider, answering_providers, served_packages
from modelyard.offline.urn import qualified_type

_LARGEST_MESSAGE = 400 * 1024 * 1024
"""Bytes; what the engine itself allows."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until the engine cancels or ends this process. The engine's own arguments are ignored."""
    parser = argparse.ArgumentParser(prog="python -m modelyard.offline.provider", allow_abbrev=False)
    parser.add_argument("package", choices=served_packages())
    parser.add_argument("--drift", type=Path, help="JSON file of changes made by hand, see modelyard.offline.drift")
    given, _of_engine = parser.parse_known_args(arguments)
    stopped = threading.Event()
    server, port = serve(given.package, stopped.set, given.drift)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    stopped.wait()
    server.stop(grace=1).wait()
    return 0


def serve(package: str, on_cancel: Callable[[], None], drift: Path | None = None) -> tuple[grpc.Server, int]:
    """A started server for the package and its port on 127.0.0.1. ``drift`` is a file of changes made by hand."""
    limits = [("grpc.max_receive_message_length", _LARGEST_MESSAGE), ("grpc.max_send_message_length", _LARGEST_MESSAGE)]
    server = grpc.server(ThreadPoolExecutor(max_workers=4), options=limits)
    version = importlib.metadata.version(f"pulumi-{package}")
    by_hand = Drift(drift, finds_additions=package != "kubernetes")
    servicer = ServedProvider(answering_providers()[package], version, on_cancel, by_hand)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


class ServedProvider(provider_pb2_grpc.ResourceProviderServicer):
    """A simulated provider behind the engine's service."""

    def __init__(
        self, simulated: type[SimulatedProvider], version: str, on_cancel: Callable[[], None], drift: Drift
    ) -> None:
        self._simulated = simulated
        self._instance: SimulatedProvider = simulated({})
        self._compared: dict[str, str] = {}
        self._on_cancel = on_cancel
        self._version = version
        self._drift = drift

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=self._version)

    def GetSchema(self, request: Any, context: Any) -> provider_pb2.GetSchemaResponse:
        return provider_pb2.GetSchemaResponse(schema="{}")

    def CheckConfig(self, request: Any, context: Any) -> provider_pb2.CheckResponse:
        checked = self._simulated.check_config(wire.decode_struct(request.news))
        return provider_pb2.CheckResponse(inputs=request.news, failures=_failures(checked.problems))

    def DiffConfig(self, request: Any, context: Any) -> provider_pb2.DiffResponse:
        """A provider whose settings changed is updated in place; one that moved to another region is replaced."""
        new, old = wire.decode_struct(request.news), wire.decode_struct(request.olds)
        replaces = ["region"] if new.get("region") != old.get("region") else []
        changes = provider_pb2.DiffResponse.DIFF_NONE if new == old else provider_pb2.DiffResponse.DIFF_SOME
        return provider_pb2.DiffResponse(changes=changes, replaces=replaces)

    def Configure(self, request: Any, context: Any) -> provider_pb2.ConfigureResponse:
        self._instance = self._simulated(wire.decode_struct(request.args))
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(self, request: Any, context: Any) -> provider_pb2.CheckResponse:
        checked = self._instance.check(
            _token(request.urn),
            request.urn,
            wire.decode_struct(request.news),
            wire.decode_struct(request.olds) if request.HasField("olds") else None,
            replaces=self._replaced(request.urn) if not request.olds.fields else "",
        )
        return provider_pb2.CheckResponse(inputs=wire.to_struct(checked.inputs), failures=_failures(checked.problems))

    def Diff(self, request: Any, context: Any) -> provider_pb2.DiffResponse:
        self._compared[request.urn] = request.id
        difference = self._instance.diff(
            _token(request.urn),
            request.urn,
            wire.decode_struct(request.news),
            wire.decode_struct(request.old_inputs),
        )
        some = provider_pb2.DiffResponse.DIFF_SOME if difference.changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(
            changes=some,
            diffs=difference.changed,
            replaces=difference.replace,
            deleteBeforeReplace=difference.delete_first,
        )

    def Create(self, request: Any, context: Any) -> provider_pb2.CreateResponse:
        created = self._instance.create(
            _token(request.urn),
            request.urn,
            wire.decode_struct(request.properties),
            preview=request.preview,
            replaces=self._replaced(request.urn),
        )
        return provider_pb2.CreateResponse(id=_id(created.id), properties=wire.to_struct(created.outputs))

    def _replaced(self, urn: str) -> str:
        """The id of the resource that one without a past is to replace: the engine compares before it replaces."""
        return self._compared.get(urn, "")

    def Read(self, request: Any, context: Any) -> provider_pb2.ReadResponse:
        if request.inputs.fields:
            return self._refreshed(request)
        state = wire.decode_struct(request.properties)
        found = self._instance.read(_token(request.urn), request.urn, request.id, state, preview=False)
        return provider_pb2.ReadResponse(
            id=request.id, properties=wire.to_struct(found.outputs), inputs=request.properties
        )

    def _refreshed(self, request: Any) -> provider_pb2.ReadResponse:
        if self._drift.is_gone(request.urn):
            return provider_pb2.ReadResponse()
        outputs = self._drift.of(request.urn, wire.decode_struct(request.properties))
        inputs = self._drift.of_inputs(request.urn, wire.decode_struct(request.inputs))
        return provider_pb2.ReadResponse(
            id=request.id, properties=wire.to_struct(outputs), inputs=wire.to_struct(inputs)
        )

    def Update(self, request: Any, context: Any) -> provider_pb2.UpdateResponse:
        before = Before(wire.decode_struct(request.old_inputs), wire.decode_struct(request.olds))
        inputs = wire.decode_struct(request.news)
        outputs = self._instance.update(_token(request.urn), request.urn, inputs, before, preview=request.preview)
        return provider_pb2.UpdateResponse(properties=wire.to_struct(outputs))

    def Delete(self, request: Any, context: Any) -> empty_pb2.Empty:
        self._instance.delete(_token(request.urn), request.urn, request.id)
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> provider_pb2.InvokeResponse:
        try:
            answer = self._instance.invoke(request.tok, wire.decode_struct(request.args), preview=request.preview)
        except LookupError as unknown:
            context.abort(grpc.StatusCode.NOT_FOUND, str(unknown.args[0]))
            raise
        if answer.outputs is UNKNOWN:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"{request.tok}: the provider has no region")
        response = provider_pb2.InvokeResponse(failures=_failures(answer.problems))
        getattr(response, "return").CopyFrom(wire.to_struct(answer.outputs))
        return response

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:
        self._on_cancel()
        return empty_pb2.Empty()


def _token(urn: str) -> str:
    return qualified_type(urn).rpartition("$")[2]


def _id(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _failures(problems: Sequence[Problem]) -> list[provider_pb2.CheckFailure]:
    return [provider_pb2.CheckFailure(property=path, reason=reason) for path, reason in problems]


if __name__ == "__main__":
    sys.exit(main())
