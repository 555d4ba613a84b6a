"""Asking a price API over HTTP: pages, pauses and refusals."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from io import BufferedReader, RawIOBase, TextIOWrapper
from typing import IO, Any, cast
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

_PASSING = frozenset({429, 500, 502, 503, 504})
_LONGEST_PAUSE_SECONDS = 120.0
_MOST_PAGES = 2000
_BROKEN_OFF = (HTTPException, OSError, EOFError, zlib.error)


class PriceApiError(Exception):
    """The API did not answer, or not in its documented form. ``str()`` is one sentence without secrets."""


@dataclass(frozen=True, slots=True)
class PriceApi:
    """One cloud's API. Answers are taken once: nothing is cached."""

    name: str
    """For people: ``the Azure Retail Prices API``."""
    address: str
    """Without a path: ``https://prices.azure.com``."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Secrets among them go to this address alone and are never shown."""
    attempts: int = 5
    timeout_seconds: float = 60.0
    pause: Callable[[float], None] = time.sleep

    def object(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The JSON object at a path, or at an absolute URL of the same host.

        Raises:
            PriceApiError: no answer, a refusal, or something else than a JSON object.
        """
        url = self._url(path, query)
        with self._answer(url) as answer:
            try:
                found = json.load(answer)
            except (ValueError, RecursionError, *_BROKEN_OFF) as error:
                raise PriceApiError(f"{self.name} answered {_shown(url)} with something that is not JSON") from error
        if not isinstance(found, dict):
            raise PriceApiError(f"{self.name} answered {_shown(url)} with something that is not a JSON object")
        return found

    @contextmanager
    def lines(self, path: str) -> Iterator[Iterator[str]]:
        """A text file, line by line as it comes: price lists have hundreds of megabytes.

        Raises:
            PriceApiError: no answer, a refusal, or a file that ends early.
        """
        url = self._url(path, None)
        with self._answer(url) as answer:
            try:
                yield TextIOWrapper(answer, encoding="utf-8", newline="")
            except (UnicodeDecodeError, *_BROKEN_OFF) as error:
                raise PriceApiError(f"{self.name}: {_shown(url)} ended early or is not text; try again") from error

    def pages(
        self, path: str, query: Mapping[str, str], following: Callable[[dict[str, Any]], str | None]
    ) -> Iterator[dict[str, Any]]:
        """JSON objects, from the first page to the last.

        Args:
            path: of the first page.
            query: of the first page.
            following: absolute URL of the page after this one; None or empty after the last.

        Raises:
            PriceApiError: as :meth:`object`; pages that never end.
        """
        seen: set[str] = set()
        url: str | None = self._url(path, query)
        while url:
            if url in seen or len(seen) >= _MOST_PAGES:
                raise PriceApiError(f"{self.name} names {_shown(url)} as a next page without end; try again later")
            seen.add(url)
            page = self.object(url)
            yield page
            url = following(page)
            if url and not isinstance(url, str):
                raise PriceApiError(f"{self.name} names a next page that is no address; nothing is written")

    def address_of(self, path: str, query: Mapping[str, str]) -> str:
        """Absolute URL of a path and query, for :meth:`pages`."""
        return self._url(path, query)

    def _url(self, path: str, query: Mapping[str, str] | None) -> str:
        url = urljoin(self.address + "/", path)
        self.refuse_elsewhere(url)
        return f"{url}?{urlencode(query)}" if query else url

    def refuse_elsewhere(self, url: str) -> None:
        """Raise PriceApiError for a URL of another scheme, host or port: keys are for this address alone."""
        if urlsplit(url)[:2] != urlsplit(self.address)[:2]:
            raise PriceApiError(f"{self.name} leads to another address, {_shown(url)}; it is not followed")

    @contextmanager
    def _answer(self, url: str) -> Iterator[IO[bytes]]:
        response = self._response(url)
        with response:
            body = BufferedReader(_Whole(response), 1 << 16)
            if response.headers.get("Content-Encoding", "").casefold() == "gzip":
                yield cast(IO[bytes], gzip.GzipFile(fileobj=body))
            else:
                yield body

    def _response(self, url: str) -> HTTPResponse:
        request = Request(url, headers={"Accept-Encoding": "gzip", "User-Agent": "modelyard", **self.headers})
        reason = ""
        for attempt in range(1, self.attempts + 1):
            try:
                return build_opener(_SameAddress(self)).open(request, timeout=self.timeout_seconds)
            except HTTPError as error:
                with error:
                    if error.code not in _PASSING:
                        raise PriceApiError(self._refused(url, error)) from None
                    reason, wait = f"answered {error.code} to {_shown(url)}", _asked_pause(error)
            except (URLError, HTTPException, OSError) as error:
                cause = error.reason if isinstance(error, URLError) else error
                reason, wait = f"cannot be reached at {_shown(url)} ({cause})", None
            if attempt < self.attempts:
                self.pause(min(2.0**attempt if wait is None else wait, _LONGEST_PAUSE_SECONDS))
        raise PriceApiError(f"{self.name} {reason}, {self.attempts} times; try again later")

    def _refused(self, url: str, error: HTTPError) -> str:
        said = _message(error.read(65536))
        return f"{self.name} answered {error.code} to {_shown(url)}{f': {said}' if said else ''}"


class _SameAddress(HTTPRedirectHandler):
    """Python sends a request's headers wherever a redirect leads."""

    def __init__(self, api: PriceApi) -> None:
        self._api = api

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Request | None:
        self._api.refuse_elsewhere(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Whole(RawIOBase):
    """A body that must be as long as was announced: read piece by piece, a connection that closed early looks like an
    end."""

    def __init__(self, response: HTTPResponse) -> None:
        self._response = response
        announced = response.headers.get("Content-Length", "")
        self._left = int(announced) if announced.isdecimal() else 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        count = self._response.readinto(buffer)
        self._left -= count
        if count == 0 and self._left > 0:
            raise EOFError(f"{self._left} bytes are missing")
        return count


def _asked_pause(error: HTTPError) -> float | None:
    try:
        return max(0.0, float(error.headers.get("Retry-After", "")))
    except ValueError:
        return None


def _message(body: bytes) -> str:
    """What Google and Azure put into a refusal; nothing of another form, which may be a page of a proxy."""
    try:
        found = json.loads(body)["error"]["message"]
    except (ValueError, TypeError, KeyError, IndexError):
        return ""
    return " ".join(str(found).split())[:300]


def _shown(url: str) -> str:
    """Without its query: a key may be in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
