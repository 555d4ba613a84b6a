"""What a server's log says about why it does not serve."""

from __future__ import annotations

import re


def reason(text: str) -> str | None:
    return None


def stuck(text: str) -> str | None:
    return None


def port_in_use(text: str) -> int | None:
    """The port that another process listens on, where that is why the server ended."""
    found = re.search(r"[Ss]ocket '[^']*:(\d+)' already in use", text)
    return int(found[1]) if found else None


def tail(text: str, lines: int = 30) -> list[str]:
    """The last lines that are not empty."""
    return [line for line in text.splitlines() if line.strip()][-lines:]
