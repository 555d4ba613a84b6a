"""The network of a cluster: a VPC of its own, or one that somebody else owns."""

from collections.abc import Sequence
from typing import Any, cast

import pulumi
import pulumi_aws as aws

from ..environment import network as declaration
from ..environment.problem import InvalidEnvironment, Problem
from ..governance.arguments import key_problems, read_arguments
from ..governance.known_after import known_after
from ..governance.ownership import Ownership
from ..resolve.gpu_pool import zone_of
from ..resolve.regions import default_zones
from .account_zones import eks_zone, eks_zones, offering_zones, usable_zones
from .flow_logs import flow_logs
from .network_args import ExistingNetworkArgs, NetworkArgs
from .subnet_plan import ZoneSubnets, subnet_plan
from .vpc_endpoints import vpc_endpoints

_ANYWHERE = "0.0.0.0/0"


class Network(pulumi.ComponentResource):
    """A VPC with one public and one private subnet for each zone, NAT, endpoints and flow logs.

    Nodes and pods live in the private subnets; the public ones hold NAT gateways and, where a gateway has to be
    reached from the internet, its load balancer. With ``existing`` it makes nothing and hands the ids on.

    Raises:
        InvalidEnvironment: an argument is wrong.
    """

    vpc_id: pulumi.Output[str]
    """Id of the VPC."""
    private_subnet_ids: pulumi.Output[Sequence[str]]
    """Subnets for nodes, in the order of the zones."""
    public_subnet_ids: pulumi.Output[Sequence[str]]
    """Subnets for internet-facing load balancers, in the order of the zones."""

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        component = f"Network {name}"
        existing = args.get("existing")
        declared, zones = None, []
        if existing is not None:
            _check_existing(args, existing, component)
        else:
            declared = read_arguments(declaration.Network, args, NetworkArgs, component)
            zones = _zones(declared, args["region"], component)
        ownership = Ownership.of(args["ownership"])
        super().__init__("modelyard:index:Network", name, {}, opts)
        self._region = args["region"]
        self._by_zone: dict[str, pulumi.Output[str]] = {}
        self._routing: list[pulumi.Resource] = []
        self._ways_out: list[pulumi.Resource] = []
        if declared is not None:
            self._create(declared, subnet_plan(declared.cidr, zones), args.get("cluster_name"), ownership)
        elif existing is not None:
            self.vpc_id = pulumi.Output.from_input(existing["vpc_id"])
            self.private_subnet_ids = cast(
                pulumi.Output[Sequence[str]], pulumi.Output.from_input(existing["private_subnet_ids"])
            )
            self.public_subnet_ids = cast(
                pulumi.Output[Sequence[str]], pulumi.Output.from_input(existing.get("public_subnet_ids", []))
            )
        self.register_outputs(
            {
                "vpcId": self.vpc_id,
                "privateSubnetIds": self.private_subnet_ids,
                "publicSubnetIds": self.public_subnet_ids,
            }
        )

    def private_subnets(
        self,
        zones: Sequence[str] | None = None,
        *,
        instance_types: Sequence[str] = (),
        offered: Sequence[str] | None = None,
    ) -> pulumi.Output[Sequence[str]]:
        """Private subnets of these zones, or all. In an existing network AWS is asked which lie in them.

        Args:
            zones: zones by name; None: all of the network's.
            instance_types: what is to run there. Without ``zones`` only subnets are given in whose zone AWS offers
                every type, since EKS refuses a node group otherwise; which zones do differs between accounts.
            offered: zones that are known to offer them all; where they will do, AWS is not asked. Default: it is.

        Raises:
            InvalidEnvironment: the network has no subnet in one of the zones. Of a zone where a type is not offered,
                the program is told when AWS has answered.
        """
        self._check_zones(zones)
        if offered is not None:
            known = zones or [zone for zone in self._by_zone or offered if zone in offered]
            if known and set(known) <= set(offered):
                return self._subnets_in(known)
        if not instance_types:
            return self.private_subnet_ids if zones is None else self._subnets_in(zones)
        component = f"Network {self._name}"
        offering = offering_zones(instance_types, self._region, self)

        def usable(offered: Sequence[str]) -> Sequence[str]:
            own = list(self._by_zone) or list(zones or offered)
            return usable_zones(zones, zones=own, offering=offered, instance_types=instance_types, component=component)

        found = offering.apply(usable)
        if not self._by_zone:
            return self._subnets_in(found)
        # Whichever zones it will be: the nodes come after the ways out.
        chosen = found.apply(lambda names: self._subnets_in(names))
        return known_after(cast(pulumi.Output[Sequence[str]], chosen), self._ways_out)

    def _check_zones(self, zones: Sequence[str] | None) -> None:
        missing = [zone for zone in zones or () if self._by_zone and zone not in self._by_zone]
        if missing:
            message = f"no subnet in {', '.join(missing)}; its zones are {', '.join(self._by_zone)}"
            raise InvalidEnvironment([Problem(f"Network {self._name}", "zones", message)])

    def _subnets_in(self, zones: pulumi.Input[Sequence[str]]) -> pulumi.Output[Sequence[str]]:
        if self._by_zone:
            return pulumi.Output.all(*(self._by_zone[zone] for zone in cast(Sequence[str], zones)))
        return aws.ec2.get_subnets_output(
            filters=pulumi.Output.all(self.private_subnet_ids, zones).apply(lambda known: _filters(known[0], known[1])),
            region=self._region,
            opts=pulumi.InvokeOptions(parent=self),
        ).ids

    def _create(
        self, declared: declaration.Network, plan: Sequence[ZoneSubnets], cluster: str | None, ownership: Ownership
    ) -> None:
        vpc = aws.ec2.Vpc(
            self._name,
            cidr_block=str(declared.cidr),
            # Private endpoints of EKS and of VPC endpoints need both.
            enable_dns_support=True,
            enable_dns_hostnames=True,
            **self._of(ownership, self._name),
        )
        aws.ec2.DefaultSecurityGroup(
            self._name, vpc_id=vpc.id, ingress=[], egress=[], **self._of(ownership, f"{self._name}-locked")
        )
        gateway = aws.ec2.InternetGateway(self._name, vpc_id=vpc.id, **self._of(ownership, self._name))
        self._allowed = eks_zones(self._region, self)
        public = self._public_subnets(vpc, gateway, plan, cluster, ownership)
        private, tables = self._private_subnets(vpc, plan, cluster, ownership)
        ways_out = self._nat(declared.nat, gateway, public, tables, ownership)
        ways_out += vpc_endpoints(
            self._name,
            services=declared.endpoints,
            vpc_id=vpc.id,
            vpc_cidr=str(declared.cidr),
            subnet_ids=[subnet.id for subnet in private.values()],
            route_table_ids={zone: table.id for zone, table in tables.items()},
            region=self._region,
            ownership=ownership,
            parent=self,
        )
        if declared.flow_logs is not None:
            flow_logs(
                self._name,
                declared=declared.flow_logs,
                vpc_id=vpc.id,
                region=self._region,
                ownership=ownership,
                parent=self,
            )
        # A node in a subnet that has no way out yet cannot join its cluster, and on the way down the nodes go first.
        self._ways_out = [*private.values(), *self._routing, *ways_out]
        self._by_zone = {zone: known_after(subnet.id, self._ways_out) for zone, subnet in private.items()}
        self.vpc_id = vpc.id
        self.private_subnet_ids = pulumi.Output.all(*self._by_zone.values())
        self.public_subnet_ids = pulumi.Output.all(
            *(known_after(subnet.id, self._routing) for subnet in public.values())
        )

    def _public_subnets(
        self,
        vpc: "aws.ec2.Vpc",
        gateway: "aws.ec2.InternetGateway",
        plan: Sequence[ZoneSubnets],
        cluster: str | None,
        ownership: Ownership,
    ) -> "dict[str, aws.ec2.Subnet]":
        table = aws.ec2.RouteTable(f"{self._name}-public", vpc_id=vpc.id, **self._of(ownership, f"{self._name}-public"))
        route = aws.ec2.Route(
            f"{self._name}-public",
            route_table_id=table.id,
            destination_cidr_block=_ANYWHERE,
            gateway_id=gateway.id,
            region=self._region,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._routing.append(route)
        subnets = {}
        for slot in plan:
            subnets[slot.zone] = self._subnet(
                vpc, f"{self._name}-public-{slot.zone}", slot.zone, slot.public_cidr, "elb", cluster, ownership
            )
            self._associate(f"{self._name}-public-{slot.zone}", subnets[slot.zone], table)
        return subnets

    def _private_subnets(
        self, vpc: "aws.ec2.Vpc", plan: Sequence[ZoneSubnets], cluster: str | None, ownership: Ownership
    ) -> "tuple[dict[str, aws.ec2.Subnet], dict[str, aws.ec2.RouteTable]]":
        subnets, tables = {}, {}
        for slot in plan:
            name = f"{self._name}-private-{slot.zone}"
            subnets[slot.zone] = self._subnet(
                vpc, name, slot.zone, slot.private_cidr, "internal-elb", cluster, ownership
            )
            tables[slot.zone] = aws.ec2.RouteTable(name, vpc_id=vpc.id, **self._of(ownership, name))
            self._associate(name, subnets[slot.zone], tables[slot.zone])
        return subnets, tables

    def _nat(
        self,
        nat: str,
        gateway: "aws.ec2.InternetGateway",
        public: "dict[str, aws.ec2.Subnet]",
        tables: "dict[str, aws.ec2.RouteTable]",
        ownership: Ownership,
    ) -> list[pulumi.Resource]:
        if nat == "none":
            return []
        zones = list(public) if nat == "per_zone" else list(public)[:1]
        gateways = {}
        for zone in zones:
            name = f"{self._name}-{zone}"
            of = self._of(ownership, name)
            # Before the VPC has its internet gateway, a NAT gateway fails for good (Gateway.NotAttached); and an
            # address in use keeps the internet gateway from being detached.
            of["opts"] = pulumi.ResourceOptions(parent=self, depends_on=[gateway])
            address = aws.ec2.Eip(name, domain="vpc", **of)
            gateways[zone] = aws.ec2.NatGateway(name, allocation_id=address.id, subnet_id=public[zone].id, **of)
        # Every zone has a table of its own, so that going from one gateway to one a zone changes routes, no subnets.
        return [
            aws.ec2.Route(
                f"{self._name}-private-{zone}",
                route_table_id=table.id,
                destination_cidr_block=_ANYWHERE,
                nat_gateway_id=gateways.get(zone, gateways[zones[0]]).id,
                region=self._region,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for zone, table in tables.items()
        ]

    def _subnet(
        self,
        vpc: "aws.ec2.Vpc",
        name: str,
        zone: str,
        cidr: str,
        role: str,
        cluster: str | None,
        ownership: Ownership,
    ) -> "aws.ec2.Subnet":
        tags = {**ownership.aws_tags(name), f"kubernetes.io/role/{role}": "1"}
        if cluster is not None:
            tags[f"kubernetes.io/cluster/{cluster}"] = "shared"
        return aws.ec2.Subnet(
            name,
            vpc_id=vpc.id,
            availability_zone=self._allowed.apply(lambda known: eks_zone(zone, known, f"Network {self._name}")),
            cidr_block=cidr,
            map_public_ip_on_launch=False,
            region=self._region,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _associate(self, name: str, subnet: "aws.ec2.Subnet", table: "aws.ec2.RouteTable") -> None:
        association = aws.ec2.RouteTableAssociation(
            name,
            subnet_id=subnet.id,
            route_table_id=table.id,
            region=self._region,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._routing.append(association)

    def _of(self, ownership: Ownership, name: str) -> dict[str, Any]:
        return {
            "region": self._region,
            "tags": ownership.aws_tags(name),
            "opts": pulumi.ResourceOptions(parent=self),
        }


def _filters(subnet_ids: Sequence[str], zones: Sequence[str]) -> "list[aws.ec2.GetSubnetsFilterArgs]":
    return [
        aws.ec2.GetSubnetsFilterArgs(name="subnet-id", values=list(subnet_ids)),
        aws.ec2.GetSubnetsFilterArgs(name="availability-zone", values=list(zones)),
    ]


def _zones(declared: declaration.Network, region: str, component: str) -> Sequence[str]:
    zones = declared.zones or default_zones(region)
    if zones is None:
        message = f"the zones of {region!r} are not in the catalogue; name at least two"
        raise InvalidEnvironment([Problem(component, "zones", message)])
    problems = [
        Problem(
            component, f"zones[{n}]", f"{zone!r} is not a zone of {region}; zones are named {region}a, {region}b, ..."
        )
        for n, zone in enumerate(zones)
        if not zone_of(zone, region)
    ]
    if problems:
        raise InvalidEnvironment(problems)
    return zones


def _check_existing(args: NetworkArgs, existing: ExistingNetworkArgs, component: str) -> None:
    """Ids may be outputs; only what is plain can be checked before the network is used."""
    problems = key_problems(args, NetworkArgs, component)
    problems += [
        Problem(component, key, "has no effect with existing, which names a network that nothing is changed in")
        for key in args
        if key in declaration.Network.model_fields
    ]
    problems += key_problems(existing, ExistingNetworkArgs, f"{component} existing")
    if not problems and not _has_outputs(existing):
        read_arguments(declaration.ExistingNetwork, existing, ExistingNetworkArgs, f"{component} existing")
    if problems:
        raise InvalidEnvironment(problems)


def _has_outputs(existing: ExistingNetworkArgs) -> bool:
    values = [one for value in existing.values() for one in (value if isinstance(value, list | tuple) else [value])]
    return not all(isinstance(one, str) for one in values)
