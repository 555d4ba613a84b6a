"""IAM policy documents, as the JSON text that AWS takes.

Keys keep their order, so that the same document is the same text in every plan.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .partition import dns_suffix, partition


def policy_document(*statements: Mapping[str, Any]) -> str:
    """A policy of these statements (IAM JSON policy elements reference)."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def joined_policies(documents: Iterable[str]) -> str:
    """One policy that allows what each of these does; a statement that says nothing new is left out.

    Statements of the second document and those after it lose their ids, which are unique in a policy.
    """
    first, *others = (json.loads(document)["Statement"] for document in documents)
    without_ids = [{key: value for key, value in one.items() if key != "Sid"} for one in first]
    joined = list(first)
    for statement in (one for statements in others for one in statements):
        unnamed = {key: value for key, value in statement.items() if key != "Sid"}
        if unnamed not in without_ids:
            without_ids.append(unnamed)
            joined.append(unnamed)
    return policy_document(*joined)


def service_trust(service: str, account_id: str | None = None) -> str:
    """Trust policy: this AWS service may assume the role, for this account's resources only where it is given."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    if account_id is not None:
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": account_id}}
    return policy_document(statement)


def pod_trust(cluster_name: str, namespace: str, service_accounts: Sequence[str]) -> str:
    """Trust policy of EKS Pod Identity, for these service accounts of one namespace of one cluster.

    The conditions are on the session tags that Pod Identity sends (EKS user guide, "Create IAM role with trust
    policy required by EKS Pod Identity"): an association made by somebody else cannot borrow the role.
    """
    return policy_document(
        {
            "Effect": "Allow",
            "Principal": {"Service": "pods.eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Condition": {
                "StringEquals": {
                    "aws:RequestTag/eks-cluster-name": cluster_name,
                    "aws:RequestTag/kubernetes-namespace": namespace,
                    "aws:RequestTag/kubernetes-service-account": list(service_accounts),
                }
            },
        }
    )


def key_policy(account_id: str, region: str, *, log_group_prefix: str | None = None) -> str:
    """Key policy: IAM of the account decides, and CloudWatch Logs may use the key for groups of this name.

    ``log_group_prefix`` is the beginning of the log groups' names, for example ``/aws/eks/prod-use1/``.
    """
    arn = f"arn:{partition(region)}"
    statements: list[dict[str, Any]] = [
        {
            "Sid": "AccountDecides",
            "Effect": "Allow",
            "Principal": {"AWS": f"{arn}:iam::{account_id}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ]
    if log_group_prefix is not None:
        groups = f"{arn}:logs:{region}:{account_id}:log-group:{log_group_prefix}*"
        statements.append(
            {
                "Sid": "LogsEncrypt",
                "Effect": "Allow",
                "Principal": {"Service": f"logs.{region}.{dns_suffix(region)}"},
                "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
                "Resource": "*",
                "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
            }
        )
    return policy_document(*statements)


def s3_read_policy(bucket: str, prefix: str, region: str, kms_key_arn: str | None = None) -> str:
    """Read what lies below ``prefix/`` of a bucket and nothing else, and decrypt it through S3.

    ``kms_key_arn`` is the bucket's own key; None where the bucket uses S3's managed keys.
    """
    arn = f"arn:{partition(region)}:s3:::{bucket}"
    below = prefix.strip("/")
    statements: list[dict[str, Any]] = [
        {
            "Sid": "ListModel",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": arn,
            "Condition": {"StringLike": {"s3:prefix": [below, f"{below}/*"] if below else ["*"]}},
        },
        {
            "Sid": "ReadModel",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": f"{arn}/{below}/*" if below else f"{arn}/*",
        },
    ]
    if kms_key_arn is not None:
        statements.append(
            {
                "Sid": "DecryptModel",
                "Effect": "Allow",
                "Action": "kms:Decrypt",
                "Resource": kms_key_arn,
                "Condition": {"StringLike": {"kms:ViaService": f"s3.*.{dns_suffix(region)}"}},
            }
        )
    return policy_document(*statements)
