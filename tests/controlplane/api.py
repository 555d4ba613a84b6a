"""Asks a Kubernetes API server, with the standard library alone."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Mapping
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

Object = dict[str, Any]

FIELD_MANAGER = "modelyard-tests"

_SECONDS = 300
"""For one answer; thousands of objects are deleted at once."""


class Refused(Exception):
    """The server's own answer. ``str()`` is its message."""

    def __init__(self, status: int, message: str, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(message)


class Api:
    """One connection with one identity. Not for several threads."""

    def __init__(self, port: int, token: str, certificate: Path) -> None:
        self.port = port
        self._token = token
        self._trusted = ssl.create_default_context(cafile=str(certificate))
        self._connection: HTTPSConnection | None = None
        self._kinds: dict[tuple[str, str], tuple[str, bool]] = {}
        self.warnings: list[str] = []
        """Of the last request: deprecated versions, Pod Security, unknown values."""

    def ready(self) -> bool:
        try:
            return self.request("GET", "/readyz", text=True) == "ok"
        except (OSError, HTTPException, Refused):
            return False

    def apply(self, thing: Object, *, dry_run: bool = False, as_user: str | None = None, force: bool = True) -> Object:
        """Server-side apply with strict field validation; ``force`` takes fields that somebody else has.

        Raises:
            Refused: unknown fields, wrong values, a policy that does not let it in.
        """
        query = {"fieldManager": FIELD_MANAGER, "force": str(force).lower(), "fieldValidation": "Strict"}
        if dry_run:
            query["dryRun"] = "All"
        return self.request(
            "PATCH", self.path(thing), query, thing, content="application/apply-patch+yaml", as_user=as_user
        )

    def create(self, thing: Object) -> Object:
        return self.request("POST", self.collection(thing), {"fieldValidation": "Strict"}, thing)

    def get(self, version: str, kind: str, name: str, namespace: str | None = None) -> Object:
        return self.request("GET", f"{self._collection(version, kind, namespace)}/{name}")

    def list(self, version: str, kind: str, namespace: str | None = None, selector: str = "") -> list[Object]:
        """Of one namespace, or of all of them."""
        query = {"labelSelector": selector} if selector else {}
        return self.request("GET", self._collection(version, kind, namespace), query)["items"]

    def delete(self, thing: Object, *, grace_seconds: int = 0) -> None:
        """With what belongs to it; no complaint where it is gone."""
        options = {"propagationPolicy": "Background", "gracePeriodSeconds": grace_seconds}
        try:
            self.request("DELETE", self.path(thing), None, options)
        except Refused as refused:
            if refused.status != 404:
                raise

    def patch_status(self, thing: Object, status: Object) -> Object:
        """What the controller of ``thing`` would write down."""
        return self.request(
            "PATCH", f"{self.path(thing)}/status", None, {"status": status}, content="application/merge-patch+json"
        )

    def path(self, thing: Object) -> str:
        return f"{self.collection(thing)}/{thing['metadata']['name']}"

    def collection(self, thing: Object) -> str:
        return self._collection(thing["apiVersion"], thing["kind"], thing["metadata"].get("namespace", "default"))

    def serves(self, version: str, kind: str) -> bool:
        try:
            self._kind(version, kind)
        except LookupError:
            return False
        return True

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Object | None = None,
        *,
        content: str = "application/json",
        as_user: str | None = None,
        text: bool = False,
    ) -> Any:
        """The answer's object, or its text.

        Raises:
            Refused: any status but 2xx.
        """
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": content, "Accept": "application/json"}
        if as_user is not None:
            headers["Impersonate-User"] = as_user
        url = path + (f"?{urlencode(query)}" if query else "")
        payload = None if body is None else json.dumps(body).encode()
        status, answer, warnings = self._send(method, url, payload, headers)
        self.warnings = [warning.split(" ", 2)[2].strip('"').replace('\\"', '"') for warning in warnings]
        if text and status < 300:
            return answer.decode()
        if status >= 300:
            try:
                told = json.loads(answer)
            except ValueError:
                told = {}
            raise Refused(status, told.get("message") or answer.decode(errors="replace"), told.get("reason", ""))
        return json.loads(answer)

    def _send(
        self, method: str, url: str, payload: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes, list[str]]:
        """A connection that the server closed while idle is opened once again. What was asked on a new one, or waits
        for an answer too long, is not asked twice: the server may have done it."""
        while True:
            idle = self._connection is not None
            if self._connection is None:
                self._connection = HTTPSConnection("127.0.0.1", self.port, context=self._trusted, timeout=_SECONDS)
            try:
                self._connection.request(method, url, payload, headers)
                response = self._connection.getresponse()
                return response.status, response.read(), response.headers.get_all("Warning") or []
            except (OSError, HTTPException) as error:
                self.close()
                if not idle or isinstance(error, TimeoutError):
                    raise

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _collection(self, version: str, kind: str, namespace: str | None) -> str:
        plural, namespaced = self._kind(version, kind)
        root = f"/api/{version}" if "/" not in version else f"/apis/{version}"
        return f"{root}/namespaces/{namespace}/{plural}" if namespaced and namespace else f"{root}/{plural}"

    def _kind(self, version: str, kind: str) -> tuple[str, bool]:
        if (version, kind) not in self._kinds:
            root = f"/api/{version}" if "/" not in version else f"/apis/{version}"
            try:
                found = self.request("GET", root)["resources"]
            except Refused as refused:
                raise LookupError(f"the API server does not serve {version}: {refused}") from None
            for resource in found:
                if "/" not in resource["name"]:
                    self._kinds[version, resource["kind"]] = (resource["name"], resource["namespaced"])
        if (version, kind) not in self._kinds:
            raise LookupError(f"{version} has no kind {kind}")
        return self._kinds[version, kind]


def until(holds: Callable[[], Any], seconds: float, what: str | Callable[[], str]) -> Any:
    """What ``holds`` returns once it is true; asked five times a second."""
    deadline = time.monotonic() + seconds
    while True:
        found = holds()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not after {seconds:.0f} s: {what if isinstance(what, str) else what()}")
        time.sleep(0.2)
