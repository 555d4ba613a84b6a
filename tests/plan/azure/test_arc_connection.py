"""What an ArcConnection makes."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from component_arguments import mirrors, usable_elsewhere
from modelyard.capacity.arc import connection_args
from modelyard.capacity.arc.connection import ArcConnection
from modelyard.environment import arc
from modelyard.governance.ownership import Ownership

from .program import azure_resources, graph_of, one, refusal, waits_for

PLATFORM = Ownership("platform", "CC-1000", "prod", "ml-platform@retail.example")
EXTENSION = "azure-native:kubernetesconfiguration:Extension"
FLUX = "azure-native:kubernetesconfiguration:FluxConfiguration"
RECORD = "azure-native:kubernetes:ConnectedCluster"
GIT = {"url": "https://git.example/factory", "branch": "live", "path": "clusters/factory"}


def declared(**args: Any) -> Any:
    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {
            "cluster_name": "factory-1",
            "resource_group": "edge",
            "location": "westeurope",
            "agent_public_key": "MIICCgKCAgEA",
            "ownership": PLATFORM.args(),
            **args,
        }
        ArcConnection("prod-factory", arguments, opts)

    return declare


def test_a_cluster_has_a_record_with_an_identity_and_its_owner() -> None:
    [record] = azure_resources(graph_of(declared()))
    assert record.inputs == {
        "clusterName": "factory-1",
        "resourceGroupName": "edge",
        "location": "westeurope",
        "agentPublicKeyCertificate": "MIICCgKCAgEA",
        "identity": {"type": "SystemAssigned"},
        "arcAgentProfile": {"agentAutoUpgrade": "Enabled"},
        "azureHybridBenefit": "NotApplicable",
        "privateLinkState": "Disabled",
        "tags": PLATFORM.aws_tags(),
    }


def test_azure_installs_extensions_of_a_version_or_of_a_release_train() -> None:
    graph = graph_of(
        declared(
            extensions={
                "policy": {"type": "microsoft.azure-policy", "version": "1.2.3", "namespace": "policy"},
                "monitor": {"type": "microsoft.azuremonitor.containers", "settings": {"amalogs.useAADAuth": "true"}},
            }
        )
    )
    policy = one(graph, EXTENSION, "prod-factory-policy").inputs
    monitor = one(graph, EXTENSION, "prod-factory-monitor").inputs
    assert (policy["version"], policy["autoUpgradeMinorVersion"]) == ("1.2.3", False)
    assert policy["scope"] == {"cluster": {"releaseNamespace": "policy"}}
    assert (monitor["releaseTrain"], monitor["autoUpgradeMinorVersion"]) == ("Stable", True)
    assert monitor["configurationSettings"] == {"amalogs.useAADAuth": "true"}
    assert "version" not in monitor
    assert (monitor["clusterRp"], monitor["clusterResourceName"], monitor["clusterName"]) == (
        "Microsoft.Kubernetes", "connectedClusters", "factory-1",
    )  # fmt: skip


@pytest.mark.parametrize("extensions", [{}, {"gitops": {"type": "microsoft.flux"}}])
def test_flux_follows_a_folder_once_it_is_there(extensions: dict[str, Any]) -> None:
    graph = graph_of(declared(flux=GIT, extensions=extensions))
    follows = one(graph, FLUX)
    assert waits_for(graph, follows, one(graph, EXTENSION)) and waits_for(graph, follows, one(graph, RECORD))
    assert follows.inputs["gitRepository"] == {
        "url": "https://git.example/factory",
        "repositoryRef": {"branch": "live"},
        "syncIntervalInSeconds": 600,
    }
    assert follows.inputs["kustomizations"] == {
        "modelyard": {"path": "clusters/factory", "prune": True, "syncIntervalInSeconds": 600}
    }


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"flux": {"url": "git@git.example:factory"}},
         "ArcConnection prod-factory: flux.url: 'git@git.example:factory' must be a URL that begins with https://"),
        ({"extensions": {"policy": {"type": "policy"}}},
         "ArcConnection prod-factory: extensions.policy.type: 'policy' must be the type of a cluster extension, such "
         "as microsoft.flux"),
    ],
)  # fmt: skip
def test_mistakes_are_told_before_the_first_resource(args: dict[str, Any], message: str) -> None:
    assert refusal(declared(**args)) == message


def test_arguments_mirror_their_declarations() -> None:
    usable_elsewhere([ArcConnection])
    mirrors(
        arc.ArcConnection,
        connection_args.ArcConnectionArgs,
        elsewhere={"subscription_id"},
        own={"cluster_name", "ownership"},
    )
    mirrors(arc.ClusterExtension, connection_args.ClusterExtensionArgs)
    mirrors(arc.FluxSource, connection_args.FluxSourceArgs)
