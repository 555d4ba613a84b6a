"""The way in for requests."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints, model_validator

from .declaration import Declaration

Hostname = Annotated[str, StringConstraints(pattern=r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$", max_length=200)]


class Acme(Declaration):
    """Certificates from an ACME authority, proven over HTTP; needs a gateway that the authority can reach."""

    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    server: Annotated[str, StringConstraints(pattern=r"^https://")] = "https://acme-v02.api.letsencrypt.org/directory"


class Gateway(Declaration):
    """A Gateway API gateway in every cluster. TLS ends here; models answer at https://<model>.<cluster>.<domain>."""

    domain: Hostname
    reach: Literal["internal", "internet"] = "internal"
    """Whether the load balancer has private or public addresses."""
    certificates: Literal["private_ca"] | Acme = "private_ca"
    """``private_ca``: cert-manager signs with an authority of the cluster's own."""

    @model_validator(mode="after")
    def _reachable(self) -> Gateway:
        if isinstance(self.certificates, Acme) and self.reach == "internal":
            raise ValueError("certificates by ACME need reach: internet; an internal gateway takes private_ca")
        return self
