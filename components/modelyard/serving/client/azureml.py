"""Scoring at an online endpoint of Azure ML, with its key or a token ("Authenticate clients for online endpoints").

Triton's own deployments answer at the paths of its protocol on the host of the scoring URI; every other server at the
scoring URI itself ("High-performance serving with Triton Inference Server").
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit, urlunsplit

from .inference import Reply
from .refusal import CannotAsk, NoCredentials
from .sending import Request, bearer, binary_headers, over_http

SCOPE = "https://ml.azure.com/.default"
_DEPLOYMENT = "azureml-model-deployment"
_SCORE = "/score"
"""Path of a scoring URI whose server names no route of its own."""
_ADVICE = {
    401: "the key or token is another endpoint's, or has expired",
    403: "who asks needs Microsoft.MachineLearningServices/workspaces/onlineEndpoints/score/action",
    404: "is the deployment's name one of this endpoint?",
    424: "the model's server failed; look at the logs of the deployment",
    429: "too many requests are in flight; raise the deployment's instances or max_concurrent_requests",
}


def send(request: Request) -> Reply:
    """Raises NotAnswered."""
    token = request.token or _own_token(request.endpoint.auth)
    chosen = {} if request.variant is None else {_DEPLOYMENT: request.variant}
    return over_http(
        request,
        _address(request.endpoint.url, request.endpoint.model),
        {**binary_headers(request), **bearer(token), **chosen},
        secret=token,
        served_by=_DEPLOYMENT,
        advice=_ADVICE,
    )


def _address(url: str, model: str) -> str:
    parts = urlsplit(url)
    if parts.path not in ("", "/", _SCORE):
        return url
    return urlunsplit(parts._replace(path=f"/v2/models/{quote(model, safe='')}/infer"))


def _own_token(auth: str | None) -> str:
    """Of whoever is logged in, where the endpoint takes such tokens."""
    if auth in ("Key", "AMLToken"):
        raise NoCredentials(
            f"this endpoint takes its own {'key' if auth == 'Key' else 'token'}; set MODELYARD_ENDPOINT_TOKEN to what "
            "`az ml online-endpoint get-credentials` shows"
        )
    try:
        from azure.core.exceptions import ClientAuthenticationError  # pyright: ignore[reportMissingImports]
        from azure.identity import DefaultAzureCredential  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise NoCredentials(
            "Azure's tokens are read by the package azure-identity, which is missing; install it, or set "
            f"MODELYARD_ENDPOINT_TOKEN to what `az account get-access-token --scope {SCOPE}` shows"
        ) from None
    try:
        return DefaultAzureCredential().get_token(SCOPE).token
    except ClientAuthenticationError:
        raise NoCredentials("nobody is logged in to Azure; run `az login`") from None
    except Exception as error:
        raise CannotAsk(f"Azure gave no token ({type(error).__name__}); run `az login`") from None
