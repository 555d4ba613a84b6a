"""The text form of a configuration: ``config.pbtxt``, read through Triton's protobuf and written by it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ..catalog.spelling import nearest
from ..environment.credential import credential
from .protobuf import ModelConfig, module, new_config

_LARGEST = 4 * 1024 * 1024
_POSITION = re.compile(r"^(\d+):\d+ : ")
_QUOTED = re.compile(r"^'.*?': (?=[A-Z])", re.DOTALL)
_UNKNOWN_FIELD = re.compile(r'Message type "inference\.([\w.]+)" has no field named "([^"]*)"')
_UNKNOWN_VALUE = re.compile(r'Enum type "inference\.([\w.]+)" has no value named (\S+?)\.?$')


class BadConfig(Exception):
    """The file is no configuration. ``str()`` follows the file's name: ``:3: ...``."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(f":{line}: {message}" if line else f": {message}")
        self.message = message
        self.line = line
        """Counts from 1."""


def read_config(path: Path) -> ModelConfig:
    """Read a ``config.pbtxt``.

    Raises:
        BadConfig: cannot be read, not UTF-8, larger than 4 MiB, no protobuf text, or a field or value that
            ModelConfig does not have.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise BadConfig(f"has more than {_LARGEST // 1024 // 1024} MiB; it cannot be a model's configuration")
        content = path.read_bytes()
    except OSError as error:
        raise BadConfig(f"cannot be read: {(error.strerror or 'unknown error').lower()}") from None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadConfig("is not UTF-8 text", content.count(b"\n", 0, error.start) + 1) from None
    return parse_config(text)


def parse_config(text: str) -> ModelConfig:
    """As :func:`read_config`, from text."""
    from google.protobuf import text_format

    config = new_config()
    try:
        text_format.Parse(text, config)
    except text_format.ParseError as error:
        raise _bad(error) from None
    return config


def config_text(config: ModelConfig) -> str:
    """The configuration as protobuf text: fields in the order of their numbers, maps by key, one field a line.

    The same message always gives the same text, and :func:`parse_config` gives the message back.
    """
    from google.protobuf import text_format

    return text_format.MessageToString(config, as_utf8=True, use_short_repeated_primitives=True)


def _bad(error: Exception) -> BadConfig:
    line = getattr(error, "GetLine", lambda: None)()
    reason = _POSITION.sub("", str(error)).strip()
    field = _UNKNOWN_FIELD.search(reason)
    if field:
        known = [each.name for each in _descriptor(field[1]).fields] if _descriptor(field[1]) else []
        closest = nearest(field[2], known)
        return BadConfig(
            f"{field[1]} has no field {field[2]!r}"
            + (f"; did you mean {closest!r}?" if closest else f"; it has {', '.join(known)}"),
            line,
        )
    value = _UNKNOWN_VALUE.search(reason)
    if value:
        enum = module().DESCRIPTOR.pool.FindEnumTypeByName(f"inference.{value[1]}")
        known = [each.name for each in enum.values if each.number or value[1] != "DataType"]
        closest = nearest(value[2], known)
        hint = f"; did you mean {closest}?" if closest else ""
        return BadConfig(f"{value[2]} is not a value of {value[1]}{hint or '; it has ' + ', '.join(known)}", line)
    reason = _QUOTED.sub("", reason).rstrip(".")
    reason = reason[:1].lower() + reason[1:]
    if credential(reason):
        reason = "a value is not what its field takes"
    return BadConfig(f"is not protobuf text: {reason}; check the brackets, quotes and colons of this line", line)


def _descriptor(name: str) -> Any:
    pool = module().DESCRIPTOR.pool
    try:
        return pool.FindMessageTypeByName(f"inference.{name}")
    except KeyError:
        return None
