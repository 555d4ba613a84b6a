"""``modelyard catalog``: what it finds, how it says that there is nothing, and prices of today from a cloud's API."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from modelyard.catalog import instance
from modelyard.catalog.refresh.price_table import lines as table_lines
from modelyard.catalog.table import packaged_rows
from modelyard.cli.__main__ import main

from unit.catalog.prices.price_server import (
    Answer,
    aws_file,
    aws_row,
    azure_item,
    azure_page,
    gcp_page,
    gcp_sku,
    price_server,
)

from .project import REPOSITORY, command


def found(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert main(["catalog", *arguments, "--json", "-"]) == 0
    return json.loads(capsys.readouterr().out)["found"]


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["L4", "--region", "us-east-1", "--max-usd", "1"], ["g6.xlarge", "g6.2xlarge"]),
        (["--accelerator", "H100", "--cloud", "azure"], ["Standard_ND96isr_H100_v5"]),
        (["--min-gpu-memory", "130", "--cloud", "aws", "--efa"],
         ["p5e.48xlarge", "p5en.48xlarge", "p6-b200.48xlarge", "p6-b300.48xlarge"]),
        (["gcp", "--mig", "--max-usd", "5", "--region", "us-central1"], ["a2-highgpu-1g", "g4-standard-48"]),
        (["T4", "--cloud", "azure", "--spot", "--max-usd", "0.15", "--region", "eastus"],
         ["Standard_NC4as_T4_v3", "Standard_NC8as_T4_v3", "Standard_NC16as_T4_v3"]),
        (["gr6", "--sort", "usd"], ["gr6.4xlarge", "gr6.8xlarge"]),
        (["aws", "t3", "xlarge"], ["t3.xlarge", "t3.2xlarge"]),
        (["nvidia", "l4", "--region", "us-east-1", "--max-usd", "1"], ["g6.xlarge", "g6.2xlarge"]),
        (["--accelerator", "l4", "--zone", "us-central1-a", "--max-usd", "0.9"], ["g2-standard-4", "g2-standard-8"]),
        (["--precision", "fp4", "--cloud", "aws", "--max-usd", "2.6"], ["g7.2xlarge"]),
        (["GB200", "--cloud", "azure"], ["Standard_ND128isr_NDR_GB200_v6"]),
    ],
)  # fmt: skip
def test_machine_types_by_words_and_wishes(
    arguments: list[str], names: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert [each["name"] for each in found(capsys, *arguments)] == names


def test_the_price_of_a_gib_of_accelerator_memory(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["L4", "--region", "us-east-1", "--sort", "usd-per-gib"]
    prices = [each["usd_per_hour_of_accelerator_gib"] for each in found(capsys, *asked)]
    # 0.8048 USD for 22,888 MiB
    assert prices[0] == 0.036006
    assert prices == sorted(prices)
    assert main(["catalog", *asked]) == 0
    head, _, first, *_ = capsys.readouterr().out.splitlines()
    assert head.split()[-1] == "$/GiB"
    assert (first.split()[0], first.split()[-1]) == ("g6.xlarge", "0.0360")


def test_the_order_is_the_one_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    of_l4 = ["L4", "--cloud", "aws", "--region", "us-east-1", "--sort"]
    usd = [each["prices"][0]["usd_per_hour_on_demand"] for each in found(capsys, *of_l4, "usd")]
    spot = [each["prices"][0]["usd_per_hour_spot"] for each in found(capsys, *of_l4, "spot")]
    cores = [each["vcpu"] for each in found(capsys, *of_l4, "vcpu")]
    memory = [
        each["accelerator_count"] * each["usable_accelerator_memory_mib"]
        for each in found(capsys, *of_l4, "gpu-memory")
    ]
    assert usd == sorted(usd) and spot == sorted(spot)
    assert cores == sorted(cores, reverse=True) and memory == sorted(memory, reverse=True)


def test_a_machine_type_comes_with_every_region_and_source(capsys: pytest.CaptureFixture[str]) -> None:
    (one,) = found(capsys, "p5.48xlarge")
    assert [each["region"] for each in one["prices"]] == ["us-east-1", "us-west-2"]
    assert all(each["source"] and each["source_date"] for each in one["prices"])
    shape = one["shape"]
    assert (shape["efa_interfaces"], shape["network_cards"], shape["fabric"]) == (32, 32, "efa")
    (unpriced,) = found(capsys, "p5e.48xlarge")
    assert (unpriced["prices"], unpriced["accelerator"]) == ([], "H200")


def test_an_accelerator_comes_with_what_it_can(capsys: pytest.CaptureFixture[str]) -> None:
    (one,) = found(capsys, "accelerators", "T4")
    assert (one["memory_gib"], one["reported_memory_mib"], one["mig_profiles"]) == (16, 15_360, [])
    assert one["precisions"] == {"fp64": "cores", "fp32": "cores", "fp16": "tensor", "int8": "tensor"}
    assert {each["name"] for each in one["formats"]} >= {"onnx", "tensorrt"}
    (one,) = found(capsys, "accelerators", "A30")
    assert [each["instances_per_gpu"] for each in one["mig_profiles"]] == [4, 2, 1]


@pytest.mark.parametrize(
    ("arguments", "first"),
    [
        (["mig", "H200", "1g.18"], {"accelerator": "H200", "name": "1g.18gb", "usable_memory_mib": 16_384}),
        (["mig", "--accelerator", "B200"], {"name": "1g.23gb", "reported_memory_mib": None,
                                            "usable_memory_mib": 19_741}),
        (["mig", "--min-gpu-memory", "90"], {"accelerator": "H100-NVL", "name": "7g.94gb"}),
        (["regions", "virginia"], {"cloud": "aws", "name": "us-east-1", "place": "US East (N. Virginia)"}),
        (["regions", "--accelerator", "B200", "--cloud", "gcp"], {"name": "asia-northeast1", "cloud": "gcp"}),
        (["accelerators", "--cloud", "gcp", "--mig", "--min-gpu-memory", "100"], {"name": "H200"}),
        (["accelerators", "tpu"], {"name": "TPU-v5e", "resource": "google.com/tpu", "compute_capability": None}),
    ],
)  # fmt: skip
def test_other_things_are_found(
    arguments: list[str], first: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert found(capsys, *arguments)[0].items() >= first.items()


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (["L4", "--region", "us-east-1", "--max-usd", "0.9"],
         ["Type       Cloud  Cheapest in  vCPU  GiB  Accelerator  GiB each  Gbit/s  Fabric  SSD GiB  $/hour  "
          "spot $/hour  As of",
          "g6.xlarge  aws    us-east-1       4   16  1 x L4           22.4     2.5              232  0.8048       "
          "0.3821  2026-07-20"]),
        (["mig", "A30"],
         ["Accelerator  Profile  Instances  Slices  MiB of one  Resource (strategy mixed)",
          "A30          1g.6gb           4       1        5836  nvidia.com/mig-1g.6gb"]),
        (["regions", "norwayeast"],
         ["Region      Cloud  Place  Priced types  Accelerators"]),
        (["accelerators", "Inferentia2"],
         ["Name         Generation  Capability  GiB sold  MiB reported  MIG  Matrix units take             Resource"
          "               Clouds",
          "Inferentia2  neuron-v2                     32             -  no   fp32 tf32 fp16 bf16 fp8 int8  "
          "aws.amazon.com/neuron  aws",
          "  - Runs python, torch_mar."]),
    ],
)  # fmt: skip
def test_a_person_reads_a_table(arguments: list[str], lines: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", *arguments]) == 0
    shown = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert [line for line in lines if line not in shown] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["l44"], "no machine type of the catalogue has 'l44' in its name or its facts; did you mean 'L4'?"),
        (["accelerator", "L4"],
         "no machine type of the catalogue has 'accelerator' in its name or its facts; to search something else than "
         "machine types, begin with 'accelerators'"),
        (["--accelerator", "H1000"], "no accelerator is called 'H1000'; known: "),
        (["--region", "us-esat-1"], "no cloud has a region called 'us-esat-1'. Did you mean 'us-east-1'?"),
        (["--cloud", "gcp", "--region", "us-east-1"],
         "no region of gcp is called 'us-east-1'; it has 43. 'us-east-1' is one of aws."),
        (["--cloud", "ibm"], "argument --cloud: invalid choice: 'ibm' (choose from 'aws', 'gcp', 'azure'); see "),
        (["L4", "--max-usd", "0.01"],
         "--max-usd 0.01 rules out every machine type that the other words and options leave"),
        (["L4", "--mig"], "--mig rules out every machine type that the other words and options leave"),
        (["--max-usd", "cheap"], "argument --max-usd: cheap is not a number of 0 or more; see "),
        (["L4", "p5.48xlarge"], "no machine type has all of 'L4', 'p5.48xlarge'; search for fewer words"),
        (["L4", "--zone", "us-centrl1-a"],
         "'us-centrl1-a' is no zone of Google Cloud with an accelerator (did you mean 'us-central1-a'?); zones of AWS "
         "and Azure differ by account: `modelyard catalog account` asks for them"),
        (["T4", "--precision", "fp4"], "--precision fp4 rules out every machine type that the other words"),
        (["mig", "l4"], "L4 cannot be cut into MIG instances; those that can: A30, A100-40GB, "),
        (["mig", "H100", "1g.99gb"], "no MIG profile of the catalogue has '1g.99gb' in its name or its facts"),
        (["accelerators", "--efa"], "--efa is of no use with 'catalog accelerators', but with instances"),
        (["regions", "--sort", "usd"], "--sort is of no use with 'catalog regions', but with instances"),
        (["L4", "--out", "x"], "--out is of no use with 'catalog instances', but with refresh"),
        (["--region", "us-east-1", "--region", "us-west-2"],
         "--region is given twice; search in one region, or in all of them"),
        (["refresh", "L4", "--cloud", "aws"], "catalog refresh takes no word ('L4'); name regions with --region"),
        (["refresh"], "--cloud is missing: name the cloud whose prices are asked for: aws, gcp or azure\n"
                      "modelyard: --region is missing: name the region, once for each\n"
                      "modelyard: --out is missing: name the folder that the table of prices is written into"),
        (["refresh", "--cloud", "gcp", "--region", "us-central1", "--all-regions", "--out", "."],
         "--region and --all-regions do not go together; name regions, or take all"),
        (["L4", "--all-regions"], "--all-regions is of no use with 'catalog instances', but with refresh"),
        (["refresh", "--cloud", "gcp", "--region", "us-centrl1", "--out", "."],
         "--region us-centrl1: no region of gcp is called 'us-centrl1'; it has 43. Did you mean 'us-central1'?\n"
         "modelyard: the environment variable GOOGLE_API_KEY is not set: put an API key of a Google Cloud project "),
        (["refresh", "--cloud", "aws", "--region", "us-east-1", "--out", "no/such"],
         "--out no/such: the folder no does not exist; create it first"),
        (["refresh", "--cloud", "aws", "--region", "us-east-1", "--out", ".", "--endpoint", "http://prices.example"],
         "--endpoint http://prices.example: name an https:// address without a query"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_one_sentence(
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
    assert main(["catalog", *arguments]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"modelyard: {message}")
    assert not list(tmp_path.iterdir())


def test_a_key_that_no_header_takes_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "s3cr3t\nkey")
    assert main(["catalog", "refresh", "--cloud", "gcp", "--region", "us-central1", "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        "modelyard: the environment variable GOOGLE_API_KEY holds a character that no token or key has; look how it "
        "was set\n"
    )


_AWS = ["catalog", "refresh", "--cloud", "aws", "--region", "us-east-1"]
_LIST = aws_file([aws_row("g6.xlarge", "0.9"), aws_row("p5e.48xlarge", "60"), aws_row("m6i.large", "0.096")])


def test_a_refresh_shows_what_changes_and_writes_the_whole_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "prices" / "instances.csv"
    with price_server(Answer(_LIST)) as server:
        refresh = [*_AWS, "--out", str(file.parent), "--endpoint", server.address]
        assert main(refresh) == 0
        first = capsys.readouterr().out.splitlines()
        assert main(refresh) == 0
        second = capsys.readouterr().out.splitlines()
    assert first[:4] == [
        "aws us-east-1: AWS Price List Bulk API, AmazonEC2 us-east-1 version 20261120010203 (2026-11-20)",
        "  g6.xlarge on-demand: $0.8048 -> $0.9 (+11.8 %)",
        "  p5e.48xlarge on-demand: none -> $60",
        "  2 prices changed, 1 are what they were",
    ]
    assert "  g6.2xlarge stays as it was: it is not sold there" in first
    assert first[-1] == f"Written: {file}. Plans read it where MODELYARD_PRICES names it."
    assert second[1] == "  0 prices changed, 3 are what they were"
    assert len(file.read_text(encoding="utf-8").splitlines()) == len(packaged_rows("instances.csv")) + 2
    assert [path.name for path in file.parent.iterdir()] == ["instances.csv"]


def test_every_region_of_the_table_and_a_dry_run_that_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    regions = sorted({row["region"] for row in packaged_rows("instances.csv") if row["cloud"] == "aws"})
    answers = [Answer(aws_file([aws_row("g6.xlarge", "0.9", **{"Region Code": name})])) for name in regions]
    asked = ["catalog", "refresh", "--cloud", "aws", "--all-regions", "--out", str(tmp_path / "prices"), "--dry-run"]
    with price_server(*answers) as server:
        assert main([*asked, "--endpoint", server.address]) == 0
        assert [each.path.split("/")[-2] for each in server.asked] == regions
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines if line.startswith("aws ")] == [f"aws {name}" for name in regions]
    assert "  g6.xlarge on-demand: $0.8048 -> $0.9 (+11.8 %)" in lines
    assert lines[-1] == "Nothing is written."
    assert list(tmp_path.iterdir()) == []


def test_a_plan_takes_the_prices_that_it_is_told_of(tmp_path: Path) -> None:
    with price_server(Answer(_LIST)) as server:
        assert main([*_AWS, "--out", str(tmp_path), "--endpoint", server.address]) == 0
    search = ["catalog", "g6.xlarge", "--region", "us-east-1", "--json", "-"]
    here = {"MODELYARD_PRICES": str(tmp_path / "instances.csv")}
    (row,) = json.loads(command(*search, environment=here).stdout)["found"][0]["prices"]
    assert row["usd_per_hour_on_demand"] == 0.9
    assert row["source"] == (
        "AWS Price List Bulk API, AmazonEC2 us-east-1 version 20261120010203; spot as it was on 2026-07-20"
    )
    assert instance("aws", "us-east-1", "g6.xlarge").source_date == "2026-07-20"
    (tmp_path / "instances.csv").write_text("cloud\n", encoding="utf-8")
    refused = command(*search, environment=here)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"modelyard: {tmp_path / 'instances.csv'}: the columns must be cloud, region, ")


@pytest.mark.parametrize("earlier", [False, True])
def test_nothing_is_written_unless_every_region_answers(
    earlier: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "instances.csv"
    if earlier:
        with price_server(Answer(_LIST)) as server:
            main([*_AWS, "--out", str(tmp_path), "--endpoint", server.address])
    before = file.read_text(encoding="utf-8") if earlier else None
    capsys.readouterr()
    with price_server(Answer(_LIST), Answer(status=403)) as server:
        arguments = [*_AWS, "--region", "us-west-2", "--out", str(tmp_path), "--endpoint", server.address]
        assert main([*arguments, "--json", str(tmp_path / "changes.json")]) == 1
    out, err = capsys.readouterr()
    assert (out, err) == (
        "",
        f"modelyard: the AWS Price List Bulk API answered 403 to {server.address}/offers/v1.0/aws/AmazonEC2/current/"
        "us-west-2/index.csv\n",
    )
    assert [path.name for path in tmp_path.iterdir()] == (["instances.csv"] if earlier else [])
    assert before is None or file.read_text(encoding="utf-8") == before


def test_azure_and_google_cloud_are_asked_the_same_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRICES_KEY", "AIza-not-a-key-of-anyone")
    size = "Standard_NC4as_T4_v3"
    page = azure_page([azure_item(size, 0.5), azure_item(size, 0.1, skuName="NC4as T4 v3 Spot")])
    changes = tmp_path / "changes.json"
    out = ["--out", str(tmp_path), "--json", str(changes)]
    with price_server(page) as server:
        azure = ["catalog", "refresh", "--cloud", "azure", "--region", "eastus", "--endpoint", server.address]
        assert main([*azure, *out]) == 0
    told = json.loads(changes.read_text(encoding="utf-8"))["refreshed"][0]["changes"]
    assert [(each["kind"], each["after_usd_per_hour"]) for each in told] == [("on_demand", 0.5), ("spot", 0.1)]
    skus = [
        gcp_sku("N2 Instance Core running", "0.03"),
        gcp_sku("N2 Instance Ram running", "0.005", unit="GiBy.h"),
    ]
    with price_server(gcp_page(skus)) as server:
        google = ["catalog", "refresh", "--cloud", "gcp", "--region", "us-central1", "--endpoint", server.address]
        assert main([*google, "--key-env", "PRICES_KEY", *out]) == 0
    shown = capsys.readouterr()
    assert "n2-standard-2 on-demand: $0.097118 -> $0.1 (+3.0 %)" in shown.out
    assert "AIza" not in shown.out + shown.err + changes.read_text(encoding="utf-8")
    table = (tmp_path / "instances.csv").read_text(encoding="utf-8")
    assert 'azure,eastus,Standard_NC4as_T4_v3,4,28,T4,1,16,0.5,0.1,"Azure Retail Prices API' in table
    assert "gcp,us-central1,n2-standard-2,2,8,,0,,0.1,," in table


def test_the_searches_that_the_documentation_shows_are_real(capsys: pytest.CaptureFixture[str]) -> None:
    page = (REPOSITORY / "docs" / "catalog.md").read_text(encoding="utf-8")
    shown = re.findall(r"```\n\$ modelyard (.*)\n((?:.+\n)+)```", page)
    assert len(shown) == 2
    for arguments, lines in shown:
        main(arguments.split())
        printed = capsys.readouterr()
        told = {line.rstrip() for line in (printed.out + printed.err).splitlines()}
        assert [line for line in lines.splitlines() if line not in told] == []


@pytest.mark.whole
def test_the_dollars_of_a_plan_are_of_the_prices_that_it_is_told_of(tmp_path: Path) -> None:
    prices, plan = tmp_path / "prices.csv", tmp_path / "plan.json"
    dear = [
        {**row, "usd_per_hour_on_demand": "100", "source": "the list of today"}
        if row["instance_type"] == "g4dn.xlarge"
        else row
        for row in packaged_rows("instances.csv")
    ]
    prices.write_text("".join(table_lines(dear)), encoding="utf-8")
    told = command("plan", "dev", "--quiet", "--json", str(plan), environment={"MODELYARD_PRICES": str(prices)})
    assert told.returncode == 0, told.stderr
    document = plan.read_text(encoding="utf-8")
    # Three nodes at a hundred dollars an hour, in the hours of the schedule.
    assert json.loads(document)["costs"]["monthly"]["total"] > 70_000
    assert "the list of today" in document
    prices.unlink()
    told = command("plan", "dev", "--quiet", environment={"MODELYARD_PRICES": str(prices)})
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == (
        f"modelyard: {prices}: cannot be read: no such file or directory; write it with 'modelyard catalog refresh'\n"
    )
