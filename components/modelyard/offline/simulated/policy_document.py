"""``aws:iam/getPolicyDocument``: an IAM policy as JSON, written the way the Terraform data source writes it.

Follows the Terraform AWS provider's documentation of its data source `aws_iam_policy_document`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def policy_document(args: Mapping[str, Any]) -> dict[str, Any]:
    """The function's result: its arguments, ``json`` indented and ``minifiedJson``."""
    document: dict[str, Any] = {"Version": args.get("version") or "2012-10-17"}
    if args.get("policyId"):
        document["Id"] = args["policyId"]
    sources = [json.loads(text) for text in args.get("sourcePolicyDocuments") or ()]
    overrides = [json.loads(text) for text in args.get("overridePolicyDocuments") or ()]
    statements = [item for source in sources for item in _as_list(source.get("Statement", []))]
    statements += [_statement(item) for item in args.get("statements") or ()]
    for override in overrides:
        statements = _overridden(statements, _as_list(override.get("Statement", [])))
    document["Statement"] = statements
    minified = json.dumps(document, separators=(",", ":"))
    return {
        **args,
        "version": document["Version"],
        "id": str(int(hashlib.sha256(minified.encode()).hexdigest()[:8], 16)),
        "json": json.dumps(document, indent=2),
        "minifiedJson": minified,
    }


def _statement(item: Mapping[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = {}
    if item.get("sid"):
        statement["Sid"] = item["sid"]
    statement["Effect"] = item.get("effect") or "Allow"
    for source, target in (
        ("actions", "Action"),
        ("notActions", "NotAction"),
        ("resources", "Resource"),
        ("notResources", "NotResource"),
    ):
        if item.get(source):
            statement[target] = _one_or_sorted(item[source])
    for source, target in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        if item.get(source):
            statement[target] = _principals(item[source])
    if item.get("conditions"):
        statement["Condition"] = _conditions(item["conditions"])
    return statement


def _principals(principals: list[Mapping[str, Any]]) -> Any:
    if any(entry["type"] == "*" for entry in principals):
        return "*"
    merged: dict[str, list[str]] = {}
    for entry in principals:
        merged.setdefault(entry["type"], []).extend(entry["identifiers"])
    return {kind: _one_or_sorted(identifiers) for kind, identifiers in merged.items()}


def _conditions(conditions: list[Mapping[str, Any]]) -> dict[str, Any]:
    merged: dict[str, dict[str, list[str]]] = {}
    for entry in conditions:
        values = merged.setdefault(entry["test"], {}).setdefault(entry["variable"], [])
        values.extend(entry["values"])
    return {
        test: {variable: values[0] if len(values) == 1 else values for variable, values in variables.items()}
        for test, variables in merged.items()
    }


def _overridden(statements: list[Any], overrides: list[Any]) -> list[Any]:
    """Statements with the same Sid are replaced in place, others are added."""
    by_sid = {item["Sid"]: item for item in overrides if item.get("Sid")}
    kept = [by_sid.pop(item.get("Sid"), item) for item in statements]
    return kept + [item for item in overrides if not item.get("Sid") or item["Sid"] in by_sid]


def _one_or_sorted(values: list[str]) -> Any:
    distinct = sorted(set(values), reverse=True)
    return distinct[0] if len(distinct) == 1 else distinct


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
