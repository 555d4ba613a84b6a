"""Facts of SageMaker: instance types by region, images by region, limits."""

from __future__ import annotations

import re

import pytest
from modelyard.catalog import instance_types, sagemaker_images, sagemaker_instances, sagemaker_limits, sagemaker_monitor
from modelyard.catalog.table import UnknownName, rows


def test_every_type_is_offered_somewhere_and_named_as_sagemaker_does() -> None:
    for name in sagemaker_instances.names():
        found = sagemaker_instances.get(name)
        assert re.fullmatch(r"ml\.[a-z0-9-]+\.[a-z0-9]+", name)
        assert found.regions
        assert found.source


@pytest.mark.parametrize(
    ("name", "accelerator", "count", "architecture"),
    [
        ("ml.m5.xlarge", "", None, "x86_64"),
        ("ml.g5.12xlarge", "gpu", 4, "x86_64"),
        ("ml.p5.48xlarge", "gpu", 8, "x86_64"),
        ("ml.inf2.xlarge", "neuron", None, "x86_64"),
        ("ml.c7g.xlarge", "", None, "arm64"),
    ],
)
def test_accelerators_and_processors(name: str, accelerator: str, count: int | None, architecture: str) -> None:
    found = sagemaker_instances.get(name)
    assert (found.accelerator, found.accelerator_count, found.architecture) == (accelerator, count, architecture)


@pytest.mark.parametrize(
    ("name", "has_disk"), [("ml.g5.xlarge", True), ("ml.c5d.large", True), ("ml.c6i.large", False)]
)
def test_disks_of_their_own(name: str, has_disk: bool) -> None:
    assert sagemaker_instances.get(name).has_local_disk is has_disk


def test_gpu_counts_are_those_of_the_machines_below() -> None:
    compared = 0
    for name in sagemaker_instances.names():
        found = sagemaker_instances.get(name)
        if found.accelerator_count is None:
            continue
        machine = instance_types.instance("aws", "us-east-1", name.removeprefix("ml."))
        assert found.accelerator_count == machine.accelerator_count
        compared += 1
    assert compared > 30


def test_an_unknown_type_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"Did you mean 'ml.g5.xlarge'\?"):
        sagemaker_instances.get("g5.xlarge")


def test_every_image_has_a_registry_in_the_large_regions() -> None:
    for row in rows("sagemaker_images.csv"):
        image = sagemaker_images.get(row["framework"], row["version"], processor=row["processor"])
        for region in ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-northeast-1"):
            account, _, rest = image.reference(region).partition(".dkr.ecr.")
            assert re.fullmatch(r"\d{12}", account)
            assert rest == f"{region}.amazonaws.com/{image.repository}:{image.tag}"


def test_the_newest_is_by_number_and_not_by_letter() -> None:
    assert sagemaker_images.get("xgboost").version == "3.2-0"
    assert sagemaker_images.get("triton", processor="gpu").version == "26.05"
    assert sagemaker_images.get("triton", "24.09", processor="cpu").tag == "24.09-py3-cpu"


def test_china_has_accounts_and_a_domain_of_its_own() -> None:
    reference = sagemaker_images.get("pytorch").reference("cn-north-1")
    assert reference.startswith("727897471807.dkr.ecr.cn-north-1.amazonaws.com.cn/pytorch-inference:")
    with pytest.raises(UnknownName, match="no region with triton images of SageMaker is called 'cn-north-1'"):
        sagemaker_images.get("triton").reference("cn-north-1")


def test_limits() -> None:
    assert sagemaker_limits.serverless_memory_mib() == (1024, 2048, 3072, 4096, 5120, 6144)
    assert sagemaker_limits.limit("serverless_max_concurrency") == 200
    assert set(sagemaker_limits.serverless_regions()) <= sagemaker_instances.regions()


@pytest.mark.parametrize(
    ("region", "image"),
    [
        ("eu-west-1", "468650794304.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-model-monitor-analyzer"),
        ("cn-north-1", "453000072557.dkr.ecr.cn-north-1.amazonaws.com.cn/sagemaker-model-monitor-analyzer"),
    ],
)
def test_model_monitor_has_a_registry_of_its_own_in_a_region(region: str, image: str) -> None:
    assert sagemaker_monitor.image(region) == image


def test_a_region_without_model_monitor_is_told() -> None:
    with pytest.raises(UnknownName, match="region with SageMaker Model Monitor"):
        sagemaker_monitor.image("us-gov-west-1")


@pytest.mark.parametrize(
    ("problem", "higher", "lower"),
    [
        ("regression", {"r2"}, {"mae", "mse", "rmse"}),
        ("binary_classification", {"f1", "auc"}, {"false_positive_rate", "false_negative_rate"}),
        ("multiclass_classification", {"accuracy", "weighted_f1"}, set()),
    ],
)
def test_a_metric_of_quality_knows_which_way_is_better(problem: str, higher: set[str], lower: set[str]) -> None:
    found = sagemaker_monitor.metrics(problem)
    assert {name for name, better in found.items() if better == "lower"} == lower
    assert {found[name] for name in higher} == {"higher"}
