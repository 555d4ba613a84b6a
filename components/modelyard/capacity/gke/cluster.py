"""A cluster of GKE: control plane, the nodes' account, system nodes and who may enter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pulumi

from ...environment.cluster import Cluster
from ...environment.pool_update import PoolUpdate
from ...governance.google_sdk import google
from ...governance.known_after import known_after
from ...governance.ownership import Ownership
from ...resolve.names import cluster_name
from ...resolve.node_image import node_image
from ...resolve.pool_machines import architecture_of
from ..made_cluster import SYSTEM_POOL, MadeCluster
from .cluster_key import ClusterKey, cluster_key
from .control_plane import control_plane
from .kubeconfig import gke_kubeconfig
from .node_account import NodeAccount, node_account
from .node_pool import node_pool

if TYPE_CHECKING:
    from ..serving_cluster_args import ServingClusterArgs

_COMPONENT = "ServingCluster"


def gke_cluster(
    name: str,
    declared: Cluster,
    args: ServingClusterArgs,
    *,
    ownership: Ownership,
    parent: pulumi.Resource,
) -> MadeCluster:
    """A regional GKE cluster with private nodes, and the pool of nodes without GPUs that its own software needs."""
    physical_name = cluster_name(ownership.environment, declared.name)
    account = node_account(name, physical_name, declared.gke.project, parent)
    key = cluster_key(name, declared.gke, region=declared.region, account=account, ownership=ownership, parent=parent)
    cluster = control_plane(
        name,
        declared=declared,
        args=args,
        physical_name=physical_name,
        account=account,
        key=key,
        ownership=ownership,
        parent=parent,
    )
    system = _system_nodes(name, declared, args, cluster, account, key, ownership, parent)
    _admins(name, declared, physical_name, account, parent)
    address = pulumi.Output.concat("https://", cluster.endpoint)
    ca = cluster.master_auth.apply(lambda auth: cast(str, auth.cluster_ca_certificate))
    reach = pulumi.Output.all(address, ca).apply(lambda known: gke_kubeconfig(physical_name, known[0], known[1]))
    if declared.gke.dns_endpoint:
        reach = cluster.control_plane_endpoints_config.apply(
            lambda known: gke_kubeconfig(physical_name, f"https://{known.dns_endpoint_config.endpoint}", None)
        )
    pool = pulumi.Output.concat(account.project, ".svc.id.goog")
    return MadeCluster(
        name=cluster.name,
        endpoint=address,
        certificate_authority=ca,
        kubernetes_version=cluster.master_version,
        kubeconfig=known_after(reach, [system]),
        identifier="/".join(part for part in (declared.gke.project, declared.region, physical_name) if part),
        resource_id=cluster.id,
        nodes={
            "service_account": account.email,
            "project": account.project,
            "location": declared.region,
            **({} if key.disks is None else {"boot_disk_kms_key": key.disks}),
        },
        identity_issuer=known_after(pool, [cluster]),
        ready=(system,),
    )


def _system_nodes(
    name: str,
    declared: Cluster,
    args: ServingClusterArgs,
    cluster: Any,
    account: NodeAccount,
    key: ClusterKey,
    ownership: Ownership,
    parent: pulumi.Resource,
) -> pulumi.Resource:
    nodes, machine = declared.system_nodes, declared.system_instance_types[0]
    architecture = architecture_of(machine)
    return node_pool(
        f"{name}-{SYSTEM_POOL}",
        component=_COMPONENT,
        cluster_name=cluster.name,
        location=declared.region,
        project=declared.gke.project,
        service_account=account.email,
        boot_disk_kms_key=key.disks,
        machine_type=machine,
        architecture=architecture,
        image=node_image("gcp", "cos", architecture) or "",
        disk_gib=nodes.disk_gib,
        zones=tuple(args.get("zones") or ()),
        min_nodes=nodes.min_nodes,
        desired_nodes=nodes.desired_nodes or nodes.min_nodes,
        max_nodes=nodes.max_nodes,
        location_policy="BALANCED",
        labels={"modelyard.dev/cluster": declared.name, "modelyard.dev/pool": SYSTEM_POOL},
        taints=[],
        update=PoolUpdate(max_surge=1),
        repair=args.get("node_repair", True),
        secure_boot=True,
        ownership=ownership,
        parent=parent,
    )


def _admins(name: str, declared: Cluster, physical_name: str, account: NodeAccount, parent: pulumi.Resource) -> None:
    """All rights in this cluster and in no other of the project ("Resource attributes for IAM Conditions")."""
    resource = pulumi.Output.concat(
        "projects/", account.project, f"/locations/{declared.region}/clusters/{physical_name}"
    )
    for number, member in enumerate(dict.fromkeys(declared.api_access.admins)):
        # Called by its member: by its place, a grant would be made anew, and then deleted, when another goes.
        google(_COMPONENT, "projects").IAMMember(
            f"{name}-admin-{member}",
            project=account.project,
            role="roles/container.admin",
            member=member,
            condition={
                "title": f"Only {physical_name}",
                "expression": pulumi.Output.concat(
                    'resource.name == "', resource, '" || resource.name.startsWith("', resource, '/")'
                ),
            },
            opts=pulumi.ResourceOptions(parent=parent, aliases=[pulumi.Alias(name=f"{name}-admin-{number}")]),
        )
