"""Rebuilds the stored catalogue: ``python -m modelyard.offline.schemas.build``.

Reads the SDKs installed beside this interpreter, those of extras too, and, for AWS, the CloudFormation schemas in the
``cfn-lint`` wheel. All are needed to build and none is read again by a check.
"""

from __future__ import annotations

import datetime
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

from .catalogue import FOLDER, module_of
from .cloudformation import instance_types, read_schemas
from .constraints import Taken, take_over
from .entries import entries
from .sdk import Sdk, read_sdk

LEFT_OUT = {
    "aws": frozenset(
        {"appflow", "appmesh", "arcregionswitch", "lex", "medialive", "odb", "quicksight", "securityhub", "wafv2"}
    ),
    "kubernetes": frozenset(),
    "docker": frozenset(),
}
"""Modules that no serving platform declares and that weigh as much as the rest of AWS together."""


def main() -> None:
    sdks = {package: read_sdk(package) for package in LEFT_OUT}
    catalogue: dict[str, dict[str, dict[str, Any]]] = {}
    counts: dict[str, Any] = {}
    schemas = read_schemas()
    for package, sdk in sdks.items():
        taken = take_over(sdk, schemas) if package == "aws" else Taken()
        made = entries(sdk, taken.limits, taken.create_only)
        stored = {n: e for n, e in made.items() if module_of(n) not in LEFT_OUT[package]}
        catalogue[package] = stored
        counts[package] = {
            "resources": sum(":" in n for n in stored),
            "nested types": sum(":" not in n for n in stored),
            "constrained properties": sum(
                not isinstance(p, str) for e in stored.values() for p in e["properties"].values()
            ),
            **taken.counts,
        }
    # Only now is everything derived: a build that fails leaves the old catalogue as it was.
    if FOLDER.exists():
        shutil.rmtree(FOLDER)
    for package, stored in catalogue.items():
        write(FOLDER / package, stored)
    write_choices("ec2_instance_types", instance_types(), sdks["aws"].enums["ec2/InstanceType"])
    built = {
        "built": datetime.date.today().isoformat(),
        "sdks": {package: sdk.version for package, sdk in sdks.items()},
        "cloudformation": {"cfn-lint": schemas.version, "schemas": schemas.date},
        "left_out": {package: sorted(modules) for package, modules in LEFT_OUT.items()},
        "counts": counts,
        "kubernetes_groups": groups(sdks["kubernetes"]),
    }
    (FOLDER / "built.json").write_text(json.dumps(built, indent=1) + "\n", encoding="utf-8")
    size = sum(p.stat().st_size for p in FOLDER.rglob("*") if p.is_file())
    print(f"{json.dumps(counts)}\n{size / 1e6:.2f} MB")


def write(folder: Path, stored: dict[str, dict[str, Any]]) -> None:
    """One file a module, one line an entry, in order of their names."""
    lines: dict[str, list[str]] = {}
    for name in sorted(stored):
        lines.setdefault(module_of(name), []).append(line(name, stored[name]))
    for module, texts in lines.items():
        path = folder / f"{module}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(texts) + "\n", encoding="utf-8")


def write_choices(name: str, *lists: list[str]) -> None:
    """A list of values that several properties share."""
    path = FOLDER / "choices" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(sorted({v for values in lists for v in values}), indent=0) + "\n", encoding="utf-8")


def line(name: str, stored: dict[str, Any]) -> str:
    return json.dumps({name: stored}, separators=(",", ":"), ensure_ascii=False)


def groups(sdk: Sdk) -> list[str]:
    """API groups that the SDK serves, so that any other one belongs to custom resources."""
    found = Counter(token.split(":")[1].partition("/")[0] for token in sdk.resources)
    return sorted(group for group in found if "." in group)


if __name__ == "__main__":
    main()
