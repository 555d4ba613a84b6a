"""What ``modelyard catalog`` accepts."""

from __future__ import annotations

import argparse
from decimal import Decimal, InvalidOperation
from pathlib import Path

KINDS = ("accelerators", "instances", "mig", "regions")
REFRESH = "refresh"
ACCOUNT = "account"
CHARTS = "charts"
CLOUDS = ("aws", "gcp", "azure")
_SORTS = ("name", "usd", "spot", "usd-per-gib", "gpu-memory", "vcpu")
_PRECISIONS = ("fp64", "fp32", "tf32", "fp16", "bf16", "fp8", "fp4", "int8")


def declare(parser: argparse.ArgumentParser) -> None:
    """Put the arguments of searching and of refreshing into the parser."""
    parser.description = (
        "Search what the catalogue knows: accelerators, MIG profiles, machine types with their prices, and regions. "
        "'catalog refresh' asks a cloud's own API for its prices of today, 'catalog account' what an account may run. "
        "'catalog charts' lists the Helm charts that are installed, and compares them with their repositories."
    )
    parser.epilog = (
        "'modelyard catalog L4 --cloud gcp' searches machine types. Each WORD is a name, cloud, region, accelerator or "
        "generation, or part of one. Exit codes: 0 found, 1 nothing found or invalid input, 2 a chart differs. Prices "
        "are list prices in USD; FILE of --json may be - for standard output."
    )
    parser.add_argument(
        "words",
        nargs="*",
        metavar="WORD",
        help="the first may say what is searched: accelerators, instances, mig or regions (default: instances)",
    )
    parser.add_argument("--cloud", choices=CLOUDS)
    parser.add_argument(
        "--region", action="append", metavar="REGION", help="of refresh and account: once for each region"
    )
    parser.add_argument("--accelerator", metavar="NAME")
    parser.add_argument(
        "--min-gpu-memory", type=_amount, metavar="GIB", help="of one accelerator or MIG instance, as a node reports it"
    )
    parser.add_argument("--precision", choices=_PRECISIONS, help="accelerators that compute in it")
    parser.add_argument("--zone", metavar="ZONE", help="of Google Cloud, with the accelerator")
    parser.add_argument("--mig", action="store_true", help="with GPUs that can be cut into MIG instances")
    parser.add_argument("--efa", action="store_true", help="machine types of AWS with EFA")
    parser.add_argument("--spot", action="store_true", help="with a spot price, which --max-usd is then of")
    parser.add_argument("--max-usd", type=_amount, metavar="USD", help="by the hour")
    parser.add_argument(
        "--sort",
        choices=_SORTS,
        default="name",
        help="machine types; usd-per-gib is of accelerator memory; default: name",
    )
    parser.add_argument("--json", metavar="FILE", help="write what is found for programs")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="of refresh: folder that the table is written into; of account: the environment's folder",
    )
    parser.add_argument(
        "--key-env",
        default="GOOGLE_API_KEY",
        metavar="VARIABLE",
        help="of refresh: environment variable with an API key of Google Cloud; default: GOOGLE_API_KEY",
    )
    parser.add_argument(
        "--endpoint", metavar="URL", help="of refresh and account: another address of the cloud's API, such as a mirror"
    )
    parser.add_argument(
        "--all-regions", action="store_true", help="of refresh: every region of the cloud that the table has prices of"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="of refresh and account: show what changes, write nothing"
    )
    parser.add_argument("--account", metavar="ID", help="of account: subscription of Azure, project of Google Cloud")
    parser.add_argument(
        "--token-env",
        default="MODELYARD_CLOUD_TOKEN",
        metavar="VARIABLE",
        help="of account: environment variable with a token of Azure or Google Cloud, asked before whoever is logged "
        "in; default: MODELYARD_CLOUD_TOKEN",
    )
    parser.add_argument(
        "--verify",
        action="store_true",
        help="of charts: ask each repository for the digest of the pinned version; 2 where one differs",
    )
    parser.add_argument(
        "--write", action="store_true", help="of charts, with --verify: keep digests that were not known"
    )
    parser.add_argument(
        "--table", type=Path, metavar="FILE", help="of charts: another table in the form of data/charts.csv"
    )


def _amount(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or value < 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number of 0 or more")
    return value
