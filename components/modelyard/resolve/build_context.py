"""The content of a build context as one digest, without what .dockerignore leaves out.

Follows Docker's "Build context" (".dockerignore files"): Go's filepath.Match, ``**`` and exceptions, the last match
wins.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

_MOST_BYTES = 2 * 1024**3


class LargeContext(Exception):
    """``str()`` ends a sentence that begins with the folder."""

    def __init__(self) -> None:
        super().__init__(
            f"holds more than {_MOST_BYTES // 1024**3} GiB, all of which would be sent to the builder; leave out the "
            "rest by .dockerignore, keep weights in the model store, or write a tag in image"
        )


def context_digest(folder: Path, dockerfile: Path | None = None) -> str:
    """SHA-256 over paths, contents and what is executable of everything that a build may copy, in hexadecimal digits.

    Args:
        folder: the context.
        dockerfile: whose own .dockerignore (``<name>.dockerignore`` beside it) goes before the folder's.

    Raises:
        LargeContext: it would take minutes.
    """
    rules = _rules(folder, dockerfile)
    whole, size = hashlib.sha256(), 0
    for path, name in _files(folder, rules):
        if path.is_symlink():
            content = os.readlink(path).encode()
        else:
            size += path.stat().st_size
            if size > _MOST_BYTES:
                raise LargeContext
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").digest()
        executable = b"x" if os.access(path, os.X_OK) else b"-"
        whole.update(b"\0".join((name.encode(), executable, content)) + b"\n")
    return whole.hexdigest()


def _files(folder: Path, rules: list[tuple[re.Pattern[str], bool]]) -> Iterator[tuple[Path, str]]:
    excepted = any(not leaves_out for _, leaves_out in rules)
    for root, folders, names in os.walk(folder):
        here = os.path.relpath(root, folder)
        folders.sort()
        inside = [name for name in folders if not os.path.islink(os.path.join(root, name))]
        links = [name for name in folders if name not in inside]
        # A folder that is left out may hold an exception.
        folders[:] = [name for name in inside if excepted or not _left_out(_joined(here, name), rules)]
        for name in sorted((*names, *links)):
            relative = _joined(here, name)
            path = Path(root, name)
            if not _left_out(relative, rules) and (path.is_symlink() or path.is_file()):
                yield path, relative


def _joined(folder: str, name: str) -> str:
    return name if folder == "." else f"{folder}/{name}"


def _rules(folder: Path, dockerfile: Path | None) -> list[tuple[re.Pattern[str], bool]]:
    """Each with whether it leaves out, in their order."""
    own = None if dockerfile is None else dockerfile.with_name(f"{dockerfile.name}.dockerignore")
    found = next((path for path in (own, folder / ".dockerignore") if path is not None and path.is_file()), None)
    rules: list[tuple[re.Pattern[str], bool]] = []
    for line in found.read_text(encoding="utf-8").splitlines() if found is not None else ():
        text = line.strip()
        if not text or line.startswith("#"):
            continue
        leaves_out = not text.startswith("!")
        pattern = os.path.normpath(text.removeprefix("!").strip()).strip("/")
        if pattern not in ("", "."):
            rules.append((_pattern(pattern), leaves_out))
    return rules


def _left_out(path: str, rules: list[tuple[re.Pattern[str], bool]]) -> bool:
    left_out = False
    for pattern, leaves_out in rules:
        if pattern.fullmatch(path):
            left_out = leaves_out
    return left_out


def _pattern(text: str) -> re.Pattern[str]:
    """What matches the path or a folder around it."""
    made, at = "", 0
    while at < len(text):
        if text.startswith("**/", at):
            made, at = f"{made}(?:.*/)?", at + 3
        elif text.startswith("**", at):
            made, at = f"{made}.*", at + 2
        elif text[at] == "*":
            made, at = f"{made}[^/]*", at + 1
        elif text[at] == "?":
            made, at = f"{made}[^/]", at + 1
        elif text[at] == "[" and (end := text.find("]", at + 2)) > 0:
            made, at = made + text[at : end + 1], end + 1
        elif text[at] == "\\" and at + 1 < len(text):
            made, at = made + re.escape(text[at + 1]), at + 2
        else:
            made, at = made + re.escape(text[at]), at + 1
    try:
        return re.compile(f"{made}(?:/.*)?")
    except re.error:
        return re.compile(re.escape(text))  # BuildKit says what is wrong with it
