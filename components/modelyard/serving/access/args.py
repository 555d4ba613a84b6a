"""Arguments of access, as Pulumi's other languages see them.

Keys are those of the declarations of the same names; a test holds them equal. The annotations stay real objects (no
postponed evaluation): Pulumi's component analyzer reads them.
"""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

from modelyard.capacity.software.mtls_args import MtlsArgs
from modelyard.capacity.software.secret_reference_args import SecretReferenceArgs


class JwtArgs(TypedDict):
    """JSON web tokens of an identity provider, sent as ``Authorization: Bearer``."""

    issuer: str
    """``iss`` of the tokens, exactly."""
    jwks_uri: str
    """Where the provider publishes its signing keys; read by the proxies, again every five minutes. Begins with
    https://."""
    audiences: Sequence[str]
    """One of these must be in ``aud``: without it every token of the issuer, for whatever service, would do. 1 to 8."""
    scopes: NotRequired[Sequence[str]]
    """All of these must be in ``scope``. Default: none."""
    claim_headers: NotRequired[Mapping[str, str]]
    """Headers that the model gets, each with the claim that it holds; callers cannot set them. Default: none."""


class ApiKeyArgs(TypedDict):
    """A secret that each client sends in a header."""

    clients: Mapping[str, SecretReferenceArgs]
    """Keys by the name of the client that holds them, by reference."""
    header: NotRequired[str]
    """Taken out before the model gets the request. Default: x-api-key."""
    client_header: NotRequired[str]
    """What the model gets instead: the name of the client. Default: x-client-id."""


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
    """Who is counted apart; default: all callers of a model together."""
    scope: NotRequired[str]
    """``local``: each proxy counts for itself and for each path of the model, so that the whole lets through up to
    that many times as much. ``global``: counted in Redis, once for the model; needs rate_limit_redis. Default:
    local."""


class CorsArgs(TypedDict):
    """Pages of other origins that may ask from a browser."""

    allow_origins: Sequence[str]
    """Such as https://shop.example.com or https://*.example.com."""
    allow_headers: NotRequired[Sequence[str]]
    """Default: authorization and content-type."""
    max_age_seconds: NotRequired[int]
    """How long a browser may remember the answer. 0 to 86400; default: 600."""


class AccessArgs(TypedDict):
    """Who may ask a model through the gateway, how often and with how much."""

    authentication: NotRequired[AuthenticationArgs]
    """A model that anybody on the internet may ask says so, by ``{anyone: true}``. Default: the gateway's."""
    rate_limit: NotRequired[RateLimitArgs]
    """Default: none."""
    max_request_mib: NotRequired[int]
    """A larger HTTP request is answered 413; the proxy holds a request until it has all of it. gRPC, which may stream
    for ever, is not held. 1 to 1024; default: no limit."""
    request_timeout_seconds: NotRequired[int]
    """The gateway ends a request after so long. Default: 60. 1 to 3600."""
    cors: NotRequired[CorsArgs]
    """Default: pages of other origins may not ask."""
