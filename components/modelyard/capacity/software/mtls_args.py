"""Client certificates, as components take them."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict


class MtlsArgs(TypedDict):
    """Client certificates, of the gateway as a whole."""

    config_map: NotRequired[str]
    """ConfigMap in gateway-system whose key ``ca.crt`` holds the authority's certificate; this or secret."""
    secret: NotRequired[str]
    """Secret in gateway-system whose key ``ca.crt`` holds it, for example one of cert-manager's; this or config_map."""
    dns_names: NotRequired[Sequence[str]]
    """One of these, or of uris, must be in the certificate; default: any that the authority signed."""
    uris: NotRequired[Sequence[str]]
    """For example spiffe://example.org/shop. Default: any that the authority signed."""
