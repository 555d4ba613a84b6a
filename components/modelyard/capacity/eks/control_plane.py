"""The EKS control plane: its keys, logs, role and who may enter."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from ...environment.cluster import Cluster
from ...governance.encryption_key import encryption_key
from ...governance.logical_name import ROLE_LIMIT, logical_name
from ...governance.ownership import Ownership
from ...governance.partition import partition
from ...governance.policy_document import policy_document, service_trust
from .auto_mode import CLUSTER_POLICIES, cluster_settings, cluster_trust, own_tags_policy
from .disk_key import disk_key_statements


def control_plane(
    name: str,
    *,
    declared: Cluster,
    physical_name: str,
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
    services_cidr: str | None = None,
    ownership: Ownership,
    parent: pulumi.Resource,
) -> aws.eks.Cluster:
    """Secrets encrypted with a key of the cluster's own; the log group exists first, or EKS would make one that
    keeps logs for ever; entry by access entries alone, never by the aws-auth map."""
    region = declared.region
    child = pulumi.ResourceOptions(parent=parent)
    key = encryption_key(
        name,
        purpose=f"Secrets and logs of EKS cluster {physical_name}",
        region=region,
        account_id=aws.get_caller_identity_output(opts=pulumi.InvokeOptions(parent=parent)).account_id,
        ownership=ownership,
        log_group_prefix=f"/aws/eks/{physical_name}/",
        opts=child,
    )
    logs = aws.cloudwatch.LogGroup(
        name,
        name=f"/aws/eks/{physical_name}/cluster",
        retention_in_days=declared.log_retention_days,
        kms_key_id=key.arn,
        region=region,
        tags=ownership.aws_tags(),
        opts=child,
    )
    auto, disk_key = declared.eks.auto_mode, declared.eks.disk_kms_key
    role, policies = _role(name, region=region, key=key, auto_mode=auto, ownership=ownership, child=child)
    if auto and disk_key is not None:
        statements = disk_key_statements(disk_key, region)
        policies.append(
            aws.iam.RolePolicy(f"{name}-cluster-disks", role=role.name, policy=policy_document(*statements), opts=child)
        )
    settings = cluster_settings() if auto else {}
    if services_cidr is not None:
        addresses = {"service_ipv4_cidr": services_cidr}
        settings["kubernetes_network_config"] = {**settings.get("kubernetes_network_config", {}), **addresses}
    cluster = aws.eks.Cluster(
        name,
        name=physical_name,
        role_arn=role.arn,
        version=declared.kubernetes_version,
        vpc_config=_vpc_config(declared, subnet_ids),
        encryption_config={"provider": {"key_arn": key.arn}, "resources": ["secrets"]},
        access_config={"authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": True},
        enabled_cluster_log_types=list(declared.control_plane_logs),
        bootstrap_self_managed_addons=False,
        deletion_protection=declared.deletion_protection,
        upgrade_policy={"support_type": declared.eks.support.upper()},
        zonal_shift_config={"enabled": True},
        **settings,
        region=region,
        tags=ownership.aws_tags(),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[logs, *policies]),
    )
    for entry_name, admin in _entry_names(name, declared.api_access.admins).items():
        _admin(entry_name, admin, cluster, region, ownership, parent)
    return cluster


def _entry_names(name: str, admins: Sequence[str]) -> dict[str, str]:
    """Entry to role. Of two roles that would give one name, as team/admin and team-admin, the second has a hash."""
    found: dict[str, str] = {}
    for admin in admins:
        account, _, path = admin.split(":", 4)[4].partition(":role/")
        entry_name = f"{name}-{account}-{path.replace('/', '-')}"
        if entry_name in found:
            entry_name = f"{entry_name}-{hashlib.sha256(admin.encode()).hexdigest()[:8]}"
        found[entry_name] = admin
    return found


def _vpc_config(declared: Cluster, subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]) -> Any:
    """The private endpoint always, so that nodes never leave the VPC to reach the API."""
    public = [str(cidr) for cidr in declared.api_access.public_cidrs]
    config: dict[str, Any] = {
        "subnet_ids": subnet_ids,
        "endpoint_private_access": True,
        "endpoint_public_access": bool(public),
    }
    if public:
        config["public_access_cidrs"] = public
    return config


def _role(
    name: str, *, region: str, key: aws.kms.Key, auto_mode: bool, ownership: Ownership, child: pulumi.ResourceOptions
) -> tuple[aws.iam.Role, list[pulumi.CustomResource]]:
    role = aws.iam.Role(
        logical_name(name, "cluster", limit=ROLE_LIMIT),
        assume_role_policy=cluster_trust() if auto_mode else service_trust("eks.amazonaws.com"),
        tags=ownership.aws_tags(),
        opts=child,
    )
    attachment = aws.iam.RolePolicyAttachment(
        f"{name}-cluster",
        role=role.name,
        policy_arn=f"arn:{partition(region)}:iam::aws:policy/AmazonEKSClusterPolicy",
        opts=child,
    )
    secrets = aws.iam.RolePolicy(
        f"{name}-cluster-secrets",
        role=role.name,
        policy=key.arn.apply(
            lambda arn: policy_document(
                {
                    "Effect": "Allow",
                    "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ListGrants", "kms:DescribeKey"],
                    "Resource": arn,
                }
            )
        ),
        opts=child,
    )
    policies: list[pulumi.CustomResource] = [attachment, secrets]
    if auto_mode:
        policies += [
            aws.iam.RolePolicyAttachment(
                f"{name}-cluster-{policy}",
                role=role.name,
                policy_arn=f"arn:{partition(region)}:iam::aws:policy/{policy}",
                opts=child,
            )
            for policy in CLUSTER_POLICIES
        ]
        policies.append(
            aws.iam.RolePolicy(f"{name}-cluster-own-tags", role=role.name, policy=own_tags_policy(), opts=child)
        )
    return role, policies


def _admin(
    entry_name: str,
    role_arn: str,
    cluster: aws.eks.Cluster,
    region: str,
    ownership: Ownership,
    parent: pulumi.Resource,
) -> None:
    entry = aws.eks.AccessEntry(
        entry_name,
        cluster_name=cluster.name,
        principal_arn=role_arn,
        type="STANDARD",
        region=region,
        tags=ownership.aws_tags(),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    aws.eks.AccessPolicyAssociation(
        entry_name,
        cluster_name=cluster.name,
        principal_arn=role_arn,
        policy_arn=f"arn:{partition(region)}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        access_scope={"type": "cluster"},
        region=region,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[entry]),
    )
