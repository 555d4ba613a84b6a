"""A model at Azure ML whose versions and shares are configuration, as a department's edits are."""

from typing import Any

import pulumi
import pulumi_azure_native as azure_native
from modelyard.governance.ownership import Ownership
from modelyard.serving.azureml.endpoint import AzureMLEndpoint

SUBSCRIPTION = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/ml"
STORE = "azureml://datastores/workspaceblobstore/paths/sentiment"

config = pulumi.Config()
stable, canary = config.require_int("stable"), config.get_int("canary")
versions = [stable] if canary is None else [stable, canary]
rollout: Any = {"stable": stable, "percent": config.get_int("percent") or 0}
if canary is not None:
    rollout["canary"] = canary
endpoint = AzureMLEndpoint(
    "sentiment",
    {
        "model": "sentiment",
        "location": "westeurope",
        "subscription_id": SUBSCRIPTION,
        "resource_group": "ml",
        "workspace": "prod",
        "workspace_id": f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/prod",
        "versions": [{"version": version, "model_uri": f"{STORE}/{version}"} for version in versions],
        "version": stable,
        "rollout": rollout,
        "image": "mlprod.azurecr.io/sentiment@sha256:" + "a" * 64,
        "instance_type": config.get("size") or "Standard_DS3_v2",
        "resources": {"gpus": 0},
        "scaling": {"min_replicas": 1, "max_replicas": 3, "target_requests_per_second": 50},
        "ownership": Ownership("shop", "CC-2000", "prod", "shop@retail.example").args(),
    },
    pulumi.ResourceOptions(
        provider=azure_native.Provider("westeurope", subscription_id=SUBSCRIPTION, location="westeurope")
    ),
)
pulumi.export("endpoint", endpoint.endpoint_name)
pulumi.export("traffic", endpoint.deployments)
