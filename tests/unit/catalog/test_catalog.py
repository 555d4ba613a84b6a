"""What the catalog promises: every fact is sourced, names are found or refused with the nearest, nodes are honest."""

from __future__ import annotations

import csv
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import modelyard.catalog
import pytest
from modelyard.catalog import (
    UnknownInstanceType,
    UnknownName,
    accelerators,
    allocatable,
    charts,
    eks_versions,
    images,
    instance,
    instances,
    nearest,
    runtimes,
    service_price,
)

DATA = Path(modelyard.catalog.__file__).parent / "data"


@pytest.mark.parametrize("table", sorted(DATA.glob("*.csv")), ids=lambda path: path.name)
def test_every_row_names_its_source_and_has_a_cell_for_its_date(table: Path) -> None:
    with table.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            assert row.get("source"), f"{table.name}:{number} names no source"
            assert row.get("source_date") is not None, f"{table.name}:{number} has no source_date cell"
            assert None not in row, f"{table.name}:{number} has more cells than columns"


@pytest.mark.parametrize(
    ("cloud", "region", "name", "on_demand", "spot", "gpus"),
    [
        ("aws", "us-east-1", "g6.xlarge", "0.8048", "0.38205", 1),
        ("aws", "us-west-2", "g5.12xlarge", "5.672", "3.0607", 4),
        ("aws", "us-east-1", "m6i.2xlarge", "0.384", None, 0),
        ("aws", "us-east-1", "trn1.2xlarge", "1.34375", "0.234", 0),
    ],
)
def test_instance_rows(cloud: str, region: str, name: str, on_demand: str, spot: str | None, gpus: int) -> None:
    found = instance(cloud, region, name)
    assert found.usd_per_hour_on_demand == Decimal(on_demand)
    assert found.usd_per_hour_spot == (Decimal(spot) if spot else None)
    assert found.gpu_count == gpus
    assert found in instances(cloud, region)


def test_a_type_without_a_price_in_the_region_keeps_its_shape() -> None:
    here = instance("aws", "us-west-2", "m6i.2xlarge")
    assert (here.region, here.vcpu, here.memory_gib) == ("us-west-2", 8, Decimal(32))
    assert (here.usd_per_hour_on_demand, here.usd_per_hour_spot, here.source) == (None, None, "")
    assert here not in instances("aws", "us-west-2")


def test_a_spot_price_that_the_source_doubts_says_so() -> None:
    assert instance("azure", "eastus", "Standard_ND96isr_H100_v5").spot_suspect == "spot equals the on-demand price"
    assert instance("aws", "us-east-1", "p5.48xlarge").spot_suspect is None


def test_an_unknown_instance_type_names_the_nearest() -> None:
    with pytest.raises(UnknownInstanceType) as caught:
        instance("aws", "us-east-1", "g6.xlrage")
    assert str(caught.value) == ("no aws instance type is called 'g6.xlrage' in the catalog. Did you mean 'g6.xlarge'?")


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("l4", "L4"),
        ("a100", "A100-40GB"),
        ("A100_80gb", "A100-80GB"),
        ("H1000", "H100"),
        ("l40", "L40S"),
        ("TPU", "TPU-v5e"),
        ("Gaudi", None),
    ],
)
def test_nearest_accelerator(typed: str, known: str | None) -> None:
    assert nearest(typed, accelerators.names()) == known


@pytest.mark.parametrize(
    ("name", "usable_mib"),
    [("A10G", 22_888), ("L4", 22_888), ("L40S", 45_776), ("A10", 23_028), ("GB200", 189_471), ("T4G", 16_384)],
)
def test_accelerators_are_sized_by_what_a_node_reports(name: str, usable_mib: int) -> None:
    assert accelerators.get(name).usable_memory_mib == usable_mib


def test_every_accelerator_of_an_instance_row_is_known() -> None:
    with (DATA / "instances.csv").open(encoding="utf-8", newline="") as lines:
        models = {row["gpu_model"] for row in csv.DictReader(lines)} - {""}
    assert models <= set(accelerators.names())


# As Karpenter's instance type reference prints them (website/content/en/preview/reference/instance-types.md@1d927085).
@pytest.mark.parametrize(
    ("name", "millicores", "mib", "gpus", "pods"),
    [
        ("g6.xlarge", 3920, 14_162, 1, 58),
        ("g4dn.xlarge", 3920, 14_481, 1, 29),
        ("g5.12xlarge", 47_810, 173_400, 4, 737),
        ("p5.48xlarge", 191_450, 1_938_410, 8, 100),
        ("m5.large", 1930, 6_903, 0, 29),
        ("t3.medium", 1930, 3_246, 0, 17),
    ],
)
def test_what_a_node_leaves_to_pods(name: str, millicores: int, mib: int, gpus: int, pods: int) -> None:
    found = instance("aws", "us-east-1", name)
    whole = allocatable(found, daemonsets=False)
    assert (whole.cpu_millicores, whole.memory_mib, whole.gpus, whole.pods) == (millicores, mib, gpus, pods)
    # aws-node 50m, kube-proxy 100m, ebs-csi-node 30m and 120 MiB, and the agent of Pod Identity; on a node with GPUs
    # the device plugin with 10m and 64 MiB, and DCGM's exporter with 50m and 256 MiB.
    left = allocatable(found)
    beside = (240, 440, 6) if gpus else (180, 120, 4)
    assert (millicores - left.cpu_millicores, mib - left.memory_mib, pods - left.pods) == beside


def test_service_prices_are_of_the_region_or_of_none_that_the_source_names() -> None:
    here = service_price("aws", "NAT Gateway", "gateway", "eu-central-1")
    assert here is not None and (here.usd, here.unit, here.region) == (Decimal("0.052"), "hour", "eu-central-1")
    anywhere = service_price("aws", "Managed Prometheus", "metric storage", "us-west-2")
    assert anywhere is not None and anywhere.region == ""
    assert service_price("aws", "NAT Gateway", "data processed", "eu-central-1") is None


def test_triton_is_pinned_by_digest_and_knows_its_oldest_gpu() -> None:
    release = runtimes.get("triton")
    assert release.reference == (
        "nvcr.io/nvidia/tritonserver:26.07-py3@sha256:551599c0812bb706121410a71abda07f9920d25e6c66edf1ec07a375e49f5f90"
    )
    assert release.min_compute_capability == (7, 5)
    assert accelerators.get("V100").compute_capability == (7, 0)
    assert accelerators.get("B200").compute_capability == (10, 0)


@pytest.mark.parametrize(
    ("table", "name", "message"),
    [
        (eks_versions.get, "1.43", "no EKS version is called '1.43'; known: 1.30, 1.31, 1.32, 1.33, 1.34, 1.35, 1.36."),
        (lambda name: runtimes.get("triton", name), "26.7", "no triton release is called '26.7'; known: 26.07."),
        (lambda name: runtimes.get(name), "trition", "no runtime is called 'trition'; known: triton. "),
    ],
)
def test_unknown_names_are_refused_with_what_is_known(table, name: str, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnknownName) as caught:
        table(name)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("table", [charts.get, images.get])
def test_a_chart_or_image_that_nobody_pinned_is_refused(table) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnknownName, match="is called 'no-such-thing'"):
        table("no-such-thing")


def test_every_pinned_image_and_chart_can_be_read() -> None:
    for table, file_name in ((charts, "charts.csv"), (images, "images.csv")):
        with (DATA / file_name).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                assert table.get(row["name"]).source == row["source"]


def test_catalog_cost_and_placement_bring_in_no_other_library() -> None:
    """The policy pack runs them in a small process: neither Pulumi nor pydantic may come along."""
    program = (
        "import sys; before = set(sys.modules); import modelyard.cost, modelyard.placement, modelyard.catalog;"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(sorted(new - set(sys.stdlib_module_names) - {'modelyard'}))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
