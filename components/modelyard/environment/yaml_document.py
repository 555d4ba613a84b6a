"""One YAML file as plain data.

Scalars follow the core schema of YAML 1.2, as editors do: ``no`` and ``on`` are text, ``0042`` is 42, a date is text.
The document is built from libyaml's events, so that repeated keys, depth and the growth of aliases are seen while
they happen, and no problem ever quotes the file's text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .credential import shown

Steps = tuple[str | int, ...]
"""Keys and positions from the top of a document."""

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 40
MAX_ALIASED_NODES = 1_000_000

_INT = re.compile(r"[-+]?[0-9]{1,40}$")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,4})?$")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_STRING_TAGS = ("!", "tag:yaml.org,2002:str")
_HINTS = (
    ("cannot start any token", "put text that begins with a special character in quotes"),
    ("mapping values are not allowed", "put text that holds ': ' in quotes, and check the indentation"),
    (
        "did not find expected",
        "check the indentation of this line and of the one before, and that quotes and brackets close",
    ),
    ("could not find expected ':'", "a key needs a colon and a space after it"),
    ("unexpected end of stream", "a quote is opened and never closed"),
    ("control characters", "delete the characters that do not print"),
)


class UnreadableFile(Exception):
    """The file is no YAML document. ``line`` counts from 1, or is None."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass(slots=True)
class YamlDocument:
    """The data of a file, and the keys that it repeats (the first value is kept)."""

    data: Any
    repeated: list[tuple[Steps, int, str]] = field(default_factory=list)
    """Where, line and message of each repeated key."""
    lines: dict[Steps, int] = field(default_factory=dict)
    """Line of each key and list item; empty unless asked for."""
    spelled: dict[Steps, str] = field(default_factory=dict)
    """Each plain scalar as it is written; empty unless lines were asked for."""


def read(path: Path, *, lines: bool = False) -> YamlDocument:
    """Read ``path`` (UTF-8, one document, at most 64 MiB).

    Args:
        path: the file.
        lines: also record where everything is; three times as slow, for when there is an error to show.

    Raises:
        UnreadableFile: no such file, no file at all, not UTF-8, empty, not YAML, or built to exhaust memory.
    """
    return parse(_text(path), lines=lines)


def parse(text: str, *, lines: bool = False) -> YamlDocument:
    """As :func:`read`, from text."""
    try:
        return _Builder(lines).build(yaml.parse(text, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        raise _syntax(text, error) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1 if isinstance(error.position, int) else None
        raise UnreadableFile(
            "holds a character that YAML does not allow; delete characters that do not print", line
        ) from None


def _text(path: Path) -> str:
    if not path.exists():
        if path.is_symlink():
            raise UnreadableFile("is a link that leads nowhere; mend the link, or put the file itself here")
        raise UnreadableFile("there is no such file; create it")
    if not path.is_file():
        raise UnreadableFile("is not a file; a YAML file must have this name")
    try:
        content = path.read_bytes() if path.stat().st_size <= MAX_BYTES else None
    except OSError as error:
        raise UnreadableFile(f"cannot be read: {(error.strerror or 'unknown error').lower()}") from None
    if content is None:
        raise UnreadableFile(f"is larger than {MAX_BYTES // 1024 // 1024} MiB; split it into several departments")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableFile("is not UTF-8 text; save it as UTF-8", line) from None


def _syntax(text: str, error: yaml.MarkedYAMLError) -> UnreadableFile:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else None
    written = text.split("\n")
    for number in (line, line - 1 if line else None):
        if (
            number
            and number <= len(written)
            and "\t" in written[number - 1][: len(written[number - 1]) - len(written[number - 1].lstrip())]
        ):
            return UnreadableFile("a tab indents this line; YAML takes spaces only", number)
    reason = ", ".join(part for part in (error.context, error.problem) if part)
    hint = next((hint for words, hint in _HINTS if words in reason), "check the lines before it")
    return UnreadableFile(f"is not valid YAML ({reason}); {hint}", line)


class _Frame:
    """A mapping or list that is being read."""

    __slots__ = ("anchor", "first_lines", "key", "merged", "nodes_before", "value")

    def __init__(self, value: dict[str, Any] | list[Any], anchor: str | None, nodes_before: int) -> None:
        self.value = value
        self.anchor = anchor
        self.nodes_before = nodes_before
        self.key: str | None = None
        self.merged: list[Any] | None = None
        self.first_lines: dict[str, int] | None = None


class _Builder:
    def __init__(self, lines: bool) -> None:
        self._with_lines = lines
        self._document = YamlDocument(None)
        self._frames: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = 0
        self._aliased = 0
        self._documents = 0

    def build(self, events: Iterator[Any]) -> YamlDocument:
        handlers = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._open,
            yaml.SequenceStartEvent: self._open,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._start,
        }
        for event in events:
            handler = handlers.get(type(event))
            if handler:
                handler(event)
        if not self._documents or (self._document.data is None and self._nodes <= 1):
            raise UnreadableFile("is empty; it must hold a mapping of keys to values")
        return self._document

    def _start(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            raise UnreadableFile("holds more than one YAML document; keep what is before '---'", _line(event))

    def _scalar(self, event: Any) -> None:
        self._nodes += 1
        frame = self._frames[-1] if self._frames else None
        if frame is not None and frame.key is None and type(frame.value) is dict:
            self._key(frame, event)
            return
        if event.tag is not None and event.tag not in _STRING_TAGS:
            raise _tagged(event)
        value = _resolved(event.value) if event.implicit[0] and event.tag is None else event.value
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)
        if self._with_lines and event.implicit[0]:
            self._document.spelled[self._steps()] = event.value
        self._place(value, event)

    def _key(self, frame: _Frame, event: Any) -> None:
        key = event.value
        frame.key = key
        if self._with_lines and key != "<<":
            self._document.lines.setdefault(self._steps(), _line(event))
        if key in frame.value or (key == "<<" and frame.merged is not None):
            # The second pass knows the first line; the first pass only has to notice.
            first = (
                f" (first on line {frame.first_lines[key]})" if frame.first_lines and key in frame.first_lines else ""
            )
            message = f"the key {shown(key)} appears twice in one mapping{first}; keep one"
            self._document.repeated.append((self._steps(), _line(event), message))
        elif self._with_lines:
            frame.first_lines = frame.first_lines or {}
            frame.first_lines[key] = _line(event)

    def _open(self, event: Any) -> None:
        self._nodes += 1
        if event.tag is not None:
            raise _tagged(event)
        parent = self._frames[-1] if self._frames else None
        if parent is not None and parent.key is None and type(parent.value) is dict:
            raise UnreadableFile("a key is a list or a mapping; a key must be text", _line(event))
        if len(self._frames) >= MAX_DEPTH:
            raise UnreadableFile(f"nests deeper than {MAX_DEPTH} levels", _line(event))
        if self._with_lines:
            self._document.lines.setdefault(self._steps(), _line(event))
        value: dict[str, Any] | list[Any] = {} if type(event) is yaml.MappingStartEvent else []
        if event.anchor:
            self._anchors.pop(event.anchor, None)
        self._frames.append(_Frame(value, event.anchor, self._nodes + self._aliased))

    def _close(self, event: Any) -> None:
        frame = self._frames.pop()
        if frame.merged and isinstance(frame.value, dict):
            for mapping in frame.merged:
                for key, value in mapping.items():
                    frame.value.setdefault(key, value)
        if frame.anchor:
            size = self._nodes + self._aliased - frame.nodes_before + 1
            self._anchors[frame.anchor] = (frame.value, size)
        self._place(frame.value, event, closing=True)

    def _alias(self, event: Any) -> None:
        frame = self._frames[-1] if self._frames else None
        if frame is not None and frame.key is None and isinstance(frame.value, dict):
            raise UnreadableFile("a key is an alias; write the key out", _line(event))
        if event.anchor not in self._anchors:
            raise UnreadableFile("an alias (*) names an anchor (&) that is not defined before it", _line(event))
        value, size = self._anchors[event.anchor]
        self._aliased += size
        if self._aliased > MAX_ALIASED_NODES:
            raise UnreadableFile(
                f"aliases (*) repeat more than {MAX_ALIASED_NODES} values; write fewer of them", _line(event)
            )
        self._place(value, event)

    def _place(self, value: Any, event: Any, closing: bool = False) -> None:
        if not self._frames:
            self._document.data = value
            return
        frame = self._frames[-1]
        if isinstance(frame.value, list):
            if self._with_lines and not closing:
                self._document.lines.setdefault(self._steps(), _line(event))
            frame.value.append(value)
            return
        key, frame.key = frame.key, None
        if key is None:
            return
        if key == "<<":
            mappings = value if isinstance(value, list) else [value]
            if not all(isinstance(mapping, dict) for mapping in mappings):
                raise UnreadableFile("a merge key (<<) takes a mapping, or a list of mappings", _line(event))
            frame.merged = mappings if frame.merged is None else frame.merged
        else:
            frame.value.setdefault(key, value)

    def _steps(self) -> Steps:
        return tuple(len(frame.value) if isinstance(frame.value, list) else frame.key or "" for frame in self._frames)


def _resolved(text: str) -> Any:
    first = text[:1]
    if first in "0123456789+-.":
        if first and _INT.match(text):
            return int(text)
        if first and _FLOAT.match(text):
            return float(text)
    return _WORDS.get(text, text) if len(text) <= 5 else text


def _tagged(event: Any) -> UnreadableFile:
    return UnreadableFile(
        "a value carries a YAML tag (!); only plain text, numbers, lists and mappings are read", _line(event)
    )


def _line(event: Any) -> int:
    return event.start_mark.line + 1
