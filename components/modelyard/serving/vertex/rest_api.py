"""Calls of Vertex AI's REST API, version 1, and the operations that they begin.

Google API design guide: errors are ``{"error": {"code", "message", "status"}}`` (AIP-193), what takes long is an
``Operation`` that is asked until it is done (AIP-151).
"""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from .credentials import Headers, headers
from .refusal import Failed, NotReached, Refused, TookTooLong, VertexError

CUSTOM_ENDPOINT = "GOOGLE_VERTEX_AI_CUSTOM_ENDPOINT"
"""Environment variable that pulumi-gcp reads too: another address of the API, with its version."""

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_GROWTH = 1.6
_REQUEST_SECONDS = 120.0
_LATER = frozenset((429, 500, 502, 503, 504))
"""Answers after which a call that changes nothing twice is made again."""
_BUSY = "other operation"
"""An endpoint takes one change at a time, and says so of another by FAILED_PRECONDITION."""
_BUSY_MINUTES = 60.0


class VertexApi:
    """The API in one region.

    Args:
        location: region, for example europe-west4.
        asked_by: headers that say who asks; by default those of :func:`.credentials.headers`, looked for at the first
            call.
        base: address of the API; by default the region's, or what GOOGLE_VERTEX_AI_CUSTOM_ENDPOINT says.
        pause: waits so many seconds.
        clock: seconds that pass.
    """

    def __init__(
        self,
        location: str,
        asked_by: Headers | None = None,
        base: str | None = None,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._asked_by = asked_by
        self._base = (base or _address(location)).rstrip("/")
        self._pause = pause
        self._clock = clock

    def get(self, path: str, doing: str) -> dict[str, Any] | None:
        """One object, or None where there is none.

        Raises:
            VertexError: refused, or not reached.
        """
        try:
            return self._patiently("GET", path, None, doing)
        except Refused as refused:
            if refused.code == 404:
                return None
            raise

    def patch(self, path: str, body: Mapping[str, Any], mask: list[str], doing: str) -> dict[str, Any]:
        """The object with the named fields changed."""
        query = urlencode({"updateMask": ",".join(mask)})
        return self._in_turn("PATCH", f"{path}?{query}", body, doing)

    def post(self, path: str, body: Mapping[str, Any], doing: str) -> dict[str, Any]:
        """What the method answers."""
        return self._in_turn("POST", path, body, doing)

    def delete(self, path: str, doing: str) -> dict[str, Any]:
        """An operation."""
        return self._in_turn("DELETE", path, None, doing)

    def done(self, operation: Mapping[str, Any], doing: str, minutes: float) -> dict[str, Any]:
        """The response of an operation, once it is done.

        Raises:
            Failed: it ended with an error.
            TookTooLong: it has not ended after so many minutes.
        """
        deadline = self._clock() + minutes * 60
        pause = _FIRST_PAUSE_SECONDS
        name = str(operation.get("name", ""))
        current: Mapping[str, Any] = operation
        while not current.get("done"):
            if self._clock() >= deadline:
                raise TookTooLong(doing, name, minutes)
            self._pause(pause)
            pause = min(pause * _GROWTH, _LONGEST_PAUSE_SECONDS)
            current = self._patiently("GET", name, None, doing)
        error = current.get("error")
        if error:
            raise Failed(doing, name, str(error.get("message", "no reason was given")))
        return dict(current.get("response") or {})

    def _patiently(self, method: str, path: str, body: Mapping[str, Any] | None, doing: str) -> dict[str, Any]:
        """Asks again for some minutes where the service is busy or away for a moment."""
        pause = _FIRST_PAUSE_SECONDS
        deadline = self._clock() + 300
        while True:
            try:
                return self._call(method, path, body, doing)
            except Refused as refused:
                if refused.code not in _LATER or self._clock() >= deadline:
                    raise
            except NotReached:
                if self._clock() >= deadline:
                    raise
            self._pause(pause)
            pause = min(pause * _GROWTH, _LONGEST_PAUSE_SECONDS)

    def _in_turn(self, method: str, path: str, body: Mapping[str, Any] | None, doing: str) -> dict[str, Any]:
        """Waits for the change before it: an endpoint takes one at a time."""
        pause = _FIRST_PAUSE_SECONDS
        deadline = self._clock() + _BUSY_MINUTES * 60
        while True:
            try:
                return self._call(method, path, body, doing)
            except Refused as refused:
                busy = refused.status == "FAILED_PRECONDITION" and _BUSY in refused.said.lower()
                if not (busy or refused.status == "ABORTED") or self._clock() >= deadline:
                    raise
            self._pause(pause)
            pause = min(pause * _GROWTH, _LONGEST_PAUSE_SECONDS)

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None, doing: str) -> dict[str, Any]:
        if self._asked_by is None:
            self._asked_by = headers()
        url = f"{self._base}/{path}"
        request = urllib.request.Request(
            url,
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Content-Type": "application/json", **self._asked_by(method, url)},
        )
        host = urlsplit(url).netloc
        try:
            with _opener(url).open(request, timeout=_REQUEST_SECONDS) as answer:
                content = answer.read()
        except urllib.error.HTTPError as error:
            raise _refused(doing, error) from None
        except (OSError, urllib.error.URLError) as error:
            raise NotReached(doing, host, getattr(error, "reason", error)) from None
        try:
            return json.loads(content or b"{}")
        except ValueError:
            raise VertexError(f"cannot {doing}: {host} answered something that is no JSON") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token goes to the address that was asked and nowhere else."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> None:
        return None


def _opener(url: str) -> urllib.request.OpenerDirector:
    if urlsplit(url).scheme == "http":
        return urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
    return urllib.request.build_opener(_NoRedirect)


def _address(location: str) -> str:
    given = os.environ.get(CUSTOM_ENDPOINT)
    if not given:
        return f"https://{location}-aiplatform.googleapis.com/v1"
    parts = urlsplit(given)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise VertexError(
            f"{CUSTOM_ENDPOINT} is {given!r}: a token would go there in the clear; give an address that begins with "
            "https://"
        )
    return given


def _refused(doing: str, error: urllib.error.HTTPError) -> Refused:
    try:
        said = json.loads(error.read())["error"]
        return Refused(doing, error.code, str(said.get("status", "")), str(said.get("message", "")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Refused(doing, error.code, "", f"it answered {error.code} {error.reason}")
