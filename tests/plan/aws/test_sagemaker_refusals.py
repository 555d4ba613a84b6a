"""What an endpoint of SageMaker refuses, word for word, before any resource is registered."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from .program import refusal
from .sagemaker_program import CANARY, SERVERLESS, endpoint, rollout, said

SUBNET = "subnet-0123456789abcdef0"
HOURS = {"start": "08:00", "end": "18:00"}
RESERVATION = "arn:aws:sagemaker:us-east-1:123456789012:training-plan/spring"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:toys/feature-store-AbCdEf"
COMPONENT = {"kind": "inference_components", "inference_components": {"memory_mib": 1024}}
MANAGED = {"managed_scaling": {"min_instances": 0, "max_instances": 1}}

CASES: list[tuple[str, dict[str, Any], str]] = [
    (
        "unknown type",
        {"instance_type": "ml.g5.xlage"},
        "instance_type: 'ml.g5.xlage' is not an instance type that SageMaker hosts on; did you mean 'ml.g5.xlarge'? "
        "Allowed: ",
    ),
    (
        "type without ml",
        {"instance_type": "g5.xlarge"},
        "instance_type: 'g5.xlarge' is not an instance type that SageMaker hosts on; did you mean 'ml.g5.xlarge'?",
    ),
    (
        "type not in the region",
        {"instance_type": "ml.p5.48xlarge", "region": "eu-west-3"},
        "instance_type ml.p5.48xlarge is not offered in eu-west-3; the nearest that is: ml.g6.48xlarge",
    ),
    (
        "no such region",
        {"region": "us-east-9"},
        "region us-east-9 hosts no models at SageMaker; did you mean us-east-2?",
    ),
    (
        "serverless region",
        {**SERVERLESS, "region": "ap-south-2"},
        "region ap-south-2 has no serverless inference; choose one of af-south-1, ",
    ),
    (
        "no type",
        {"instance_type": None},
        "kind real_time needs instance_type; add one such as ml.m5.xlarge or ml.g5.xlarge",
    ),
    (
        "serverless with a GPU",
        {"kind": "serverless", "instance_type": "ml.g5.xlarge"},
        "instance_type is ml.g5.xlarge, and a serverless endpoint has no GPU; delete it, or set kind: real_time",
    ),
    (
        "serverless with instances",
        {"kind": "serverless"},
        "instance_type is ml.m5.xlarge, and a serverless endpoint has no instances; delete it, or set kind: real_time",
    ),
    (
        "provisioned above the maximum",
        {**SERVERLESS, "serverless": {"max_concurrency": 5, "provisioned_concurrency": 10}},
        "serverless: provisioned_concurrency 10 exceeds max_concurrency 5; raise max_concurrency or lower it",
    ),
    (
        "warm growth above the maximum",
        {
            **SERVERLESS,
            "serverless": {"max_concurrency": 5, "provisioned_concurrency": 1, "max_provisioned_concurrency": 6},
        },
        "serverless: max_provisioned_concurrency 6 exceeds max_concurrency 5; raise max_concurrency or lower it",
    ),
    (
        "memory between sizes",
        {**SERVERLESS, "serverless": {"memory_mib": 2500}},
        "serverless.memory_mib: 2500 must be one of 1024, 2048, 3072, 4096, 5120, 6144; the nearest is 2048",
    ),
    (
        "too concurrent",
        {**SERVERLESS, "serverless": {"max_concurrency": 500}},
        "serverless.max_concurrency: must be at most 200, not 500",
    ),
    (
        "async with serverless",
        {"kind": "async", "data_url": "s3://b/d", "serverless": {}},
        "serverless is for kind serverless, and kind is async; delete serverless, or set kind: serverless",
    ),
    (
        "serverless with a queue",
        {**SERVERLESS, "asynchronous": {}},
        "asynchronous is for kind async, and kind is serverless; delete asynchronous, or set kind: async",
    ),
    (
        "async without a place",
        {"kind": "async"},
        "asynchronous.output_url is missing, and so is data_url, below which it would lie; add one of them",
    ),
    (
        "capture without a place",
        {"capture": {}},
        "capture.url is missing, and so is data_url, below which it would lie; add one of them",
    ),
    (
        "serverless capture",
        {**SERVERLESS, "capture": {"url": "s3://b/d"}},
        "capture is nothing that a serverless endpoint has; delete it, or set kind: real_time",
    ),
    (
        "serverless network",
        {**SERVERLESS, "vpc_id": "vpc-0123456789abcdef0", "subnet_ids": [SUBNET]},
        "subnet_ids is nothing that a serverless endpoint has; delete it, or set kind: real_time",
    ),
    (
        "serverless isolation",
        {**SERVERLESS, "network_isolation": True},
        "network_isolation is nothing that a serverless endpoint has; delete it, or set kind: real_time",
    ),
    (
        "serverless shell",
        {**SERVERLESS, "ssm_access": True},
        "ssm_access is nothing that a serverless endpoint has; delete it, or set kind: real_time",
    ),
    (
        "serverless core dumps",
        {**SERVERLESS, "core_dumps": {"url": "s3://b/d"}},
        "core_dumps is nothing that a serverless endpoint has; delete it, or set kind: real_time",
    ),
    (
        "serverless reservation",
        {**SERVERLESS, "capacity_reservation": {"arn": RESERVATION}},
        "capacity_reservation is nothing that a serverless endpoint has; delete it, or set kind: real_time",
    ),
    (
        "reservation elsewhere",
        {"capacity_reservation": {"arn": RESERVATION.replace("us-east-1", "us-west-2")}},
        "capacity_reservation.arn is of us-west-2, and the endpoint is in us-east-1; name a reservation there, or "
        "delete it",
    ),
    (
        "no reservation",
        {"capacity_reservation": {"arn": "spring"}},
        "capacity_reservation.arn: 'spring' must be the ARN of an ML capacity reservation, such as "
        "arn:aws:sagemaker:us-east-1:123456789012:training-plan/spring",
    ),
    (
        "core dumps without a place",
        {"core_dumps": {}},
        "core_dumps.url is missing, and so is data_url, below which it would lie; add one of them",
    ),
    (
        "secrets that cannot be reached",
        {"network_isolation": True, "readable_secrets": {"FEATURES": {"arn": SECRET}}},
        "readable_secrets are asked of AWS Secrets Manager, and network_isolation lets the container call nothing; "
        "delete one",
    ),
    (
        "a secret and a plain value",
        {"env": {"FEATURES": "x"}, "readable_secrets": {"FEATURES": {"arn": SECRET}}},
        "env.FEATURES is in readable_secrets too; delete one of them",
    ),
    (
        "name of a secret",
        {"readable_secrets": {"FEATURES": {"arn": "toys/feature-store"}}},
        "readable_secrets.FEATURES.arn: the value must be the ARN of a secret, such as "
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/feature-store-AbCdEf",
    ),
    (
        "serverless canary",
        {**SERVERLESS, **rollout()},
        "rollout.canary needs two production variants, which kind serverless has not; the nearest: deployment: "
        "{shift: canary}",
    ),
    (
        "serverless rolling",
        {**SERVERLESS, "deployment": {"shift": "rolling"}},
        "deployment.shift rolling exchanges instances, and serverless has none; write canary",
    ),
    (
        "serverless scaling",
        {**SERVERLESS, "scaling": {"max_replicas": 4}},
        "scaling counts instances, and a serverless endpoint has none; write serverless.max_concurrency and "
        "serverless.provisioned_concurrency",
    ),
    (
        "warm hours without warmth",
        {**SERVERLESS, "scaling": {"max_replicas": 5, "schedules": [{**HOURS, "min_replicas": 5}]}},
        "scaling.schedules raises serverless.provisioned_concurrency, which is missing; add it",
    ),
    (
        "warm hours no warmer",
        {
            **SERVERLESS,
            "serverless": {"provisioned_concurrency": 3},
            "scaling": {"max_replicas": 5, "schedules": [{**HOURS, "min_replicas": 2}]},
        },
        "scaling.schedules[0] (mon-sun 08:00-18:00 Etc/UTC) asks for min_replicas 2, no more than "
        "serverless.provisioned_concurrency 3; raise it",
    ),
    (
        "warm hours above all",
        {
            **SERVERLESS,
            "serverless": {"provisioned_concurrency": 1, "max_concurrency": 4},
            "scaling": {"max_replicas": 5, "schedules": [{**HOURS, "min_replicas": 5}]},
        },
        "scaling.schedules[0] (mon-sun 08:00-18:00 Etc/UTC) asks for min_replicas 5, more than "
        "serverless.max_concurrency 4; lower it",
    ),
    (
        "asleep at real time",
        {"scaling": {"min_replicas": 0}},
        "scaling.min_replicas is 0, and kind real_time keeps at least one instance; set kind: serverless, async or "
        "inference_components, or write 1",
    ),
    (
        "managed to zero",
        MANAGED,
        "managed_scaling.min_instances is 0, which needs inference components; set kind: inference_components, "
        "or keep 1",
    ),
    (
        "nothing to grow by",
        {"scaling": {"max_replicas": 4, "target_queue_ms": 5}},
        "scaling has room to grow and no target that SageMaker follows; name one of "
        "scaling.target_requests_per_second, scaling.target_concurrency, scaling.target_gpu_utilization_percent",
    ),
    (
        "busy GPUs without one",
        {"scaling": {"max_replicas": 4, "target_gpu_utilization_percent": 70}},
        "scaling.target_gpu_utilization_percent is given, and ml.m5.xlarge has no GPU; name target_requests_per_second "
        "or target_concurrency",
    ),
    (
        "moved twice",
        {"managed_scaling": {}, "scaling": {"max_replicas": 2, "target_concurrency": 1}},
        "managed_scaling and scaling both move the instances; delete one of them",
    ),
    (
        "more than all traffic",
        {"rollout": {"stable": 3, "canary": 4, "percent": 110}, "canary": {"artefact": CANARY}},
        "rollout.percent: is 110, and a canary gets at most 100 % of the traffic; allowed: 0 to 100",
    ),
    (
        "canary without files",
        {"rollout": {"stable": 3, "canary": 4}},
        "rollout.canary is 4, and canary is missing; add canary: {artefact: s3://...}",
    ),
    (
        "files without a canary",
        {"canary": {"artefact": CANARY}},
        "canary is given, and rollout names none; name its version in rollout.canary, or delete it",
    ),
    (
        "two ways to shift",
        {"rollout": {"stable": 3}, "deployment": {"shift": "all_at_once"}},
        "deployment shifts the traffic of one variant to new instances, and rollout has a variant for each version; "
        "delete one of them",
    ),
    (
        "a controller of clusters",
        {"rollout": {"stable": 3, "canary": 4, "by": "flagger"}, "canary": {"artefact": CANARY}},
        "rollout.by flagger moves the traffic of a cluster; at SageMaker write gateway, or delete rollout and let "
        "deployment shift it",
    ),
    (
        "half of one instance",
        {"deployment": {"shift": "canary"}},
        "deployment.shift canary moves at most half of the instances at once, and there is 1; write "
        "scaling.min_replicas: 2, or shift: all_at_once",
    ),
    (
        "many models of two images",
        {
            "kind": "multi_model",
            "artefact": "s3://b/many/",
            "rollout": {"stable": 3, "canary": 4},
            "canary": {"artefact": "s3://b/more/", "image": "other"},
        },
        "canary.image differs from image, and all models behind one multi_model endpoint have one image",
    ),
    (
        "many models in one archive",
        {"kind": "multi_model"},
        "artefact s3://models/toys/tagging/0123/model.tar.gz is one file; for multi_model name the archives' folder, "
        "with a slash",
    ),
    (
        "serverless folder",
        {**SERVERLESS, "artefact": "s3://b/folder/"},
        "artefact s3://b/folder/ is a folder, which a serverless endpoint cannot serve as it lies; pack model.tar.gz",
    ),
    (
        "no artefact",
        {"artefact": "s3://b/model.onnx"},
        "artefact s3://b/model.onnx must end with .tar.gz, or with a slash for a folder served as it lies",
    ),
    (
        "no folder",
        {"artefact_is_folder": True},
        "artefact s3://models/toys/tagging/0123/model.tar.gz ends with no slash, and artefact_is_folder is true; "
        "delete that key",
    ),
    (
        "a long name",
        {"endpoint_name": "n" * 64},
        f"the endpoint would be named {'n' * 64}, of 64 characters; SageMaker allows 63, so shorten it",
    ),
    (
        "a strange name",
        {"endpoint_name": "tagging_prod"},
        "endpoint_name 'tagging_prod' must be letters, digits and hyphens, beginning and ending with no hyphen",
    ),
    (
        "no such framework",
        {"framework": "sklern"},
        "framework: 'sklern' is not a framework that SageMaker has an image for; did you mean 'sklearn'?",
    ),
    (
        "a framework without GPUs",
        {"framework": "sklearn", "instance_type": "ml.g5.xlarge"},
        "SageMaker has no sklearn image for GPUs, and instance_type is ml.g5.xlarge; choose one such as ml.m5.xlarge, "
        "or name an image of yours",
    ),
    (
        "no such version",
        {"framework": "xgboost", "framework_version": "1.8"},
        "framework_version: no xgboost version of SageMaker's cpu images is called '1.8'; known: 1.7-1, 3.0-5, 3.2-0.",
    ),
    (
        "a volume beside disks",
        {"instance_type": "ml.g5.xlarge", "volume_gib": 100},
        "volume_gib is 100, and ml.g5.xlarge has disks of its own and no volume; delete it",
    ),
    (
        "an Arm processor",
        {"instance_type": "ml.c7g.xlarge"},
        "instance_type ml.c7g.xlarge has an Arm processor, and SageMaker's own images are built for x86-64; name an "
        "image of yours, or choose a type such as ml.c6i.xlarge",
    ),
    (
        "no instances for components",
        COMPONENT,
        "kind inference_components needs managed_scaling: {min_instances: ..., max_instances: ...}",
    ),
    (
        "components without GPUs",
        {**COMPONENT, **MANAGED, "inference_components": {"memory_mib": 1024, "accelerators": 1}},
        "inference_components.accelerators is 1, and ml.m5.xlarge has none; choose a type such as ml.g5.xlarge",
    ),
    (
        "zones without a placement",
        {**COMPONENT, **MANAGED, "inference_components": {"memory_mib": 1024, "max_zone_imbalance": 1}},
        "inference_components: max_zone_imbalance says nothing without placement; add placement: spread, or binpack",
    ),
    (
        "components shifted by instances",
        {**COMPONENT, **MANAGED, "deployment": {"shift": "canary"}},
        "deployment.shift canary is of instances, and inference components are exchanged copy by copy; write shift: "
        "rolling",
    ),
    (
        "subnets alone",
        {"subnet_ids": [SUBNET]},
        "subnet_ids needs vpc_id, where a security group is made, or security_group_ids; add one",
    ),
    (
        "a secret variable",
        {"env": {"DB_PASSWORD": "hunter2"}},
        "env.DB_PASSWORD: the value is secret, as the name DB_PASSWORD says; name one of AWS Secrets "
        "Manager in readable_secrets",
    ),
    (
        "an unknown key",
        {"instance_typ": "ml.m5.xlarge"},
        "instance_typ: 'instance_typ' is not an argument; did you mean",
    ),
]


@pytest.mark.parametrize(("args", "sentence"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_it_says_what_is_wrong_and_what_to_do(args: dict[str, Any], sentence: str) -> None:
    found = said(**args)
    assert sentence in found
    assert "hunter2" not in found


def test_everything_is_said_at_once() -> None:
    found = said(
        scaling={"min_replicas": 0},
        region="eu-west-3",
        instance_type="ml.p5.48xlarge",
        capture={},
        env={"API_TOKEN": "x"},
    )
    for part in ("not offered in eu-west-3", "scaling.min_replicas is 0", "capture.url is missing", "env.API_TOKEN"):
        assert part in found


@pytest.mark.parametrize("args", [{"packages": {}}, {**COMPONENT, **MANAGED}], ids=["packages", "components"])
def test_a_missing_extra_is_one_sentence(args: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pulumi_aws_native", None)
    wanted = "packages" if "packages" in args else "kind inference_components"
    assert refusal(endpoint(**args)) == (
        f"{wanted} of SageMakerEndpoint needs the package pulumi-aws-native; pip install modelyard[aws-native]"
    )


def test_nothing_else_needs_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    from .sagemaker_program import declared

    monkeypatch.setitem(sys.modules, "pulumi_aws_native", None)
    assert declared().of_type("aws:sagemaker/endpoint:Endpoint")
