"""The right of a workload's service account to read its files, by EKS Pod Identity."""

from typing import Any

import pulumi

from modelyard.governance.pod_identity_role import PodIdentityRole
from modelyard.governance.policy_document import joined_policies, s3_read_policy
from modelyard.serving.workload.declaration import StoredDeclaration, WorkloadDeclaration
from modelyard.serving.workload.workload import Workload


def read_access(
    name: str,
    eks_cluster: Any,
    workload: Workload,
    stored: StoredDeclaration,
    opts: pulumi.ResourceOptions,
    beside: StoredDeclaration | None = None,
) -> PodIdentityRole:
    """A role for the workload's service account, which pods get when they start, or never.

    Args:
        name: of the component.
        eks_cluster: name of the cluster.
        workload: whose pods read.
        stored: where its files lie, as declared (:func:`stored_for`).
        opts: of the component.
        beside: where the files of another version lie, whose pods run under the same service account.
    """
    region: Any = stored.region
    each = [stored] if beside is None else [stored, beside]
    places = [(one.granted, one.region or region) for one in each]
    policy = pulumi.Output.all(*(known for one in each for known in (one.bucket, one.kms_key_arn))).apply(
        lambda known: joined_policies(
            s3_read_policy(known[2 * number], prefix, place, known[2 * number + 1])
            for number, (prefix, place) in enumerate(places)
        )
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


def stored_for(declared: WorkloadDeclaration, workload: Workload) -> StoredDeclaration:
    """Where the files of one side of a rollout lie: the canary's, or the stable version's."""
    if declared.canary is not None and workload.versions != declared.served_versions:
        return declared.canary.stored
    return declared.stored
