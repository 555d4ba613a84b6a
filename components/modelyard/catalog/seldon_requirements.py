"""What a Model asks of a Server: the capability by which Seldon's scheduler matches them."""

from __future__ import annotations

from functools import cache

from modelyard.catalog.table import rows

CONTAINERS = {"mlserver": "mlserver", "triton": "triton"}
"""Name of the container that serves, in the pods of each server."""


def requirement(server: str, format: str) -> str | None:
    """``requirement("triton", "savedmodel")`` is ``tensorflow``; None: the server does not serve the format."""
    return _requirements().get((server, format))


def refusal(server: str, format: str) -> str | None:
    """One sentence that says why Seldon's server cannot serve the format, and which can; None: it can."""
    if requirement(server, format) is not None:
        return None
    able = sorted({each for each, served in _requirements() if served == format})
    if able:
        return (
            f"Seldon's {server} does not serve {format}; its {' and '.join(able)} {'does' if len(able) == 1 else 'do'}"
        )
    served = ", ".join(sorted({of_server for each, of_server in _requirements() if each == server}))
    return f"no server of Seldon's serves {format}; its {server} serves {served}"


@cache
def _requirements() -> dict[tuple[str, str], str]:
    return {(row["server"], row["format"]): row["requirement"] for row in rows("seldon_requirements.csv")}
