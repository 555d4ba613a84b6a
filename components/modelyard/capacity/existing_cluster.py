"""A cluster that somebody else owns."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi

from ..environment.problem import InvalidEnvironment, Problem
from ..governance.arguments import key_problems
from ..governance.known_after import known_after
from ..governance.ownership import Ownership, OwnershipArgs
from .cloud_arguments import argument_problems
from .kubeconfig import kubernetes_provider
from .made_cluster import MadeCluster
from .node_pool_arguments import pool_cloud

_OF_ONE_CLOUD = {
    "aws": frozenset({"node_role_arn", "auto_mode_role_arn", "karpenter", "disk_kms_key_arn"}),
    "gcp": frozenset({"project", "location"}),
    "azure": frozenset({"resource_group", "subscription_id"}),
}
_NEEDED = {"gcp": ("location",), "azure": ("resource_group",)}


class ExistingClusterArgs(TypedDict):
    """A cluster of EKS, GKE or AKS by its name, or any cluster by a kubeconfig."""

    cloud: NotRequired[str]
    """``aws`` (EKS), ``gcp`` (GKE) or ``azure`` (AKS): whose cluster has the name. Default: aws."""
    region: str
    """Region of the cluster, or of what its pods use."""
    name: NotRequired[str]
    """Physical name of the cluster; Modelyard adds pools and services and owns nothing else."""
    node_role_arn: NotRequired[pulumi.Input[str]]
    """EKS: IAM role of nodes that are added, which the cluster lets in already. Default: one is made."""
    auto_mode_role_arn: NotRequired[pulumi.Input[str]]
    """EKS: IAM role of the nodes that EKS Auto Mode starts there. Default: none."""
    karpenter: NotRequired[bool]
    """EKS: whether to install Karpenter there; its Pod Identity agent must be. Default: false."""
    disk_kms_key_arn: NotRequired[pulumi.Input[str]]
    """EKS: KMS key of the disks of nodes that are added, which Karpenter may use then. Default: the account's."""
    location: NotRequired[str]
    """GKE: region of the cluster, or its zone where it is zonal."""
    project: NotRequired[str]
    """GKE: id of the cluster's project. Default: the provider's."""
    resource_group: NotRequired[str]
    """AKS: resource group of the cluster."""
    subscription_id: NotRequired[str]
    """AKS: subscription of the cluster, part of what it is known by. Default: the provider's."""
    kubeconfig: NotRequired[pulumi.Input[str]]
    """Kubeconfig text of any cluster, kept secret. GPU pools cannot be added to it."""
    context: NotRequired[str]
    """Context of the kubeconfig. Default: its current one."""
    ownership: OwnershipArgs
    """Who pays and answers for what is added."""


class ExistingCluster(pulumi.ComponentResource):
    """A cluster that somebody else owns: reached, extended by node pools where a cloud runs it, never changed.

    It has to have what a ServingCluster installs by itself. EKS: the Pod Identity agent, a CNI that enforces
    NetworkPolicies, CoreDNS, the EBS CSI driver and metrics-server. GKE and AKS: workload identity and NetworkPolicies.

    Raises:
        InvalidEnvironment: an argument is wrong, or not exactly one of ``name`` and ``kubeconfig`` is given.
    """

    name: pulumi.Output[str]
    """Physical name; empty for a cluster that a kubeconfig reaches."""
    kubeconfig: pulumi.Output[str]
    """How to reach it; secret where it was given."""
    security_group_id: pulumi.Output[str]
    """EKS: security group of control plane and nodes. Elsewhere empty."""
    node_role_arn: pulumi.Output[str]
    """EKS: role for node pools that are added. Elsewhere empty."""
    service_account: pulumi.Output[str]
    """GKE: e-mail address of the service account of nodes that are added. Elsewhere empty."""
    identity_issuer: pulumi.Output[str]
    """AKS: address of the issuer of its service accounts' tokens. GKE: its workload pool. Elsewhere empty."""
    pull_principal_id: pulumi.Output[str]
    """AKS: object id of the identity by which nodes pull images. Elsewhere empty."""

    def __init__(self, name: str, args: ExistingClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        component = f"ExistingCluster {name}"
        problems = key_problems(args, ExistingClusterArgs, component)
        if problems:
            raise InvalidEnvironment(problems)
        if ("name" in args) == ("kubeconfig" in args):
            problems.append(Problem(component, "", "name exactly one of name, kubeconfig"))
        if "context" in args and "kubeconfig" not in args:
            problems.append(Problem(component, "context", "belongs to a kubeconfig, and none is given"))
        cloud = pool_cloud(args, component)
        needed = _NEEDED if "name" in args else {}
        if "kubeconfig" in args and "name" not in args:
            problems += [
                Problem(component, key, "belongs to a cluster by its name, and a kubeconfig is given; delete it")
                for key in args
                if key in _OF_ONE_CLOUD[cloud]
            ]
        # Pods of a cluster that a kubeconfig reaches may use what lies in a region of any cloud.
        asked = args if "name" in args else {key: value for key, value in args.items() if key != "region"}
        problems += argument_problems(component, cloud, asked, needed=needed, of_one_cloud=_OF_ONE_CLOUD)
        if problems:
            raise InvalidEnvironment(problems)
        super().__init__("modelyard:index:ExistingCluster", name, {}, opts)
        ownership, context = Ownership.of(args["ownership"]), args.get("context")
        empty = pulumi.Output.from_input("")
        self.nodes: Mapping[str, Any] = {}
        self.pull_principal_id = empty
        if "name" in args:
            made = _made(name, args["name"], cloud, args, ownership, self)
            self.name, self.kubeconfig, self.identifier = made.name, made.kubeconfig, made.identifier
            self.security_group_id, self.nodes = made.security_group_id or empty, made.nodes
            self.identity_issuer = made.identity_issuer or empty
            self.pull_principal_id = made.pull_principal_id or empty
        else:
            self.kubeconfig = pulumi.Output.secret(args.get("kubeconfig", ""))
            self.name = self.security_group_id = self.identity_issuer = empty
            self.identifier = name
        self.provider = kubernetes_provider(
            name,
            kubeconfig=self.kubeconfig,
            identifier=self.identifier,
            context=context,
            opts=pulumi.ResourceOptions(parent=self),
        )
        if args.get("karpenter", False):
            self.nodes = self._with_karpenter(name, args)
        self.node_role_arn = self.nodes.get("node_role_arn", empty)
        self.service_account = self.nodes.get("service_account", empty)
        self.register_outputs(
            {
                "name": self.name,
                "kubeconfig": self.kubeconfig,
                "securityGroupId": self.security_group_id,
                "nodeRoleArn": self.node_role_arn,
                "serviceAccount": self.service_account,
                "identityIssuer": self.identity_issuer,
                "pullPrincipalId": self.pull_principal_id,
            }
        )

    def _with_karpenter(self, name: str, args: ExistingClusterArgs) -> Mapping[str, Any]:
        """What pools need, once Karpenter is there; a role of somebody else's may enter the cluster already."""
        from .karpenter.controller import Karpenter, KarpenterArgs

        role = self.nodes["node_role_arn"]
        told: KarpenterArgs = {
            "region": args["region"],
            "cluster_name": self.name,
            "node_role_arn": role,
            "system_nodes": {},
            "access_entry": "node_role_arn" not in args,
            "ownership": args["ownership"],
        }
        if "disk_kms_key_arn" in args:
            told["disk_kms_key_arn"] = args["disk_kms_key_arn"]
        controller = Karpenter(name, told, pulumi.ResourceOptions(parent=self, providers=[self.provider]))
        return {**self.nodes, "node_role_arn": known_after(role, [controller.release])}


def _made(
    name: str, physical_name: str, cloud: str, args: ExistingClusterArgs, ownership: Ownership, parent: pulumi.Resource
) -> MadeCluster:
    """Each cloud's SDK is imported where its cluster is looked up."""
    if cloud == "gcp":
        from .gke.existing import existing_gke_cluster  # pyright: ignore[reportMissingImports]

        return existing_gke_cluster(name, physical_name, args, ownership=ownership, parent=parent)
    if cloud == "azure":
        from .aks.existing import existing_aks_cluster  # pyright: ignore[reportMissingImports]

        return existing_aks_cluster(name, physical_name, args, ownership=ownership, parent=parent)
    from .eks.existing import existing_eks_cluster

    return existing_eks_cluster(name, physical_name, args, ownership=ownership, parent=parent)
