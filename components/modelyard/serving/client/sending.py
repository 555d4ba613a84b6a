"""One request, before any target's words for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .endpoint import Endpoint
from .http_call import post
from .inference import Reply


@dataclass(frozen=True, slots=True)
class Request:
    endpoint: Endpoint
    body: bytes = field(repr=False)
    content_type: str
    json_bytes: int | None
    """Of a binary body in the Open Inference Protocol, whose rest is tensors; None: it is another body."""
    variant: str | None
    token: str | None = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    timeout_s: float
    attempts: int
    pause: Callable[[float], None] = field(repr=False)
    kept: dict[str, Any] = field(repr=False)
    """What the client makes once for all its requests: a session, or who asks."""
    upload_to: str | None = None
    answer_within_s: float = 900.0
    waiting: Callable[[str], None] | None = field(default=None, repr=False)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """Raises what ``make`` raises, and then makes it anew the next time."""
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]


Sender = Callable[[Request], Reply]


def over_http(
    request: Request,
    url: str,
    headers: Mapping[str, str],
    *,
    secret: str | None,
    served_by: str | None,
    advice: Mapping[int, str],
) -> Reply:
    """Raises NotAnswered."""
    return post(
        url,
        request.body,
        {**request.headers, "Content-Type": request.content_type, **headers},
        host=request.endpoint.host,
        timeout_s=request.timeout_s,
        attempts=request.attempts,
        secrets=[*([secret] if secret else ()), *request.headers.values()],
        served_by=served_by,
        advice=advice,
        pause=request.pause,
    )


def binary_headers(request: Request) -> dict[str, str]:
    """Where Triton itself reads them, or a server that has its extension."""
    if request.json_bytes is None:
        return {}
    return {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": str(request.json_bytes)}


def bearer(token: str | None) -> dict[str, str]:
    return {} if token is None else {"Authorization": f"Bearer {token}"}
