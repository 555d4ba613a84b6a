"""A token of whoever is logged in to Azure or Google Cloud. It is shown nowhere."""

from __future__ import annotations

from modelyard.catalog.refresh.price_api import PriceApiError
from modelyard.catalog.refresh.secret_variable import secret_of


def azure_token(scope: str, variable: str) -> str:
    """From the environment variable, or else by azure-identity's own chain.

    Raises:
        PriceApiError: there is neither, or the variable holds what is no token.
    """
    return secret_of(variable) or _of_azure(scope, variable)


def google_token(scope: str, variable: str) -> str:
    """From the environment variable, or else application default credentials.

    Raises:
        PriceApiError: there is neither, or the variable holds what is no token.
    """
    return secret_of(variable) or _of_google(scope, variable)


def _of_azure(scope: str, variable: str) -> str:
    try:
        from azure.identity import DefaultAzureCredential  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise PriceApiError(
            "Azure's tokens are read by the package azure-identity, which is missing; install it, or set "
            f"{variable} to what `az account get-access-token --query accessToken -o tsv` shows"
        ) from None
    try:
        return DefaultAzureCredential().get_token(scope).token
    except Exception as error:
        raise PriceApiError(f"Azure gave no token ({type(error).__name__}); run `az login`") from None


def _of_google(scope: str, variable: str) -> str:
    try:
        import google.auth
        import google.auth.transport.requests
    except ImportError:
        raise PriceApiError(
            "Google's tokens are read by the package google-auth, which is missing; install modelyard[gcp], or set "
            f"{variable} to what `gcloud auth print-access-token` shows"
        ) from None
    try:
        credentials, _ = google.auth.default(scopes=[scope])
        credentials.refresh(google.auth.transport.requests.Request())
        return str(credentials.token)
    except Exception as error:
        raise PriceApiError(
            f"Google gave no token ({type(error).__name__}); run `gcloud auth application-default login`"
        ) from None
