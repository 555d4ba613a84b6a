"""Bodies of Vertex AI's API, read by the service's own message classes (``google.cloud.aiplatform_v1.types``)."""

from __future__ import annotations

import importlib
import json
from typing import Any

try:
    TYPES: Any = importlib.import_module("google.cloud.aiplatform_v1.types")
except ImportError:
    TYPES = None


def checked(message: str, body: dict[str, Any]) -> dict[str, Any]:
    """The body, once the message class has read it.

    Raises:
        google.protobuf.json_format.ParseError: a field that the message does not have, or a value of another type.
    """
    if TYPES is not None:
        getattr(TYPES, message).from_json(json.dumps(body), ignore_unknown_fields=False)
    return body
