"""Which model servers run on accelerators that are not NVIDIA's (``data/served_accelerators.csv``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from modelyard.catalog.table import rows


@dataclass(frozen=True, slots=True)
class ServedAccelerator:
    """One server on one kind of accelerator."""

    server: str
    resource: str
    """Of whole accelerators: ``aws.amazon.com/neuron``, ``google.com/tpu``."""
    formats: tuple[str, ...]
    """That it serves there; empty: none."""
    reason: str
    """Why it serves none, as the end of a sentence that begins with the server."""
    image: str
    """What its image has to hold: nobody publishes one whose digest is known here."""
    source: str
    source_date: str


def on_accelerator(server: str, resource: str) -> ServedAccelerator | None:
    """How the server runs there; None: nobody has looked."""
    return _by_name().get((server, resource))


def servers_on(resource: str) -> tuple[str, ...]:
    """Servers that do."""
    return tuple(each.server for each in _by_name().values() if each.resource == resource and each.formats)


@cache
def _by_name() -> dict[tuple[str, str], ServedAccelerator]:
    return {
        (row["server"], row["resource"]): ServedAccelerator(
            server=row["server"],
            resource=row["resource"],
            formats=tuple(row["formats"].split()),
            reason=row["reason"],
            image=row["image"],
            source=row["source"],
            source_date=row["source_date"],
        )
        for row in rows("served_accelerators.csv")
    }
