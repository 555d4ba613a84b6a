"""The network of an AKS cluster: a virtual network of its own, or a subnet that somebody else owns."""

import re
from collections.abc import Sequence
from ipaddress import IPv4Network
from itertools import combinations
from typing import Any

import pulumi

from ..environment import network as declaration
from ..environment.problem import InvalidEnvironment, Problem
from ..governance.arguments import key_problems, read_arguments
from ..governance.azure_sdk import azure
from ..governance.known_after import known_after
from ..governance.ownership import Ownership
from .azure_network_args import AzureNetworkArgs, ExistingAzureNetworkArgs

_COMPONENT = "AzureNetwork"
_PODS = IPv4Network("10.244.0.0/16")
_SERVICES = IPv4Network("10.2.0.0/16")
_NODES = "nodes"
_ACCOUNT_ROOM = 16
"""Characters of a storage account's name before the eight that Pulumi adds."""
_MOST_DAYS = 365
_IDLE_MINUTES = 10


class AzureNetwork(pulumi.ComponentResource):
    """A virtual network with one subnet: nodes without addresses of the internet, a way out through a NAT gateway,
    storage and key vaults over Azure's own network, and flow logs.

    AKS keeps a security group for its nodes, with a rule for each load balancer; the subnet has no second one. With
    ``existing`` it makes nothing and hands the id on. Flow logs need the location's Network Watcher, which Azure makes
    in the resource group NetworkWatcherRG with a subscription's first virtual network there.

    Raises:
        InvalidEnvironment: an argument is wrong, or two ranges overlap.
        NoAzureSdk: pulumi-azure-native is not installed.
    """

    subnet_id: pulumi.Output[str]
    """Resource id of the nodes' subnet; known once its nodes have a way out."""
    virtual_network_id: pulumi.Output[str]
    """Resource id of the virtual network; empty with existing."""
    egress: str
    """How nodes reach the internet, as ServingCluster takes it: ``nat_gateway``, ``none`` or, with existing,
    ``load_balancer``."""
    egress_addresses: Sequence[pulumi.Output[str]]
    """Public addresses that nodes come from; empty where that is not known here."""

    def __init__(self, name: str, args: AzureNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        component = f"{_COMPONENT} {name}"
        existing = args.get("existing")
        declared: declaration.Network | None = None
        if existing is None:
            declared = read_arguments(declaration.Network, args, AzureNetworkArgs, component)
            _check(declared, args, component)
        else:
            _check_existing(args, existing, component)
        ownership = Ownership.of(args["ownership"])
        super().__init__("modelyard:index:AzureNetwork", name, {}, opts)
        self.egress, self.egress_addresses = "load_balancer", ()
        self.virtual_network_id = pulumi.Output.from_input("")
        if declared is not None:
            self._create(name, declared, args, ownership)
        elif existing is not None:
            self.subnet_id = pulumi.Output.from_input(existing["subnet_id"])
        self.register_outputs(
            {
                "subnetId": self.subnet_id,
                "virtualNetworkId": self.virtual_network_id,
                "egress": self.egress,
                "egressAddresses": list(self.egress_addresses),
            }
        )

    def _create(self, name: str, declared: declaration.Network, args: AzureNetworkArgs, ownership: Ownership) -> None:
        network = azure(_COMPONENT, "network")
        child = pulumi.ResourceOptions(parent=self)
        of: dict[str, Any] = {
            "resource_group_name": args.get("resource_group"),
            "location": args["region"],
            "tags": ownership.aws_tags(),
            "opts": child,
        }
        whole = network.VirtualNetwork(name, address_space={"addressPrefixes": [str(declared.cidr)]}, **of)
        way_out: dict[str, Any] = {}
        self.egress = "none"
        if declared.nat != "none":
            address = network.PublicIPAddress(
                name, sku={"name": "Standard"}, public_ip_allocation_method="Static", **of
            )
            gateway = network.NatGateway(
                name,
                sku={"name": "Standard"},
                idle_timeout_in_minutes=_IDLE_MINUTES,
                public_ip_addresses=[{"id": address.id}],
                **of,
            )
            way_out = {"nat_gateway": {"id": gateway.id}}
            self.egress, self.egress_addresses = "nat_gateway", (address.ip_address,)
        subnet = network.Subnet(
            name,
            subnet_name=_NODES,
            virtual_network_name=whole.name,
            resource_group_name=args.get("resource_group"),
            address_prefix=str(next(declared.cidr.subnets())),
            default_outbound_access=False,
            # Model files of many gigabytes then need not pass, and pay for, the NAT gateway.
            service_endpoints=[{"service": "Microsoft.Storage"}, {"service": "Microsoft.KeyVault"}],
            opts=child,
            **way_out,
        )
        logs = [] if declared.flow_logs is None else [_flow_logs(name, declared.flow_logs, whole, of)]
        self.virtual_network_id = whole.id
        self.subnet_id = known_after(subnet.id, [subnet, *logs])


def _flow_logs(name: str, declared: declaration.FlowLogs, network: Any, of: dict[str, Any]) -> Any:
    """Who talked to whom, in a storage account of its own ("Virtual network flow logs" of Azure Network Watcher)."""
    account = azure(_COMPONENT, "storage").StorageAccount(
        f"{re.sub('[^a-z0-9]', '', name.lower())[: _ACCOUNT_ROOM - 4]}flow",
        kind="StorageV2",
        sku={"name": "Standard_LRS"},
        minimum_tls_version="TLS1_2",
        enable_https_traffic_only=True,
        allow_blob_public_access=False,
        allow_cross_tenant_replication=False,
        network_rule_set={"bypass": "AzureServices", "defaultAction": "Deny"},
        **of,
    )
    return azure(_COMPONENT, "network").FlowLog(
        name,
        flow_log_name=name,
        network_watcher_name=f"NetworkWatcher_{of['location']}",
        target_resource_id=network.id,
        storage_id=account.id,
        enabled=True,
        format={"type": "JSON", "version": 2},
        retention_policy={"enabled": True, "days": min(declared.retention_days, _MOST_DAYS)},
        **{**of, "resource_group_name": "NetworkWatcherRG"},
    )


def _check(declared: declaration.Network, args: AzureNetworkArgs, component: str) -> None:
    named = {
        "cidr": declared.cidr,
        "pods_cidr": declared.pods_cidr or _PODS,
        "services_cidr": declared.services_cidr or _SERVICES,
    }
    problems = [
        Problem(
            component, second, f"{other} overlaps {first} {one}, and nodes, pods and services are apart; choose another"
        )
        for (first, one), (second, other) in combinations(named.items(), 2)
        if one.overlaps(other)
    ]
    if args.get("resource_group") is None:
        problems.append(Problem(component, "resource_group", "is missing and has no default; add it"))
    traffic = "ALL" if declared.flow_logs is None else declared.flow_logs.traffic
    if traffic != "ALL":
        text = f"is {traffic}, and flow logs of Azure hold what passes and what is refused; write ALL"
        problems.append(Problem(component, "flow_logs.traffic", text))
    if problems:
        raise InvalidEnvironment(problems)


def _check_existing(args: AzureNetworkArgs, existing: ExistingAzureNetworkArgs, component: str) -> None:
    problems = key_problems(args, AzureNetworkArgs, component)
    problems += [
        Problem(component, key, "has no effect with existing, which names a subnet that nothing is changed in")
        for key in args
        if key in (*declaration.Network.model_fields, "resource_group")
    ]
    problems += key_problems(existing, ExistingAzureNetworkArgs, f"{component} existing")
    if not problems and isinstance(existing["subnet_id"], str):
        read_arguments(declaration.ExistingAzureNetwork, existing, ExistingAzureNetworkArgs, f"{component} existing")
    if problems:
        raise InvalidEnvironment(problems)
