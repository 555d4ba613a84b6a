"""What a Network makes, and what it leaves alone."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

import pulumi
import pytest
from modelyard.environment.problem import InvalidEnvironment
from modelyard.graph import UNKNOWN
from modelyard.network.account_zones import eks_zone, usable_zones, zones_with_all
from modelyard.network.network import Network

from .program import PLATFORM, REGION, cloud_resources, graph_of, one, refusal, run_program, types_of, waits_for

ZONES = [f"{REGION}{letter}" for letter in "abc"]


def declared(**args: Any) -> Any:
    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {"region": REGION, "ownership": PLATFORM.args(), **args}
        network = Network("prod-east", arguments, opts)
        pulumi.export("vpc", network.vpc_id)
        pulumi.export("private", network.private_subnet_ids)
        pulumi.export("public", network.public_subnet_ids)

    return declare


@pytest.mark.parametrize(("nat", "gateways", "routes_out"), [("per_zone", 3, 3), ("single", 1, 3), ("none", 0, 0)])
def test_nat_gateways_follow_the_declaration(nat: str, gateways: int, routes_out: int) -> None:
    graph = graph_of(declared(nat=nat))
    assert len(graph.of_type("aws:ec2/natGateway:NatGateway")) == gateways
    assert len(graph.of_type("aws:ec2/eip:Eip")) == gateways
    routes = [route for route in graph.of_type("aws:ec2/route:Route") if "natGatewayId" in route.inputs]
    assert len(routes) == routes_out
    assert len({route.inputs["natGatewayId"] for route in routes}) == gateways


def test_each_private_table_goes_out_through_its_own_zone() -> None:
    graph = graph_of(declared(nat="per_zone"))
    for zone in ZONES:
        route = one(graph, "aws:ec2/route:Route", f"prod-east-private-{zone}")
        assert one(graph, "aws:ec2/natGateway:NatGateway", f"prod-east-{zone}").urn in route.dependencies


def test_nat_gateways_wait_for_the_internet_gateway() -> None:
    graph = graph_of(declared(nat="per_zone"))
    gateway = one(graph, "aws:ec2/internetGateway:InternetGateway")
    waiting = [*graph.of_type("aws:ec2/natGateway:NatGateway"), *graph.of_type("aws:ec2/eip:Eip")]
    assert len(waiting) == 6
    assert all(gateway.urn in resource.dependencies for resource in waiting)


def test_subnets_lie_apart_inside_the_vpc_and_carry_the_load_balancer_roles() -> None:
    graph = graph_of(declared(cidr="10.40.0.0/16", cluster_name="prod-east"))
    subnets = graph.of_type("aws:ec2/subnet:Subnet")
    ranges = [IPv4Network(subnet.inputs["cidrBlock"]) for subnet in subnets]
    assert len(ranges) == 6
    assert all(one_range.subnet_of(IPv4Network("10.40.0.0/16")) for one_range in ranges)
    assert not any(a.overlaps(b) for n, a in enumerate(ranges) for b in ranges[:n])
    for subnet in subnets:
        role = "elb" if "-public-" in subnet.name else "internal-elb"
        assert subnet.inputs["tags"][f"kubernetes.io/role/{role}"] == "1"
        assert subnet.inputs["tags"]["kubernetes.io/cluster/prod-east"] == "shared"
        assert subnet.inputs["mapPublicIpOnLaunch"] is False


def test_every_resource_that_takes_tags_says_who_owns_it() -> None:
    for resource in cloud_resources(graph_of(declared())):
        if "tagsAll" in resource.inputs:
            assert PLATFORM.aws_tags().items() <= resource.inputs["tags"].items(), resource.urn


def test_endpoints_s3_by_routes_and_the_rest_by_interfaces_in_every_zone() -> None:
    graph = graph_of(declared(endpoints=["s3", "sts", "ecr.dkr"]))
    gateway = one(graph, "aws:ec2/vpcEndpoint:VpcEndpoint", "prod-east-s3")
    assert gateway.inputs["vpcEndpointType"] == "Gateway"
    assert len(gateway.inputs["routeTableIds"]) == 3
    for service in ("sts", "ecr.dkr"):
        endpoint = one(graph, "aws:ec2/vpcEndpoint:VpcEndpoint", f"prod-east-{service}").inputs
        assert endpoint["serviceName"] == f"com.amazonaws.{REGION}.{service}"
        assert (endpoint["vpcEndpointType"], endpoint["privateDnsEnabled"]) == ("Interface", True)
        assert len(endpoint["subnetIds"]) == 3
    rule = one(graph, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").inputs
    assert (rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) == ("10.0.0.0/16", 443, 443)


def test_s3_alone_needs_no_security_group() -> None:
    assert "aws:ec2/securityGroup:SecurityGroup" not in types_of(graph_of(declared(endpoints=["s3"])))


def test_default_security_group_is_locked() -> None:
    inputs = one(graph_of(declared()), "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup").inputs
    assert (inputs["ingress"], inputs["egress"]) == ([], [])


def test_flow_logs_are_encrypted_and_kept_as_long_as_declared() -> None:
    graph = graph_of(declared(flow_logs={"retention_days": 30, "traffic": "REJECT"}))
    group = one(graph, "aws:cloudwatch/logGroup:LogGroup")
    assert group.inputs["retentionInDays"] == 30
    assert one(graph, "aws:kms/key:Key").urn in group.property_dependencies["kmsKeyId"]
    assert one(graph, "aws:ec2/flowLog:FlowLog").inputs["trafficType"] == "REJECT"


def test_flow_logs_can_be_off() -> None:
    types = types_of(graph_of(declared(flow_logs=None)))
    assert "aws:ec2/flowLog:FlowLog" not in types
    assert "aws:kms/key:Key" not in types


EXISTING = {
    "vpc_id": "vpc-0123456789abcdef0",
    "private_subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
}


def test_an_existing_network_makes_nothing_and_hands_its_ids_on() -> None:
    result = run_program(declared(existing=EXISTING))
    assert types_of(result.graph) == {}
    assert result.outputs == {"vpc": EXISTING["vpc_id"], "private": EXISTING["private_subnet_ids"], "public": []}


def test_pools_find_the_subnets_of_their_zones() -> None:
    def declare(opts: pulumi.ResourceOptions) -> None:
        network = Network("prod-east", {"region": REGION, "ownership": PLATFORM.args()}, opts)
        pulumi.export("two", network.private_subnets([f"{REGION}b", f"{REGION}c"]))
        pulumi.export("all", network.private_subnets())

    outputs = run_program(declare).outputs
    assert outputs["two"] == outputs["all"][1:]


@pytest.mark.parametrize("existing", [False, True])
def test_subnets_of_nodes_are_asked_of_the_account_that_has_the_machines(existing: bool) -> None:
    """In a plan nobody knows them; the order in which things are made is the same."""

    def declare(opts: pulumi.ResourceOptions) -> None:
        import pulumi_aws as aws

        arguments: Any = {
            "region": REGION,
            "ownership": PLATFORM.args(),
            **({"existing": EXISTING} if existing else {}),
        }
        network = Network("prod-east", arguments, opts)
        aws.eks.NodeGroup(
            "pool",
            cluster_name="prod-east",
            node_role_arn="arn:aws:iam::123456789012:role/node",
            scaling_config={"min_size": 0, "desired_size": 0, "max_size": 1},
            subnet_ids=network.private_subnets(instance_types=["g6.2xlarge", "g6.4xlarge"]),
            opts=opts,
        )

    planned, made = graph_of(declare, "preview"), graph_of(declare)
    pool = one(planned, "aws:eks/nodeGroup:NodeGroup")
    assert pool.inputs["subnetIds"] is UNKNOWN
    assert len(one(made, "aws:eks/nodeGroup:NodeGroup").inputs["subnetIds"]) == 3
    for route in planned.of_type("aws:ec2/route:Route"):
        assert waits_for(planned, pool, route), route.name
    rules = planned.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert all(waits_for(planned, pool, rule) for rule in rules)
    assert len(rules) == (0 if existing else 1)


@pytest.mark.parametrize(
    ("offered", "zones"),
    [
        (["us-east-1a", "us-east-1c", "us-east-1f"], ["us-east-1a", "us-east-1c"]),
        # None of the network's: AWS is asked, whose answer may be newer than the file's.
        (["us-east-1f"], ["us-east-1a", "us-east-1b", "us-east-1c"]),
    ],
)
def test_zones_that_the_account_was_told_of_are_not_asked_for_again(offered: list[str], zones: list[str]) -> None:
    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {"region": REGION, "zones": ZONES, "ownership": PLATFORM.args()}
        network = Network("prod-east", arguments, opts)
        subnets = network.private_subnets(instance_types=["g6.2xlarge"], offered=offered)
        pulumi.export("all", network.private_subnet_ids)
        pulumi.export("chosen", subnets)

    outputs = run_program(declare).outputs
    zone_of = dict(zip(outputs["all"], ZONES, strict=True))
    assert [zone_of[each] for each in outputs["chosen"]] == zones


OFFERS = [
    ("us-east-1a", "g6.2xlarge"),
    ("us-east-1a", "g6.4xlarge"),
    ("us-east-1b", "g6.2xlarge"),
    ("us-east-1d", "g6.4xlarge"),
    ("us-east-1d", "g6.2xlarge"),
]


def test_a_zone_will_do_where_every_type_is_offered() -> None:
    assert zones_with_all(["g6.2xlarge", "g6.4xlarge"], OFFERS) == ["us-east-1a", "us-east-1d"]
    assert zones_with_all(["g6.2xlarge"], OFFERS) == ["us-east-1a", "us-east-1b", "us-east-1d"]
    assert zones_with_all(["p5.48xlarge"], OFFERS) == []


def of_zones(declared_zones: list[str] | None, offering: list[str]) -> list[str]:
    return usable_zones(
        declared_zones,
        zones=ZONES,
        offering=offering,
        instance_types=["g6.2xlarge", "g6.4xlarge"],
        component="Network prod-east",
    )


@pytest.mark.parametrize(
    ("declared_zones", "usable"),
    [(None, ["us-east-1a", "us-east-1c"]), (["us-east-1c"], ["us-east-1c"])],
)
def test_nodes_go_where_all_their_types_are(declared_zones: list[str] | None, usable: list[str]) -> None:
    assert of_zones(declared_zones, ["us-east-1a", "us-east-1c", "us-east-1d"]) == usable


@pytest.mark.parametrize(
    ("declared_zones", "offering", "message"),
    [
        (
            ["us-east-1a", "us-east-1b"],
            ["us-east-1a", "us-east-1d"],
            "EC2 does not offer all of g6.2xlarge, g6.4xlarge in us-east-1b of this account, and EKS refuses such a "
            "node group; zones that do are us-east-1a, us-east-1d: name those in the zones of the pool or of the "
            "network, or take other types",
        ),
        (
            None,
            ["us-east-1d"],
            "EC2 does not offer all of g6.2xlarge, g6.4xlarge in any zone of the network (us-east-1a, us-east-1b, "
            "us-east-1c) of this account, and EKS refuses such a node group; zones that do are us-east-1d: name those "
            "in the zones of the pool or of the network, or take other types",
        ),
    ],
)
def test_a_zone_without_the_machines_is_refused_before_anything_is_made(
    declared_zones: list[str] | None, offering: list[str], message: str
) -> None:
    with pytest.raises(InvalidEnvironment) as refused:
        of_zones(declared_zones, offering)
    assert str(refused.value) == f"Network prod-east: zones: {message}"


def test_a_zone_that_takes_no_cluster_is_refused_before_anything_is_made() -> None:
    """EKS user guide, subnet requirements: not in use1-az3, which has another name in every account."""
    known = ["us-east-1a", "us-east-1b", "us-east-1d"]
    assert eks_zone("us-east-1a", known, "Network prod-east") == "us-east-1a"
    with pytest.raises(InvalidEnvironment) as refused:
        eks_zone("us-east-1c", known, "Network prod-east")
    assert str(refused.value) == (
        "Network prod-east: zones: 'us-east-1c' takes no EKS cluster in this account (zones have other names in other "
        "accounts); those that do are us-east-1a, us-east-1b, us-east-1d: name at least two of them"
    )


@pytest.mark.filterwarnings("ignore:coroutine")  # what the program would have done next
def test_a_zone_that_its_region_lacks_is_refused_by_the_plan() -> None:
    said = refusal(declared(region="us-west-1", zones=["us-west-1a", "us-west-1d"]))
    assert said.startswith("Network prod-east: zones: 'us-west-1d' takes no EKS cluster in this account")


def test_only_aws_knows_the_zones_of_an_existing_network() -> None:
    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {"region": REGION, "existing": EXISTING, "ownership": PLATFORM.args()}
        pulumi.export("one", Network("prod-east", arguments, opts).private_subnets([f"{REGION}b"]))

    assert run_program(declare, "preview").outputs["one"] is UNKNOWN


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            {"nat": "perzone"},
            "nat: 'perzone' is not an allowed value; did you mean 'per_zone'? Allowed: per_zone, single, none",
        ),
        (
            {"zones": ["eu-west-1a", "us-east-1b"]},
            "zones[0]: 'eu-west-1a' is not a zone of us-east-1; zones are named us-east-1a, us-east-1b, ...",
        ),
        (
            {"existing": EXISTING, "nat": "none"},
            "nat: has no effect with existing, which names a network that nothing is changed in",
        ),
    ],
)
def test_wrong_arguments_are_refused(args: dict[str, Any], message: str) -> None:
    assert refusal(declared(**args)) == f"Network prod-east: {message}"


def test_an_existing_network_needs_its_subnets() -> None:
    said = refusal(declared(existing={"vpc_id": EXISTING["vpc_id"]}))
    assert said == "Network prod-east existing: private_subnet_ids: is missing and has no default; add it"


def test_a_region_without_known_zones_asks_for_them() -> None:
    said = refusal(declared(region="ap-nowhere-9"))
    assert said == "Network prod-east: zones: the zones of 'ap-nowhere-9' are not in the catalogue; name at least two"
