"""``rawPredict`` of Vertex AI: the body goes to the container as it is ("Method: endpoints.rawPredict")."""

from __future__ import annotations

from ..vertex.credentials import headers
from ..vertex.refusal import NoCredentials as NobodyAsks
from .inference import Reply
from .refusal import CannotAsk, NoCredentials
from .sending import Request, over_http

_DEPLOYED_MODEL = "X-Vertex-AI-Deployed-Model-Id"
_BINARY = "application/vnd.vertex-ai-triton.binary+json;json-header-size={}"
"""Of Triton's port for Vertex AI (triton-inference-server/server, ``vertex_ai_server.cc``)."""
_ADVICE = {
    401: "the credentials have expired or are another cloud's; run `gcloud auth application-default login`",
    403: "who asks needs roles/aiplatform.user on the endpoint",
    404: "is the endpoint of this project and region, and is a model deployed?",
}


def send(request: Request) -> Reply:
    """Raises NotAnswered."""
    if request.variant is not None:
        raise CannotAsk(
            f"variant {request.variant!r}: Vertex AI picks the deployed model by the split alone; leave it out, or "
            "give that version an endpoint of its own"
        )
    url = request.endpoint.url
    try:
        said = dict(request.once("headers", headers)("POST", url))
    except NobodyAsks as nobody:
        raise NoCredentials(str(nobody)) from None
    secret = said.get("Authorization", said.get("authorization", "")).removeprefix("Bearer ") or None
    if request.json_bytes is not None:
        said["Content-Type"] = _BINARY.format(request.json_bytes)
    return over_http(request, url, said, secret=secret, served_by=_DEPLOYED_MODEL, advice=_ADVICE)
