"""How long a model takes from the first request, or from a busy moment, until one more replica answers.

Pure, and a range: nobody has measured this platform on a real account. What is assumed stands with its source in
``catalog/data/cold_start.csv`` and ``catalog/data/image_sizes.csv``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from ..catalog.table import rows

_LEAST = 0.001
_BYTES_PER_GIB = 1024**3
_SPARED = {"streaming": "streamed while it starts", "preloaded": "on the disk that the node starts with"}


@dataclass(frozen=True, slots=True)
class Assumption:
    """A duration or a speed that is taken for granted, as a range."""

    name: str
    low: float
    high: float
    unit: str
    source: str
    source_date: str


@dataclass(frozen=True, slots=True)
class ColdStartPart:
    """One of the things that follow each other."""

    name: str
    low_seconds: float
    high_seconds: float
    why: str
    """What it is made of: ``3 GiB at 0.0166 to 0.122 GiB/s``."""

    def text(self) -> str:
        return f"{self.brief()} ({self.why})"

    def brief(self) -> str:
        """``node 80 to 300 s``"""
        return f"{self.name} {_range(self.low_seconds, self.high_seconds)}"


@dataclass(frozen=True, slots=True)
class ColdStart:
    """Everything between the wish for a replica and its first answer."""

    parts: tuple[ColdStartPart, ...]
    unknown: tuple[str, ...] = ()
    """What could not be counted; the prediction is then a least time."""

    @property
    def low_seconds(self) -> float:
        return sum(part.low_seconds for part in self.parts)

    @property
    def high_seconds(self) -> float:
        return sum(part.high_seconds for part in self.parts)

    def text(self) -> str:
        """``6 to 22 min: node 80 to 300 s (...), image ..., weights ..., load ...``, on one line."""
        return self._listed(part.text() for part in self.parts)

    def brief(self) -> str:
        """The same without what each part is made of."""
        return self._listed(part.brief() for part in self.parts if part.high_seconds)

    def whole(self) -> str:
        """``6 to 22 min``, or ``at least`` so long where something could not be counted."""
        return f"{'at least ' if self.unknown else ''}{_range(self.low_seconds, self.high_seconds)}"

    def _listed(self, parts: Iterable[str]) -> str:
        uncounted = f"; not counted: {', '.join(self.unknown)}" if self.unknown else ""
        return f"{self.whole()}: {', '.join(parts)}{uncounted}"


def cold_start(
    *,
    node_there: bool | None,
    image_there: bool | None = False,
    image_by: Literal["pull", "parallel_pull", "streaming", "preloaded"] = "pull",
    image_unpacked_gb: float | None,
    model_bytes: int | None,
    weights: Literal["copy", "stream", "node_cache"] = "copy",
    load_seconds: float | None = None,
    signal_seconds: float = 0,
    gpu: bool = True,
) -> ColdStart:
    """The time until one more replica answers.

    Args:
        node_there: whether a node with room runs already; None: nobody can say.
        image_there: whether that node has the image; None: perhaps. A new node never has.
        image_by: how images come to the node. Of streaming (GKE) nobody says how much a container waits for, between
            nothing and all of it; of preloaded nobody has looked whether this image is on the disk.
        image_unpacked_gb: size of the server's image as docker lists it, in GB (:func:`image_size_gb`); None: unknown.
        model_bytes: size of the model's files; None: unknown.
        weights: whether a pod copies them first, or the server reads them through a file driver while it loads: from
            the store, or with node_cache from a node that runs already.
        load_seconds: time to load the model as measured; None: estimated from its size.
        signal_seconds: longest time until the need is seen: the scrape interval and the autoscaler's rhythm.
        gpu: whether the node has GPUs. Of others no source is at hand; they are taken to be as slow.
    """
    parts: list[ColdStartPart] = []
    unknown: list[str] = []
    if signal_seconds:
        parts.append(ColdStartPart("signal", 0, signal_seconds, "the next scrape and the autoscaler's next question"))
    if not node_there:
        parts.append(_node(node_there, "a new GPU instance" if gpu else "a new instance"))
    if node_there is not False and image_there:
        parts.append(ColdStartPart("image", 0, 0, "the node has it"))
    elif image_unpacked_gb is None:
        unknown.append("the image, whose size the catalogue does not know")
    else:
        pulled = _pulled(image_unpacked_gb, image_by)
        perhaps = node_there is not False and image_there is None
        spared = [*(["there already"] if perhaps else []), *([_SPARED[image_by]] if image_by in _SPARED else [])]
        why = ", or ".join([pulled.why, *spared])
        parts.append(replace(pulled, low_seconds=0, why=why) if spared else pulled)
    if model_bytes is None:
        unknown.append("the weights, whose size is not known")
    elif weights != "copy":
        parts.append(ColdStartPart("weights", 0, 0, "read while the server loads"))
    else:
        parts.append(_at_speed("weights", model_bytes / _BYTES_PER_GIB, "GiB", "weights_gib_per_second"))
    parts.append(_load(model_bytes, load_seconds, _read_at(weights, node_there)))
    ready = assumption("schedule")
    parts.append(ColdStartPart("ready", ready.low, ready.high, "the scheduler and the readiness probe"))
    return ColdStart(tuple(parts), tuple(unknown))


def streamed_instead(start: ColdStart) -> tuple[ColdStartPart, ColdStartPart] | None:
    """What a pod waits for its weights, and what a server would wait that reads them through a file driver while it
    loads; None where nothing is copied, or where nobody knows how much."""
    copied = next((part for part in start.parts if part.name == "weights" and part.high_seconds), None)
    if copied is None:
        return None
    store = assumption("stream_gib_per_second")
    size_gib = copied.high_seconds * assumption("weights_gib_per_second").low
    why = f"{_size(size_gib)} at {store.low:g} to {store.high:g} {store.unit}"
    return copied, ColdStartPart("weights", size_gib / store.high, size_gib / store.low, why)


def image_size_gb(runtime: str, release: str | None = None) -> float | None:
    """Size of a runtime's image as docker lists it, in GB: of this release, else of the newest known one; None where no
    source gives any."""
    known = {row["release"]: float(row["unpacked_gb"]) for row in rows("image_sizes.csv") if row["runtime"] == runtime}
    if release in known:
        return known[release]
    return known[max(known)] if known else None


def assumption(name: str) -> Assumption:
    """What is assumed, with its source."""
    return _assumptions()[name]


def assumptions() -> tuple[Assumption, ...]:
    """All of them, to be printed beside a prediction."""
    return tuple(_assumptions().values())


def _node(there: Literal[False] | None, what: str) -> ColdStartPart:
    node = assumption("gpu_node")
    if there is None:
        return ColdStartPart("node", 0, node.high, f"{what} until it is ready, where no node has room")
    return ColdStartPart("node", node.low, node.high, f"{what} until it is ready")


def _read_at(weights: str, node_there: bool | None) -> tuple[float, float]:
    """GiB a second at which a server reads its files: its own copy, the store, or what the node has kept."""
    disk, store = assumption("load_gib_per_second"), assumption("stream_gib_per_second")
    if weights == "copy" or (weights == "node_cache" and node_there):
        return disk.low, disk.high
    if weights == "node_cache" and node_there is None:
        return min(disk.low, store.low), max(disk.high, store.high)
    return store.low, store.high


def _load(model_bytes: int | None, load_seconds: float | None, speed: tuple[float, float]) -> ColdStartPart:
    start, (slow, fast) = assumption("server_start"), speed
    if load_seconds is not None:
        return ColdStartPart("load", load_seconds, load_seconds, "measured")
    size_gib = (model_bytes or 0) / _BYTES_PER_GIB
    why = f"the server's start, and reading {_size(size_gib)} at {slow:g} to {fast:g} GiB/s"
    return ColdStartPart("load", start.low + size_gib / fast, start.high + size_gib / slow, why)


def _pulled(unpacked_gb: float, by: str) -> ColdStartPart:
    pulled = _at_speed("image", unpacked_gb, "GB", "image_unpacked_gb_per_second")
    if by != "parallel_pull":
        return pulled
    times = assumption("parallel_pull_times_faster")
    why = f"{pulled.why}, in many parts at a time {times.low:g} to {times.high:g} times as fast"
    return replace(
        pulled, low_seconds=pulled.low_seconds / times.high, high_seconds=pulled.high_seconds / times.low, why=why
    )


def _at_speed(name: str, size: float, unit: str, speed: str) -> ColdStartPart:
    known = assumption(speed)
    return ColdStartPart(
        name,
        size / known.high,
        size / known.low,
        f"{_size(size, unit)} at {known.low:g} to {known.high:g} {known.unit}",
    )


def _size(size: float, unit: str = "GiB") -> str:
    """``15.5 GB``; what is too small to be told in the unit is less than a thousandth of it."""
    return f"{size:.3g} {unit}" if size >= _LEAST or not size else f"less than {_LEAST:g} {unit}"


def _range(low_seconds: float, high_seconds: float) -> str:
    low, high = _duration(low_seconds), _duration(high_seconds)
    if low == high:
        return low
    same_unit = low.rpartition(" ")[2] == high.rpartition(" ")[2]
    return f"{low.partition(' ')[0] if same_unit else low} to {high}"


def _duration(seconds: float) -> str:
    return f"{round(seconds)} s" if seconds < 100 else f"{round(seconds / 60)} min"


@cache
def _assumptions() -> dict[str, Assumption]:
    return {
        row["name"]: Assumption(
            row["name"], float(row["low"]), float(row["high"]), row["unit"], row["source"], row["source_date"]
        )
        for row in rows("cold_start.csv")
    }
