"""The text of a hand-written config.pbtxt."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...environment.yaml_document import Steps
from ..protobuf import new_config
from ..repository import RepositoryModel

_TOKEN = re.compile(r"""\#[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|[{}\[\]<>:,;]|[^\s{}\[\]<>:,;"'\#]+""")
_OPENING = {"{": "}", "<": ">"}


@dataclass(slots=True)
class ConfigText:
    """What only the text has: where each field is written, and what was written where the message keeps nothing."""

    lines: dict[Steps, int] = field(default_factory=dict)
    """Line of each field, by its steps in ModelConfig."""
    zeros: list[Steps] = field(default_factory=list)
    """Numbers that are written as 0, which the message does not tell from those left out."""


def config_text_of(model: RepositoryModel) -> ConfigText:
    """Of a hand-written configuration; empty where there is none, and for what is no configuration."""
    file = next((file for file in model.files if file.key == f"{model.name}/config.pbtxt"), None)
    if file is None or model.declared is not None:
        return ConfigText()
    text = file.text if file.text is not None else Path(str(file.path)).read_text("utf-8", "replace")
    reader = _Reader([(found[0], text.count("\n", 0, found.start()) + 1) for found in _TOKEN.finditer(text)])
    try:
        reader.message(new_config().DESCRIPTOR, (), None)
    except (IndexError, ValueError):
        return ConfigText()
    return reader.found


@dataclass(slots=True)
class _Reader:
    tokens: list[tuple[str, int]]
    position: int = 0
    found: ConfigText = field(default_factory=ConfigText)

    def __post_init__(self) -> None:
        self.tokens = [token for token in self.tokens if not token[0].startswith("#")]

    def message(self, descriptor: Any, around: Steps, closing: str | None) -> str | None:
        """Reads to ``closing``; the text of the field ``key``, for an entry of a map."""
        counts: Counter[str] = Counter()
        key: str | None = None
        while self.position < len(self.tokens) and self._token() != closing:
            name, line = self.tokens[self.position]
            self.position += 1
            found = descriptor.fields_by_name.get(name)
            if found is None:
                raise ValueError(name)
            where: Steps = (*around, name)
            self.found.lines.setdefault(where, line)
            self._skip(":")
            if self._token() == "[":
                self.position += 1
                while self._token() != "]":
                    self._value(found, where, counts)
                    self._skip(",")
                self.position += 1
            else:
                text = self._value(found, where, counts)
                key = text if name == "key" else key
            self._skip(",", ";")
        return key

    def _value(self, found: Any, where: Steps, counts: Counter[str]) -> str:
        token, line = self.tokens[self.position]
        is_map = found.message_type is not None and found.message_type.GetOptions().map_entry
        place = where
        if found.label == found.LABEL_REPEATED and not is_map:
            place = (*where, counts[found.name])
            counts[found.name] += 1
        self.found.lines.setdefault(place, line)
        self.position += 1
        if found.message_type is None or token not in _OPENING:
            while self.position < len(self.tokens) and token[:1] in "\"'" and self._token()[:1] in "\"'":
                self.position += 1
            if token == "0":
                self.found.zeros.append(place)
            return token
        if is_map:
            self._entry(found, where, _OPENING[token], line)
        else:
            self.message(found.message_type, place, _OPENING[token])
        self.position += 1
        return ""

    def _entry(self, found: Any, where: Steps, closing: str, line: int) -> None:
        inner = _Reader(self.tokens, self.position)
        key = inner.message(found.message_type, (), closing)
        self.position = inner.position
        if key is None:
            return
        number = found.message_type.fields_by_name["key"].cpp_type != found.CPPTYPE_STRING
        name: str | int = int(key, 0) if number else key.strip("\"'")
        self.found.lines.setdefault((*where, name), line)
        for steps, at in inner.found.lines.items():
            if steps[0] == "value":
                self.found.lines.setdefault((*where, name, *steps[1:]), at)

    def _token(self) -> str:
        return self.tokens[self.position][0]

    def _skip(self, *tokens: str) -> None:
        if self.position < len(self.tokens) and self._token() in tokens:
            self.position += 1
