"""The right of a track's service account to read its model's files, by EKS Pod Identity."""

from typing import Any

import pulumi

from modelyard.governance.pod_identity_role import PodIdentityRole
from modelyard.governance.policy_document import s3_read_policy
from modelyard.serving.kserve.service_declaration import KServeServiceDeclaration
from modelyard.serving.workload.workload import Workload


def read_access(
    name: str, declared: KServeServiceDeclaration, workload: Workload, opts: pulumi.ResourceOptions
) -> PodIdentityRole:
    """A role for one service account, which pods get when they start, or never."""
    of_canary = declared.canary is not None and workload.versions != declared.served_versions
    stored = declared.canary.stored if declared.canary is not None and of_canary else declared.stored
    eks_cluster: Any = declared.eks_cluster
    region: Any = stored.region
    policy = pulumi.Output.all(stored.bucket, stored.kms_key_arn).apply(
        lambda known: s3_read_policy(known[0], stored.prefix, region, known[1])
    )
    return PodIdentityRole(
        name,
        {
            "region": region,
            "cluster_name": eks_cluster,
            "namespace": workload.namespace,
            "service_account": workload.name,
            "policy": policy,
            "ownership": workload.ownership.args(),
        },
        opts,
    )
