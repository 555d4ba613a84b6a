"""A cluster that somebody else owns."""

from typing import NotRequired, TypedDict, cast

import pulumi
import pulumi_aws as aws

from ..environment.problem import InvalidEnvironment, Problem
from ..governance.arguments import key_problems
from ..governance.known_after import known_after
from ..governance.ownership import Ownership, OwnershipArgs
from .eks.node_role import node_role
from .kubeconfig import kubeconfig, kubernetes_provider


class ExistingClusterArgs(TypedDict):
    """An EKS cluster by its name, or any cluster by a kubeconfig."""

    region: str
    """AWS region of the cluster, or of what its pods use."""
    name: NotRequired[str]
    """Physical name of an EKS cluster; Modelyard adds pools and services and owns nothing else."""
    kubeconfig: NotRequired[pulumi.Input[str]]
    """Kubeconfig text of any cluster, kept secret. GPU pools cannot be added to it."""
    context: NotRequired[str]
    """Context of the kubeconfig. Default: its current one."""
    ownership: OwnershipArgs
    """Who pays and answers for what is added."""


class ExistingCluster(pulumi.ComponentResource):
    """A cluster that somebody else owns: reached, extended by node pools where it is EKS, never changed.

    It has to have what a ServingCluster installs by itself: EKS Pod Identity agent, a CNI that enforces
    NetworkPolicies, CoreDNS, EBS CSI driver and metrics-server.

    Raises:
        InvalidEnvironment: an argument is wrong, or not exactly one of ``name`` and ``kubeconfig`` is given.
    """

    name: pulumi.Output[str]
    """Physical name; empty for a cluster that a kubeconfig reaches."""
    kubeconfig: pulumi.Output[str]
    """How to reach it; secret where it was given."""
    security_group_id: pulumi.Output[str]
    """Security group of control plane and nodes; empty for a cluster that a kubeconfig reaches."""
    node_role_arn: pulumi.Output[str]
    """Role for node pools that are added; empty for a cluster that a kubeconfig reaches."""

    def __init__(self, name: str, args: ExistingClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        component = f"ExistingCluster {name}"
        problems = key_problems(args, ExistingClusterArgs, component)
        if ("name" in args) == ("kubeconfig" in args):
            problems.append(Problem(component, "", "name exactly one of name, kubeconfig"))
        if "context" in args and "kubeconfig" not in args:
            problems.append(Problem(component, "context", "belongs to a kubeconfig, and none is given"))
        if problems:
            raise InvalidEnvironment(problems)
        super().__init__("modelyard:index:ExistingCluster", name, {}, opts)
        if "name" in args:
            self._eks(name, args["name"], args["region"], Ownership.of(args["ownership"]))
        elif "kubeconfig" in args:
            self._any(name, args["kubeconfig"], args.get("context"))
        self.register_outputs(
            {
                "name": self.name,
                "kubeconfig": self.kubeconfig,
                "securityGroupId": self.security_group_id,
                "nodeRoleArn": self.node_role_arn,
            }
        )

    def _eks(self, name: str, physical_name: str, region: str, ownership: Ownership) -> None:
        cluster = aws.eks.get_cluster_output(name=physical_name, region=region, opts=pulumi.InvokeOptions(parent=self))
        self.name = cluster.name
        self.security_group_id = cluster.vpc_config.apply(lambda vpc: cast(str, vpc.cluster_security_group_id))
        ca = cluster.certificate_authorities.apply(lambda authorities: authorities[0].data)
        self.kubeconfig = pulumi.Output.all(cluster.endpoint, ca).apply(
            lambda known: kubeconfig(physical_name, known[0], known[1], region)
        )
        # Whether its CNI has an identity of its own cannot be known here, so new nodes bring the policy.
        role, attachments = node_role(name, region=region, ownership=ownership, parent=self, cni=True)
        self.node_role_arn = known_after(role.arn, attachments)
        self.identifier = f"{region}/{physical_name}"
        self.provider = kubernetes_provider(
            name,
            kubeconfig=self.kubeconfig,
            identifier=self.identifier,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _any(self, name: str, given: pulumi.Input[str], context: str | None) -> None:
        self.name = self.security_group_id = self.node_role_arn = pulumi.Output.from_input("")
        self.kubeconfig, self.identifier = pulumi.Output.secret(given), name
        self.provider = kubernetes_provider(
            name,
            kubeconfig=self.kubeconfig,
            identifier=self.identifier,
            context=context,
            opts=pulumi.ResourceOptions(parent=self),
        )
