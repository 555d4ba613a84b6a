"""Arguments of access, as Pulumi's other languages see them.

Keys are those of the declarations of the same names; a test holds them equal. The annotations stay real objects (no
postponed evaluation): Pulumi's component analyzer reads them.
"""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

from modelyard.capacity.software.secret_reference_args import SecretReferenceArgs


class JwtArgs(TypedDict):
    """JSON web tokens of an identity provider, sent as ``Authorization: Bearer``."""

    issuer: str
    """``iss`` of the tokens, exactly."""
    jwks_uri: str
    """HTTPS URL where the provider publishes its signing keys."""
    audiences: Sequence[str]
    """One of these must be in ``aud``; 1 to 8."""
    scopes: NotRequired[Sequence[str]]
    """All of these must be in ``scope``. Default: none."""
    claim_headers: NotRequired[Mapping[str, str]]
    """Headers that the model gets, each with the claim that it holds. Default: none."""


class ApiKeyArgs(TypedDict):
    """A secret that each client sends in a header."""

    clients: Mapping[str, SecretReferenceArgs]
    """Keys by the name of the client that holds them, by reference."""
    header: NotRequired[str]
    """Header of the key, taken out before the model gets the request. Default: x-api-key."""
    client_header: NotRequired[str]
    """Header in which the model gets the name of the client. Default: x-client-id."""


class MtlsArgs(TypedDict):
    """Client certificates, of the gateway as a whole."""

    config_map: NotRequired[str]
    """ConfigMap in gateway-system whose key ca.crt holds the authority's certificate; this or secret."""
    secret: NotRequired[str]
    """Secret in gateway-system whose key ca.crt holds it; this or config_map."""
    dns_names: NotRequired[Sequence[str]]
    """One of these, or of uris, must be in the certificate. Default: any that the authority signed."""
    uris: NotRequired[Sequence[str]]
    """For example spiffe://example.org/shop. Default: any that the authority signed."""


class AuthenticationArgs(TypedDict):
    """Exactly one way."""

    jwt: NotRequired[JwtArgs]
    """Tokens of an identity provider."""
    api_key: NotRequired[ApiKeyArgs]
    """Keys of known clients."""
    mtls: NotRequired[MtlsArgs]
    """Client certificates; of the gateway as a whole, never of one model."""
    anyone: NotRequired[bool]
    """True: that nothing is asked of callers is meant so."""


class CountedArgs(TypedDict):
    """Who is counted apart; exactly one."""

    client_ip: NotRequired[bool]
    """True: each address that requests come from."""
    header: NotRequired[str]
    """Each value of a header that callers cannot choose: client_header of api_key, or one of jwt's claim_headers."""
    claim: NotRequired[str]
    """Each value of a token's claim, for example ``sub``."""


class RateLimitArgs(TypedDict):
    """Requests above it are answered 429."""

    requests: int
    """At least 1."""
    unit: str
    """second, minute or hour."""
    per: NotRequired[CountedArgs]
    """Default: all callers of the model together."""
    scope: NotRequired[str]
    """local: each proxy counts for itself and for each path; global: in Redis, once for the model. Default: local."""


class CorsArgs(TypedDict):
    """Pages of other origins that may ask from a browser."""

    allow_origins: Sequence[str]
    """Such as https://shop.example.com or https://*.example.com."""
    allow_headers: NotRequired[Sequence[str]]
    """Default: authorization and content-type."""
    max_age_seconds: NotRequired[int]
    """How long a browser may remember the answer, 0 to 86400. Default: 600."""


class AccessArgs(TypedDict):
    """Who may ask a model through the gateway, how often and with how much."""

    authentication: NotRequired[AuthenticationArgs]
    """Default: nothing is asked of callers, which a gateway that the internet reaches does not take."""
    rate_limit: NotRequired[RateLimitArgs]
    """Default: none."""
    max_request_mib: NotRequired[int]
    """A larger HTTP request is answered 413; 1 to 1024. gRPC, which may stream for ever, is not held. Default: none."""
    request_timeout_seconds: NotRequired[int]
    """The gateway ends a request after so long, 1 to 3600. Default: 60."""
    cors: NotRequired[CorsArgs]
    """Default: pages of other origins may not ask."""
