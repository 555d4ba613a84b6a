"""Hostnames that two routes of one gateway claim, or that the gateway does not answer for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Host:
    """A name that a route asks for."""

    hostname: str
    cluster: str
    listener: str
    """Names that the cluster's gateway answers for: ``*.east.ml.example.org``."""
    owner: str
    """Whose it is, as an error says it: ``model 'tagger' of department 'shop'``."""


def taken(hosts: Iterable[Host]) -> list[tuple[Host, str]]:
    """Every host that cannot be had, with the sentence that names who has it: of two claims the first one stays.

    A name is the gateway's when it has one more part than the listener's wildcard: a route with more parts would be
    accepted (Gateway API, "Hostname"), but no wildcard certificate is valid for it (RFC 6125, section 6.4.3).
    """
    found: list[tuple[Host, str]] = []
    first: dict[tuple[str, str], Host] = {}
    for host in hosts:
        domain = host.listener.removeprefix("*.")
        if not _below(host.hostname, domain):
            found.append(
                (
                    host,
                    f"{host.hostname!r} of {host.owner} is no name of the gateway of cluster {host.cluster!r}, which "
                    f"answers for {host.listener}; take <name>.{domain}, with one part before it",
                )
            )
            continue
        earlier = first.setdefault((host.cluster, host.hostname.casefold()), host)
        if earlier is not host:
            found.append(
                (
                    host,
                    f"{host.hostname!r} of {host.owner} is taken on cluster {host.cluster!r} by {earlier.owner}; give "
                    "one of them another name",
                )
            )
    return found


def _below(hostname: str, domain: str) -> bool:
    name, _, rest = hostname.casefold().partition(".")
    return bool(name) and rest == domain.casefold()
