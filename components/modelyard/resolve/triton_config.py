"""What resolving needs of a Triton model configuration (``config.pbtxt``, protobuf text format)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_TOKEN = re.compile(r'#[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|[{}\[\]<>:,;]|[^\s{}\[\]<>:,;"\'#]+|["\']')
_CLOSING = {"{": "}", "[": "]", "<": ">"}
_LARGEST = 4 * 1024 * 1024


class BadConfig(Exception):
    """The file is no protobuf text. ``str()`` follows the file's name: ``:3: ...``."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Fields of ``inference.ModelConfig``; None where the file does not set them."""

    name: str | None = None
    backend: str | None = None
    platform: str | None = None
    default_model_filename: str | None = None
    max_batch_size: int | None = None
    specific_versions: tuple[int, ...] = ()
    """Of ``version_policy { specific { versions: [..] } }``."""


def read_config(path: Path) -> ModelConfig:
    """Read the outermost fields. Field names are not judged: Triton's releases differ in them.

    Raises:
        BadConfig: not UTF-8, larger than 4 MiB, or brackets or quotes that do not close.
    """
    content = path.read_bytes()
    if len(content) > _LARGEST:
        raise BadConfig(f" has more than {_LARGEST // 1024 // 1024} MiB; it cannot be a model's configuration")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadConfig(f":{line}: is not UTF-8 text") from None
    _refuse_unclosed(text)
    fields: dict[str, str] = {}
    depth = 0
    tokens = [token for token in _TOKEN.findall(text) if not token.startswith("#")]
    for position, token in enumerate(tokens):
        if token in "{[<":
            depth += 1
        elif token in "}]>":
            depth -= 1
        elif depth == 0 and tokens[position + 1 : position + 2] == [":"] and position + 2 < len(tokens):
            fields.setdefault(token, tokens[position + 2].strip("\"'"))
    batch = fields.get("max_batch_size", "")
    return ModelConfig(
        name=fields.get("name"),
        backend=fields.get("backend"),
        platform=fields.get("platform"),
        default_model_filename=fields.get("default_model_filename"),
        max_batch_size=int(batch) if batch.isascii() and batch.isdigit() else None,
        specific_versions=_specific_versions(tokens),
    )


def _specific_versions(tokens: list[str]) -> tuple[int, ...]:
    if "version_policy" not in tokens or "specific" not in tokens:
        return ()
    after = tokens[tokens.index("specific") :]
    end = after.index("}") if "}" in after else len(after)
    return tuple(int(token) for token in after[:end] if token.isascii() and token.isdigit())


def _refuse_unclosed(text: str) -> None:
    opened: list[tuple[str, int]] = []
    for found in _TOKEN.finditer(text):
        token, at = found[0], found.start()
        if token in _CLOSING:
            opened.append((token, at))
        elif token in ('"', "'"):
            raise BadConfig(f"{_line(text, at)}: a quote is opened and not closed")
        elif token in _CLOSING.values() and (not opened or _CLOSING[opened.pop()[0]] != token):
            raise BadConfig(f"{_line(text, at)}: {token!r} closes nothing that is open")
    if opened:
        token, at = opened[-1]
        raise BadConfig(f"{_line(text, at)}: {token!r} is never closed")


def _line(text: str, position: int) -> str:
    return f":{text.count(chr(10), 0, position) + 1}"
