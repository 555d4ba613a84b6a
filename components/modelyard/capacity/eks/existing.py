"""An EKS cluster that somebody else owns."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pulumi
import pulumi_aws as aws

from ...governance.known_after import known_after
from ...governance.ownership import Ownership
from ..kubeconfig import kubeconfig
from ..made_cluster import MadeCluster
from .node_role import node_role

if TYPE_CHECKING:
    from ..existing_cluster import ExistingClusterArgs


def existing_eks_cluster(
    name: str, physical_name: str, args: ExistingClusterArgs, *, ownership: Ownership, parent: pulumi.Resource
) -> MadeCluster:
    """What EKS says of the cluster, and the role of nodes that are added: one of its own, or one that is made."""
    region = args["region"]
    cluster = aws.eks.get_cluster_output(name=physical_name, region=region, opts=pulumi.InvokeOptions(parent=parent))
    ca = cluster.certificate_authorities.apply(lambda authorities: authorities[0].data)
    security_group_id = cluster.vpc_config.apply(lambda vpc: cast(str, vpc.cluster_security_group_id))
    given = args.get("node_role_arn")
    if given is None:
        # Whether its CNI has an identity of its own cannot be known here, so new nodes bring the policy.
        role, attachments = node_role(name, region=region, ownership=ownership, parent=parent, cni=True)
        given = known_after(role.arn, attachments)
    auto_mode, disk_key = args.get("auto_mode_role_arn"), args.get("disk_kms_key_arn")
    return MadeCluster(
        name=cluster.name,
        endpoint=cluster.endpoint,
        certificate_authority=ca,
        kubernetes_version=cluster.version,
        kubeconfig=pulumi.Output.all(cluster.endpoint, ca).apply(
            lambda known: kubeconfig(physical_name, known[0], known[1], region)
        ),
        identifier=f"{region}/{physical_name}",
        resource_id=cluster.arn,
        security_group_id=security_group_id,
        nodes={
            "node_role_arn": pulumi.Output.from_input(given),
            **({} if auto_mode is None else {"auto_mode_role_arn": pulumi.Output.from_input(auto_mode)}),
            **({} if disk_key is None else {"disk_kms_key_arn": pulumi.Output.from_input(disk_key)}),
            "security_group_id": security_group_id,
            "vpc_id": cluster.vpc_config.apply(lambda vpc: cast(str, vpc.vpc_id)),
        },
    )
