"""What the catalogue says of accelerators and machines is of one piece, and honest about what it does not know."""

from __future__ import annotations

from decimal import Decimal

import pytest
from modelyard.catalog import UnknownName, accelerators, instance, instances, mig_profiles, regions
from modelyard.catalog.accelerator_abilities import formats, precisions
from modelyard.catalog.gke_accelerators import gke_accelerator, gke_tpu
from modelyard.catalog.instance_shapes import shape, shapes
from modelyard.catalog.mig_profiles import UnknownMigProfile
from modelyard.catalog.regions import UnknownRegion
from modelyard.catalog.table import packaged_rows


@pytest.mark.parametrize(
    "row", packaged_rows("mig_profiles.csv"), ids=lambda row: f"{row['accelerator']}-{row['profile']}"
)
def test_mig_instances_fit_on_their_gpu(row: dict[str, str]) -> None:
    """NVIDIA MIG User Guide: a GPU has at most seven slices; instances are named by slices and gigabytes."""
    profile = mig_profiles.profile(row["accelerator"], row["profile"])
    whole = accelerators.get(row["accelerator"])
    assert profile.name.startswith(f"{profile.compute_slices}g.")
    assert profile.compute_slices * profile.instances_per_gpu <= 7
    assert profile.usable_memory_mib * profile.instances_per_gpu <= whole.usable_memory_mib
    if profile.reported_memory_mib is not None:
        # What is taken where no source says is never more than what is reported where one does.
        named_bytes = int(profile.name.partition(".")[2].removesuffix("gb")) * 10**9
        assert named_bytes * 9 // 10 // 2**20 < profile.reported_memory_mib


@pytest.mark.parametrize(
    ("accelerator", "name", "instances_per_gpu", "memory_mib"),
    [
        ("A100-40GB", "1g.5gb", 7, 4864),
        ("A100-80GB", "3g.40gb", 2, 40_192),
        ("A30", "2g.12gb", 2, 11_672),
        ("H100", "1g.20gb", 4, 20_090),
        ("H200", "1g.18gb", 7, 16_384),
        ("RTX-PRO-6000", "1g.24gb", 4, 24_186),
        ("B200", "7g.180gb", 1, 154_495),
    ],
)
def test_what_a_mig_instance_has(accelerator: str, name: str, instances_per_gpu: int, memory_mib: int) -> None:
    profile = mig_profiles.profile(accelerator, name)
    assert (profile.instances_per_gpu, profile.usable_memory_mib) == (instances_per_gpu, memory_mib)


@pytest.mark.parametrize(
    ("accelerator", "name", "error", "message"),
    [
        ("L4", "1g.5gb", UnknownMigProfile, "L4 cannot be cut into MIG instances; those that can: A30, A100-40GB, "),
        ("H100", "1g.10g", UnknownMigProfile, "H100 has no MIG profile '1g.10g'; it has: 1g.10gb, 1g.20gb, 2g.20gb, "
                                              "3g.40gb, 4g.40gb, 7g.80gb. Did you mean '1g.10gb'?"),
        ("A100-80GB", "1g.5gb", UnknownMigProfile, "A100-80GB has no MIG profile '1g.5gb'; it has: 1g.10gb, "),
        ("H1000", "1g.10gb", UnknownName, "no accelerator is called 'H1000'; known: "),
    ],
)  # fmt: skip
def test_a_cut_that_there_is_not(accelerator: str, name: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        mig_profiles.profile(accelerator, name)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("accelerator", "machine", "type_", "counts"),
    [
        ("T4", "n1-standard-8", "nvidia-tesla-t4", (1, 2, 4)),
        ("L4", "g2-standard-24", "nvidia-l4", (1, 2, 4, 8)),
        ("A100-40GB", "a2-highgpu-8g", "nvidia-tesla-a100", (1, 2, 4, 8, 16)),
        ("A100-80GB", "a2-ultragpu-1g", "nvidia-a100-80gb", (1, 2, 4, 8)),
        ("H100", "a3-highgpu-8g", "nvidia-h100-80gb", (1, 2, 4, 8)),
        ("H100", "a3-megagpu-8g", "nvidia-h100-mega-80gb", (8,)),
    ],
)
def test_what_gke_calls_an_accelerator(accelerator: str, machine: str, type_: str, counts: tuple[int, ...]) -> None:
    found = gke_accelerator(accelerator, machine)
    assert (found.type, found.counts) == (type_, counts)
    assert found.built_in == (not machine.startswith("n1-"))


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: gke_accelerator("A10G", "g2-standard-4"),
         "no accelerator of GKE is called 'A10G'; known: A100-40GB, "),
        (lambda: gke_accelerator("L4", "n1-standard-4"),
         "no machine type with L4 is called 'n1-standard-4'; known: g2-standard-...."),
        (lambda: gke_tpu("ct5lp-hightpu-2t"),
         "no machine type with TPU is called 'ct5lp-hightpu-2t'; known: ct5lp-hightpu-1t, "),
    ],
)  # fmt: skip
def test_what_gke_does_not_have(ask, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnknownName) as caught:
        ask()
    assert str(caught.value).startswith(message)


def test_every_machine_of_google_cloud_with_an_accelerator_has_its_type() -> None:
    for (cloud, name), of_type in shapes().items():
        if cloud == "gcp" and of_type.accelerator is not None:
            if accelerators.get(of_type.accelerator).resource == "google.com/tpu":
                assert gke_tpu(name).chips_per_node == of_type.accelerator_count
            else:
                assert of_type.accelerator_count in gke_accelerator(of_type.accelerator, name).counts


def test_every_priced_machine_has_a_shape_and_they_agree() -> None:
    for row in packaged_rows("instances.csv"):
        found = shape(row["cloud"], row["instance_type"])
        assert found is not None, row["instance_type"]
        assert (found.vcpu, found.memory_gib) == (int(row["vcpu"]), Decimal(row["memory_gib"])), row["instance_type"]
        assert (found.accelerator or "", found.accelerator_count) == (row["gpu_model"], int(row["gpu_count"] or 0))


@pytest.mark.parametrize(
    ("cloud", "name", "expected"),
    [
        ("aws", "p5.48xlarge", {"efa_interfaces": 32, "network_cards": 32, "network_interfaces": 64, "fabric": "efa"}),
        # The first card of a p6-b300 has no EFA.
        ("aws", "p6-b300.48xlarge", {"efa_interfaces": 16, "network_cards": 17}),
        ("aws", "g6.xlarge", {"efa_interfaces": 0, "fabric": None, "local_ssd_gib": 232, "quota_family": "G and VT"}),
        ("aws", "g5g.xlarge", {"architecture": "arm64", "accelerator": "T4G"}),
        ("aws", "inf2.xlarge", {"accelerator": "Inferentia2", "local_ssd_gib": 0, "has_local_ssd": False}),
        ("gcp", "a3-megagpu-8g", {"fabric": "gpudirect-tcpxo", "network_interfaces": 9, "local_ssd_count": 16}),
        ("gcp", "g2-standard-24", {"local_ssd_count": 0, "local_ssd_choices": (2,), "has_local_ssd": True}),
        # Its list of machine types counts threads that nodes do not have.
        ("gcp", "ct6e-standard-8t", {"vcpu": 180, "memory_gib": 1440}),
        ("gcp", "e2-standard-4", {"has_local_ssd": False}),
        ("azure", "Standard_ND96isr_H100_v5", {"fabric": "infiniband", "local_ssd_gib": 28_608}),
        ("azure", "Standard_NC24ads_A100_v4", {"fabric": None, "quota_family": "StandardNCADSA100v4Family"}),
    ],
)
def test_what_machines_are_made_of(cloud: str, name: str, expected: dict[str, object]) -> None:
    found = shape(cloud, name)
    assert {key: getattr(found, key) for key in expected} == expected


def test_efa_is_of_aws_and_no_more_than_its_cards() -> None:
    for (cloud, name), found in shapes().items():
        assert (found.efa_interfaces > 0) == (found.fabric == "efa"), name
        if found.efa_interfaces:
            assert cloud == "aws" and (found.network_cards is None or found.efa_interfaces <= found.network_cards), name


@pytest.mark.parametrize(
    ("cloud", "region", "name", "memory_mib"),
    [
        ("aws", "us-east-1", "g4dn.xlarge", 15_360),
        ("aws", "us-east-1", "p3dn.24xlarge", 32_768),
        ("gcp", "us-central1", "n1-standard-8+1xV100", 16_384),
        ("azure", "eastus", "Standard_ND40rs_v2", 32_768),
        ("aws", "us-east-1", "p5e.48xlarge", 143_771),
        ("azure", "eastus", "Standard_NV36ads_A10_v5", 23_028),
        ("aws", "us-east-1", "m5.large", None),
    ],
)
def test_machines_are_sized_by_what_their_nodes_report(
    cloud: str, region: str, name: str, memory_mib: int | None
) -> None:
    assert instance(cloud, region, name).usable_accelerator_memory_mib == memory_mib


@pytest.mark.parametrize(
    ("accelerator", "expected"),
    [
        ("V100", {"fp16": "tensor", "int8": "cores"}),
        ("T4", {"int8": "tensor", "fp64": "cores"}),
        ("A100-80GB", {"fp64": "tensor", "bf16": "tensor", "tf32": "tensor"}),
        ("L4", {"fp8": "tensor"}),
        ("B200", {"fp4": "tensor"}),
        ("TPU-v5e", {"bf16": "tensor"}),
    ],
)
def test_what_accelerators_compute_with(accelerator: str, expected: dict[str, str]) -> None:
    assert precisions(accelerator).items() >= expected.items()


@pytest.mark.parametrize(
    ("accelerator", "absent"), [("A100-80GB", "fp8"), ("T4", "bf16"), ("V100", "tf32"), ("H200", "fp4")]
)
def test_what_accelerators_do_not_compute_with(accelerator: str, absent: str) -> None:
    assert absent not in precisions(accelerator)


def test_every_accelerator_says_what_it_computes_with() -> None:
    assert [name for name in accelerators.names() if not precisions(name)] == []


@pytest.mark.parametrize(
    ("accelerator", "present", "absent"),
    [
        ("V100", {"onnx", "fil"}, {"tensorrt", "tensorrtllm"}),
        ("T4", {"tensorrt", "vllm"}, {"tensorrtllm"}),
        ("L4", {"tensorrt", "tensorrtllm", "vllm"}, set()),
        ("Inferentia2", {"python"}, {"onnx", "tensorrt"}),
        ("TPU-v6e", set(), {"onnx", "savedmodel", "python"}),
    ],
)
def test_which_formats_accelerators_run(accelerator: str, present: set[str], absent: set[str]) -> None:
    found = {each.name for each in formats(accelerator)}
    assert present <= found and not absent & found


def test_a_plan_is_bound_to_the_capability_that_it_was_built_for() -> None:
    assert {each.name for each in formats("L4") if each.bound_to_capability} == {
        "tensorrt",
        "tensorrtllm",
        "torch_aoti",
    }


def test_prices_are_of_regions_that_there_are() -> None:
    for row in packaged_rows("instances.csv"):
        assert regions.region(row["cloud"], row["region"]).priced_types == len(instances(row["cloud"], row["region"]))


@pytest.mark.parametrize(
    ("cloud", "name", "where", "not_where"),
    [
        ("gcp", "a4-highgpu-8g", "us-central1", "europe-west2"),
        ("gcp", "g2-standard-4", "asia-southeast1", "asia-southeast2"),
        ("gcp", "n1-standard-8+1xT4", "us-central1", "europe-west6"),
        ("azure", "Standard_ND96isr_H200_v5", "southeastasia", "francesouth"),
        ("aws", "g6.xlarge", "eu-north-1", "ap-southeast-1"),
        ("aws", "p5.4xlarge", "us-west-2", "eu-west-3"),
    ],
)
def test_where_a_machine_type_is_listed(cloud: str, name: str, where: str, not_where: str) -> None:
    listed = regions.sold_in(cloud, name)
    assert listed is not None and where in listed and not_where not in listed
    assert regions.sold_in("aws", "m5.large") is None


@pytest.mark.parametrize(
    ("cloud", "name", "message"),
    [
        ("gcp", "us-cental1", "no region of gcp is called 'us-cental1'; it has 43. Did you mean 'us-central1'?"),
        ("azure", "east-us", "no region of azure is called 'east-us'; it has 57. Did you mean 'eastus'?"),
        ("aws", "mars", "no region of aws is called 'mars'; it has 34."),
        ("aws", "europe-west4", "no region of aws is called 'europe-west4'; it has 34. 'europe-west4' is one of gcp."),
    ],
)
def test_an_unknown_region_names_the_nearest(cloud: str, name: str, message: str) -> None:
    with pytest.raises(UnknownRegion) as caught:
        regions.region(cloud, name)
    assert str(caught.value) == message


def test_zones_with_an_accelerator_are_of_regions_that_list_a_machine_with_it() -> None:
    for row in packaged_rows("gpu_zones.csv"):
        machines = [each for each in shapes().values() if (each.cloud, each.accelerator) == ("gcp", row["accelerator"])]
        listed = {place for each in machines for place in regions.sold_in("gcp", each.name) or ()}
        assert not machines or row["region"] in listed, row
        assert all(zone.startswith(f"{row['region']}-") for zone in row["zones"].split()), row
