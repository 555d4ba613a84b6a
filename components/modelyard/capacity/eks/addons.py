"""EKS add-ons, in an order in which a cluster can boot.

Before any node: what a node needs to become ready and pods need to get credentials. After the system nodes: what
runs as ordinary pods, and would be reported as degraded without a node.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from ...environment.eks import Addon
from ...governance.ownership import Ownership
from ...governance.partition import partition
from ...governance.pod_identity_role import pod_role

if TYPE_CHECKING:
    from pulumi_aws.eks import AddonPodIdentityAssociationArgsDict

_NAMESPACE = "kube-system"


def addons_before_nodes(
    name: str,
    *,
    cluster: aws.eks.Cluster,
    versions: Mapping[Addon, str],
    region: str,
    ownership: Ownership,
    parent: pulumi.Resource,
) -> list[aws.eks.Addon]:
    """Pod Identity agent, VPC CNI with NetworkPolicy enforcement, kube-proxy.

    The CNI has an identity of its own instead of the nodes' role. That boots: agent and CNI both run on the node's
    network, the agent needs no pod address, and the CNI waits until the agent answers. The association is made with
    the add-on, before the first node exists, so its pods are born with it.
    """
    of = {"cluster": cluster, "versions": versions, "region": region, "ownership": ownership, "parent": parent}
    agent = _addon(name, "eks-pod-identity-agent", **of)
    cni = _addon(
        name,
        "vpc-cni",
        **of,
        identity=("aws-node", "policy/AmazonEKS_CNI_Policy"),
        # The API server stores NetworkPolicies whatever this says; only with it are they enforced.
        configuration={"enableNetworkPolicy": "true"},
    )
    return [agent, cni, _addon(name, "kube-proxy", **of)]


def addons_after_nodes(
    name: str,
    *,
    cluster: aws.eks.Cluster,
    nodes: aws.eks.NodeGroup,
    node_repair: bool,
    weight_streaming: bool = False,
    versions: Mapping[Addon, str],
    region: str,
    ownership: Ownership,
    parent: pulumi.Resource,
) -> list[aws.eks.Addon]:
    """CoreDNS, EBS CSI driver, metrics-server and, for node repair, the node monitoring agent; the file driver of S3
    where pods stream weights."""
    of = {"cluster": cluster, "versions": versions, "region": region, "ownership": ownership, "parent": parent}
    of |= {"depends_on": [nodes]}
    addons = [
        _addon(name, "coredns", **of),
        _addon(
            name,
            "aws-ebs-csi-driver",
            **of,
            identity=("ebs-csi-controller-sa", "policy/service-role/AmazonEBSCSIDriverPolicy"),
            # Volumes of claims are made by the driver, out of reach of the provider's default tags.
            configuration={"controller": {"extraVolumeTags": ownership.aws_tags()}},
        ),
        _addon(name, "metrics-server", **of),
    ]
    if node_repair:
        addons.append(_addon(name, "eks-node-monitoring-agent", **of))
    if weight_streaming:
        # It has no right of its own: every volume is read by the identity of the pod that mounts it. On nodes with
        # GPUs it has to run, too, whatever their taints are.
        tolerant = {"node": {"tolerateAllTaints": True}}
        addons.append(_addon(name, "aws-mountpoint-s3-csi-driver", **of, configuration=tolerant))
    return addons


def _addon(
    name: str,
    addon: Addon,
    *,
    cluster: aws.eks.Cluster,
    versions: Mapping[Addon, str],
    region: str,
    ownership: Ownership,
    parent: pulumi.Resource,
    identity: tuple[str, str] | None = None,
    configuration: Mapping[str, Any] | None = None,
    depends_on: Sequence[pulumi.Resource] = (),
) -> aws.eks.Addon:
    """``identity`` is a service account and the managed policy that its pods get.

    Where no version is named EKS takes its default for the cluster's Kubernetes version, the pair that it tests.
    """
    associations: list[AddonPodIdentityAssociationArgsDict] | None = None
    waits = list(depends_on)
    if identity is not None:
        account, policy = identity
        role, policies = pod_role(
            f"{name}-{addon}",
            cluster_name=cluster.name,
            namespace=_NAMESPACE,
            service_accounts=[account],
            managed_policy_arns=[f"arn:{partition(region)}:iam::aws:{policy}"],
            ownership=ownership,
            opts=pulumi.ResourceOptions(parent=parent),
        )
        associations = [{"role_arn": role.arn, "service_account": account}]
        waits += policies
    return aws.eks.Addon(
        f"{name}-{addon}",
        cluster_name=cluster.name,
        addon_name=addon,
        addon_version=versions.get(addon),
        configuration_values=json.dumps(configuration) if configuration else None,
        pod_identity_associations=associations,
        resolve_conflicts_on_create="OVERWRITE",
        resolve_conflicts_on_update="PRESERVE",
        region=region,
        tags=ownership.aws_tags(),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=waits),
    )
