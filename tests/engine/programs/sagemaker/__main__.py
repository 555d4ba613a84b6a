"""A model at SageMaker whose versions and shares are configuration, as a department's edits are."""

from typing import Any

import pulumi
import pulumi_aws as aws
from modelyard import SageMakerEndpoint
from modelyard.governance.ownership import Ownership

STORE = "s3://models-123/shop/sentiment"

config = pulumi.Config()
stable, canary = config.require_int("stable"), config.get_int("canary")
rollout: Any = {"stable": stable, "percent": config.get_int("percent") or 0}
args: Any = {"rollout": rollout}
if canary is not None:
    rollout["canary"] = canary
    args["canary"] = {"artefact": f"{STORE}/{canary}/model.tar.gz"}
arguments: Any = {
    "model": "sentiment",
    "region": "us-east-1",
    "artefact": f"{STORE}/{stable}/model.tar.gz",
    "instance_type": "ml.c6i.large",
    "p99_ms": 200,
    "data_url": "s3://models-123/data",
    "capture": {"percent": 10},
    "packages": {},
    "scaling": {"min_replicas": 1, "max_replicas": 3, "target_requests_per_second": 50},
    "ownership": Ownership("shop", "CC-2000", "prod", "shop@retail.example").args(),
    **args,
}
endpoint = SageMakerEndpoint(
    "sentiment",
    arguments,
    pulumi.ResourceOptions(provider=aws.Provider("us-east-1", region="us-east-1")),
)
pulumi.export("endpoint", endpoint.endpoint_name)
pulumi.export("variants", endpoint.variants)
