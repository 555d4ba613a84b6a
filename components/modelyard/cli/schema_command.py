"""``modelyard schema``"""

from __future__ import annotations

import argparse
import json
from typing import Any

from .standard_output import told


def run(arguments: argparse.Namespace) -> int:
    """Print the JSON Schema of one kind of file."""
    with told():
        print(json.dumps(_schema(arguments.file), indent=2, ensure_ascii=True))
    return 0


def _schema(file: str) -> dict[str, Any]:
    if file == "model":
        from ..repository.schema import model_schema

        return model_schema()
    from ..environment.schema import department_schema, platform_schema

    return platform_schema() if file == "platform" else department_schema()
