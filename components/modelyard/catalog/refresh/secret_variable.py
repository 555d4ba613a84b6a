"""A token or key that an environment variable holds, and that goes into a header. It is shown nowhere."""

from __future__ import annotations

import os

from modelyard.catalog.refresh.price_api import PriceApiError
from modelyard.http_header import is_token


def secret_of(variable: str) -> str | None:
    """The variable's value without space around it; None where it is not set, or empty.

    Raises:
        PriceApiError: no header takes it; left to the HTTP client, its error would show the value.
    """
    value = os.environ.get(variable, "").strip()
    if value and not is_token(value):
        raise PriceApiError(
            f"the environment variable {variable} holds a character that no token or key has; look how it was set"
        )
    return value or None
