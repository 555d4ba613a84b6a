"""Hand-written ``config.pbtxt``, and the text form of a configuration."""

from __future__ import annotations

from pathlib import Path

from .protobuf import ModelConfig


class BadConfig(Exception):
    """The file is no configuration. ``str()`` follows the file's name: ``:3: ...``. ``line`` counts from 1."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(f":{line}: {message}" if line else f": {message}")
        self.message = message
        self.line = line


def read_config(path: Path) -> ModelConfig:
    """Read a ``config.pbtxt``.

    Raises:
        BadConfig: not UTF-8, larger than 4 MiB, not protobuf text, or a field that ModelConfig does not have.
    """
    raise NotImplementedError


def config_text(config: ModelConfig) -> str:
    """The configuration as protobuf text: fields in the order of the message, one a line; ends with a newline."""
    raise NotImplementedError
