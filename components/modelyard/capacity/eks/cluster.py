"""A cluster of EKS: control plane, add-ons, system nodes and a way in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pulumi

from ...environment.cluster import Cluster
from ...governance.known_after import known_after
from ...governance.ownership import Ownership
from ...resolve.names import cluster_name
from ..kubeconfig import kubeconfig
from ..made_cluster import SYSTEM_POOL, MadeCluster
from .addons import addons_after_nodes, addons_before_nodes
from .auto_mode import auto_node_role
from .bastion import bastion, tunnel_command
from .capacity_purchase import capacity_purchase
from .control_plane import control_plane
from .launch_template import TemplateExtras
from .machine_image import system_ami_type
from .node_group import node_group
from .node_role import node_role

if TYPE_CHECKING:
    from ..serving_cluster_args import ServingClusterArgs

_TUNNEL_PORT = 8443


def eks_cluster(
    name: str,
    declared: Cluster,
    args: ServingClusterArgs,
    *,
    ownership: Ownership,
    parent: pulumi.Resource,
) -> MadeCluster:
    """EKS with encrypted secrets, a private endpoint, access entries, Pod Identity and add-ons in bootable order."""
    region, subnet_ids, vpc_id = declared.region, args.get("private_subnet_ids"), args.get("vpc_id")
    assert subnet_ids is not None and vpc_id is not None  # the component has looked
    of: dict[str, Any] = {"region": region, "ownership": ownership, "parent": parent}
    physical_name = cluster_name(ownership.environment, declared.name)
    repair, streams = args.get("node_repair", True), args.get("weight_streaming", False)

    cluster = control_plane(
        name,
        declared=declared,
        physical_name=physical_name,
        subnet_ids=subnet_ids,
        services_cidr=args.get("services_cidr"),
        ownership=ownership,
        parent=parent,
    )
    ca = cluster.certificate_authority.apply(lambda known: cast(str, known.data))
    security_group_id = cluster.vpc_config.apply(lambda vpc: cast(str, vpc.cluster_security_group_id))

    role, attachments = node_role(name, **of, cni=False)
    before = addons_before_nodes(name, cluster=cluster, versions=declared.eks.addon_versions, **of)
    nodes = declared.system_nodes
    system_nodes = node_group(
        f"{name}-{SYSTEM_POOL}",
        cluster_name=cluster.name,
        node_role_arn=role.arn,
        subnet_ids=subnet_ids,
        kubernetes_version=declared.kubernetes_version,
        ami_type=system_ami_type(declared.system_instance_types[0]),
        purchase=capacity_purchase("on_demand", declared.system_instance_types, None),
        disk_gib=nodes.disk_gib,
        min_nodes=nodes.min_nodes,
        desired_nodes=nodes.desired_nodes or nodes.min_nodes,
        max_nodes=nodes.max_nodes,
        labels={"modelyard.dev/cluster": declared.name, "modelyard.dev/pool": SYSTEM_POOL},
        taints=[],
        update={"max_unavailable": 1},
        repair=repair,
        extras=TemplateExtras(disk_kms_key_arn=declared.eks.disk_kms_key),
        **of,
        depends_on=[*attachments, *before],
    )
    after = addons_after_nodes(
        name,
        cluster=cluster,
        nodes=system_nodes,
        versions=declared.eks.addon_versions,
        node_repair=repair,
        weight_streaming=streams,
        **of,
    )
    ready = (system_nodes, *after)
    port = declared.api_access.tunnel_port
    tunnel = pulumi.Output.from_input("")
    if declared.api_access.bastion:
        machine = bastion(name, vpc_id=vpc_id, subnet_ids=subnet_ids, cluster_security_group_id=security_group_id, **of)
        tunnel = pulumi.Output.all(machine.id, cluster.endpoint).apply(
            lambda known: tunnel_command(known[0], known[1], region, port or _TUNNEL_PORT)
        )
    reach = pulumi.Output.all(cluster.name, cluster.endpoint, ca).apply(
        lambda known: kubeconfig(known[0], known[1], known[2], region, tunnel_port=port)
    )
    key = declared.eks.disk_kms_key
    roles = {"auto_mode_role_arn": auto_node_role(name, cluster=cluster, **of)} if declared.eks.auto_mode else {}
    return MadeCluster(
        name=cluster.name,
        endpoint=cluster.endpoint,
        certificate_authority=ca,
        kubernetes_version=cluster.version,
        kubeconfig=known_after(reach, ready),
        identifier=f"{region}/{physical_name}",
        resource_id=cluster.arn,
        security_group_id=security_group_id,
        nodes={
            "node_role_arn": known_after(role.arn, [*attachments, *before]),
            "security_group_id": security_group_id,
            "vpc_id": pulumi.Output.from_input(vpc_id),
            **roles,
            **({} if key is None else {"disk_kms_key_arn": pulumi.Output.from_input(key)}),
        },
        tunnel_command=tunnel,
        ready=ready,
    )
