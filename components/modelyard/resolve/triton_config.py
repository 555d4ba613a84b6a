"""What resolving needs of a Triton model configuration (``config.pbtxt``, protobuf text format)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_TOKEN = re.compile(r'#[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|[{}\[\]<>:,;]|[^\s{}\[\]<>:,;"\'#]+')
_LARGEST = 4 * 1024 * 1024


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
    """Read the outermost fields. Syntax is not judged: a field that cannot be read is None."""
    text = path.read_bytes()[:_LARGEST].decode("utf-8", "replace")
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
