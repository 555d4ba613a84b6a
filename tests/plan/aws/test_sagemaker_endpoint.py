"""What a model at SageMaker declares, kind by kind."""

from __future__ import annotations

import json
from typing import Any

import pytest
from modelyard.graph import UNKNOWN

from .program import TOYS, cloud_resources, one, run_program, waits_for
from .sagemaker_program import (
    ACTION,
    ALARM,
    ARTEFACT,
    COMPONENT,
    CONFIGURATION,
    ENDPOINT,
    KEY,
    MODEL,
    NAME,
    POLICY,
    SERVERLESS,
    TARGET,
    configuration,
    declared,
    endpoint,
    named,
    rollout,
    variant,
)

DATA = {"data_url": "s3://models/toys/tagging/data"}


def test_the_endpoint_bears_the_name_that_callers_type() -> None:
    run = run_program(endpoint())
    made = one(run.graph, ENDPOINT)
    assert made.inputs["name"] == NAME
    assert made.inputs["endpointConfigName"] == one(run.graph, CONFIGURATION).inputs["name"] != NAME
    assert run.outputs["url"] == f"https://runtime.sagemaker.us-east-1.amazonaws.com/endpoints/{NAME}/invocations"
    for policy in run.graph.of_type("aws:iam/rolePolicy:RolePolicy"):
        assert waits_for(run.graph, one(run.graph, MODEL), policy)


def test_a_real_time_variant_says_what_is_declared() -> None:
    made = variant(
        instance_type="ml.m5.xlarge",
        volume_gib=100,
        startup_timeout_seconds=600,
        download_timeout_seconds=1200,
        routing="random",
        inference_ami_version="al2-ami-sagemaker-inference-gpu-3-1",
        scaling={"min_replicas": 2, "max_replicas": 2},
    )
    model = made.pop("modelName")
    assert model.startswith(f"{NAME}-v1-")
    assert made == {
        "variantName": "AllTraffic",
        "initialVariantWeight": 100,
        "initialInstanceCount": 2,
        "instanceType": "ml.m5.xlarge",
        "volumeSizeInGb": 100,
        "inferenceAmiVersion": "al2-ami-sagemaker-inference-gpu-3-1",
        "containerStartupHealthCheckTimeoutInSeconds": 600,
        "modelDataDownloadTimeoutInSeconds": 1200,
        "routingConfigs": [{"routingStrategy": "RANDOM"}],
    }


def test_a_variant_takes_reserved_capacity_and_what_helps_to_find_a_fault() -> None:
    reservation = "arn:aws:sagemaker:us-east-1:123456789012:training-plan/spring"
    graph = declared(
        **DATA,
        **rollout(mirror_percent=20, percent=0),
        capacity_reservation={"arn": reservation},
        core_dumps={},
        ssm_access=True,
        kms_key_arn=KEY,
    )
    given = one(graph, CONFIGURATION).inputs
    (shadow,) = given["shadowProductionVariants"]
    for made in (*given["productionVariants"], shadow):
        assert made["capacityReservationConfig"] == {
            "capacityReservationPreference": "capacity-reservations-only",
            "mlReservationArn": reservation,
        }
        assert made["coreDumpConfig"] == {"destinationS3Uri": f"{DATA['data_url']}/core-dumps", "kmsKeyId": KEY}
        assert made["enableSsmAccess"] is True
    said = "".join(str(each.inputs["policy"]) for each in graph.of_type("aws:iam/rolePolicy:RolePolicy"))
    assert "models/toys/tagging/data/core-dumps/*" in said


def test_a_secret_is_named_to_the_server_and_its_role_may_read_it() -> None:
    secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:toys/feature-store-AbCdEf"
    graph = declared(readable_secrets={"FEATURE_STORE": {"arn": secret}})
    assert one(graph, MODEL).inputs["primaryContainer"]["environment"]["FEATURE_STORE"] == secret
    policies = [
        json.loads(each.inputs["policy"])
        for each in graph.of_type("aws:iam/rolePolicy:RolePolicy")
        if each.inputs["policy"] is not UNKNOWN
    ]
    reads = [each for policy in policies for each in policy["Statement"] if each["Sid"] == "ReadSecrets"]
    assert [each["Resource"] for each in reads] == [[secret]]


def test_managed_scaling_stands_in_place_of_the_autoscaler() -> None:
    graph = declared(managed_scaling={"min_instances": 2, "max_instances": 6})
    made = one(graph, CONFIGURATION).inputs["productionVariants"][0]
    assert made["managedInstanceScaling"] == {"status": "ENABLED", "minInstanceCount": 2, "maxInstanceCount": 6}
    assert made["initialInstanceCount"] == 2
    assert not graph.of_type(TARGET)


def test_triton_is_told_which_model_is_asked() -> None:
    container = one(declared(instance_type="ml.g5.xlarge"), MODEL).inputs["primaryContainer"]
    image = "763104351884.dkr.ecr.us-east-1.amazonaws.com/sagemaker-tritonserver:26.05-py3"
    assert (container["image"], container["modelDataUrl"]) == (image, ARTEFACT)
    assert container["environment"] == {
        "SAGEMAKER_TRITON_DEFAULT_MODEL_NAME": "tagging",
        "SAGEMAKER_TRITON_LOG_VERBOSE": "false",
    }
    own = one(declared(env={"SAGEMAKER_TRITON_LOG_VERBOSE": "true"}), MODEL).inputs["primaryContainer"]["environment"]
    assert own["SAGEMAKER_TRITON_LOG_VERBOSE"] == "true"


@pytest.mark.parametrize(
    ("args", "image"),
    [
        ({}, "763104351884.dkr.ecr.us-east-1.amazonaws.com/sagemaker-tritonserver:26.05-py3-cpu"),
        (
            {"framework": "sklearn", "region": "eu-west-1"},
            "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3",
        ),
        (
            {"framework": "xgboost", "framework_version": "1.7-1"},
            "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
        ),
        (
            {"framework": "pytorch", "instance_type": "ml.g4dn.xlarge"},
            "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.6.0-gpu-py312",
        ),
        ({"image": "1.dkr.ecr.x/y@sha256:0"}, "1.dkr.ecr.x/y@sha256:0"),
    ],
)
def test_the_image_is_the_regions_own(args: dict[str, Any], image: str) -> None:
    model = one(declared(**args), MODEL).inputs["primaryContainer"]
    assert model["image"] == image
    assert ("SAGEMAKER_TRITON_DEFAULT_MODEL_NAME" in model["environment"]) == ("framework" not in args)


def test_a_folder_is_served_as_it_lies() -> None:
    container = one(declared(artefact="s3://models/toys/tagging/0123/"), MODEL).inputs["primaryContainer"]
    source = {"s3Uri": "s3://models/toys/tagging/0123/", "s3DataType": "S3Prefix", "compressionType": "None"}
    assert container["modelDataSource"] == {"s3DataSources": [source]}
    assert "modelDataUrl" not in container


@pytest.mark.parametrize("place", ["s3://models/x/model.tar.gz", "s3://models/x/"])
def test_an_artefact_that_only_the_deployment_knows_is_told_the_same_way(place: str) -> None:
    import pulumi

    def output(opts: pulumi.ResourceOptions) -> None:
        endpoint(artefact=pulumi.Output.from_input(place))(opts)

    inputs = one(run_program(output).graph, MODEL).inputs["primaryContainer"]
    assert inputs == one(declared(artefact=place), MODEL).inputs["primaryContainer"]


def test_a_plan_shows_a_container_whose_artefact_it_does_not_know() -> None:
    import pulumi

    def unknown(opts: pulumi.ResourceOptions) -> None:
        place = pulumi.Output.from_input("s3://models/x/")
        nobody_knows = pulumi.Output(place.resources(), place.future(), _false(), place.is_secret())
        endpoint(artefact=nobody_knows, artefact_is_folder=True)(opts)

    container = one(run_program(unknown, "preview").graph, MODEL).inputs["primaryContainer"]
    source = {"s3Uri": UNKNOWN, "s3DataType": "S3Prefix", "compressionType": "None"}
    assert container["modelDataSource"] == {"s3DataSources": [source]}
    assert container["environment"]["SAGEMAKER_TRITON_DEFAULT_MODEL_NAME"] == "tagging"
    assert container["image"].endswith("/sagemaker-tritonserver:26.05-py3-cpu")


async def _false() -> bool:
    return False


def test_serverless_has_memory_and_concurrency_and_nothing_of_instances() -> None:
    sized = {"memory_mib": 4096, "max_concurrency": 50, "provisioned_concurrency": 5}
    made = variant(**SERVERLESS, serverless=sized, kms_key_arn=KEY)
    config = {"memorySizeInMb": 4096, "maxConcurrency": 50, "provisionedConcurrency": 5}
    assert made["serverlessConfig"] == config
    assert set(made) == {"variantName", "modelName", "initialVariantWeight", "serverlessConfig"}
    assert "kmsKeyArn" not in configuration(**SERVERLESS, kms_key_arn=KEY)


def test_a_warm_floor_grows_with_use_and_by_the_clock() -> None:
    sized = {"max_concurrency": 50, "provisioned_concurrency": 2, "max_provisioned_concurrency": 10}
    graph = declared(**SERVERLESS, serverless=sized)
    target = one(graph, TARGET).inputs
    assert target["scalableDimension"] == "sagemaker:variant:DesiredProvisionedConcurrency"
    assert (target["minCapacity"], target["maxCapacity"]) == (2, 10)
    tracked = one(graph, POLICY).inputs["targetTrackingScalingPolicyConfiguration"]
    metric = {"predefinedMetricType": "SageMakerVariantProvisionedConcurrencyUtilization"}
    assert (tracked["targetValue"], tracked["predefinedMetricSpecification"]) == (0.7, metric)
    assert not declared(**SERVERLESS, serverless={"provisioned_concurrency": 2}).of_type(TARGET)


def test_a_window_raises_the_provisioned_concurrency() -> None:
    window = {"days": "mon-fri", "start": "08:00", "end": "18:00", "timezone": "Europe/London", "min_replicas": 5}
    scaling = {"max_replicas": 5, "schedules": [window]}
    graph = declared(**SERVERLESS, serverless={"provisioned_concurrency": 2}, scaling=scaling)
    assert (one(graph, TARGET).inputs["minCapacity"], one(graph, TARGET).inputs["maxCapacity"]) == (2, 5)
    actions = {found.inputs["schedule"]: found.inputs["scalableTargetAction"] for found in graph.of_type(ACTION)}
    assert actions == {
        "cron(0 8 ? * MON,TUE,WED,THU,FRI *)": {"minCapacity": 5, "maxCapacity": 5},
        "cron(0 18 ? * MON,TUE,WED,THU,FRI *)": {"minCapacity": 2, "maxCapacity": 5},
    }


def test_asynchronous_answers_lie_in_s3_and_somebody_is_told() -> None:
    topic = "arn:aws:sns:us-east-1:123456789012:failed"
    told = {
        "output_url": "s3://answers/tagging",
        "failure_url": "s3://answers/failed",
        "error_topic_arn": topic,
        "include_answer": True,
        "concurrent_requests_per_instance": 4,
    }
    made = configuration(kind="async", asynchronous=told, kms_key_arn=KEY)["asyncInferenceConfig"]
    assert made == {
        "clientConfig": {"maxConcurrentInvocationsPerInstance": 4},
        "outputConfig": {
            "s3OutputPath": "s3://answers/tagging",
            "s3FailurePath": "s3://answers/failed",
            "kmsKeyId": KEY,
            "notificationConfig": {
                "errorTopic": topic,
                "includeInferenceResponseIns": ["ERROR_NOTIFICATION_TOPIC"],
            },
        },
    }
    below = configuration(kind="async", **DATA)["asyncInferenceConfig"]["outputConfig"]
    assert below == {"s3OutputPath": "s3://models/toys/tagging/data/answers"}


def test_an_asynchronous_endpoint_sleeps_and_wakes_by_its_queue() -> None:
    graph = declared(kind="async", scaling={"min_replicas": 0, "max_replicas": 4}, **DATA)
    assert (one(graph, TARGET).inputs["minCapacity"], one(graph, TARGET).inputs["maxCapacity"]) == (0, 4)
    policies = named(graph, POLICY)
    tracked = policies[f"{NAME}-backlog"].inputs["targetTrackingScalingPolicyConfiguration"]
    assert tracked["customizedMetricSpecification"]["metricName"] == "ApproximateBacklogSizePerInstance"
    assert policies[f"{NAME}-wake"].inputs["stepScalingPolicyConfiguration"]["stepAdjustments"] == [
        {"metricIntervalLowerBound": "0", "scalingAdjustment": 1}
    ]
    alarm = named(graph, ALARM)[f"{NAME}-wake"]
    assert alarm.inputs["metricName"] == "HasBacklogWithoutCapacity"
    assert alarm.inputs["alarmActions"] == [policies[f"{NAME}-wake"].outputs["arn"]]
    assert one(graph, CONFIGURATION).inputs["productionVariants"][0]["initialInstanceCount"] == 1


def test_many_models_share_one_image() -> None:
    graph = declared(kind="multi_model", artefact="s3://models/toys/many/", multi_model={"cache": False})
    container = one(graph, MODEL).inputs["primaryContainer"]
    assert (container["mode"], container["modelDataUrl"]) == ("MultiModel", "s3://models/toys/many/")
    assert container["multiModelConfig"] == {"modelCacheSetting": "Disabled"}
    assert "SAGEMAKER_TRITON_DEFAULT_MODEL_NAME" not in container["environment"]
    assert "routingConfigs" not in one(graph, CONFIGURATION).inputs["productionVariants"][0]


def test_copies_of_a_component_share_instances_and_go_to_zero() -> None:
    run = run_program(endpoint(**COMPONENT))
    graph = run.graph
    made = one(graph, CONFIGURATION).inputs["productionVariants"][0]
    assert made["managedInstanceScaling"]["minInstanceCount"] == 0
    assert "modelName" not in made
    assert one(graph, CONFIGURATION).inputs["executionRoleArn"] == one(graph, "aws:iam/role:Role").outputs["arn"]
    component = one(graph, "aws-native:sagemaker:InferenceComponent")
    assert component.inputs["inferenceComponentName"] == run.outputs["component"] == NAME
    assert component.inputs["specification"] == {
        "modelName": one(graph, MODEL).inputs["name"],
        "computeResourceRequirements": {
            "minMemoryRequiredInMb": 4096,
            "numberOfAcceleratorDevicesRequired": 1,
            "numberOfCpuCoresRequired": 2,
        },
    }
    target = one(graph, TARGET)
    assert target.inputs["resourceId"] == f"inference-component/{NAME}"
    assert target.inputs["scalableDimension"] == "sagemaker:inference-component:DesiredCopyCount"
    assert waits_for(graph, target, component)
    assert named(graph, ALARM)[f"{NAME}-wake"].inputs["metricName"] == "NoCapacityInvocationFailures"
    assert one(graph, "aws:cloudwatch/logGroup:LogGroup").inputs["name"] == f"/aws/sagemaker/InferenceComponents/{NAME}"


@pytest.mark.parametrize(
    ("deployment", "batch", "policy"),
    [
        (None, {"type": "COPY_COUNT", "value": 1}, {"waitIntervalInSeconds": 60}),
        (
            {"shift": "rolling", "wait_seconds": 120},
            {"type": "COPY_COUNT", "value": 1},
            {"waitIntervalInSeconds": 120, "maximumExecutionTimeoutInSeconds": 7200},
        ),
        (
            {"shift": "rolling", "step_percent": 25, "rollback_alarms": ["orders-fell"]},
            {"type": "CAPACITY_PERCENT", "value": 25},
            {"waitIntervalInSeconds": 300, "maximumExecutionTimeoutInSeconds": 7200},
        ),
    ],
    ids=["by itself", "watched", "in quarters"],
)
def test_alarms_take_the_exchange_of_copies_back(deployment: Any, batch: Any, policy: dict[str, Any]) -> None:
    graph = declared(**COMPONENT, p99_ms=200, deployment=deployment)
    made = one(graph, "aws-native:sagemaker:InferenceComponent").inputs["deploymentConfig"]
    assert made["rollingUpdatePolicy"] == {"maximumBatchSize": batch, **policy}
    named_alarms = [each["alarmName"] for each in made.get("autoRollbackConfiguration", {}).get("alarms", ())]
    own = [
        alarm.inputs["name"]
        for name, alarm in named(graph, ALARM).items()
        if name.endswith(("-alltraffic-errors", "-alltraffic-latency"))
    ]
    wanted = [] if deployment is None else [*own, *deployment.get("rollback_alarms", ())]
    assert sorted(named_alarms) == sorted(wanted)
    assert "deploymentConfig" not in one(graph, ENDPOINT).inputs


@pytest.mark.parametrize(
    ("said", "specification"),
    [
        ({"cache": True}, {"dataCacheConfig": {"enableCaching": True}}),
        (
            {"placement": "binpack"},
            {
                "schedulingConfig": {
                    "placementStrategy": "BINPACK",
                    "availabilityZoneBalance": {"enforcementMode": "PERMISSIVE", "maxImbalance": 0},
                }
            },
        ),
        (
            {"placement": "spread", "max_zone_imbalance": 2},
            {
                "schedulingConfig": {
                    "placementStrategy": "SPREAD",
                    "availabilityZoneBalance": {"enforcementMode": "PERMISSIVE", "maxImbalance": 2},
                }
            },
        ),
    ],
    ids=["cache", "binpack", "zones"],
)
def test_copies_are_placed_and_start_as_declared(said: dict[str, Any], specification: dict[str, Any]) -> None:
    def of(args: dict[str, Any]) -> dict[str, Any]:
        return one(declared(**args), "aws-native:sagemaker:InferenceComponent").inputs["specification"]

    wanted = {**COMPONENT, "inference_components": {**COMPONENT["inference_components"], **said}}
    given = {key: value for key, value in of(wanted).items() if key != "modelName"}
    assert given == {**{key: value for key, value in of(COMPONENT).items() if key != "modelName"}, **specification}


def test_components_in_a_network_take_their_configuration_from_cloud_control() -> None:
    network = {"subnet_ids": ["subnet-0123456789abcdef0"], "security_group_ids": ["sg-0123456789abcdef0"]}
    graph = declared(**COMPONENT, **network, network_isolation=True, core_dumps={}, kms_key_arn=KEY, **DATA)
    assert not graph.of_type(CONFIGURATION)
    plain, made = configuration(**COMPONENT), one(graph, "aws-native:sagemaker:EndpointConfig")
    assert made.inputs["vpcConfig"] == {
        "subnets": network["subnet_ids"],
        "securityGroupIds": network["security_group_ids"],
    }
    assert made.inputs["enableNetworkIsolation"] is True
    (variant_made,), (variant_plain,) = made.inputs["productionVariants"], plain["productionVariants"]
    (strategy,) = variant_plain.pop("routingConfigs")
    assert variant_made.pop("routingConfig") == strategy
    assert variant_made.pop("coreDumpConfig")["kmsKeyId"] == KEY
    assert variant_made == variant_plain
    assert one(graph, ENDPOINT).inputs["endpointConfigName"] == made.inputs["endpointConfigName"]
    model = one(graph, MODEL).inputs
    assert model["enableNetworkIsolation"] is True
    assert model["vpcConfig"]["subnets"] == network["subnet_ids"]
    assert not made.inputs["endpointConfigName"].startswith("arn:")


def test_a_components_alarms_ask_for_the_component() -> None:
    alarms = named(declared(**COMPONENT, p99_ms=200), ALARM)
    signals = ("latency", "gpu", "memory", "gpu-memory")
    assert {f"{NAME}-alltraffic-{signal}" for signal in ("errors", *signals)} | {f"{NAME}-wake"} == set(alarms)
    for signal in signals:
        assert alarms[f"{NAME}-alltraffic-{signal}"].inputs["dimensions"] == {"InferenceComponentName": NAME}
    assert alarms[f"{NAME}-alltraffic-memory"].inputs["namespace"] == "/aws/sagemaker/InferenceComponents"


def test_every_served_version_is_registered() -> None:
    graph = declared(**rollout(), packages={"approval": "pending_manual_approval"})
    group = one(graph, "aws:sagemaker/modelPackageGroup:ModelPackageGroup")
    assert group.inputs["modelPackageGroupName"] == NAME
    packages = named(graph, "aws-native:sagemaker:ModelPackage")
    assert set(packages) == {f"{NAME}-v3", f"{NAME}-v4"}
    made = packages[f"{NAME}-v3"].inputs
    assert made["modelApprovalStatus"] == "PendingManualApproval"
    assert made["inferenceSpecification"]["containers"][0]["modelDataUrl"] == ARTEFACT
    # SageMaker refuses tags of a version in a group.
    assert "tags" not in made


@pytest.mark.parametrize(
    ("shift", "policy"),
    [
        (
            {"shift": "all_at_once", "wait_seconds": 60},
            {"type": "ALL_AT_ONCE", "waitIntervalInSeconds": 60},
        ),
        (
            {"shift": "canary", "step_percent": 20},
            {
                "type": "CANARY",
                "waitIntervalInSeconds": 300,
                "canarySize": {"type": "CAPACITY_PERCENT", "value": 20},
            },
        ),
        (
            {"shift": "linear"},
            {
                "type": "LINEAR",
                "waitIntervalInSeconds": 300,
                "linearStepSize": {"type": "CAPACITY_PERCENT", "value": 25},
            },
        ),
    ],
)
def test_traffic_is_shifted_by_sagemaker_and_taken_back_by_alarms(
    shift: dict[str, Any], policy: dict[str, Any]
) -> None:
    graph = declared(
        deployment={**shift, "rollback_alarms": ["orders-per-minute"]},
        p99_ms=200,
        scaling={"min_replicas": 2, "max_replicas": 2},
    )
    made = one(graph, ENDPOINT).inputs["deploymentConfig"]
    blue_green = made["blueGreenUpdatePolicy"]
    assert blue_green["trafficRoutingConfiguration"] == policy
    assert (blue_green["terminationWaitInSeconds"], blue_green["maximumExecutionTimeoutInSeconds"]) == (120, 7200)
    own = named(graph, ALARM)
    names = [alarm["alarmName"] for alarm in made["autoRollbackConfiguration"]["alarms"]]
    wanted = [own[f"{NAME}-alltraffic-{signal}"].inputs["name"] for signal in ("errors", "latency")]
    assert names == [*wanted, "orders-per-minute"]


def test_a_rolling_deployment_exchanges_batches() -> None:
    graph = declared(
        deployment={"shift": "rolling", "step_percent": 50}, scaling={"min_replicas": 4, "max_replicas": 4}
    )
    made = one(graph, ENDPOINT).inputs["deploymentConfig"]["rollingUpdatePolicy"]
    assert made["maximumBatchSize"] == {"type": "CAPACITY_PERCENT", "value": 50}
    assert made["maximumExecutionTimeoutInSeconds"] == 7200


@pytest.mark.parametrize(("content", "modes"), [("input", ["Input"]), ("input_and_output", ["Input", "Output"])])
def test_what_is_captured_lies_below_the_models_data(content: str, modes: list[str]) -> None:
    made = configuration(capture={"percent": 25, "content": content}, kms_key_arn=KEY, **DATA)
    assert made["kmsKeyArn"] == KEY
    captured = made["dataCaptureConfig"]
    assert captured["destinationS3Uri"] == "s3://models/toys/tagging/data/captured"
    assert (captured["initialSamplingPercentage"], captured["kmsKeyId"]) == (25, KEY)
    assert [option["captureMode"] for option in captured["captureOptions"]] == modes


def test_a_key_is_named_for_volumes_and_not_for_disks_of_the_machine() -> None:
    assert configuration(kms_key_arn=KEY)["kmsKeyArn"] == KEY
    on_disks = configuration(kms_key_arn=KEY, instance_type="ml.g5.xlarge", capture={}, **DATA)
    assert "kmsKeyArn" not in on_disks
    assert on_disks["dataCaptureConfig"]["kmsKeyId"] == KEY


def test_the_network_lets_https_out_and_nothing_in() -> None:
    subnets = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
    graph = declared(vpc_id="vpc-0123456789abcdef0", subnet_ids=subnets, network_isolation=True)
    group = one(graph, "aws:ec2/securityGroup:SecurityGroup")
    model = one(graph, MODEL).inputs
    assert model["vpcConfig"] == {"subnets": subnets, "securityGroupIds": [group.outputs["arn"].rpartition("/")[2]]}
    assert model["enableNetworkIsolation"] is True
    rule = one(graph, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule").inputs
    assert (rule["fromPort"], rule["toPort"], rule["ipProtocol"]) == (443, 443, "tcp")
    assert "ingress" not in group.inputs
    given = declared(security_group_ids=["sg-0123456789abcdef0"], subnet_ids=subnets)
    assert one(given, MODEL).inputs["vpcConfig"]["securityGroupIds"] == ["sg-0123456789abcdef0"]
    assert not given.of_type("aws:ec2/securityGroup:SecurityGroup")


def test_instances_follow_requests_and_the_clock() -> None:
    window = {"days": "mon-fri", "start": "08:00", "end": "20:00", "timezone": "Europe/London", "min_replicas": 3}
    graph = declared(
        instance_type="ml.g5.12xlarge",
        scaling={
            "min_replicas": 1,
            "max_replicas": 6,
            "target_requests_per_second": 20,
            "target_gpu_utilization_percent": 70,
            "scale_down_minutes": 5,
            "schedules": [window],
        },
    )
    target = one(graph, TARGET)
    assert target.inputs["resourceId"] == f"endpoint/{NAME}/variant/AllTraffic"
    assert waits_for(graph, target, one(graph, ENDPOINT))
    policies = {
        name: found.inputs["targetTrackingScalingPolicyConfiguration"] for name, found in named(graph, POLICY).items()
    }
    requests, gpu = policies[f"{NAME}-requests"], policies[f"{NAME}-gpu"]
    # SageMaker counts by the minute, and adds the percents of four GPUs up.
    assert (requests["targetValue"], requests["scaleInCooldown"], gpu["targetValue"]) == (1200, 300, 280)
    actions = {found.inputs["schedule"]: found.inputs for found in graph.of_type(ACTION)}
    assert {cron: action["scalableTargetAction"]["minCapacity"] for cron, action in actions.items()} == {
        "cron(0 8 ? * MON,TUE,WED,THU,FRI *)": 3,
        "cron(0 20 ? * MON,TUE,WED,THU,FRI *)": 1,
    }
    assert {action["timezone"] for action in actions.values()} == {"Europe/London"}


@pytest.mark.parametrize(
    ("args", "signals"),
    [
        ({"p99_ms": 200}, {"errors", "latency", "queue", "memory"}),
        ({"p99_ms": 200, "instance_type": "ml.g5.xlarge"}, {"errors", "latency", "queue", "memory", "gpu-memory"}),
        ({**SERVERLESS, "p99_ms": 200}, {"errors", "latency", "concurrency", "memory"}),
    ],
)
def test_somebody_is_told_of_the_signals(args: dict[str, Any], signals: set[str]) -> None:
    topic = "arn:aws:sns:us-east-1:123456789012:alerts"
    alarms = named(declared(**args, alarm_topic_arn=topic), ALARM)
    assert set(alarms) == {f"{NAME}-alltraffic-{signal}" for signal in signals}
    assert all(alarm.inputs["alarmActions"] == [topic] for alarm in alarms.values())
    assert alarms[f"{NAME}-alltraffic-latency"].inputs["threshold"] == 200_000


def test_the_promised_rate_is_of_all_variants_together() -> None:
    alarm = named(declared(**rollout(percent=10), requests_per_second=20), ALARM)[f"{NAME}-rate"]
    first, second, whole = alarm.inputs["metricQueries"]
    assert [each["metric"]["dimensions"]["VariantName"] for each in (first, second)] == ["v3", "v4"]
    assert {each["metric"]["metricName"] for each in (first, second)} == {"Invocations"}
    assert whole["expression"] == "FILL(requests0, 0) + FILL(requests1, 0)"
    assert alarm.inputs["threshold"] == 1200


def test_an_asynchronous_endpoint_is_watched_by_what_it_publishes() -> None:
    alarms = named(declared(kind="async", p99_ms=200, requests_per_second=20, **DATA), ALARM)
    queries = [alarms[f"{NAME}-{name}"].inputs["metricQueries"] for name in ("rate", "alltraffic-errors")]
    metrics = [each["metric"] for found in queries for each in found if "metric" in each]
    processed = "InvocationsProcessed"
    assert [each["metricName"] for each in metrics] == [processed, processed, "InvocationFailures"]
    assert all(each["dimensions"] == {"EndpointName": NAME, "VariantName": "AllTraffic"} for each in metrics)
    assert alarms[f"{NAME}-queue"].inputs["dimensions"] == {"EndpointName": NAME}
    assert {f"{NAME}-alltraffic-latency", f"{NAME}-alltraffic-memory"} <= set(alarms)


def test_every_resource_carries_its_owner() -> None:
    graph = declared(vpc_id="vpc-0123456789abcdef0", subnet_ids=["subnet-0123456789abcdef0"], p99_ms=200)
    tagged = [resource for resource in cloud_resources(graph) if "tagsAll" in resource.inputs]
    assert len(tagged) >= 9
    for resource in tagged:
        assert TOYS.of_model("tagging").aws_tags().items() <= resource.inputs["tags"].items(), resource.urn


def test_a_plan_shows_what_the_role_may_read_and_write() -> None:
    found = run_program(endpoint(), "preview").graph.of_type("aws:iam/rolePolicy:RolePolicy")
    known = {policy.name: policy.inputs["policy"] for policy in found}
    statements = json.loads(known[NAME])["Statement"]
    assert [statement["Sid"] for statement in statements] == ["ReadArtefact", "PullImage", "EnterRegistry"]
    # Only the account knows its number.
    assert known[f"{NAME}-account"] is UNKNOWN


def test_other_accounts_cannot_lend_the_role() -> None:
    trust = json.loads(one(declared(), "aws:iam/role:Role").inputs["assumeRolePolicy"])["Statement"][0]
    assert trust["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
