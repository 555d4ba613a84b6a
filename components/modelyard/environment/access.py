"""Who may ask a model, how often and with how much: declared for the gateway, and again by a model that differs."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from .credential import shown
from .declaration import Declaration
from .known_name import refusal
from .patterns import HTTPS_PATTERN, NAME_PATTERN
from .secret import SecretReference

_HEADER = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_RESERVED_HEADERS = frozenset(
    ("authorization", "host", "content-length", "content-type", "transfer-encoding", "connection", "cookie", "te")
)
_ORIGIN = re.compile(r"https?://(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?")
_REDIS = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?:(?P<port>[0-9]{1,5})")


def _header(name: str) -> str:
    if not _HEADER.fullmatch(name):
        raise refusal(
            f"must be the name of a header in lower-case letters, digits and hyphens, at most 63, and is {shown(name)}"
        )
    if name in _RESERVED_HEADERS or name.startswith(("x-envoy-", "x-forwarded-")):
        raise refusal(f"must be a header without a meaning of its own, such as x-client-id, and is {shown(name)}")
    return name


def _origin(origin: str) -> str:
    if not _ORIGIN.fullmatch(origin):
        raise refusal(
            f"{origin!r} must be an origin: scheme, host and perhaps a port, such as https://shop.example.com; '*' "
            "would let every page ask with its reader's rights"
        )
    return origin


def _redis(address: str) -> str:
    found = _REDIS.fullmatch(address)
    if not found or not 1 <= int(found["port"]) <= 65535:
        raise refusal("must be <host>:<port> of a Redis, such as redis.platform.svc:6379, without a user and password")
    return address


Redis = Annotated[str, AfterValidator(_redis)]
HeaderName = Annotated[str, AfterValidator(_header)]
Https = Annotated[str, StringConstraints(pattern=HTTPS_PATTERN, max_length=253)]
Text = Annotated[str, Field(min_length=1, max_length=253)]
ClientName = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=63)]


class Jwt(Declaration):
    """JSON web tokens of an identity provider, sent as ``Authorization: Bearer``. A request without one, or with one
    that is expired, of another issuer or for another audience, is answered 401; without a needed scope, 403."""

    issuer: Text
    """``iss`` of the tokens, exactly."""
    jwks_uri: Https
    """Where the provider publishes its signing keys; read by the proxies, again every five minutes."""
    audiences: Annotated[list[Text], Field(min_length=1, max_length=8)]
    """One of these must be in ``aud``: without it every token of the issuer, for whatever service, would do."""
    scopes: Annotated[list[Text], Field(max_length=16)] = []
    """All of these must be in ``scope``."""
    claim_headers: dict[HeaderName, Text] = {}
    """Headers that the model gets, each with the claim that it holds; callers cannot set them."""


class ApiKey(Declaration):
    """A secret that each client sends in a header; without a known one a request is answered 401."""

    clients: Annotated[dict[ClientName, SecretReference], Field(min_length=1)]
    """Keys by the name of the client that holds them, by reference."""
    header: HeaderName = "x-api-key"
    """Taken out before the model gets the request."""
    client_header: HeaderName = "x-client-id"
    """What the model gets instead: the name of the client."""

    @model_validator(mode="after")
    def _two_headers(self) -> ApiKey:
        if self.header == self.client_header:
            raise ValueError(f"header and client_header are both {self.header!r}; the key itself stays at the gateway")
        return self


class Mtls(Declaration):
    """Client certificates: without one that the authority signed there is no connection."""

    config_map: Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=63)] | None = None
    """ConfigMap in gateway-system whose key ``ca.crt`` holds the authority's certificate."""
    secret: Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=63)] | None = None
    """Secret in gateway-system whose key ``ca.crt`` holds it, for example one of cert-manager's."""
    dns_names: list[Text] = []
    """One of these, or of uris, must be in the certificate; default: any that the authority signed."""
    uris: list[Text] = []
    """For example spiffe://example.org/shop."""

    @model_validator(mode="after")
    def _one_place(self) -> Mtls:
        if (self.config_map is None) == (self.secret is None):
            raise ValueError("needs exactly one of config_map, secret, which holds the authority's ca.crt")
        return self


class Authentication(Declaration):
    """Exactly one way."""

    jwt: Jwt | None = None
    """Tokens of an identity provider."""
    api_key: ApiKey | None = None
    """Keys of known clients."""
    mtls: Mtls | None = None
    """Client certificates; of the gateway as a whole, never of one model."""
    anyone: Literal[True] | None = None
    """True: that nothing is asked of callers is meant so."""

    @model_validator(mode="after")
    def _one(self) -> Authentication:
        if sum(way is not None for way in (self.jwt, self.api_key, self.mtls, self.anyone)) != 1:
            raise ValueError("needs exactly one of jwt, api_key, mtls, anyone")
        return self


class Counted(Declaration):
    """Who is counted apart; exactly one."""

    client_ip: Literal[True] | None = None
    """True: each address that requests come from."""
    header: HeaderName | None = None
    """Each value of a header that callers cannot choose: client_header of api_key, or one of jwt's claim_headers."""
    claim: Text | None = None
    """Each value of a token's claim, for example ``sub``."""

    @model_validator(mode="after")
    def _one(self) -> Counted:
        if sum(way is not None for way in (self.client_ip, self.header, self.claim)) != 1:
            raise ValueError("needs exactly one of client_ip, header, claim")
        return self


class RateLimit(Declaration):
    """Requests above it are answered 429 and never reach the model."""

    requests: Annotated[int, Field(ge=1, le=4_000_000_000)]
    unit: Literal["second", "minute", "hour"]
    per: Counted | None = None
    """Who is counted apart; default: all callers of a model together."""
    scope: Literal["local", "global"] = "local"
    """``local``: each proxy counts for itself and for each path of the model, so that the whole lets through up to
    that many times as much. ``global``: counted in Redis, once for the model; needs rate_limit_redis."""


class Cors(Declaration):
    """Pages of other origins that may ask from a browser."""

    allow_origins: Annotated[list[Annotated[str, AfterValidator(_origin)]], Field(min_length=1)]
    allow_headers: list[HeaderName | Literal["authorization", "content-type"]] = ["authorization", "content-type"]
    max_age_seconds: Annotated[int, Field(ge=0, le=86400)] = 600
    """How long a browser may remember the answer."""


class ModelAccess(Declaration):
    """What one model has otherwise than its gateway; what is not named stays the gateway's."""

    authentication: Authentication | None = None
    """A model that anybody on the internet may ask says so, by ``{anyone: true}``."""
    rate_limit: RateLimit | None = None
    max_request_mib: Annotated[int, Field(ge=1, le=1024)] | None = None
    """A larger HTTP request is answered 413; the proxy holds a request until it has all of it. gRPC, which may stream
    for ever, is not held."""
    request_timeout_seconds: Annotated[int, Field(ge=1, le=3600)] | None = None
    """The gateway ends a request after so long. Default: 60."""
    cors: Cors | None = None

    @model_validator(mode="after")
    def _of_a_model(self) -> ModelAccess:
        shared = isinstance(self, Access)
        if not shared and self.authentication is not None and self.authentication.mtls is not None:
            raise ValueError(
                "authentication.mtls belongs to the gateway's listener, which all models share; declare it at "
                "gateway.access"
            )
        return self


class Access(ModelAccess):
    """How requests come in, for every model of the gateway."""

    rate_limit_redis: Redis | None = None
    """Where global rate limits are counted: <host>:<port>."""
    mesh: Literal["none", "istio", "linkerd"] = "none"
    """Service mesh, installed by somebody else, that encrypts what passes between gateway and pods: Istio in ambient
    mode, or Linkerd."""


NO_ACCESS = Access()
"""Nothing is asked of callers and nothing limited."""


def effective(gateway: Access, model: ModelAccess | None) -> Access:
    """The gateway's access, with what the model has otherwise.

    mTLS stays with the listener: ``authentication`` of the result is then what a model asks besides.
    """
    changed = {} if model is None else {key: getattr(model, key) for key in ModelAccess.model_fields}
    return gateway.model_copy(update={key: value for key, value in changed.items() if value is not None})


def contradictions(
    gateway: Access, model: ModelAccess | None = None, *, reach: Literal["internal", "internet"]
) -> list[tuple[str, str]]:
    """What cannot be, as the path below ``access`` and a sentence.

    Args:
        gateway: of the gateway.
        model: of a model; None: only what is wrong with the gateway itself.
        reach: of the gateway.
    """
    here = gateway if model is None else model
    access = effective(gateway, model)
    found = []
    if reach == "internet" and access.authentication is None:
        found.append(
            (
                "authentication",
                "is missing, and the gateway's reach is internet: anybody could ask; name one of jwt, api_key and "
                "mtls, or say {anyone: true}",
            )
        )
    if here.rate_limit is not None:
        found += _uncounted(access)
    elif model is not None and model.authentication is not None and _uncounted(access) and not _uncounted(gateway):
        found.append(
            (
                "authentication",
                "takes away what gateway.access.rate_limit counts by; give the model a rate_limit of its own",
            )
        )
    return found


def _uncounted(access: Access) -> list[tuple[str, str]]:
    limit, way = access.rate_limit, access.authentication
    if limit is None:
        return []
    found = []
    if limit.scope == "global" and access.rate_limit_redis is None:
        found.append(
            ("rate_limit.scope", "is global, which is counted in Redis; name it in gateway.access.rate_limit_redis")
        )
    per = limit.per or Counted.model_construct()
    if per.claim is not None and (way is None or way.jwt is None):
        found.append(
            ("rate_limit.per.claim", f"is {per.claim!r}, and only jwt has claims; count per client_ip or header")
        )
    if per.header is not None:
        trusted = _given_headers(way)
        if per.header not in trusted:
            known = f"take {' or '.join(trusted)}" if trusted else "count per client_ip, or authenticate callers"
            found.append(
                (
                    "rate_limit.per.header",
                    f"is {per.header!r}, which callers choose at will, each time another; {known}",
                )
            )
    return found


def _given_headers(way: Authentication | None) -> list[str]:
    """Headers that the gateway sets itself."""
    if way is None:
        return []
    if way.api_key is not None:
        return [way.api_key.client_header]
    return list(way.jwt.claim_headers) if way.jwt is not None else []
