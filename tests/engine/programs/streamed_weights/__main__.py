"""A model that streams its weights on EKS, GKE and AKS, on GKE once more by KServe, with what is changed later in the
configuration."""

from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
from modelyard.governance.aws_provider import aws_provider
from modelyard.governance.ownership import Ownership
from modelyard.serving.kserve.service import KServeService
from modelyard.serving.triton.service import TritonService

REGION = "us-east-1"
config = pulumi.Config()
shop = Ownership("shop", "CC-2000", "prod", "shop@retail.example")
digest = config.get("digest") or "0123456789abcdef"
by = config.get("by") or "stream"
folder: Any = {
    "bucket": "retail-prod-models",
    "prefix": f"shop/tagger/{digest}",
    "readable": "shop/tagger",
    "layout": "repository",
    "digest": digest * 4,
    "size_bytes": 20 * 1024**3,
}
clouds: dict[str, Any] = {
    "east": {
        "eks_cluster": "prod-east",
        "weights": {"by": "node_cache" if by == "stream" else by},
        "stored": {**folder, "region": REGION},
    },
    "iowa": {"weights": {"by": by}, "stored": {**folder, "store": "gcs"}},
    "dublin": {
        "weights": {"by": by},
        "azure_client_id": "0a1b2c3d-4e5f-6789-abcd-ef0123456789",
        "stored": {**folder, "store": "azure", "account": "retailmodels"},
    },
}
for cluster, told in clouds.items():
    provider = kubernetes.Provider(cluster, kubeconfig="{}")
    arguments: Any = {
        "ownership": shop.args(),
        "model": "tagger",
        "cluster": cluster,
        "pool": "l4",
        "scaling": {"min_replicas": 2, "max_replicas": 4},
        **told,
    }
    TritonService(
        f"prod-{cluster}-tagger",
        arguments,
        pulumi.ResourceOptions(providers=[provider, aws_provider(REGION, shop)] if cluster == "east" else [provider]),
    )
    if cluster == "iowa":
        by_kserve: Any = {**arguments, "model": "ranker", "server": "triton", "format": "onnx"}
        KServeService(f"prod-{cluster}-ranker", by_kserve, pulumi.ResourceOptions(providers=[provider]))
