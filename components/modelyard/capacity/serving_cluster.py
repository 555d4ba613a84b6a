"""A Kubernetes cluster for model serving: EKS, GKE or AKS, its add-ons, its system nodes and a way in."""

from collections.abc import Mapping
from typing import Any

import pulumi

from ..environment.cluster import Cluster
from ..environment.environment import shown_path
from ..environment.problem import InvalidEnvironment, Problem
from ..governance.arguments import read_arguments
from ..governance.known_after import known_after
from ..governance.ownership import Ownership
from ..resolve.cluster import decide_cluster
from .cloud_arguments import argument_problems
from .cluster_network import network_findings
from .kubeconfig import kubernetes_provider
from .made_cluster import SYSTEM_POOL, MadeCluster
from .serving_cluster_args import ServingClusterArgs

__all__ = ["SYSTEM_POOL", "ServingCluster"]

_NEEDED = {"aws": ("vpc_id", "private_subnet_ids"), "gcp": (), "azure": ()}
_OF_ONE_CLOUD = {
    "aws": {"vpc_id", "private_subnet_ids", "services_cidr"},
    "gcp": {"network_name", "subnetwork_name", "pods_range", "services_range", "network_project", "zones"},
    "azure": {"subnet_id", "zones", "pods_cidr", "services_cidr", "egress", "egress_addresses"},
}


class ServingCluster(pulumi.ComponentResource):
    """A cluster with encrypted secrets, a private endpoint, identities for pods and add-ons in bootable order.

    ``provider`` (a Kubernetes provider, for programs in Python) reaches the cluster once its system nodes and
    add-ons are up, so that whatever is installed through it can start, and is gone before they go: volumes are
    deleted by the cloud's CSI driver, and stay behind, and are paid for, where it went first.

    Raises:
        InvalidEnvironment: an argument is wrong.
    """

    name: pulumi.Output[str]
    """Physical name."""
    arn: pulumi.Output[str]
    """EKS: ARN of the cluster. GKE and AKS: its id."""
    endpoint: pulumi.Output[str]
    """``https://...`` address of its API."""
    certificate_authority: pulumi.Output[str]
    """Base64, as a kubeconfig takes it."""
    kubeconfig: pulumi.Output[str]
    """JSON text without credentials; known once pods can run."""
    security_group_id: pulumi.Output[str]
    """EKS: security group that it makes for control plane and nodes. Elsewhere empty."""
    node_role_arn: pulumi.Output[str]
    """EKS: IAM role of nodes; known once a node that takes it can become ready. Elsewhere empty."""
    auto_mode_role_arn: pulumi.Output[str]
    """EKS with Auto Mode: IAM role of the nodes that it starts. Elsewhere empty."""
    service_account: pulumi.Output[str]
    """GKE: e-mail address of the nodes' service account. Elsewhere empty."""
    kubernetes_version: pulumi.Output[str]
    """Version of the control plane."""
    tunnel_command: pulumi.Output[str]
    """Command that opens a local port to the API through the bastion; empty without one."""
    identity_issuer: pulumi.Output[str]
    """AKS: address of the issuer of its service accounts' tokens. GKE: its workload pool. EKS: empty."""
    pull_principal_id: pulumi.Output[str]
    """AKS: object id of the identity by which nodes pull images. Elsewhere empty."""

    def __init__(self, name: str, args: ServingClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        component = f"ServingCluster {name}"
        declared = read_arguments(Cluster, args, ServingClusterArgs, component)
        ownership = Ownership.of(args["ownership"])
        problems = argument_problems(component, declared.cloud, args, needed=_NEEDED, of_one_cloud=_OF_ONE_CLOUD)
        problems += _findings(declared, component)
        found = network_findings(declared.cloud, declared.region, args)
        problems += [Problem(component, path, text) for path, text in found]
        if problems:
            raise InvalidEnvironment(problems)
        super().__init__("modelyard:index:ServingCluster", name, {}, opts)
        made = _made(name, declared, args, ownership, self)
        self.name, self.endpoint, self.kubeconfig = made.name, made.endpoint, made.kubeconfig
        self.certificate_authority, self.kubernetes_version = made.certificate_authority, made.kubernetes_version
        empty = pulumi.Output.from_input("")
        self.arn = made.resource_id or empty
        self.security_group_id = made.security_group_id or empty
        self.tunnel_command = made.tunnel_command or empty
        self.identity_issuer = made.identity_issuer or empty
        self.pull_principal_id = made.pull_principal_id or empty
        self.identifier = made.identifier
        self.provider = kubernetes_provider(
            name,
            kubeconfig=self.kubeconfig,
            identifier=self.identifier,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.nodes = self._nodes(name, declared, args, made)
        self.node_role_arn = self.nodes.get("node_role_arn", empty)
        self.auto_mode_role_arn = self.nodes.get("auto_mode_role_arn", empty)
        self.service_account = self.nodes.get("service_account", empty)
        self.register_outputs(
            {
                "name": self.name,
                "arn": self.arn,
                "endpoint": self.endpoint,
                "certificateAuthority": self.certificate_authority,
                "kubeconfig": self.kubeconfig,
                "securityGroupId": self.security_group_id,
                "nodeRoleArn": self.node_role_arn,
                "autoModeRoleArn": self.auto_mode_role_arn,
                "serviceAccount": self.service_account,
                "kubernetesVersion": self.kubernetes_version,
                "tunnelCommand": self.tunnel_command,
                "identityIssuer": self.identity_issuer,
                "pullPrincipalId": self.pull_principal_id,
            }
        )

    def _nodes(self, name: str, declared: Cluster, args: ServingClusterArgs, made: MadeCluster) -> Mapping[str, Any]:
        """What pools need. With Karpenter their role is known once it is there, so that they come after it, and go
        before it goes: what ends their machines."""
        if declared.cloud != "aws" or declared.node_autoscaler != "karpenter":
            return made.nodes
        from .karpenter.controller import Karpenter, KarpenterArgs

        role = made.nodes["node_role_arn"]
        told: KarpenterArgs = {
            "region": declared.region,
            "cluster_name": made.name,
            "node_role_arn": role,
            "replicas": min(2, declared.system_nodes.min_nodes),
            "repair": args.get("node_repair", True),
            "zonal_shift": True,
            "ownership": args["ownership"],
        }
        if declared.eks.disk_kms_key is not None:
            told["disk_kms_key_arn"] = declared.eks.disk_kms_key
        controller = Karpenter(name, told, pulumi.ResourceOptions(parent=self, providers=[self.provider]))
        return {**made.nodes, "node_role_arn": known_after(role, [controller.release])}


def _made(
    name: str, declared: Cluster, args: ServingClusterArgs, ownership: Ownership, parent: pulumi.Resource
) -> MadeCluster:
    """Each cloud's SDK is imported where its cluster is made."""
    of: dict[str, Any] = {"ownership": ownership, "parent": parent}
    if declared.cloud == "gcp":
        from .gke.cluster import gke_cluster  # pyright: ignore[reportMissingImports]

        return gke_cluster(name, declared, args, **of)
    if declared.cloud == "azure":
        from .aks.cluster import aks_cluster  # pyright: ignore[reportMissingImports]

        return aks_cluster(name, declared, args, **of)
    from .eks.cluster import eks_cluster

    return eks_cluster(name, declared, args, **of)


_ELSEWHERE = {"network", "region"}
"""What a whole environment is asked, and a component by itself is not: its network is there already."""


def _findings(declared: Cluster, component: str) -> list[Problem]:
    _, findings = decide_cluster(declared, environment="")
    # The provider may know whose account it is, and pools are components of their own.
    unseen = {("aks", "retire_first_nodes")}
    unseen |= {("aks", key) for key in ("subscription_id", "tenant_id") if getattr(declared.aks, key) is None}
    unseen |= {("gke", "project")} if declared.gke.project is None else set()
    return [
        Problem(component, shown_path(at), text.removesuffix(f", or managed.azure.{at[-1]}"))
        for at, text in findings
        if at[0] not in _ELSEWHERE and at not in unseen
    ]
