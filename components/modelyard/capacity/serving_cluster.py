"""A Kubernetes cluster for model serving: EKS, its add-ons, its system nodes and a way in."""

from typing import Any, cast

import pulumi
import pulumi_aws as aws

from ..environment.cluster import Cluster, SystemNodes
from ..environment.environment import shown_path
from ..environment.problem import InvalidEnvironment, Problem
from ..governance.arguments import read_arguments
from ..governance.known_after import known_after
from ..governance.ownership import Ownership
from ..resolve.cluster import decide_cluster
from ..resolve.names import cluster_name
from .eks.addons import addons_after_nodes, addons_before_nodes
from .eks.bastion import bastion, tunnel_command
from .eks.control_plane import control_plane
from .eks.machine_image import system_ami_type
from .eks.node_group import node_group
from .eks.node_role import node_role
from .kubeconfig import kubeconfig, kubernetes_provider
from .serving_cluster_args import ServingClusterArgs

SYSTEM_POOL = "system"
_TUNNEL_PORT = 8443


class ServingCluster(pulumi.ComponentResource):
    """EKS with encrypted secrets, a private endpoint, access entries, Pod Identity and add-ons in bootable order.

    ``provider`` (a Kubernetes provider, for programs in Python) reaches the cluster once its system nodes and
    add-ons are up, so that whatever is installed through it can start, and is gone before they go: volumes are
    deleted by the EBS CSI driver, and stay behind, and are paid for, where it went first.

    Raises:
        InvalidEnvironment: an argument is wrong.
    """

    name: pulumi.Output[str]
    """Physical name."""
    arn: pulumi.Output[str]
    """ARN of the cluster."""
    endpoint: pulumi.Output[str]
    """``https://...`` address of its API."""
    certificate_authority: pulumi.Output[str]
    """Base64, as a kubeconfig takes it."""
    kubeconfig: pulumi.Output[str]
    """JSON text without credentials; known once pods can run."""
    security_group_id: pulumi.Output[str]
    """Security group that EKS makes for control plane and nodes."""
    node_role_arn: pulumi.Output[str]
    """IAM role of nodes; known once a node that takes it can become ready."""
    kubernetes_version: pulumi.Output[str]
    """Version of the control plane."""
    tunnel_command: pulumi.Output[str]
    """Command that opens a local port to the API through the bastion; empty without one."""

    def __init__(self, name: str, args: ServingClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = read_arguments(Cluster, args, ServingClusterArgs, f"ServingCluster {name}")
        ownership = Ownership.of(args["ownership"])
        _check_system_nodes(declared, f"ServingCluster {name}")
        super().__init__("modelyard:index:ServingCluster", name, {}, opts)
        region, subnet_ids = declared.region, args["private_subnet_ids"]
        physical_name = cluster_name(ownership.environment, declared.name)
        of: dict[str, Any] = {"region": region, "ownership": ownership, "parent": self}

        cluster = control_plane(
            name,
            declared=declared,
            physical_name=physical_name,
            subnet_ids=subnet_ids,
            ownership=ownership,
            parent=self,
        )
        self.name, self.arn, self.endpoint = cluster.name, cluster.arn, cluster.endpoint
        self.kubernetes_version = cluster.version
        self.certificate_authority = cluster.certificate_authority.apply(lambda ca: cast(str, ca.data))
        self.security_group_id = cluster.vpc_config.apply(lambda vpc: cast(str, vpc.cluster_security_group_id))

        role, attachments = node_role(name, **of, cni=False)
        before = addons_before_nodes(name, cluster=cluster, **of)
        self.node_role_arn = known_after(role.arn, [*attachments, *before])
        self.system_nodes = self._system_nodes(name, declared, args, [*attachments, *before], role.arn)
        after = addons_after_nodes(
            name, cluster=cluster, nodes=self.system_nodes, node_repair=args.get("node_repair", True), **of
        )

        port = declared.api_access.tunnel_port
        self.kubeconfig = known_after(
            pulumi.Output.all(self.name, self.endpoint, self.certificate_authority).apply(
                lambda known: kubeconfig(known[0], known[1], known[2], region, tunnel_port=port)
            ),
            [self.system_nodes, *after],
        )
        self.identifier = f"{region}/{physical_name}"
        self.provider = kubernetes_provider(
            name,
            kubeconfig=self.kubeconfig,
            identifier=self.identifier,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.tunnel_command = pulumi.Output.from_input("")
        if declared.api_access.bastion:
            machine = bastion(
                name,
                vpc_id=args["vpc_id"],
                subnet_ids=subnet_ids,
                cluster_security_group_id=self.security_group_id,
                **of,
            )
            self.tunnel_command = pulumi.Output.all(machine.id, self.endpoint).apply(
                lambda known: tunnel_command(known[0], known[1], region, port or _TUNNEL_PORT)
            )
        self.register_outputs(
            {
                "name": self.name,
                "arn": self.arn,
                "endpoint": self.endpoint,
                "certificateAuthority": self.certificate_authority,
                "kubeconfig": self.kubeconfig,
                "securityGroupId": self.security_group_id,
                "nodeRoleArn": self.node_role_arn,
                "kubernetesVersion": self.kubernetes_version,
                "tunnelCommand": self.tunnel_command,
            }
        )

    def _system_nodes(
        self,
        name: str,
        declared: Cluster,
        args: ServingClusterArgs,
        prerequisites: list[pulumi.CustomResource],
        role_arn: pulumi.Input[str],
    ) -> "aws.eks.NodeGroup":
        nodes: SystemNodes = declared.system_nodes
        return node_group(
            f"{name}-{SYSTEM_POOL}",
            cluster_name=self.name,
            node_role_arn=role_arn,
            subnet_ids=args["private_subnet_ids"],
            kubernetes_version=declared.kubernetes_version,
            ami_type=system_ami_type(declared.system_instance_types[0]),
            capacity="on_demand",
            instance_types=declared.system_instance_types,
            disk_gib=nodes.disk_gib,
            min_nodes=nodes.min_nodes,
            desired_nodes=nodes.desired_nodes or nodes.min_nodes,
            max_nodes=nodes.max_nodes,
            labels={"modelyard.dev/cluster": declared.name, "modelyard.dev/pool": SYSTEM_POOL},
            taints=[],
            update={"max_unavailable": 1},
            repair=args.get("node_repair", True),
            region=declared.region,
            ownership=Ownership.of(args["ownership"]),
            parent=self,
            depends_on=prerequisites,
        )


def _check_system_nodes(declared: Cluster, component: str) -> None:
    _, findings = decide_cluster(declared, environment="", organization="")
    problems = [Problem(component, shown_path(at), text) for at, text in findings if at[0] == "system_nodes"]
    if problems:
        raise InvalidEnvironment(problems)
