"""A model at Vertex AI whose versions and shares are configuration, as a department's edits are."""

from typing import Any

import pulumi
import pulumi_gcp as gcp
from modelyard.governance.ownership import Ownership
from modelyard.serving.vertex.endpoint import VertexEndpoint

STORE = "gs://models-123/shop/sentiment"

config = pulumi.Config()
stable, canary = config.require_int("stable"), config.get_int("canary")
rollout: Any = {"stable": stable, "percent": config.get_int("percent") or 0}
args: Any = {"rollout": rollout}
if canary is not None:
    rollout["canary"] = canary
    args["canary"] = {"artefact": f"{STORE}/{canary}"}
arguments: Any = {
    "model": "sentiment",
    "project": "shop-prod",
    "region": "us-central1",
    "artefact": f"{STORE}/{stable}",
    "prebuilt": "sklearn-cpu.1-4",
    "machine_type": "n2-standard-4",
    "p99_ms": 200,
    "request_log": {"percent": 10},
    "scaling": {"min_replicas": 1, "max_replicas": 3, "target_requests_per_second": 50},
    "ownership": Ownership("shop", "CC-2000", "prod", "shop@retail.example").args(),
    **args,
}
endpoint = VertexEndpoint(
    "sentiment",
    arguments,
    pulumi.ResourceOptions(provider=gcp.Provider("us-central1", project="shop-prod", region="us-central1")),
)
pulumi.export("endpoint", endpoint.endpoint_name)
pulumi.export("traffic", endpoint.traffic)
