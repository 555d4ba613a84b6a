"""Bodies of Vertex AI's API, read by the service's own message classes (``google.cloud.aiplatform_v1.types``).

They live in a process of their own: both Google's packages and Pulumi's register ``google.rpc.Status``, and one process
can hold it once.
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import threading
from functools import cache
from typing import Any

_READER = """
import json, sys
try:
    from google.cloud.aiplatform_v1 import types
except ImportError:
    print("null", flush=True)
    sys.exit()
print("{}", flush=True)
for line in sys.stdin:
    kind, body = json.loads(line)
    message = getattr(types, kind)
    try:
        if body is None:
            print(json.dumps({"doc": " ".join(message.__doc__.split())}), flush=True)
        else:
            message.from_json(json.dumps(body), ignore_unknown_fields=False)
            print("{}", flush=True)
    except Exception as error:
        print(json.dumps({"error": str(error)}), flush=True)
"""
_lock = threading.Lock()


class NoSuchBody(AssertionError):
    """A field that the message does not have, or a value of another type."""


def checked(message: str, body: dict[str, Any]) -> dict[str, Any]:
    """The body, once the message class has read it; unread where google-cloud-aiplatform is not installed.

    Raises:
        NoSuchBody: Vertex AI would refuse it.
    """
    answer = _asked(message, body)
    if answer is not None and "error" in answer:
        raise NoSuchBody(f"{message}: {answer['error']}")
    return body


def documentation(message: str) -> str | None:
    """What the message class says of its fields, on one line; None where it is not installed."""
    answer = _asked(message, None)
    return None if answer is None else answer["doc"]


def _asked(message: str, body: dict[str, Any] | None) -> dict[str, Any] | None:
    with _lock:
        reader = _reader()
        if reader is None:
            return None
        assert reader.stdin is not None and reader.stdout is not None
        reader.stdin.write(json.dumps([message, body]) + "\n")
        reader.stdin.flush()
        return json.loads(reader.stdout.readline())


@cache
def _reader() -> subprocess.Popen[str] | None:
    reader = subprocess.Popen(
        [sys.executable, "-P", "-c", _READER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={}
    )
    assert reader.stdout is not None
    if json.loads(reader.stdout.readline()) is None:
        reader.wait()
        return None
    atexit.register(reader.kill)
    return reader
