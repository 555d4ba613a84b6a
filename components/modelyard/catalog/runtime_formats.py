"""Which serving runtime serves which format of models, and in which protocols."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from modelyard.catalog.spelling import nearest
from modelyard.catalog.table import UnknownName, rows


@dataclass(frozen=True, slots=True)
class RuntimeFormat:
    """A runtime serves a format."""

    runtime: str
    format: str
    """As an environment names it: onnx, savedmodel, sklearn, ..."""
    kserve_format: str
    """Name of the format in KServe's ``modelFormat`` and ``supportedModelFormats``."""
    kserve_version: str
    """Major version of the framework there."""
    protocols: tuple[str, ...]
    """Of ``v1`` (TensorFlow Serving's REST), ``v2`` (Open Inference Protocol over HTTP), ``grpc-v1`` and ``grpc-v2``,
    the preferred one first."""
    source: str
    source_date: str


def serves(runtime: str, format: str) -> bool:
    """Whether the runtime serves the format; False for a runtime or format that nothing is called."""
    return (runtime, format) in _by_name()


def who_serves(format: str) -> tuple[str, ...]:
    """Runtimes that serve the format, as the table lists them; empty: none does."""
    return tuple(each.runtime for each in _by_name().values() if each.format == format)


def formats_of(runtime: str) -> tuple[str, ...]:
    """Formats that the runtime serves; empty: no such runtime."""
    return tuple(each.format for each in _by_name().values() if each.runtime == runtime)


def runtimes() -> tuple[str, ...]:
    """All of them."""
    return tuple(dict.fromkeys(each.runtime for each in _by_name().values()))


def formats() -> tuple[str, ...]:
    """Every format that some runtime serves."""
    return tuple(dict.fromkeys(each.format for each in _by_name().values()))


def get(runtime: str, format: str) -> RuntimeFormat:
    """How the runtime serves the format.

    Raises:
        UnknownName: no such runtime, or one that does not serve the format.
    """
    if runtime not in runtimes():
        raise UnknownName("runtime", runtime, runtimes())
    try:
        return _by_name()[runtime, format]
    except KeyError:
        raise UnknownName(f"format of {runtime}", format, formats_of(runtime)) from None


def refusal(runtime: str, format: str) -> str | None:
    """One sentence that says why the runtime cannot serve the format and which can; None: it can."""
    if serves(runtime, format):
        return None
    able = who_serves(format)
    if able:
        return f"{runtime} does not serve {format}; {_listed(able)} {'does' if len(able) == 1 else 'do'}"
    closest = nearest(format, formats())
    meant = f"; did you mean {closest!r}?" if closest else ";"
    served = ", ".join(formats_of(runtime)) or "nothing"
    return f"no runtime serves a format {format!r}{meant} {runtime} serves {served}"


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


@cache
def _by_name() -> dict[tuple[str, str], RuntimeFormat]:
    return {
        (row["runtime"], row["format"]): RuntimeFormat(
            runtime=row["runtime"],
            format=row["format"],
            kserve_format=row["kserve_format"],
            kserve_version=row["kserve_version"],
            protocols=tuple(row["protocols"].split()),
            source=row["source"],
            source_date=row["source_date"],
        )
        for row in rows("runtime_formats.csv")
    }
