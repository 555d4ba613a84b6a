"""The way in for requests."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, StringConstraints, Tag, model_validator

from .access import NO_ACCESS, Access
from .alternatives import alternatives
from .declaration import Declaration
from .patterns import EMAIL_PATTERN, HOSTNAME_PATTERN, HTTPS_PATTERN


def _labels_fit(name: str) -> str:
    too_long = next((label for label in name.split(".") if len(label) > 63), None)
    if too_long is not None:
        raise ValueError(f"the part {too_long!r} has {len(too_long)} characters; DNS allows 63 between dots")
    return name


Hostname = Annotated[str, StringConstraints(pattern=HOSTNAME_PATTERN, max_length=200), AfterValidator(_labels_fit)]


class Acme(Declaration):
    """Certificates from an ACME authority, proven over HTTP; needs a gateway that the authority can reach."""

    email: Annotated[str, StringConstraints(pattern=EMAIL_PATTERN)]
    server: Annotated[str, StringConstraints(pattern=HTTPS_PATTERN)] = "https://acme-v02.api.letsencrypt.org/directory"


def _kind(value: Any) -> str | None:
    if isinstance(value, dict | Acme):
        return "(acme)"
    return "(private_ca)" if isinstance(value, str) else None


Certificates = Annotated[
    Annotated[Literal["private_ca"], Tag("(private_ca)")] | Annotated[Acme, Tag("(acme)")],
    alternatives(_kind, "private_ca, or {email: <address>} for certificates by ACME"),
]


class Gateway(Declaration):
    """A Gateway API gateway in every cluster. TLS ends here; models answer at https://<model>.<cluster>.<domain>."""

    domain: Hostname
    reach: Literal["internal", "internet"] = "internal"
    """Whether the load balancer has private or public addresses."""
    certificates: Certificates = "private_ca"
    """``private_ca``: cert-manager signs with an authority of the cluster's own."""
    access: Access = NO_ACCESS
    """Who may ask, how often and with how much; a model may say otherwise for itself."""

    @model_validator(mode="after")
    def _reachable(self) -> Gateway:
        if isinstance(self.certificates, Acme) and self.reach == "internal":
            raise ValueError("certificates by ACME need reach: internet; an internal gateway takes private_ca")
        return self
