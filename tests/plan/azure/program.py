"""Small programs of Azure run by the offline engine, and what their graphs are asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pulumi
from modelyard.governance.ownership import Ownership
from modelyard.graph import Resource, ResourceGraph
from modelyard.offline import Run, run
from modelyard.offline.simulated import all_providers
from modelyard.offline.simulated.azure_native import SimulatedAzureNative
from recorded_graph import one as one
from recorded_graph import refused
from recorded_graph import waits_for as waits_for

SUBSCRIPTION = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
GROUP_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/ml"
WORKSPACE_ID = f"{GROUP_ID}/providers/Microsoft.MachineLearningServices/workspaces/prod"
IMAGE = "mlprod.azurecr.io/sentiment@sha256:" + "a" * 64
SHOP = Ownership("shop", "CC-2000", "prod", "shop@retail.example")
LEARNING = "azure-native:machinelearningservices"


def endpoint_arguments(**changes: Any) -> Any:
    """Arguments of an endpoint; a change to None takes an argument out."""
    arguments: dict[str, Any] = {
        "ownership": SHOP.args(),
        "model": "sentiment",
        "location": "westeurope",
        "subscription_id": SUBSCRIPTION,
        "resource_group": "ml",
        "workspace": "prod",
        "workspace_id": WORKSPACE_ID,
        "versions": [version(3)],
        "version": 3,
        "image": IMAGE,
        "instance_type": "Standard_DS3_v2",
        "resources": {"gpus": 0},
        **changes,
    }
    return {key: value for key, value in arguments.items() if value is not None}


def version(number: int, **more: Any) -> dict[str, Any]:
    """One version with its files in the workspace's store."""
    return {
        "version": number,
        "model_uri": f"azureml://datastores/workspaceblobstore/paths/sentiment/{number}",
        **more,
    }


def run_program(declare: Callable[[pulumi.ResourceOptions], Any], mode: Literal["preview", "up"] = "up") -> Run:
    """The run of a program that gets options with the explicit provider of a subscription."""

    def program() -> None:
        import pulumi_azure_native as azure_native

        provider = azure_native.Provider("westeurope", subscription_id=SUBSCRIPTION, location="westeurope")
        declare(pulumi.ResourceOptions(provider=provider))

    providers = {**all_providers(), "azure-native": SimulatedAzureNative}
    return run(program, project="modelyard", stack="prod", mode=mode, providers=providers)


def graph_of(declare: Callable[[pulumi.ResourceOptions], Any], mode: Literal["preview", "up"] = "up") -> ResourceGraph:
    """What :func:`run_program` declared."""
    return run_program(declare, mode).graph


def refusal(declare: Callable[[pulumi.ResourceOptions], Any]) -> str:
    """The message with which a component refuses its arguments."""
    return refused(lambda: run_program(declare))


def azure_resources(graph: ResourceGraph) -> list[Resource]:
    return [resource for resource in graph if resource.custom and resource.type.startswith("azure-native:")]
