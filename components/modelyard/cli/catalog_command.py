"""``modelyard catalog``"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from ..catalog import search
from ..catalog.search import Sort, Wishes
from ..catalog.spelling import nearest
from ..review.refused import PlanRefused
from .catalog_arguments import ACCOUNT, CHARTS, KINDS, REFRESH
from .documents import asked_documents, deliver, say_written

_TAKES: Mapping[str, frozenset[str]] = {
    "accelerators": frozenset({"cloud", "region", "accelerator", "min_gpu_memory", "precision", "zone", "mig"}),
    "instances": frozenset(
        {
            "cloud",
            "region",
            "accelerator",
            "min_gpu_memory",
            "precision",
            "zone",
            "mig",
            "efa",
            "spot",
            "max_usd",
            "sort",
        }
    ),
    "mig": frozenset({"accelerator", "min_gpu_memory"}),
    "regions": frozenset({"cloud", "region", "accelerator"}),
    "refresh": frozenset({"cloud", "region", "all_regions", "out", "key_env", "endpoint", "dry_run"}),
    "account": frozenset({"cloud", "region", "out", "account", "token_env", "endpoint", "dry_run"}),
    "charts": frozenset({"verify", "write", "table"}),
}
_UNSET = {"sort": "name", "key_env": "GOOGLE_API_KEY", "token_env": "MODELYARD_CLOUD_TOKEN"}


def run(arguments: argparse.Namespace) -> int:
    """Search, or refresh; print or write what is found."""
    kind, words = _kind(arguments.words)
    _refuse_idle_options(arguments, kind, words)
    if kind == REFRESH:
        from .catalog_refresh_command import run as refresh

        return refresh(arguments)
    if kind == ACCOUNT:
        from .catalog_account_command import run as account

        return account(arguments)
    if kind == CHARTS:
        from .catalog_charts_command import run as charts

        return charts(arguments)
    asked = asked_documents({"--json": arguments.json})
    found = _found(arguments, kind, words)

    def parts(_: str) -> Iterator[str]:
        from .catalog_json import documents

        yield json.dumps({"kind": kind, "found": documents(kind, found)}, indent=2) + "\n"

    def show() -> None:
        from .catalog_table import show_found

        show_found(kind, found, sys.stdout, spot=arguments.spot, per_gib=arguments.sort == "usd-per-gib")
        say_written(asked)

    deliver(asked, parts, show)
    return 0


def _kind(words: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    if words and words[0] in (*KINDS, REFRESH, ACCOUNT, CHARTS):
        return words[0], tuple(words[1:])
    return "instances", tuple(words)


def _refuse_idle_options(arguments: argparse.Namespace, kind: str, words: Sequence[str]) -> None:
    """An option that would change nothing is a mistake: say what it is for."""
    takes = _TAKES[kind]
    for name in sorted(set().union(*_TAKES.values()) - takes):
        value = getattr(arguments, name)
        if value not in (None, False, _UNSET.get(name)):
            others = ", ".join(other for other, options in _TAKES.items() if name in options)
            raise PlanRefused(f"--{name.replace('_', '-')} is of no use with 'catalog {kind}', but with {others}")
    if kind in (REFRESH, ACCOUNT):
        if words:
            raise PlanRefused(f"catalog {kind} takes no word ({words[0]!r}); name regions with --region")
    elif kind == CHARTS:
        if words:
            raise PlanRefused(f"catalog charts takes no word ({words[0]!r}); it is of all charts")
    elif arguments.region is not None and len(arguments.region) > 1:
        raise PlanRefused("--region is given twice; search in one region, or in all of them")


def _found(arguments: argparse.Namespace, kind: str, words: tuple[str, ...]) -> Sequence[Any]:
    wishes = Wishes(
        words=words,
        cloud=arguments.cloud,
        region=arguments.region[0] if arguments.region else None,
        accelerator=arguments.accelerator,
        min_gpu_memory_gib=arguments.min_gpu_memory,
        precision=arguments.precision,
        zone=arguments.zone,
        mig=arguments.mig,
        efa=arguments.efa,
        spot=arguments.spot,
        max_usd=arguments.max_usd,
    )
    finders: Mapping[str, Callable[[], Sequence[Any]]] = {
        "accelerators": lambda: search.find_accelerators(wishes),
        "instances": lambda: search.find_instances(wishes, cast(Sort, arguments.sort.replace("-", "_"))),
        "mig": lambda: search.find_mig_profiles(wishes),
        "regions": lambda: search.find_regions(wishes),
    }
    try:
        return finders[kind]()
    except LookupError as error:
        meant = (
            nearest(arguments.words[0], (*KINDS, REFRESH, ACCOUNT, CHARTS))
            if words == tuple(arguments.words) and words
            else None
        )
        hint = f"; to search something else than machine types, begin with {meant!r}" if meant else ""
        raise PlanRefused(f"{error}{hint}") from error
