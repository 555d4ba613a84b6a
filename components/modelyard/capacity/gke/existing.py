"""A GKE cluster that somebody else owns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pulumi

from ...governance.google_sdk import google
from ...governance.ownership import Ownership
from ..made_cluster import MadeCluster
from .kubeconfig import gke_kubeconfig
from .node_account import node_account

if TYPE_CHECKING:
    from ..existing_cluster import ExistingClusterArgs

_COMPONENT = "ExistingCluster"


def existing_gke_cluster(
    name: str, physical_name: str, args: ExistingClusterArgs, *, ownership: Ownership, parent: pulumi.Resource
) -> MadeCluster:
    """What GKE says of the cluster, and a service account for nodes that are added."""
    location, project = args.get("location") or args["region"], args.get("project")
    cluster = google(_COMPONENT, "container").get_cluster_output(
        name=physical_name, location=location, project=project, opts=pulumi.InvokeOptions(parent=parent)
    )
    # Which account its own nodes have cannot be known before the cluster answers, and may be one with too many rights.
    account = node_account(name, physical_name, project, parent)
    ca = cluster.master_auths.apply(lambda auths: auths[0].cluster_ca_certificate)
    address = pulumi.Output.concat("https://", cluster.endpoint)
    by_name = cluster.control_plane_endpoints_configs.apply(_dns_name)
    reach = pulumi.Output.all(address, ca, by_name).apply(
        lambda known: (
            gke_kubeconfig(physical_name, f"https://{known[2]}", None)
            if known[2]
            else gke_kubeconfig(physical_name, known[0], known[1])
        )
    )
    return MadeCluster(
        name=cluster.name,
        endpoint=address,
        certificate_authority=ca,
        kubernetes_version=cluster.master_version,
        kubeconfig=reach,
        identifier="/".join(part for part in (project, location, physical_name) if part),
        resource_id=cluster.id,
        nodes={
            "service_account": account.email,
            "project": account.project,
            "location": location,
        },
        identity_issuer=cluster.workload_identity_configs.apply(_workload_pool).apply(
            lambda pool: pool or pulumi.Output.concat(account.project, ".svc.id.goog")
        ),
    )


def _dns_name(endpoints: Sequence[Any]) -> str:
    """Of the API, where callers from outside may use it; otherwise empty."""
    names = (dns.endpoint for each in endpoints for dns in each.dns_endpoint_configs if dns.allow_external_traffic)
    return next(names, "")


def _workload_pool(configs: Sequence[Any]) -> str:
    """Empty where the cluster does not say."""
    return next((each.workload_pool for each in configs if each.workload_pool), "")
