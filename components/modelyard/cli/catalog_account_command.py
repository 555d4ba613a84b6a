"""``modelyard catalog account``"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from ..catalog.account_files import (
    FOLDER,
    OFFERING_COLUMNS,
    OFFERINGS,
    QUOTA_COLUMNS,
    QUOTAS,
    Row,
    lines,
    merged,
    offering_rows,
    quota_rows,
    read,
)
from ..catalog.refresh.account_answer import AccountAnswer
from ..catalog.refresh.price_api import PriceApiError
from ..catalog.refresh.price_changes import known_types
from ..environment.patterns import GOOGLE_PROJECT_PATTERN, MEANING, UUID_PATTERN
from ..review.atomic_file import check_writable, write_all
from ..review.refused import PlanRefused
from .cloud_api import unknown_regions, unsafe_endpoint
from .documents import asked_documents
from .standard_output import told

_HOLDERS = {"azure": "id of the subscription", "gcp": "project"}
_PATTERNS = {"azure": UUID_PATTERN, "gcp": GOOGLE_PROJECT_PATTERN}
_TOKEN = "MODELYARD_CLOUD_TOKEN"
"""Where nobody names another variable; it may be unset."""


def run(arguments: argparse.Namespace) -> int:
    """Ask a cloud what the account may run, show what changes, and write both files: whole, or not at all."""
    _check(arguments)
    folder: Path = arguments.out / FOLDER
    asked = asked_documents({"--json": arguments.json})
    check_writable(str(folder if not folder.exists() else folder / QUOTAS), "--out")
    try:
        before = [read(folder / name, columns) for name, columns in _FILES]
    except ValueError as error:
        raise PlanRefused(f"a file in {folder} {error}; delete it to begin anew") from None
    try:
        answers = [_answer(arguments, name) for name in dict.fromkeys(arguments.region)]
    except PriceApiError as error:
        raise PlanRefused(str(error)) from error
    after = [merged(before[0], answers, offering_rows), merged(before[1], answers, quota_rows)]
    changes = [*_differences(before[0], after[0]), *_differences(before[1], after[1])]
    files: list[tuple[Path, Any]] = []
    if not arguments.dry_run:
        folder.mkdir(parents=True, exist_ok=True)
        files = [
            (folder / name, lambda rows=rows, columns=columns: lines(rows, columns))
            for (name, columns), rows in zip(_FILES, after, strict=True)
        ]
    if arguments.json not in (None, "-"):
        files.append((Path(arguments.json), lambda: _document(answers, changes)))
    write_all(files)
    with told():
        if asked.get("--json") == "-":
            sys.stdout.writelines(_document(answers, changes))
        else:
            _show(answers, changes, None if arguments.dry_run else folder)
    return 0


_FILES = ((OFFERINGS, OFFERING_COLUMNS), (QUOTAS, QUOTA_COLUMNS))


def _check(arguments: argparse.Namespace) -> None:
    found = []
    if arguments.cloud is None:
        found.append("--cloud is missing: name the cloud that is asked: aws, gcp or azure")
    if not arguments.region:
        found.append("--region is missing: name the region, once for each")
    elif arguments.cloud is not None:
        found += unknown_regions(arguments.cloud, arguments.region)
    if arguments.out is None:
        found.append("--out is missing: name the environment's folder, such as stacks/prod")
    if arguments.cloud in _HOLDERS and not arguments.account:
        found.append(f"--account is missing: name the {_HOLDERS[arguments.cloud]} that is asked about")
    elif arguments.cloud in _HOLDERS and not re.search(_PATTERNS[arguments.cloud], arguments.account):
        found.append(f"--account {arguments.account}: must be {MEANING[_PATTERNS[arguments.cloud]]}")
    if arguments.token_env != _TOKEN and not os.environ.get(arguments.token_env):
        found.append(f"--token-env {arguments.token_env}: the environment has no such variable, or it is empty")
    if arguments.cloud == "aws" and arguments.account:
        found.append("--account is of no use with aws, whose account is that of the credentials; choose AWS_PROFILE")
    found += unsafe_endpoint(arguments.endpoint)
    if found:
        raise PlanRefused("\n".join(found))


def _answer(arguments: argparse.Namespace, name: str) -> AccountAnswer:
    types: Collection[str] = known_types(arguments.cloud)
    if arguments.cloud == "aws":
        from ..catalog.refresh.aws_account import aws_account

        return aws_account(name, types, arguments.endpoint)
    from ..catalog.refresh import account_token

    if arguments.cloud == "azure":
        from ..catalog.refresh import azure_account as azure

        token = account_token.azure_token(azure.SCOPE, arguments.token_env)
        api = azure.azure_api(token, arguments.endpoint or azure.ADDRESS)
        return azure.azure_account(name, types, arguments.account, api)
    from ..catalog.refresh import google_account as google

    token = account_token.google_token(google.SCOPE, arguments.token_env)
    return google.google_account(
        name, arguments.account, google.google_api(token, arguments.endpoint or google.ADDRESS)
    )


def _differences(before: Sequence[Row], after: Sequence[Row]) -> list[str]:
    """What is another than it was, in words; the day of the answer alone is no difference."""
    old, new = ({_named(row): _said(row) for row in rows} for rows in (before, after))
    names = sorted({*old, *new})
    return [
        f"{name}: {old.get(name, 'not known')} -> {new.get(name, 'no more')}"
        for name in names
        if old.get(name) != new.get(name)
    ]


def _named(row: Row) -> str:
    what = row.get("instance_type") or f"quota {row['family']} {row['capacity'].replace('_', ' ')}"
    return f"{row['cloud']} {row['region']} {what}"


def _said(row: Row) -> str:
    if "limit" in row:
        return row["limit"]
    if row["offered"] == "no":
        return f"not offered ({row['why']})" if row["why"] else "not offered"
    return row["zones"] or "offered, without zones"


def _show(answers: Sequence[AccountAnswer], changes: Sequence[str], folder: Path | None) -> None:
    for answer in answers:
        offered = sum(each.offered for each in (answer.offerings or {}).values())
        types = "" if answer.offerings is None else f"{offered} of {len(answer.offerings)} known machine types, "
        print(f"{answer.cloud} {answer.region}: {types}{len(answer.quotas)} quotas ({answer.source_date})")
        for name in answer.passed_over:
            print(f"  passed over, for the catalogue has no machines of it: {name}")
    for change in changes:
        print(f"  {change}")
    print(f"{len(changes)} changes; {'nothing is written' if folder is None else f'written: {folder}'}")


def _document(answers: Sequence[AccountAnswer], changes: Sequence[str]) -> Iterator[str]:
    found = [
        {
            "cloud": answer.cloud,
            "region": answer.region,
            "offerings": offering_rows(answer),
            "quotas": quota_rows(answer),
            "passed_over": list(answer.passed_over),
        }
        for answer in answers
    ]
    yield json.dumps({"kind": "account", "answers": found, "changes": list(changes)}, indent=2) + "\n"
