"""Releases of serving runtimes: container image, digest, CUDA and the oldest GPU that they run on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from modelyard.catalog.accelerators import capability
from modelyard.catalog.table import UnknownName, rows


@dataclass(frozen=True, slots=True)
class RuntimeRelease:
    runtime: str
    release: str
    image: str
    digest: str
    platform: str
    cuda: str
    min_compute_capability: tuple[int, int] | None
    """GPUs below this CUDA compute capability cannot run the release."""
    source: str
    source_date: str

    @property
    def reference(self) -> str:
        """The image pinned by its digest: ``registry/name:tag@sha256:...``."""
        return f"{self.image}@{self.digest}"


def get(runtime: str, release: str | None = None) -> RuntimeRelease:
    """A release of a runtime (``get("triton", "26.07")``); the newest known one by default.

    Raises:
        UnknownName: no such runtime or release.
    """
    releases = {name[1]: found for name, found in _by_name().items() if name[0] == runtime}
    if not releases:
        raise UnknownName("runtime", runtime, {name for name, _ in _by_name()})
    if release is None:
        return releases[max(releases)]
    try:
        return releases[release]
    except KeyError:
        raise UnknownName(f"{runtime} release", release, releases) from None


@cache
def _by_name() -> dict[tuple[str, str], RuntimeRelease]:
    return {
        (row["runtime"], row["release"]): RuntimeRelease(
            runtime=row["runtime"],
            release=row["release"],
            image=row["image"],
            digest=row["digest"],
            platform=row["platform"],
            cuda=row["cuda"],
            min_compute_capability=capability(row["min_compute_capability"]),
            source=row["source"],
            source_date=row["source_date"],
        )
        for row in rows("runtimes.csv")
    }
