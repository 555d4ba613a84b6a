"""Who asks Vertex AI: the same places as pulumi-gcp looks in, in the same order.

Nothing of it is ever an input or an output of a resource, so that no state holds a token.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...http_header import is_token
from .refusal import NoCredentials

Headers = Callable[[str, str], Mapping[str, str]]
"""Headers that say who asks, for a method and a URL."""

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


def headers() -> Headers:
    """From GOOGLE_OAUTH_ACCESS_TOKEN, from GOOGLE_CREDENTIALS (JSON or a path), or from application default
    credentials.

    Raises:
        NoCredentials: there are none that a header can hold, or the package google-auth is missing that reads them.
    """
    token = os.environ.get("GOOGLE_OAUTH_ACCESS_TOKEN", "").strip()
    if token:
        if not is_token(token):
            raise NoCredentials("GOOGLE_OAUTH_ACCESS_TOKEN holds a character that no token has; look how it was set")
        return lambda method, url: {"Authorization": f"Bearer {token}"}
    try:
        import google.auth
        import google.auth.exceptions
        import google.auth.transport.requests
    except ImportError:
        raise NoCredentials(
            "credentials are read by packages that are missing (pip install google-auth requests)"
        ) from None
    try:
        found = _found()
    except google.auth.exceptions.GoogleAuthError:
        raise NoCredentials("no Google Cloud credentials were found") from None
    transport = google.auth.transport.requests.Request()

    def of(method: str, url: str) -> Mapping[str, str]:
        said: dict[str, str] = {}
        try:
            found.before_request(transport, method, url, said)
        except google.auth.exceptions.GoogleAuthError as error:
            raise NoCredentials(f"the credentials got no token ({type(error).__name__})") from None
        return said

    return of


def _found() -> Any:
    given = os.environ.get("GOOGLE_CREDENTIALS")
    if given:
        return _of(_content(given))
    import google.auth

    return google.auth.default(scopes=[_SCOPE])[0]


def _content(given: str) -> Mapping[str, Any]:
    try:
        text = given if given.lstrip().startswith("{") else Path(given).read_text(encoding="utf-8")
    except OSError:
        raise NoCredentials("GOOGLE_CREDENTIALS is neither JSON nor a file that can be read") from None
    try:
        return json.loads(text)
    except ValueError:
        raise NoCredentials("GOOGLE_CREDENTIALS is no JSON") from None


def _of(content: Mapping[str, Any]) -> Any:
    from google.oauth2 import credentials, service_account

    kinds: dict[str, Callable[..., Any]] = {
        "service_account": service_account.Credentials.from_service_account_info,
        "authorized_user": credentials.Credentials.from_authorized_user_info,
    }
    read = kinds.get(str(content.get("type")))
    if read is None:
        raise NoCredentials(f"GOOGLE_CREDENTIALS is of no known type (allowed: {', '.join(kinds)})")
    try:
        return read(content, scopes=[_SCOPE])
    except ValueError:
        raise NoCredentials("GOOGLE_CREDENTIALS lacks a part of its key") from None
