"""Rebuilds the stored catalogue: ``python -m modelyard.offline.schemas.build``.

Reads the SDKs installed beside this interpreter, those of extras too, and, for AWS, the CloudFormation schemas in the
``cfn-lint`` wheel. All are needed to build and none is read again by a check.
"""

from __future__ import annotations

import datetime
import fnmatch
import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from .catalogue import FOLDER, module_of
from .cloudformation import instance_types, read_schemas
from .constraints import Taken, take_over
from .entries import entries
from .sdk import ResourceShape, Sdk, read_sdk

LEFT_OUT = {
    "aws": frozenset(
        {"appflow", "appmesh", "arcregionswitch", "lex", "medialive", "odb", "quicksight", "securityhub", "wafv2"}
    ),
    "kubernetes": frozenset(),
    "docker": frozenset(),
    "docker-build": frozenset(),
}
"""Modules that no serving platform declares and that weigh as much as the rest of AWS together."""

KEPT = Path(__file__).parent / "kept_types.json"
"""Of the other SDKs, with their thousands of types, only what managed endpoints are made of."""


def main() -> None:
    sdks = {package: read_sdk(package) for package in LEFT_OUT}
    sdks |= {package: read_kept(package) for package in kept_types()}
    catalogue: dict[str, dict[str, dict[str, Any]]] = {}
    counts: dict[str, Any] = {}
    schemas = read_schemas()
    for package, sdk in sdks.items():
        taken = take_over(sdk, schemas) if package == "aws" else Taken()
        made = kept_entries(sdk) if package in kept_types() else entries(sdk, taken.limits, taken.create_only)
        stored = {n: e for n, e in made.items() if module_of(n) not in LEFT_OUT.get(package, ())}
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
        "kept": sorted(kept_types()),
        "counts": counts,
        "kubernetes_groups": groups(sdks["kubernetes"]),
    }
    (FOLDER / "built.json").write_text(json.dumps(built, indent=1) + "\n", encoding="utf-8")
    size = sum(p.stat().st_size for p in FOLDER.rglob("*") if p.is_file())
    print(f"{json.dumps(counts)}\n{size / 1e6:.2f} MB")


SUGGESTING = frozenset({"azure-native", "aws-native"})
"""SDKs of one version of each API, whose enum classes hold every value that this version takes."""


def kept_types() -> dict[str, dict[str, list[str]]]:
    """Package to module to names of resource types; ``*`` stands for any end of a name."""
    return _kept()["packages"]


def _kept() -> dict[str, Any]:
    return json.loads(KEPT.read_bytes())


def read_kept(package: str, modules: frozenset[str] | None = None) -> Sdk:
    """The SDK with its kept resource types alone, ``modules`` of them (``{"vertex"}``) or all.

    Raises ``LookupError`` for a name that no type of the SDK has.
    """
    kept = {m: names for m, names in kept_types()[package].items() if modules is None or m in modules}
    sdk = read_sdk(package, frozenset(kept) | {""})
    found: dict[str, ResourceShape] = {}
    for module, names in kept.items():
        for name in names:
            of_name = [t for t in sdk.resources if _is_of(t, module, name)]
            if not of_name:
                raise LookupError(f"kept_types.json: the SDK of {package} has no {module}:{name}")
            found |= {token: sdk.resources[token] for token in of_name}
    if modules is None:
        provider = f"pulumi:providers:{package}"
        found[provider] = sdk.resources[provider]
    return replace(sdk, resources=found)


def _is_of(token: str, module: str, name: str) -> bool:
    _, of, last = token.split(":")
    return of.partition("/")[0] == module and fnmatch.fnmatchcase(last, name)


def kept_entries(sdk: Sdk) -> dict[str, dict[str, Any]]:
    """The entries of an SDK's kept types, ready to be stored.

    A nested type without any property stands for one with names of the user's own, such as environment variables.
    """
    made = entries(sdk, enums(sdk) if sdk.package in SUGGESTING else None)
    for name, entry in made.items():
        if ":" not in name and not entry["properties"]:
            entry["open"] = True
    return made


def enums(sdk: Sdk) -> dict[str, dict[str, dict[str, Any]]]:
    """The values of the SDK's enum classes as constraints, by type and property."""
    shapes = sdk.types | {token: resource.inputs for token, resource in sdk.resources.items()}
    beginnings = set(_kept().get("open_values", {}).get(sdk.package, ()))
    return {
        name: {
            prop: _enum(shape.properties[prop], values)
            for prop, values in shape.enums.items()
            if f"{name}.{prop}" not in beginnings
        }
        for name, shape in shapes.items()
        if shape.enums
    }


def _enum(expression: str, values: list[str]) -> dict[str, Any]:
    limit = {"enum": sorted(values)}
    return {"items": limit} if expression.startswith("[") else limit


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
