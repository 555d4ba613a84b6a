"""Where a running server answers, and whose processor time it uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..http_header import unsendable
from .dialect import TRITON, Dialect


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """A running server, started by us or elsewhere."""

    http: str
    """``http://host:port`` or ``https://host:port``, with a path before ``/v2`` where a gateway adds one."""
    grpc: str | None = None
    """``host:port``, or ``grpcs://host:port`` with TLS; None: not to be reached, and said so."""
    metrics: str | None = None
    """The whole URL, ``http://host:port/metrics``; None: not to be reached."""
    process_group: int | None = None
    """Of a server on this machine, so that its processor time can be read; None: it runs elsewhere."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent with every request, as HTTP headers and gRPC metadata; may hold secrets."""
    management_key: tuple[str, str] | None = field(default=None, repr=False)
    """Header and value that open the restricted endpoints of a server that we started, over HTTP."""
    dialect: Dialect = TRITON
    """How its protocol differs from Triton's."""

    def __post_init__(self) -> None:
        """Raises ValueError for a header that cannot be sent; its value is not shown."""
        for name, value in self.headers.items():
            if (why := unsendable(name, value)) is not None:
                raise ValueError(why)
