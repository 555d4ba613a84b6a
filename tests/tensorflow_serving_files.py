"""Configuration files of TensorFlow Serving, read back by the messages that wrote them."""

from __future__ import annotations

from typing import Any

from google.protobuf import text_format
from modelyard.serving.tfserving.protobuf import new


def parsed(name: str, content: str) -> Any:
    """The message in a file's content; fields that it does not have are errors."""
    return text_format.Parse(content, new(name))
