"""What a server's log says about why it does not serve.

A line of Triton's log is a severity, a time, a process, a place in its source and a quoted message.
"""

from __future__ import annotations

import re

_FAILED = re.compile(r"failed to load '(?P<model>[^']+)' version (?P<version>\d+): (?P<why>.*)\"$")
_LOADING = re.compile(r'"loading: (?P<model>[^"]+):(?P<version>\d+)"')
_LOADED = re.compile(r"successfully loaded '(?P<model>[^']+)'")
_ERROR = re.compile(r'^E\d{4} [\d:.]+ \d+ \S+\] "?(?P<why>.*?)"?$')
_LAST = re.compile(r"^error: creating server: (?P<why>.*)$")
_TEXT_FORMAT = re.compile(r"Error parsing text-format \S+: (?P<line>\d+):\d+: (?P<why>.*)$")
_POLL = re.compile(r"Poll failed for model directory '(?P<model>[^']+)': ")
_STATUS = re.compile(r"^(Internal|Invalid argument|Unavailable|Unsupported|Not found|Unknown|Already exists)(: | - )")
_PORT = re.compile(r"[Ss]ocket '[^']*:(\d+)' already in use")
_PLACE = re.compile(r"\S*?/models/([^/\s]+/\d+/\S+?)\((\d+)\)")
_NOISE = re.compile(
    r"CudaDriverHelper|CUDA|NVML|DCGM|pinned_memory|tritonserver\.cc|^\+[-+]+\+$|server\.cc:\d+\] ?$"
    r"|^\| (Option|Repository Agent|Backend|Model) +\||Timeout \d+: Found 0"
)
_LONGEST = 300


def reason(text: str) -> str | None:
    """Why the server ended, as one sentence that names the model; None where its log says nothing.

    A model that could not be loaded comes before what followed from it.
    """
    lines = text.splitlines()
    failed = [found for line in lines if (found := _FAILED.search(line))]
    if failed:
        return "; ".join(dict.fromkeys(_of_model(each) for each in failed))
    unread = next((found for line in lines if (found := _TEXT_FORMAT.search(line))), None)
    polled = next((found for line in lines if (found := _POLL.search(line))), None)
    if unread and polled:
        return f"model {polled['model']!r}: config.pbtxt:{unread['line']}: {unread['why']}"
    errors = [found["why"] for line in lines if (found := _ERROR.match(line)) and not _NOISE.search(line)]
    if errors:
        return _short(errors[0])
    last = next((found["why"] for line in reversed(lines) if (found := _LAST.match(line))), None)
    if last:
        return _short(last)
    loader = next((line for line in lines if "error while loading shared libraries" in line), None)
    return _short(loader.partition(": ")[2]) if loader else None


def stuck(text: str) -> str | None:
    """Which models began to load and neither finished nor failed; None where there are none."""
    ended = {found["model"] for found in _LOADED.finditer(text)}
    ended |= {found["model"] for line in text.splitlines() if (found := _FAILED.search(line))}
    names = dict.fromkeys(found["model"] for found in _LOADING.finditer(text) if found["model"] not in ended)
    if not names:
        return None
    listed = " and ".join(f"model {name!r}" for name in names)
    one = len(names) == 1
    return f"{listed} {'is' if one else 'are'} still loading; does {'its' if one else 'their'} initialize return?"


def port_in_use(text: str) -> int | None:
    """The port that another process listens on, where that is why the server ended."""
    found = _PORT.search(text)
    return int(found[1]) if found else None


def tail(text: str, lines: int = 20) -> list[str]:
    """The last lines that say something, each cut to a readable length."""
    told = [line for line in text.splitlines() if line.strip() and not _NOISE.search(line) and not _option(line)]
    return [_cut(line) for line in told[-lines:]]


def _of_model(found: re.Match[str]) -> str:
    why, _, place = found["why"].partition("\\n\\nAt:\\n")
    where = _PLACE.search(place) or _PLACE.search(why)
    at = f" ({where[1]}:{where[2]})" if where else ""
    said = _short(why).rstrip(".")
    return f"model {found['model']!r} version {found['version']} cannot be loaded: {said}{at}{_hint(why)}"


def _hint(why: str) -> str:
    if "No module named" in why:
        return "; list the package that holds it in requirements.txt beside model.yaml"
    if "is not healthy" in why:
        return "; its process ended while the model was loaded"
    return ""


def _short(why: str) -> str:
    plain = why.replace("\\n", " ").replace('\\"', '"')
    while found := _STATUS.match(plain):
        plain = plain[found.end() :]
    return _cut(" ".join(plain.split()))


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."


def _option(line: str) -> bool:
    """A row of the table of the server's own options."""
    return re.match(r"^\| [a-z_\[\]0-9]+ +\| [^|]*\|$", line) is not None
