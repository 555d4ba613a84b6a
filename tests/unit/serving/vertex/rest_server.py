"""Vertex AI's REST API as far as models, endpoints and their deployed models go, on loopback.

It keeps what it is given and refuses what Vertex AI refuses: every request body is read by the service's own message
classes where google-cloud-aiplatform is installed, so that a field that the API does not have fails the test.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from loopback_server import loopback_server

from .messages import checked

PARENT = "projects/shop-prod/locations/us-central1"
ENDPOINT = f"{PARENT}/endpoints/1234567890"
_PARENT = r"projects/[^/]+/locations/[^/]+"
Answer = tuple[int, dict[str, Any]]


class VertexRestApi:
    """One region's state, and what was asked of it."""

    def __init__(self) -> None:
        self.models: dict[str, dict[str, dict[str, Any]]] = {}
        self.endpoints: dict[str, dict[str, Any]] = {ENDPOINT: {"name": ENDPOINT, "displayName": "prod-fraud"}}
        self.operations: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[str, str]] = []
        self.tokens: set[str] = set()
        self.any_endpoint = False
        """Whether endpoints are there that somebody else makes."""
        self.polls_before_done = 1
        self.fails: dict[str, Answer] = {}
        """Answers by the end of a path, each given once."""
        self.operation_errors: dict[str, str] = {}
        """Messages of operations that fail, by the verb that begins them."""
        self.never_done: set[str] = set()
        """Verbs whose operations do not end."""
        self._next = 7000
        self._lock = threading.Lock()

    def answer(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> Answer:
        with self._lock:
            self.asked.append((method, re.sub(rf"^{_PARENT}/", "", path)))
            for end in [end for end in self.fails if path.endswith(end)]:
                return self.fails.pop(end)
            try:
                return 200, self._answer(method, path, query, body)
            except _No as no:
                return no.code, {"error": {"code": no.code, "message": no.message, "status": no.status}}

    def _answer(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        if path in self.operations:
            return self._polled(path)
        if method == "POST" and path.endswith("/models:upload"):
            return self._upload(path.removesuffix("/models:upload"), checked("UploadModelRequest", body))
        found = re.fullmatch(rf"({_PARENT}/models/[^@:]+)(?:@([^:]+))?(?::(\w+))?", path)
        if found:
            return self._model(method, *found.groups(), query=query, body=body)
        found = re.fullmatch(rf"({_PARENT}/endpoints/\d+)(?::(\w+))?", path)
        if found:
            return self._endpoint(method, *found.groups(), query=query, body=body)
        raise _No(404, "NOT_FOUND", f"Method not found: {method} {path}")

    def _upload(self, place: str, body: dict[str, Any]) -> dict[str, Any]:
        parent, given = body.get("parentModel"), body.get("modelId")
        if parent is None and f"{place}/models/{given}" in self.models:
            raise _No(409, "ALREADY_EXISTS", f"Model {given} already exists.")
        if parent is not None and parent not in self.models:
            raise _No(404, "NOT_FOUND", f"The model {parent} does not exist.")
        name = parent or f"{place}/models/{given}"

        def uploaded() -> dict[str, Any]:
            versions = self.models.setdefault(name, {})
            number = str(max(map(int, versions), default=0) + 1)
            aliases = body["model"].pop("versionAliases", [])
            versions[number] = {**body["model"], "name": name, "versionId": number, "versionAliases": []}
            self._name(name, number, [*aliases, *(["default"] if number == "1" else [])])
            return {"model": name, "modelVersionId": number}

        return self._begin("upload", uploaded)

    def _model(
        self,
        method: str,
        name: str,
        version: str | None,
        verb: str | None,
        *,
        query: dict[str, str],
        body: dict[str, Any],
    ) -> dict[str, Any]:
        versions = self.models.get(name)
        if versions is None:
            raise _No(404, "NOT_FOUND", f"The model {name} does not exist.")
        if verb == "listVersions":
            return {"models": list(versions.values())}
        if method == "DELETE" and verb is None:
            return self._begin("deleteModel", lambda: self.models.pop(name) and {})
        wanted = version or "default"
        number = next((n for n, one in versions.items() if wanted in (n, *one["versionAliases"])), None)
        if number is None:
            raise _No(404, "NOT_FOUND", f"The model version {name}@{wanted} does not exist.")
        if method == "GET":
            return versions[number]
        if verb == "mergeVersionAliases":
            self._name(name, number, checked("MergeVersionAliasesRequest", body)["versionAliases"])
            return versions[number]
        if verb == "deleteVersion":
            if len(versions) == 1:
                raise _No(400, "FAILED_PRECONDITION", "Deleting the only version in the Model is not allowed.")
            if "default" in versions[number]["versionAliases"]:
                raise _No(400, "FAILED_PRECONDITION", "The default version can not be deleted.")
            return self._begin("deleteVersion", lambda: versions.pop(number) and {})
        if method == "PATCH":
            fields = query["updateMask"].split(",")
            assert set(fields) <= {"versionDescription", "labels"}, fields
            versions[number].update({field: checked("Model", body).get(field) for field in fields})
            return versions[number]
        raise _No(404, "NOT_FOUND", f"Method not found: {method} {verb}")

    def _name(self, name: str, number: str, aliases: list[str]) -> None:
        for alias in aliases:
            for other in self.models[name].values():
                if alias.lstrip("-") in other["versionAliases"]:
                    other["versionAliases"].remove(alias.lstrip("-"))
            if not alias.startswith("-"):
                self.models[name][number]["versionAliases"].append(alias)

    def _endpoint(
        self, method: str, name: str, verb: str | None, *, query: dict[str, str], body: dict[str, Any]
    ) -> dict[str, Any]:
        if self.any_endpoint:
            self.endpoints.setdefault(name, {"name": name})
        endpoint = self.endpoints.get(name)
        if endpoint is None:
            raise _No(404, "NOT_FOUND", f"The Endpoint {name} does not exist.")
        deployed = endpoint.setdefault("deployedModels", [])
        if method == "GET":
            return endpoint
        if method == "PATCH":
            assert query["updateMask"] == "trafficSplit"
            return self._split(endpoint, checked("Endpoint", body).get("trafficSplit", {}))
        if verb == "deployModel":
            return self._begin("deploy", lambda: self._deployed(endpoint, checked("DeployModelRequest", body)))
        if verb == "mutateDeployedModel":
            said = checked("MutateDeployedModelRequest", body)
            one = next(one for one in deployed if one["id"] == said["deployedModel"]["id"])
            for field in said["updateMask"].split(","):
                _put(one, field, said["deployedModel"])
            return self._begin("mutate", lambda: {"deployedModel": one})
        if verb == "undeployModel":
            number = checked("UndeployModelRequest", body)["deployedModelId"]
            if endpoint.get("trafficSplit", {}).get(number) and len(deployed) > 1:
                raise _No(400, "FAILED_PRECONDITION", f"DeployedModel {number} has traffic assigned.")
            return self._begin(
                "undeploy", lambda: deployed.remove(next(one for one in deployed if one["id"] == number)) or {}
            )
        raise _No(404, "NOT_FOUND", f"Method not found: {method} {verb}")

    def _deployed(self, endpoint: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        self._next += 1
        one = {**body["deployedModel"], "id": str(self._next)}
        model, _, number = one["model"].partition("@")
        assert number in self.models[model], one["model"]
        endpoint["deployedModels"].append(one)
        return {"deployedModel": {"id": one["id"]}}

    def _split(self, endpoint: dict[str, Any], split: dict[str, int]) -> dict[str, Any]:
        numbers = {one["id"] for one in endpoint["deployedModels"]}
        if split and (sum(split.values()) != 100 or not split.keys() <= numbers):
            raise _No(400, "INVALID_ARGUMENT", "Traffic percentages must add up to 100 for deployed models.")
        endpoint["trafficSplit"] = split
        return endpoint

    def _begin(self, verb: str, act: Any) -> dict[str, Any]:
        name = f"{PARENT}/operations/{len(self.operations) + 1}"
        operation: dict[str, Any] = {"name": name, "polls": 0, "verb": verb, "act": act}
        self.operations[name] = operation
        return {"name": name}

    def _polled(self, name: str) -> dict[str, Any]:
        operation = self.operations[name]
        operation["polls"] += 1
        if operation["verb"] in self.never_done or operation["polls"] <= self.polls_before_done:
            return {"name": name}
        message = self.operation_errors.pop(operation["verb"], None)
        if message is not None:
            return {"name": name, "done": True, "error": {"code": 8, "message": message}}
        if "response" not in operation:
            operation["response"] = operation["act"]()
        return {"name": name, "done": True, "response": operation["response"]}


class _No(Exception):
    def __init__(self, code: int, status: str, message: str) -> None:
        super().__init__(message)
        self.code, self.status, self.message = code, status, message


def _put(one: dict[str, Any], field: str, said: dict[str, Any]) -> None:
    *folders, last = field.split(".")
    for folder in folders:
        one, said = one.setdefault(folder, {}), said.get(folder, {})
    assert last in (
        "minReplicaCount", "maxReplicaCount", "requiredReplicaCount", "autoscalingMetricSpecs",
        "disableContainerLogging",
    ), f"{field} is not among the fields that mutateDeployedModel takes"  # fmt: skip
    one[last] = said.get(last)


@contextmanager
def serving(api: VertexRestApi) -> Iterator[str]:
    """Its address, with the version."""

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            api.tokens.add(self.headers.get("Authorization", ""))
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            code, said = api.answer(self.command, unquote(parts.path).removeprefix("/v1/"), query, body)
            content = json.dumps(said).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = _handle

        def log_message(self, format: str, *args: Any) -> None:
            """The test says what went wrong."""

    with loopback_server(Handler) as server:
        yield f"http://127.0.0.1:{server.server_port}/v1"
