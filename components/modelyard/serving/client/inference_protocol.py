"""A server behind a cluster's gateway, or on this machine: ``POST /v2/models/<model>/infer``."""

from __future__ import annotations

from urllib.parse import quote

from .inference import Reply
from .refusal import CannotAsk
from .sending import Request, bearer, binary_headers, over_http

TRACK = "x-modelyard-track"
"""Names the side that answers, in requests and in answers of a model with a canary."""
_SIDES = ("stable", "canary")
_ADVICE = {
    401: "give the client a token that the gateway takes, or set MODELYARD_ENDPOINT_TOKEN",
    403: "the caller is not among those that the model's access names",
    404: "is it the model's name, and is the model loaded?",
}


def send(request: Request) -> Reply:
    """Raises NotAnswered."""
    endpoint = request.endpoint
    return over_http(
        request,
        f"{endpoint.url.rstrip('/')}/v2/models/{quote(endpoint.model, safe='')}/infer",
        {**binary_headers(request), **bearer(request.token), **side_header(request.variant)},
        secret=request.token,
        served_by=TRACK,
        advice=_ADVICE,
    )


def side_header(side: str | None) -> dict[str, str]:
    """Raises CannotAsk for a side that no gateway has."""
    if side is None:
        return {}
    if side not in _SIDES:
        raise CannotAsk(f"variant {side!r}: a gateway is asked for {' or '.join(_SIDES)}; name one of them")
    return {TRACK: side}
