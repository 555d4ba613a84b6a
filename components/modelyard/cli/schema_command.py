"""``modelyard schema``"""

from __future__ import annotations

import argparse
import json

from .standard_output import told


def run(arguments: argparse.Namespace) -> int:
    """Print the JSON Schema of one kind of file."""
    from ..environment.schema import department_schema, platform_schema

    schema = platform_schema() if arguments.file == "platform" else department_schema()
    with told():
        print(json.dumps(schema, indent=2, ensure_ascii=True))
    return 0
