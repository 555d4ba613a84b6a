"""Pools beside what the account was told that it may run, in the files of ``account/``."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelyard.catalog.account_files import OFFERING_COLUMNS, QUOTA_COLUMNS
from modelyard.environment.account import Account, OfferedType

from .world import PLATFORM, lines, resolved, write

WHERE = "clusters[0].gpu_pools"


def asked(folder: Path, offerings: str = "", quotas: str = "") -> Path:
    """The environment with these rows; a row ends before its source."""
    account = folder / "account"
    account.mkdir()
    for name, columns, rows in (("offerings", OFFERING_COLUMNS, offerings), ("quotas", QUOTA_COLUMNS, quotas)):
        text = "".join(f"{row},asked,2026-11-22\n" for row in rows.split("\n") if row)
        (account / f"{name}.csv").write_text(f"{','.join(columns)}\n{text}")
    return folder


@pytest.mark.parametrize(
    ("offerings", "told"),
    [
        ("aws,us-east-1,g6.2xlarge,yes,us-east-1a us-east-1b us-east-1c,,", []),
        # Of two types the pool takes the one that is there; a region that nobody asked about is not judged.
        ("aws,us-east-1,g6.4xlarge,no,,,no zone offers it\naws,us-west-2,g6.2xlarge,no,,,", []),
        (
            "aws,us-east-1,g6.2xlarge,yes,us-east-1d us-east-1f,use1-az2 use1-az5,\n"
            "aws,us-east-1,g6.4xlarge,yes,us-east-1a,use1-az4,",
            [
                f"prod/platform.yaml:15: {WHERE}[0]: no zone of cluster 'east' (us-east-1a, us-east-1b, us-east-1c) "
                "has g6.2xlarge for this account; zones that have: us-east-1d, us-east-1f (pool 'l4')"
            ],
        ),
        (
            "aws,us-east-1,g6.2xlarge,no,,,closed\naws,us-east-1,g6.4xlarge,no,,,closed",
            [
                f"prod/platform.yaml:17: {WHERE}[0].instance_types: no zone of us-east-1 offers this account "
                "g6.2xlarge (closed); choose another machine type or region, or have the cloud open it to the account "
                "(pool 'l4')",
                f"prod/platform.yaml:21: {WHERE}[1].instance_types: no zone of us-east-1 offers this account "
                "g6.2xlarge or g6.4xlarge (closed); choose another machine type or region, or have the cloud open it "
                "to the account (pool 'l4-spot')",
            ],
        ),
    ],
)
def test_a_pool_whose_zones_have_no_such_machine(tmp_path: Path, offerings: str, told: list[str]) -> None:
    assert lines(asked(write(tmp_path), offerings)) == told


def test_a_declared_zone_without_the_machine(tmp_path: Path) -> None:
    platform = PLATFORM.replace("[g6.2xlarge]\n", "[g6.2xlarge]\n        zones: [us-east-1a, us-east-1c]\n")
    folder = asked(write(tmp_path, platform), "aws,us-east-1,g6.2xlarge,yes,us-east-1a us-east-1d,use1-az4 use1-az2,")
    assert lines(folder) == [
        f"prod/platform.yaml:18: {WHERE}[0].zones[1]: 'us-east-1c' has no g6.2xlarge for this account; zones that "
        "have: us-east-1a, us-east-1d (pool 'l4')"
    ]


def test_zones_that_a_pool_passes_over_are_noticed(tmp_path: Path) -> None:
    folder = asked(write(tmp_path), "aws,us-east-1,g6.2xlarge,yes,us-east-1a us-east-1b,use1-az4 use1-az6,")
    assert (
        "pool 'l4' of cluster 'east' starts no node in us-east-1c: for this account only us-east-1a, us-east-1b has "
        "g6.2xlarge"
    ) in resolved(folder).notices


def test_a_quota_of_the_account_that_the_pools_exceed(tmp_path: Path) -> None:
    folder = asked(write(tmp_path), quotas="aws,us-east-1,Inf,on_demand,0\naws,us-east-1,G and VT,on_demand,16")
    assert lines(folder) == [
        "prod/account/quotas.csv:3: limit: is 16, and the pools of us-east-1 run up to 40 vCPUs of G and VT on demand: "
        "l4 of cluster east 40 (4 nodes and 1 while they are updated of 8); lower max_nodes, or have AWS raise the "
        "quota"
    ]


def test_a_declared_quota_comes_before_that_of_the_account(tmp_path: Path) -> None:
    declared = "tier: prod\nquotas: [{region: us-east-1, family: G and VT, limit: 64}]\n"
    folder = asked(
        write(tmp_path, PLATFORM.replace("tier: prod\n", declared)),
        quotas="aws,us-east-1,G and VT,on_demand,0\naws,us-east-1,G and VT,spot,64",
    )
    assert lines(folder) == []
    assert not [each for each in resolved(folder).notices if "is 0 in many new accounts" in each]


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        (
            "offerings",
            "cloud,region\naws,us-east-1\n",
            "prod/account/offerings.csv: must have the columns cloud, region, instance_type, offered, zones, zone_ids, "
            "why, source, source_date; write it again with `modelyard catalog account`",
        ),
        (
            "offerings",
            f"{','.join(OFFERING_COLUMNS)}\naws,us-east-1,g6.xlarge,perhaps,,,,asked,2026-11-22\n",
            "prod/account/offerings.csv:2: is no row of offerings: cloud is aws, gcp or azure, and offered is yes or "
            "no",
        ),
        (
            "quotas",
            f"{','.join(QUOTA_COLUMNS)}\naws,us-east-1,G and VT,on_demand,many,asked,2026-11-22\n",
            "prod/account/quotas.csv:2: is no row of quotas: cloud, region, family, on_demand or spot, and a limit "
            "from 0 to 1000000",
        ),
        (
            "quotas",
            f"{','.join(QUOTA_COLUMNS)}\naws,us-east-1\n",
            "prod/account/quotas.csv: line 2 has another number of cells than the first line; write it again with "
            "`modelyard catalog account`",
        ),
    ],
)
def test_files_that_are_no_answer(tmp_path: Path, file: str, text: str, told: str) -> None:
    folder = write(tmp_path)
    (folder / "account").mkdir()
    (folder / "account" / f"{file}.csv").write_text(text)
    assert lines(folder) == [told]


@pytest.mark.parametrize(
    ("types", "zones"),
    [
        (["g6.2xlarge"], ("us-east-1a", "us-east-1b")),
        (["g6.2xlarge", "g6.4xlarge"], ("us-east-1b",)),
        (["g6.2xlarge", "g6.8xlarge"], None),
        (["g6.2xlarge", "g6.12xlarge"], None),
    ],
)
def test_zones_that_have_every_type_of_a_pool(types: list[str], zones: tuple[str, ...] | None) -> None:
    offered = {
        "g6.2xlarge": OfferedType(("us-east-1b", "us-east-1a"), True, ""),
        "g6.4xlarge": OfferedType(("us-east-1b", "us-east-1d"), True, ""),
        "g6.8xlarge": OfferedType((), False, "closed"),
    }
    assert Account({("aws", "us-east-1"): offered}).zones_of("aws", "us-east-1", types) == zones
