"""What of a Dockerfile is known before BuildKit reads it: its stages, and what they begin with.

Follows Docker's "Dockerfile reference": FROM, ARG, continued lines and the directive ``escape``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_FROM = re.compile(r"FROM\s+(?:--platform=\S+\s+)?(?P<image>\S+)(?:\s+AS\s+(?P<name>\S+))?\s*$", re.IGNORECASE)
_ARG = re.compile(r"ARG\s+(?P<all>.+)$", re.IGNORECASE)
_VARIABLE = re.compile(r"\$(?:(?P<plain>\w+)|\{(?P<name>\w+)(?::-(?P<default>[^}]*))?\})")
_ESCAPE = re.compile(r"#\s*escape\s*=\s*(\S)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stage:
    """One ``FROM``."""

    image: str
    """As it is written, with variables."""
    name: str | None
    """In small letters, as stages are compared."""


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """Stages in their order, and the defaults of the ARGs before the first."""

    stages: tuple[Stage, ...]
    arguments: Mapping[str, str]

    def unpinned(self, build_args: Mapping[str, str]) -> Iterator[str]:
        """Base images without a digest, each once, as they are read with these arguments; not those whose name holds a
        variable that nobody sets."""
        known = {**self.arguments, **{key: value for key, value in build_args.items() if key in self.arguments}}
        earlier: set[str] = {"scratch"}
        for stage in self.stages:
            image = _VARIABLE.sub(lambda found: _value(found, known), stage.image)
            if image.lower() not in earlier and "@sha256:" not in image and "$" not in image:
                yield image
            earlier |= {image.lower()} | ({stage.name} if stage.name else set())


def read_dockerfile(path: Path) -> Dockerfile:
    """Raises:
    OSError, UnicodeDecodeError: it cannot be read.
    """
    stages: list[Stage] = []
    arguments: dict[str, str] = {}
    for line in _instructions(path.read_text(encoding="utf-8")):
        if found := _FROM.match(line):
            stages.append(Stage(found["image"], found["name"].lower() if found["name"] else None))
        elif not stages and (declared := _ARG.match(line)):
            for each in declared["all"].split():
                name, _, value = each.partition("=")
                arguments[name] = value.strip("\"'")
    return Dockerfile(tuple(stages), arguments)


def _instructions(text: str) -> Iterator[str]:
    """Lines that belong together as one, without comments. Texts of several lines (``<<EOF``) are none."""
    escape = "\\"
    if told := _ESCAPE.match(text):
        escape = told[1]
    held, until = "", None
    for raw in text.splitlines():
        line = raw.strip()
        if until is not None:
            until = None if line == until else until
            continue
        if not line or line.startswith("#"):
            continue
        if line.endswith(escape):
            held += line[: -len(escape)] + " "
            continue
        whole, held = held + line, ""
        yield whole
        if (here := re.search(r"<<-?[\"']?(\w+)[\"']?", whole)) and not _FROM.match(whole):
            until = here[1]


def _value(found: re.Match[str], known: Mapping[str, str]) -> str:
    name = found["plain"] or found["name"]
    return known.get(name) or found["default"] or found[0]
