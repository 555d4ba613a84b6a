"""One POST, with a time-out, and sent again only where nothing was done with it."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .inference import Reply
from .refusal import NotReached, Refused, TookTooLong, one_line

_LATER = frozenset((429, 502, 503, 504))
"""Answers of a server that is busy or not there yet. An inference changes nothing, so it may be sent again."""
_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 8.0


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    host: str,
    timeout_s: float,
    attempts: int,
    secrets: Iterable[str] = (),
    served_by: str | None = None,
    advice: Mapping[int, str] = {},
    pause: Callable[[float], None] = time.sleep,
) -> Reply:
    """The answer.

    Args:
        url: where to.
        body: as it is.
        headers: the content type, and who asks.
        host: for sentences.
        timeout_s: longest silence on the connection, in seconds.
        attempts: how often it is sent at most.
        secrets: taken out of what a server repeats.
        served_by: header that names who answered.
        advice: what to do, by HTTP status.
        pause: waits so many seconds.

    Raises:
        NotAnswered: NotReached, TookTooLong or Refused.
    """
    wait = _FIRST_PAUSE_SECONDS
    for left in range(attempts - 1, -1, -1):
        began = time.perf_counter()
        request = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")
        try:
            with _OPENER.open(request, timeout=timeout_s) as answer:
                said = answer.read()
                latency_ms = (time.perf_counter() - began) * 1000
                by = answer.headers.get(served_by) if served_by else None
                return Reply(said, answer.headers.get("Content-Type") or "", by, latency_ms)
        except urllib.error.HTTPError as error:
            with error:
                if error.code not in _LATER or not left:
                    raise Refused(_refusal(host, error, secrets, advice), error.code) from None
                wait = max(wait, _asked_seconds(error))
        except (OSError, http.client.HTTPException) as error:
            if _timed_out(error):
                raise TookTooLong(
                    f"{host} did not answer within {timeout_s:g} s; raise timeout_s, or look whether the model is ready"
                ) from None
            if not left:
                raise NotReached(
                    f"{host} is not reached ({_reason(error)}); check the address and the network"
                ) from None
        pause(min(wait, _LONGEST_PAUSE_SECONDS))
        wait *= 2
    raise AssertionError("attempts is at least 1")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token goes where it was meant to go and nowhere else."""

    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect())


def _refusal(host: str, error: urllib.error.HTTPError, secrets: Iterable[str], advice: Mapping[int, str]) -> str:
    try:
        text = error.read(4000).decode(errors="replace")
    except (OSError, http.client.HTTPException):
        text = ""
    said = one_line(_message(text), secrets)
    what = advice.get(error.code)
    return f"{host} refused the request: {said or error.reason} ({error.code})" + (f"; {what}" if what else "")


def _message(text: str) -> str:
    """Of the protocol's ``{"error": "..."}``, or of Google's and Azure's ``{"error": {"message": "..."}}``."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return text
    error = said.get("error", said.get("message")) if isinstance(said, dict) else None
    if isinstance(error, dict):
        error = error.get("message")
    return error if isinstance(error, str) else text


def _asked_seconds(error: urllib.error.HTTPError) -> float:
    said = error.headers.get("Retry-After") or ""
    return float(said) if said.isdecimal() else 0.0


def _timed_out(error: Exception) -> bool:
    return isinstance(error, TimeoutError) or isinstance(getattr(error, "reason", None), TimeoutError)


def _reason(error: Exception) -> str:
    cause = getattr(error, "reason", error)
    return one_line(str(getattr(cause, "strerror", None) or cause or type(cause).__name__)).lower()
