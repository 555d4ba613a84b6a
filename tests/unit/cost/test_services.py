"""What each type of resource costs, for whom, and what of it has no price. A month has 730 hours."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from modelyard.cost import Assumptions, PriceOverride, estimate
from modelyard.graph import UNKNOWN, Resource, Secret

from ..placement.plan import aws, graph, kubernetes, resource
from .figures import USAGE, conserved, nat, usd


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
                "the catalog has no price of NAT Gateway (data processed) in eu-central-1; price_regions can take "
                "that of eu-west-1, or a price override of "
                "'aws/eu-central-1/NAT Gateway/data processed' by the GB can declare one"
            ],
        ),
        (
            "ap-southeast-1",
            USAGE,
            "0.00",
            [
                "the catalog has no price of NAT Gateway (gateway) in ap-southeast-1; price_regions can take that "
                "of eu-central-1, or a price override of "
                "'aws/ap-southeast-1/NAT Gateway/gateway' by the hour can declare one",
                "the catalog has no price of NAT Gateway (data processed) in ap-southeast-1; price_regions can "
                "take that of eu-west-1, or a price override of "
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
        ("aws:kms/key:Key", {}, "1.00"),
        ("aws:secretsmanager/secret:Secret", {}, "0.40"),
        # 730 x 0.005
        ("aws:ec2/eip:Eip", {}, "3.65"),
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
            {"region": "us-west-2"},
            "the catalog has no price of KMS (customer managed key) in us-west-2; price_regions can take that of "
            "us-east-1, or a price override of "
            "'aws/us-west-2/KMS/customer managed key' by the key-month can declare one",
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
        ("kubernetes:karpenter.sh/v1:NodePool", {}, "its region is not known"),
        ("kubernetes:cloud.google.com/v1:ComputeClass", {}, "its region is not known"),
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


@pytest.mark.parametrize(("day", "total"), [("2026-12-01", "73.00"), ("2026-12-02", "438.00")])
def test_extended_support_is_billed_from_the_day_that_standard_support_ends(day: str, total: str) -> None:
    cluster = resource("aws:eks/cluster:Cluster", "main", {"region": "us-east-1", "version": "1.34"})
    found = estimate(graph(cluster), Assumptions.from_mapping({"as_of": day}))
    assert found.total == usd(total)
    support = "standard" if total == "73.00" else "extended"
    assert f"Kubernetes 1.34: {support} support on {day} (standard support ends 2026-12-02)" in found.assumptions


@pytest.mark.parametrize(
    ("match", "unit", "total"),
    [
        # 730 x 0.02 and 100 x 0.045, the catalog's
        ("aws/us-east-1/NAT Gateway/gateway", "hour", "19.10"),
        ("aws:ec2/natGateway:NatGateway", "hour", "19.10"),
        # 730 x 0.045 and 100 x 0.02
        ("aws:ec2/natGateway:*", "GB", "34.85"),
        # Of another region, or of another type
        ("aws/us-west-2/*", "hour", "37.35"),
        ("aws:kms/key:Key", "hour", "37.35"),
    ],
)
def test_a_declared_price_stands_in_for_the_items_it_names(match: str, unit: str, total: str) -> None:
    declared = PriceOverride(match, Decimal("0.02"), unit, "as quoted")
    found = estimate(graph(*nat("us-east-1")), Assumptions(price_overrides=(declared,), **USAGE))
    assert found.total == usd(total)
    used = [each for each in found.assumptions if each.endswith("as quoted")]
    assert len(used) == (0 if total == "37.35" else 1)
    assert found.priced_share["dollars"] < 1 or not used


def test_a_path_that_stops_early_means_all_below_it_and_month_one_of_a_thing() -> None:
    declared = Assumptions(price_overrides=(PriceOverride("aws/*/KMS", Decimal(2), "month", "list price"),))
    found = estimate(graph(aws(), resource("aws:kms/key:Key", "k", {}, provider=aws().urn)), declared)
    assert (found.total, found.unpriced) == (usd("2.00"), [])


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


def test_a_chart_claims_a_volume_for_each_replica() -> None:
    home = resource("aws:eks/cluster:Cluster", "main", {"region": "us-east-1", "version": "1.35"})
    claim = {"volumeClaimTemplate": {"spec": {"resources": {"requests": {"storage": "100Gi"}}}}}
    values = {
        "prometheus": {"prometheusSpec": {"replicas": 2, "storageSpec": claim}},
        "alertmanager": {"alertmanagerSpec": {"storage": claim}},
    }
    found = estimate(graph(home, resource("kubernetes:helm.sh/v3:Release", "stack", {"values": values})))
    # 2 x 100 x 0.08 and 100 x 0.08
    assert [line.usd for line in found.lines if line.unit == "GB-month"] == [usd("16.00"), usd("8.00")]
    assert "of Helm charts only what their values ask for is priced: load balancers and volumes" in found.assumptions


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
