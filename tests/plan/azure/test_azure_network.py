"""What an AzureNetwork makes."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from component_arguments import mirrors, usable_elsewhere
from modelyard.environment import network as declaration
from modelyard.governance.ownership import Ownership
from modelyard.graph import ResourceGraph
from modelyard.network.azure_network import AzureNetwork
from modelyard.network.azure_network_args import AzureNetworkArgs, ExistingAzureNetworkArgs

from .program import GROUP_ID, azure_resources, graph_of, one, refusal, run_program, waits_for

PLATFORM = Ownership("platform", "CC-1000", "prod", "ml-platform@retail.example")
SUBNET = f"{GROUP_ID}/providers/Microsoft.Network/virtualNetworks/v/subnets/nodes"


def declared(**args: Any) -> Any:
    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {"region": "westeurope", "resource_group": "ml", "ownership": PLATFORM.args(), **args}
        made = AzureNetwork("prod-west", {key: value for key, value in arguments.items() if value != "-"}, opts)  # pyright: ignore[reportArgumentType]
        pulumi.export("subnet", made.subnet_id)
        pulumi.export("egress", made.egress)
        pulumi.export("addresses", pulumi.Output.all(*made.egress_addresses))

    return declare


def graph(**args: Any) -> ResourceGraph:
    return graph_of(declared(**args))


def test_nodes_have_no_address_of_the_internet_and_one_way_out() -> None:
    made = graph()
    subnet = one(made, "azure-native:network:Subnet")
    assert subnet.inputs["addressPrefix"] == "10.0.0.0/17"
    assert subnet.inputs["defaultOutboundAccess"] is False
    assert [each["service"] for each in subnet.inputs["serviceEndpoints"]] == [
        "Microsoft.Storage",
        "Microsoft.KeyVault",
    ]
    gateway = one(made, "azure-native:network:NatGateway")
    address = one(made, "azure-native:network:PublicIPAddress")
    assert waits_for(made, subnet, gateway) and waits_for(made, gateway, address)
    assert (address.inputs["sku"], address.inputs["publicIPAllocationMethod"]) == ({"name": "Standard"}, "Static")


def test_the_cluster_is_told_how_nodes_reach_the_internet() -> None:
    outputs = dict(run_program(declared()).outputs)
    assert (outputs["egress"], outputs["addresses"]) == ("nat_gateway", ["20.0.0.1"])
    assert outputs["subnet"].endswith("/subnets/nodes")


def test_without_nat_there_is_no_way_out() -> None:
    ran = run_program(declared(nat="none"))
    assert dict(ran.outputs)["egress"] == "none"
    assert "natGateway" not in one(ran.graph, "azure-native:network:Subnet").inputs
    assert not list(ran.graph.of_type("azure-native:network:PublicIPAddress"))


@pytest.mark.parametrize(("days", "kept"), [(90, 90), (731, 365)])
def test_flow_logs_lie_in_a_closed_storage_account(days: int, kept: int) -> None:
    made = graph(flow_logs={"retention_days": days})
    logs = one(made, "azure-native:network:FlowLog")
    account = one(made, "azure-native:storage:StorageAccount")
    assert (logs.inputs["resourceGroupName"], logs.inputs["networkWatcherName"]) == (
        "NetworkWatcherRG", "NetworkWatcher_westeurope",
    )  # fmt: skip
    assert logs.inputs["retentionPolicy"] == {"enabled": True, "days": kept}
    assert account.inputs["networkRuleSet"] == {"bypass": "AzureServices", "defaultAction": "Deny"}
    assert waits_for(made, logs, account)
    assert waits_for(made, logs, one(made, "azure-native:network:VirtualNetwork"))
    assert not list(graph(flow_logs=None).of_type("azure-native:network:FlowLog"))


def test_everything_that_takes_tags_has_the_owner() -> None:
    tagged = [each for each in azure_resources(graph()) if each.type != "azure-native:network:Subnet"]
    assert len(tagged) == 5
    assert all(each.inputs["tags"] == PLATFORM.aws_tags() for each in tagged)


def test_an_existing_subnet_is_handed_on_and_nothing_is_made() -> None:
    ran = run_program(declared(resource_group="-", existing={"subnet_id": SUBNET}))
    assert not azure_resources(ran.graph)
    outputs = dict(ran.outputs)
    assert (outputs["subnet"], outputs["egress"], outputs["addresses"]) == (SUBNET, "load_balancer", [])


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"resource_group": "-"}, "AzureNetwork prod-west: resource_group: is missing and has no default; add it"),
        ({"services_cidr": "10.0.64.0/20"},
         "AzureNetwork prod-west: services_cidr: 10.0.64.0/20 overlaps cidr 10.0.0.0/16, and nodes, pods and services "
         "are apart; choose another"),
        ({"cidr": "10.244.0.0/16"},
         "AzureNetwork prod-west: pods_cidr: 10.244.0.0/16 overlaps cidr 10.244.0.0/16, and nodes, pods and services "
         "are apart; choose another"),
        ({"flow_logs": {"traffic": "REJECT"}},
         "AzureNetwork prod-west: flow_logs.traffic: is REJECT, and flow logs of Azure hold what passes and what is "
         "refused; write ALL"),
        ({"existing": {"subnet_id": SUBNET}},
         "AzureNetwork prod-west: resource_group: has no effect with existing, which names a subnet that nothing is "
         "changed in"),
        ({"resource_group": "-", "existing": {"subnet_id": "nodes"}},
         "AzureNetwork prod-west existing: subnet_id: 'nodes' must be the resource id of a subnet, which begins with "
         "/subscriptions/"),
    ],
)  # fmt: skip
def test_mistakes_are_told_before_the_first_resource(args: dict[str, Any], message: str) -> None:
    assert refusal(declared(**args)) == message


def test_arguments_mirror_their_declarations() -> None:
    usable_elsewhere([AzureNetwork])
    mirrors(
        declaration.Network,
        AzureNetworkArgs,
        elsewhere={"zones", "endpoints"},
        own={"region", "resource_group", "existing", "ownership"},
    )
    mirrors(declaration.ExistingAzureNetwork, ExistingAzureNetworkArgs)
