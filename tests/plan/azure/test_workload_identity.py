"""Identities of pods on AKS."""

from __future__ import annotations

from typing import Any

import pulumi
from component_arguments import usable_elsewhere
from modelyard.capacity.aks.workload_identity import AzureWorkloadIdentity
from modelyard.governance.ownership import Ownership

from .program import GROUP_ID, SUBSCRIPTION, one, refusal, run_program

SHOP = Ownership("shop", "CC-2000", "prod", "shop@retail.example", "sentiment")
MODELS = f"{GROUP_ID}/providers/Microsoft.Storage/storageAccounts/models"
ISSUER = "https://westeurope.oic.prod-aks.azure.com/tenant/cluster/"


def declared(**args: Any) -> Any:
    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {
            "location": "westeurope",
            "resource_group": "ml",
            "issuer": ISSUER,
            "namespace": "shop",
            "service_account": "sentiment",
            "ownership": SHOP.args(),
            **args,
        }
        made = AzureWorkloadIdentity("prod-shop-sentiment", arguments, opts)
        pulumi.export("client", made.client_id)

    return declare


def test_one_service_account_of_one_cluster_takes_the_identity() -> None:
    graph = run_program(declared()).graph
    identity = one(graph, "azure-native:managedidentity:UserAssignedIdentity")
    trusted = one(graph, "azure-native:managedidentity:FederatedIdentityCredential").inputs
    assert identity.inputs["tags"] == SHOP.aws_tags()
    assert trusted == {
        "federatedIdentityCredentialResourceName": "shop-sentiment",
        "resourceName": identity.inputs["resourceName"],
        "resourceGroupName": "ml",
        "issuer": ISSUER,
        "subject": "system:serviceaccount:shop:sentiment",
        "audiences": ["api://AzureADTokenExchange"],
    }
    assert not list(graph.of_type("azure-native:authorization:RoleAssignment"))


def test_it_reads_what_it_is_told_and_no_more() -> None:
    ran = run_program(declared(readable=[MODELS], subscription_id=SUBSCRIPTION))
    grant = one(ran.graph, "azure-native:authorization:RoleAssignment").inputs
    assert grant["scope"] == MODELS
    assert grant["roleDefinitionId"].endswith("/2a2b9908-6ea1-4ae2-8e65-a410df84e7d1")
    assert grant["principalType"] == "ServicePrincipal"
    assert len(dict(ran.outputs)["client"]) == 36


def test_it_reads_below_a_prefix_alone() -> None:
    ran = run_program(declared(readable=[MODELS], prefix="shop/sentiment", subscription_id=SUBSCRIPTION))
    grant = one(ran.graph, "azure-native:authorization:RoleAssignment").inputs
    assert grant["conditionVersion"] == "2.0"
    assert grant["condition"].endswith("blobs:path] StringLike 'shop/sentiment/*'))")


def test_a_misspelt_argument_is_one_sentence() -> None:
    assert refusal(declared(namespaces="shop")) == (
        "AzureWorkloadIdentity prod-shop-sentiment: namespaces: 'namespaces' is not an argument; did you mean "
        "'namespace'? Allowed: location, resource_group, issuer, namespace, service_account, readable, "
        "prefix, subscription_id, ownership"
    )


def test_other_languages_see_the_component_whole() -> None:
    usable_elsewhere([AzureWorkloadIdentity])
