"""A model at SageMaker whose versions and shares are configuration, as a department's edits are."""

from typing import Any

import pulumi
import pulumi_aws as aws
from modelyard import SageMakerEndpoint
from modelyard.governance.ownership import Ownership

STORE = "s3://models-123/shop/sentiment"
config = pulumi.Config()

KINDS: dict[str, Any] = {
    "real_time": {
        "instance_type": "ml.c6i.large",
        "capture": {"percent": 10},
        "quality": {
            "volume_gib": config.get_int("volume") or 20,
            "data": {
                "constraints_url": f"{STORE}/baseline/constraints.json",
                "statistics_url": f"{STORE}/baseline/statistics.json",
                "drift_alarms": {"length": 0.2},
            },
            "model": {
                "problem": "multiclass_classification",
                "ground_truth_url": f"{STORE}/labels",
                "constraints_url": f"{STORE}/baseline/quality.json",
                "inference_attribute": "0",
                "alarms": {"accuracy": 0.9},
            },
        },
        "packages": {},
        "scaling": {"min_replicas": 1, "max_replicas": 3, "target_requests_per_second": 50},
    },
    "serverless": {"serverless": {"memory_mib": 4096, "max_concurrency": 20, "provisioned_concurrency": 2}},
    "async": {
        "instance_type": "ml.c6i.large",
        "asynchronous": {"backlog_per_instance": 5},
        "scaling": {"min_replicas": 0, "max_replicas": 3},
    },
    "inference_components": {
        "instance_type": "ml.c6i.xlarge",
        "inference_components": {"memory_mib": 1024, "cpu_cores": 1},
        "managed_scaling": {"min_instances": 0, "max_instances": 3},
        "scaling": {"min_replicas": 0, "max_replicas": 3, "target_concurrency": 4},
    },
}

kind = config.get("kind") or "real_time"
stable, canary = config.require_int("stable"), config.get_int("canary")
rollout: Any = {"stable": stable, "percent": config.get_int("percent") or 0}
args: Any = {"rollout": rollout} if kind == "real_time" else {"version": stable}
if canary is not None:
    rollout["canary"] = canary
    args["canary"] = {"artefact": f"{STORE}/{canary}/model.tar.gz"}
if config.get_bool("isolated"):
    args["network_isolation"] = True
    args["subnet_ids"] = ["subnet-0123456789abcdef0"]
    args["security_group_ids"] = ["sg-0123456789abcdef0"]
arguments: Any = {
    "model": "sentiment",
    "region": "us-east-1",
    "artefact": f"{STORE}/{stable}/model.tar.gz",
    "p99_ms": 200,
    "data_url": "s3://models-123/data",
    "ownership": Ownership("shop", "CC-2000", "prod", "shop@retail.example").args(),
    "kind": kind,
    **KINDS[kind],
    **args,
}
endpoint = SageMakerEndpoint(
    "sentiment",
    arguments,
    pulumi.ResourceOptions(provider=aws.Provider("us-east-1", region="us-east-1")),
)
pulumi.export("endpoint", endpoint.endpoint_name)
pulumi.export("variants", endpoint.variants)
