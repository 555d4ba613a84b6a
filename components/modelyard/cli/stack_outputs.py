"""Outputs of deployed stacks, from files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from ..graph import UNKNOWN, Secret
from ..review.refused import PlanRefused

_HIDDEN = "[secret]"
"""What ``pulumi stack output --json`` prints for a secret unless it is told to show it."""


def read_outputs(given: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Stack name to outputs, from ``STACK=FILE`` texts. Raises PlanRefused; no message quotes a file's content."""
    found: dict[str, Mapping[str, Any]] = {}
    for text in given:
        stack, separator, file = text.partition("=")
        if not (stack and separator and file):
            raise PlanRefused(f"--outputs {text}: expected STACK=FILE, for example prod-foundation=outputs.json")
        if stack in found:
            raise PlanRefused(f"--outputs {text}: outputs of {stack} were given already; give one file a stack")
        found[stack] = _outputs(text, Path(file))
    return found


def _outputs(option: str, file: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"), parse_constant=_no_number)
    except OSError as error:
        raise PlanRefused(f"--outputs {option}: {file} cannot be read: {(error.strerror or '').lower()}") from error
    except (ValueError, RecursionError) as error:
        raise PlanRefused(
            f"--outputs {option}: {file} is not JSON; write it with 'pulumi stack output --json'"
        ) from error
    if not isinstance(content, dict):
        raise PlanRefused(f"--outputs {option}: {file} does not hold an object of outputs")
    return {key: _hidden(value) for key, value in content.items()}


def _no_number(_: str) -> NoReturn:
    raise ValueError("JSON has neither NaN nor Infinity")


def _hidden(value: Any) -> Any:
    if value == _HIDDEN:
        return Secret(UNKNOWN)
    if isinstance(value, dict):
        return {key: _hidden(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_hidden(item) for item in value]
    return value
