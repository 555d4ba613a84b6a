"""A cluster of AKS that somebody else owns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from ...governance.azure_sdk import azure
from ...governance.ownership import Ownership
from ..made_cluster import MadeCluster
from .kubeconfig import aks_kubeconfig, known_cluster


def existing_aks_cluster(
    name: str,
    physical_name: str,
    args: Mapping[str, Any],
    *,
    ownership: Ownership,
    parent: pulumi.Resource,
) -> MadeCluster:
    """What AKS says of the cluster. It has to be entered through Microsoft Entra; pools that are added get the
    subnet of its first pool where the program names none."""
    group = args["resource_group"]
    cluster = azure("ExistingCluster", "containerservice").get_managed_cluster_output(
        resource_group_name=group, resource_name=physical_name, opts=pulumi.InvokeOptions(parent=parent)
    )
    reached = known_cluster(group, cluster.name, parent)
    return MadeCluster(
        name=cluster.name,
        endpoint=reached.apply(lambda found: found["server"]),
        certificate_authority=reached.apply(lambda found: found["certificate_authority"]),
        kubernetes_version=cluster.current_kubernetes_version,
        kubeconfig=reached.apply(
            lambda found: aks_kubeconfig(physical_name, found["server"], found["certificate_authority"], None)
        ),
        identifier=f"{args['region']}/{args.get('subscription_id') or ''}/{group}/{physical_name}",
        resource_id=cluster.id,
        nodes={
            "resource_group": pulumi.Output.from_input(group),
            "subnet_id": cluster.agent_pool_profiles.apply(
                lambda pools: pools[0].vnet_subnet_id if pools else None  # AKS takes pools of one network alone
            ),
        },
        identity_issuer=cluster.oidc_issuer_profile.apply(lambda profile: profile.issuer_url if profile else ""),
        pull_principal_id=cluster.identity_profile.apply(
            lambda known: known["kubeletidentity"].object_id if known else ""
        ),
    )
