"""A refresh changes the prices that the list tells, and nothing else of the table."""

from __future__ import annotations

from decimal import Decimal

import pytest
from modelyard.catalog.refresh.price_changes import PriceChange, Row, refreshed
from modelyard.catalog.refresh.price_list import Price, PriceList
from modelyard.catalog.refresh.price_table import lines, starting_rows
from modelyard.catalog.table import UnreadablePrices, packaged_rows, price_rows

TABLE = packaged_rows("instances.csv")


def rows_of(table: tuple[Row, ...], cloud: str, region: str) -> dict[str, Row]:
    return {row["instance_type"]: row for row in table if (row["cloud"], row["region"]) == (cloud, region)}


def test_a_list_without_spot_prices_leaves_them_and_says_of_which_day_they_are() -> None:
    told = {"g6.xlarge": Price(Decimal("0.9")), "m6i.2xlarge": Price(Decimal("0.384"))}
    unpriced = {"g6.2xlarge": "it is not sold there", "p5e.48xlarge": "it is not sold there"}
    new = refreshed(TABLE, PriceList("aws", "us-east-1", "the list", "2026-11-20", told, False, unpriced))
    assert new.changes == [PriceChange("us-east-1", "g6.xlarge", "on_demand", Decimal("0.8048"), Decimal("0.9"))]
    assert round(new.changes[0].percent or 0, 2) == Decimal("11.83")
    assert (new.unchanged, new.kept) == (1, {"g6.2xlarge": "it is not sold there"})
    here = rows_of(tuple(new.rows), "aws", "us-east-1")
    assert here["g6.xlarge"]["usd_per_hour_on_demand"] == "0.9"
    assert here["g6.xlarge"]["usd_per_hour_spot"] == "0.38205"
    assert here["g6.xlarge"]["source"] == "the list; spot as it was on 2026-07-20"
    assert here["g6.2xlarge"] == rows_of(TABLE, "aws", "us-east-1")["g6.2xlarge"]
    assert [row for row in new.rows if row["region"] != "us-east-1"] == [r for r in TABLE if r["region"] != "us-east-1"]


def test_a_list_with_spot_prices_takes_a_vanished_one_away() -> None:
    name = "Standard_NC4as_T4_v3"
    told = PriceList("azure", "eastus", "the list", "2026-11-20", {name: Price(Decimal("0.6"))}, True)
    new = refreshed(TABLE, told)
    before = rows_of(TABLE, "azure", "eastus")[name]
    assert [(each.kind, each.before, each.after) for each in new.changes] == [
        ("on_demand", Decimal(before["usd_per_hour_on_demand"]), Decimal("0.6")),
        ("spot", Decimal(before["usd_per_hour_spot"]), None),
    ]
    assert new.changes[1].percent is None
    assert rows_of(tuple(new.rows), "azure", "eastus")[name]["usd_per_hour_spot"] == ""


@pytest.mark.parametrize(
    ("cloud", "region", "name", "cells"),
    [
        # Elsewhere priced: the shape is that row's. Nowhere priced: the shape is the catalogue's.
        ("aws", "eu-north-1", "g5.xlarge", ("4", "16", "A10G", "1", "24")),
        ("aws", "us-west-2", "p5e.48xlarge", ("192", "2048", "H200", "8", "141")),
        ("gcp", "us-south1", "a4-highgpu-8g", ("224", "3968", "B200", "8", "179")),
    ],
)
def test_a_machine_that_the_region_had_no_price_of_gets_a_row(
    cloud: str, region: str, name: str, cells: tuple[str, ...]
) -> None:
    new = refreshed(TABLE, PriceList(cloud, region, "the list", "2026-11-20", {name: Price(Decimal("10"))}, True))
    row = rows_of(tuple(new.rows), cloud, region)[name]
    assert tuple(row[key] for key in ("vcpu", "memory_gib", "gpu_model", "gpu_count", "gpu_memory_gib")) == cells
    assert (row["usd_per_hour_on_demand"], row["usd_per_hour_spot"], row["source"]) == ("10", "", "the list")
    assert new.changes == [PriceChange(region, name, "on_demand", None, Decimal("10"))]


def test_the_table_is_written_as_it_is_read(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "instances.csv"
    file.write_text("".join(lines(TABLE)), encoding="utf-8")
    assert price_rows(file) == TABLE == tuple(starting_rows(tmp_path))
    assert list(TABLE) == sorted(TABLE, key=lambda row: (row["cloud"], row["region"], row["instance_type"]))


_HEAD = ",".join(TABLE[0])
_ROW = "aws,us-east-1,g6.xlarge,4,16,L4,1,24,{},,a source,2026-11-20"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, ": cannot be read: no such file or directory; "),
        ("", ": the columns must be cloud, region, instance_type, vcpu, memory_gib, "),
        ("cloud,region\naws,us-east-1\n", ": the columns must be cloud, region, instance_type, vcpu, memory_gib, "),
        (f"{_HEAD}\n{_ROW.format('1')},more\n", ":2: the line has more or fewer cells than the columns; "),
        (f"{_HEAD}\n{_ROW.format('cheap')}\n", ":2: usd_per_hour_on_demand is 'cheap', not a number of 0 or more; "),
        (f"{_HEAD}\n{_ROW.format('-1')}\n", ":2: usd_per_hour_on_demand is '-1', not a number of 0 or more; "),
        (f"{_HEAD}\n{_ROW.format('NaN')}\n", ":2: usd_per_hour_on_demand is 'NaN', not a number of 0 or more; "),
        (f"{_HEAD}\n{_ROW.format('1')}"[:-4], ":2: source_date is '2026-1', not a day as YYYY-MM-DD; "),
        (f'{_HEAD}\n"{_ROW.format("1" * 200_000)}\n', ": cannot be read: its quotes do not close; "),
    ],
)
def test_what_is_no_table_of_prices_is_refused(tmp_path, text: str | None, message: str) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "prices.csv"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadablePrices) as caught:
        price_rows(file)
    assert str(caught.value).startswith(f"{file}{message}")
    assert str(caught.value).endswith("; write it with 'modelyard catalog refresh'")
