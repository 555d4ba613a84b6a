"""Questions to a Prometheus over its HTTP API, and what may go wrong with each.

Follows "HTTP API" of Prometheus' documentation (``/api/v1/query`` and ``/api/v1/query_range``), which Thanos, Mimir and
the clouds' managed services answer too.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from ipaddress import ip_address
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request, build_opener

from ..http_address import is_address, without_login
from ..http_header import is_token
from ..visible_text import one_line

_MOST_BYTES = 8 * 1024 * 1024
_SHOWN = 200
_OTHER = "what answers there is not Prometheus; name its address"


class CannotAsk(Exception):
    """It gives no answer that says anything. ``str()`` is one sentence."""


@dataclass(frozen=True, slots=True)
class Series:
    """One result of a question: its labels, and values by time."""

    labels: Mapping[str, str]
    values: tuple[tuple[float, float], ...]
    """Unix time in seconds, value."""


class Prometheus:
    """One server."""

    def __init__(self, url: str, *, token: str | None = None, ca_file: Path | None = None, seconds: float = 10) -> None:
        """Nothing is asked yet.

        Args:
            url: ``https://host:port``, with a path below which the API is where there is one.
            token: sent as a bearer token, over TLS or to this machine itself alone.
            ca_file: certificates (PEM) that sign the server's, besides those that the system trusts.
            seconds: how long one answer may take.

        Raises:
            CannotAsk: the URL, or the certificates, are none; or the token would travel in clear text.
        """
        self.url = _checked(url)
        if token is not None and not is_token(token):
            raise CannotAsk(f"{self.url}: the token holds a character that no token has; look how it was set")
        self._token, self._seconds = token, seconds
        here = _is_this_machine(urlsplit(self.url).hostname or "")
        if token is not None and not here and self.url.startswith("http://"):
            raise CannotAsk(f"{self.url}: the token would be sent in clear text; name an https:// address")
        self._opener = _opener(self.url, ca_file, here)

    def now(self) -> float:
        """Its clock, as Unix time in seconds."""
        return self.instant("time()")[0].values[0][1]

    def instant(self, query: str) -> list[Series]:
        """What the query says now; a scalar is one result without labels.

        Raises:
            CannotAsk: no answer, or none of Prometheus'.
        """
        data = self._ask("query", {"query": query})
        if data.get("resultType") == "scalar":
            return [self._series({"metric": {}, "values": [data["result"]]})]
        if data.get("resultType") != "vector":
            raise CannotAsk(
                f"{self.url}: the query gives a {one_line(data.get('resultType'))[:40]} and has to give numbers of one "
                f"moment: {_short(query)}"
            )
        return [self._series(each) for each in data["result"]]

    def over_time(self, query: str, *, start: float, end: float, step_seconds: float) -> list[Series]:
        """What the query said at every step.

        Raises:
            CannotAsk: no answer, or none of Prometheus'.
        """
        asked = {"query": query, "start": f"{start:.3f}", "end": f"{end:.3f}", "step": f"{step_seconds:g}"}
        data = self._ask("query_range", asked)
        return [self._series(each) for each in data["result"]]

    def _ask(self, what: str, asked: Mapping[str, str]) -> dict[str, Any]:
        headers = {"Accept": "application/json", "User-Agent": "modelyard"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        request = Request(f"{self.url}/api/v1/{what}", urlencode(asked).encode(), headers)
        try:
            with self._opener.open(request, timeout=self._seconds) as answer:
                text = answer.read(_MOST_BYTES + 1)
        except HTTPError as error:
            with error:
                raise CannotAsk(self._refused(error, _refusal(error), asked["query"])) from None
        except (URLError, OSError, HTTPException) as error:
            raise CannotAsk(f"{self.url}: {_unreachable(error, self._seconds)}") from None
        if len(text) > _MOST_BYTES:
            raise CannotAsk(f"{self.url}: answers with more than {_MOST_BYTES // 1024 // 1024} MiB; ask for less")
        try:
            answered = json.loads(text)
            data = answered["data"]
            if answered["status"] != "success" or not isinstance(data["result"], list):
                raise ValueError
        except (ValueError, TypeError, KeyError, RecursionError):
            raise CannotAsk(f"{self.url}: {_OTHER}") from None
        return data

    def _series(self, found: Any) -> Series:
        """Prometheus writes values as text: ``NaN`` and ``+Inf`` are no JSON."""
        try:
            values = found["values"] if "values" in found else [found["value"]]
            return Series(dict(found["metric"]), tuple((float(at), float(value)) for at, value in values))
        except (TypeError, ValueError, KeyError):
            raise CannotAsk(f"{self.url}: {_OTHER}") from None

    def _refused(self, error: HTTPError, reason: str | None, query: str) -> str:
        if error.code in (301, 302, 303, 307, 308):
            to = one_line(error.headers.get("Location", ""))[:_SHOWN].partition("?")[0]
            return f"{self.url}: answers that Prometheus is elsewhere ({to}); name that address, or log in there first"
        if error.code == 401:
            if self._token is not None:
                return f"{self.url}: does not accept the token; take one that may read metrics"
            return f"{self.url}: asks for a token; name the environment variable that has one with --token-env"
        if error.code == 403:
            return f"{self.url}: forbids the question; whoever asks needs the right to read metrics"
        if reason is not None:
            return f"{self.url}: does not take the query: {reason} ({_short(query)})"
        if error.code == 404:
            return f"{self.url}: has no /api/v1/query, so it is not Prometheus; name its address"
        return f"{self.url}: answers {error.code}; try again, or look at its log"


def _checked(url: str) -> str:
    if (hidden := without_login(url)) is not None:
        raise CannotAsk(
            f"{hidden}: holds a name or a password; delete it, and name the "
            "environment variable that has a token with --token-env"
        )
    if not is_address(url) or urlsplit(url).query or urlsplit(url).fragment:
        raise CannotAsk(f"{_short(url)}: is not an address; write http://host:port or https://host:port")
    return url.rstrip("/")


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class _NoRedirect(HTTPRedirectHandler):
    """A redirect would take the token elsewhere, and a login page is no answer."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


def _opener(url: str, ca_file: Path | None, here: bool) -> OpenerDirector:
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            reason = "holds no certificate" if isinstance(error, ssl.SSLError) else (error.strerror or "").lower()
            raise CannotAsk(f"--ca-file {ca_file}: {reason or 'cannot be read'}; name a PEM file") from None
    direct = [ProxyHandler({})] if here else []
    return build_opener(_NoRedirect, HTTPSHandler(context=context), *direct)


def _refusal(error: HTTPError) -> str | None:
    """Prometheus' own sentence."""
    try:
        answered = json.loads(error.read(64 * 1024))
        return one_line(answered["error"])[:_SHOWN] if answered["status"] == "error" else None
    except (ValueError, TypeError, KeyError, OSError, HTTPException, RecursionError):
        return None


def _unreachable(error: Exception, seconds: float) -> str:
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, TimeoutError):
        return f"does not answer within {seconds:g} seconds; look whether it is reached from here"
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {one_line(reason.verify_message)}; name its authority with --ca-file"
    if isinstance(reason, ssl.SSLError):
        return "does not speak TLS; name an http:// address, or the port that does"
    if isinstance(reason, HTTPException):
        return _OTHER
    told = (getattr(reason, "strerror", None) or str(reason)).lower()
    return f"cannot be reached: {one_line(told)[:_SHOWN]}"


def _short(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}..."
