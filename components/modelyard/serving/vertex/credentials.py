"""Who asks Vertex AI: the same places as pulumi-gcp looks in, in the same order.

Nothing of it is ever an input or an output of a resource, so that no state holds a token.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from .refusal import NoCredentials

Headers = Callable[[str, str], Mapping[str, str]]
"""Headers that say who asks, for a method and a URL."""

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


def headers() -> Headers:
    """From GOOGLE_OAUTH_ACCESS_TOKEN, from GOOGLE_CREDENTIALS (JSON or a path), or from application default
    credentials.

    Raises:
        NoCredentials: there are none, or the package google-auth is missing that reads them.
    """
    token = os.environ.get("GOOGLE_OAUTH_ACCESS_TOKEN")
    if token:
        return lambda method, url: {"Authorization": f"Bearer {token}"}
    try:
        import google.auth
        import google.auth.exceptions
        import google.auth.transport.requests
    except ImportError:
        raise NoCredentials(
            "credentials are read by the packages google-auth and requests, which are missing"
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
    import google.auth

    given = os.environ.get("GOOGLE_CREDENTIALS")
    if not given:
        return google.auth.default(scopes=[_SCOPE])[0]
    if not given.lstrip().startswith("{"):
        return google.auth.load_credentials_from_file(given, scopes=[_SCOPE])[0]
    try:
        content = json.loads(given)
    except ValueError:
        raise NoCredentials("GOOGLE_CREDENTIALS is no JSON") from None
    return google.auth.load_credentials_from_dict(content, scopes=[_SCOPE])[0]
