"""What endpoints of SageMaker, Vertex AI and Azure ML cost, to the cent, and what of them has no price."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from modelyard.cost import Assumptions, PriceOverride, estimate
from modelyard.cost.assumptions import InvalidAssumptions
from modelyard.cost.floor_steps import Step, average_floor
from modelyard.cost.rules import is_free, known_types
from modelyard.graph import UNKNOWN, Resource

from ..placement.plan import aws, graph, resource
from .figures import conserved, usd

CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
TARGET = "aws:appautoscaling/target:Target"
ACTION = "aws:appautoscaling/scheduledAction:ScheduledAction"
DEPLOYED = "pulumi-python:dynamic/vertex:DeployedModel"
DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
SETTING = "azure-native:monitor:AutoscaleSetting"
OWNER = {"department": "support", "model": "sentiment"}
COMPONENT = "urn:pulumi:prod::retail::modelyard:index:Endpoint::sentiment"


def variant(
    name: str = "AllTraffic", instance_type: Any = "ml.m5.xlarge", count: Any = 2, **more: Any
) -> dict[str, Any]:
    return {"variantName": name, "instanceType": instance_type, "initialInstanceCount": count, **more}


def configuration(*variants: dict[str, Any], region: str = "us-east-1", **inputs: Any) -> Resource:
    return resource(
        CONFIGURATION,
        "sentiment",
        {"region": region, "productionVariants": list(variants), "tags": OWNER, **inputs},
        parent=COMPONENT,
    )


def target(least: int, most: int, name: str = "sentiment") -> Resource:
    return resource(
        TARGET,
        name,
        {
            "minCapacity": least,
            "maxCapacity": most,
            "scalableDimension": "sagemaker:variant:DesiredInstanceCount",
            "resourceId": UNKNOWN,
        },
        parent=COMPONENT,
    )


def action(of: Resource, name: str, schedule: str, least: int) -> Resource:
    return resource(
        ACTION,
        name,
        {"schedule": schedule, "scalableTargetAction": {"minCapacity": least, "maxCapacity": 9}, "resourceId": UNKNOWN},
        parent=COMPONENT,
        property_dependencies={"resourceId": (of.urn,)},
    )


SCALED = target(1, 4)
SLEEPY = target(0, 2)
BY_DAY = (
    action(SCALED, "sentiment-up", "cron(0 8 ? * MON,TUE,WED,THU,FRI *)", 3),
    action(SCALED, "sentiment-down", "cron(0 18 ? * MON,TUE,WED,THU,FRI *)", 1),
)


@pytest.mark.parametrize(
    ("resources", "total", "at_max"),
    [
        # 2 x 730 x 0.23
        ([configuration(variant())], "335.80", "335.80"),
        # In Ireland 2 x 730 x 0.257
        ([configuration(variant(), region="eu-west-1")], "375.22", "375.22"),
        # Stable and canary: (2 + 1) x 730 x 0.23
        ([configuration(variant("v3"), variant("v4", count=1))], "503.70", "503.70"),
        # A shadow answers too: the same.
        ([configuration(variant("v3"), shadowProductionVariants=[variant("v4", count=1)])], "503.70", "503.70"),
        # The autoscaler's floor is 1 and its most 4, whatever it begins with.
        ([configuration(variant()), SCALED], "167.90", "671.60"),
        # 3 from 8 to 18 on five days: 50 of 168 hours. (1 + 2 x 50 / 168) x 167.90; at most 4.
        ([configuration(variant()), SCALED, *BY_DAY], "267.84", "671.60"),
        # Asynchronous, at no instance while nobody asks.
        ([configuration(variant(count=1)), SLEEPY], "0.00", "335.80"),
        # SageMaker's own scaling.
        (
            [
                configuration(
                    variant(managedInstanceScaling={"status": "ENABLED", "minInstanceCount": 1, "maxInstanceCount": 3})
                )
            ],
            "167.90",
            "503.70",
        ),
        # 167.90 x 2, and in Ireland two volumes of 50 GB at 0.154.
        ([configuration(variant(volumeSizeInGb=50), region="eu-west-1")], "390.62", "390.62"),
    ],
)
def test_instances_of_sagemaker(resources: list[Resource], total: str, at_max: str) -> None:
    found = estimate(graph(*resources))
    conserved(found)
    assert found.total == found.departments["support"] == usd(total)
    assert found.at_max == usd(at_max)
    assert not found.unpriced
    assert found.models == {("support", "sentiment"): usd(total)}


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        (
            [configuration(variant(instance_type="ml.g5.xlarge"), region="ap-south-1")],
            "the catalog has no price of SageMaker real-time inference (ml.g5.xlarge) in ap-south-1; price_regions can "
            "take that of us-east-1, or a price override of 'aws/ap-south-1/SageMaker real-time inference/"
            "ml.g5.xlarge' by the hour can declare one",
        ),
        ([configuration(variant(instance_type=UNKNOWN))], "its instance type is not known before the deployment"),
        (
            [configuration(variant(count=UNKNOWN))],
            "the number of its instances is not known before the deployment",
        ),
        ([configuration()], "its variants are not known before the deployment"),
        (
            [configuration({"variantName": "AllTraffic", "serverlessConfig": {"memorySizeInMb": 2048}})],
            "it depends on use; declare the assumption serverless_seconds_per_month to price it",
        ),
    ],
)
def test_what_sagemaker_leaves_unpriced(resources: list[Resource], reason: str) -> None:
    found = estimate(graph(*resources))
    assert [(each.reason, each.department) for each in found.unpriced] == [(reason, "support")]
    assert found.total == 0


def test_serverless_by_an_assumption_and_a_declared_price() -> None:
    one = configuration(
        {"variantName": "AllTraffic", "serverlessConfig": {"memorySizeInMb": 2048, "provisionedConcurrency": 2}}
    )
    used = Assumptions(serverless_seconds_per_month=Decimal(100_000))
    found = estimate(graph(one), used)
    # 100,000 s at 0.00004
    assert found.total == usd("4.00")
    assert [each.what for each in found.unpriced] == ["provisioned concurrency of AllTraffic"]
    override = PriceOverride(
        "aws/us-east-1/SageMaker Serverless Inference/provisioned concurrency*", usd("0.00001"), "second", "by hand"
    )
    found = estimate(
        graph(one),
        Assumptions(serverless_seconds_per_month=Decimal(100_000), price_overrides=(override,)),
    )
    # and 2 x 2,628,000 s at 0.00001
    assert found.total == usd("56.56")
    assert not found.unpriced


@pytest.mark.parametrize(
    ("seconds", "total"),
    [
        # 100,000 s at 0.00004, nine tenths and one tenth of it
        ({"sentiment": Decimal(100_000)}, "4.00"),
        (Decimal(100_000), "4.00"),
    ],
)
def test_variants_of_a_serverless_endpoint_share_its_seconds(seconds: Any, total: str) -> None:
    both = [
        {"variantName": name, "serverlessConfig": {"memorySizeInMb": 2048}, "initialVariantWeight": weight}
        for name, weight in (("v3", 90), ("v4", 10))
    ]
    found = estimate(graph(configuration(*both)), Assumptions(serverless_seconds_per_month=seconds))
    assert [line.usd for line in found.lines] == [usd("3.60"), usd("0.40")]
    assert found.total == usd(total)


def test_seconds_of_another_model_say_nothing() -> None:
    one = configuration({"variantName": "AllTraffic", "serverlessConfig": {"memorySizeInMb": 2048}})
    used = Assumptions.from_mapping({"serverless_seconds_per_month": {"churn": 100}})
    assert len(estimate(graph(one), used).unpriced) == 1


def test_seconds_by_model_are_numbers() -> None:
    with pytest.raises(InvalidAssumptions) as refused:
        Assumptions.from_mapping({"serverless_seconds_per_month": {"churn": -1}})
    assert str(refused.value) == (
        "assumptions.serverless_seconds_per_month.churn: -1 is not allowed; allowed is a number, 0 or more."
    )


def deployed(**inputs: Any) -> list[Resource]:
    labels = resource(
        "gcp:vertex/aiEndpoint:AiEndpoint", "sentiment", {"location": "us-central1", "labels": OWNER}, parent=COMPONENT
    )
    machine = {"machineType": "g2-standard-4", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
    return [
        labels,
        resource(
            DEPLOYED,
            "sentiment-v3",
            {"location": "us-central1", "machineSpec": machine, "minReplicaCount": 1, "maxReplicaCount": 3, **inputs},
            parent=COMPONENT,
        ),
    ]


def test_vertex_has_no_price_and_says_which_one_to_declare() -> None:
    found = estimate(graph(*deployed()))
    assert found.total == 0
    assert [(each.department, each.reason) for each in found.unpriced] == [
        (
            "support",
            f"the catalog has no price of Vertex AI prediction ({sku}) in us-central1; a price override of "
            f"'gcp/us-central1/Vertex AI prediction/{sku}' by the hour can declare one",
        )
        for sku in ("g2-standard-4", "NVIDIA_L4")
    ]


def test_vertex_by_a_declared_price() -> None:
    overrides = (
        PriceOverride("gcp/us-central1/Vertex AI prediction/g2*", usd("0.40"), "hour", "by hand"),
        PriceOverride("gcp/us-central1/Vertex AI prediction/NVIDIA_L4", usd("0.60"), "hour", "by hand"),
    )
    found = estimate(graph(*deployed(minReplicaCount=2)), Assumptions(price_overrides=overrides))
    # 2 x 730 x (0.40 + 0.60); a third replica at most.
    assert found.departments == {"support": usd("1460.00")}
    assert found.at_max == usd("2190.00")


def online(
    count: Any = 1, instance_type: str = "Standard_NC4as_T4_v3", location: str = "eastus", **more: Any
) -> Resource:
    return resource(
        DEPLOYMENT,
        "sentiment-v3",
        {
            "location": location,
            "sku": {"name": "Default", "capacity": count},
            "onlineDeploymentProperties": {"endpointComputeType": "Managed", "instanceType": instance_type, **more},
            "tags": OWNER,
        },
    )


def setting(of: Resource, *profiles: dict[str, Any]) -> Resource:
    return resource(
        SETTING,
        "sentiment-v3",
        {"profiles": list(profiles), "targetResourceUri": UNKNOWN, "tags": OWNER},
        property_dependencies={"targetResourceUri": (of.urn,)},
    )


def profile(least: int, most: int, hour: int | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"capacity": {"minimum": str(least), "maximum": str(most), "default": str(least)}}
    if hour is not None:
        days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
        found["recurrence"] = {"frequency": "Week", "schedule": {"days": days, "hours": [hour], "minutes": [0]}}
    return found


ONE = online()


@pytest.mark.parametrize(
    ("resources", "total", "at_max"),
    [
        # 730 x 0.526, as the virtual machine
        ([online()], "383.98", "383.98"),
        ([online(2)], "767.96", "767.96"),
        ([ONE, setting(ONE, profile(1, 4))], "383.98", "1535.92"),
        # In West Europe by Azure ML's own row: 730 x 0.194
        ([online(instance_type="Standard_F4s_v2", location="westeurope")], "141.62", "141.62"),
        # 2 from 8 to 18 on five days: (1 + 50 / 168) x 383.98
        ([ONE, setting(ONE, profile(1, 4), profile(2, 4, 8), profile(1, 4, 18))], "498.26", "1535.92"),
    ],
)
def test_instances_of_azure(resources: list[Resource], total: str, at_max: str) -> None:
    found = estimate(graph(*resources))
    conserved(found)
    assert found.departments == {"support": usd(total)}
    assert found.at_max == usd(at_max)
    assert not found.unpriced


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (
            online(location="norwayeast"),
            "the catalog has no price of Standard_NC4as_T4_v3 in norwayeast; price_regions can take that of "
            "francecentral, or a price override of "
            "'azure/norwayeast/Standard_NC4as_T4_v3/on_demand' by the hour can declare one",
        ),
        (online(UNKNOWN), "its instance type or their number is not known before the deployment"),
        (
            online(endpointComputeType="Kubernetes"),
            "they run on a cluster of one's own, whose nodes are not in this graph",
        ),
    ],
)
def test_what_azure_leaves_unpriced(one: Resource, reason: str) -> None:
    found = estimate(graph(one))
    assert [each.reason for each in found.unpriced] == [reason]


def test_a_container_registry_by_the_day() -> None:
    one = resource(
        "azure-native:containerregistry:Registry", "images", {"location": "westeurope", "sku": {"name": "Premium"}}
    )
    # 730 / 24 x 1.66666667
    assert estimate(graph(one)).shared == usd("50.69")


@pytest.mark.parametrize(
    ("otherwise", "steps", "average"),
    [
        (2, [], 2),
        (1, [Step(0, 3), Step(5040, 1)], 2),
        # Nobody says the end: it holds all week.
        (1, [Step(60, 3)], 3),
        (1, [Step(60, 3), Step(60, 5), Step(5100, 1)], 3),
    ],
)
def test_a_floor_that_steps(otherwise: int, steps: list[Step], average: int) -> None:
    assert average_floor(otherwise, steps) == average


def test_a_schedule_of_days_of_the_month_is_not_guessed() -> None:
    odd = action(SCALED, "sentiment-odd", "cron(0 8 1 * ? *)", 3)
    found = estimate(graph(configuration(variant()), SCALED, odd))
    assert found.total == usd("167.90")
    assert any("The lowest floor is taken for every hour" in note for note in found.assumptions)


def test_a_configuration_of_cloud_control_costs_the_same() -> None:
    one = resource(
        "aws-native:sagemaker:EndpointConfig", "x", {"productionVariants": [variant(count=1)]}, provider=aws().urn
    )
    assert estimate(graph(aws(), one)).total == usd("167.90")


def test_shared_where_nothing_says_whose() -> None:
    one = resource(CONFIGURATION, "x", {"productionVariants": [variant(count=1)]}, provider=aws().urn)
    found = estimate(graph(aws(), one))
    assert found.shared == usd("167.90")


@pytest.mark.parametrize(
    "token",
    [
        "aws:sagemaker/endpoint:Endpoint", "aws:sagemaker/model:Model", "aws:appautoscaling/policy:Policy",
        "aws-native:sagemaker:InferenceComponent", "aws-native:sagemaker:ModelPackage",
        "gcp:vertex/aiEndpoint:AiEndpoint", "pulumi-python:dynamic/vertex:Model",
        "pulumi-python:dynamic/vertex:TrafficSplit", "gcp:serviceaccount/account:Account",
        "gcp:projects/iAMMember:IAMMember", "azure-native:machinelearningservices:OnlineEndpoint",
        "azure-native:machinelearningservices:ModelVersion", "azure-native:monitor:AutoscaleSetting",
        "azure-native:authorization:RoleAssignment", "azure-native:storage:BlobContainer",
    ],
)  # fmt: skip
def test_types_that_cost_nothing_themselves(token: str) -> None:
    assert is_free(token)
    assert token not in known_types()
