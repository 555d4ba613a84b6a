"""The right of a model's pods on GKE and AKS to read its files, by the service account that they run as.

On EKS the serving component gives it (:mod:`modelyard.serving.workload.read_access`).
"""

from __future__ import annotations

from typing import Any

import pulumi

from ..governance.ownership import Ownership
from ..registry.model_upload import model_prefix
from .handles import ClusterHandle, StoreHandle


def model_reader(
    name: str,
    model: str,
    ownership: Ownership,
    where: tuple[str, ClusterHandle],
    store: StoreHandle,
    parent: pulumi.Resource,
) -> dict[str, Any]:
    """Arguments of a serving component; nothing for a cluster that a kubeconfig reaches, whose owner
    gives the right.

    Args:
        name: of what is made.
        model: whose files are read; pods run as the service account of its name in the department's namespace.
        ownership: the department's.
        where: the cluster's short name, and the cluster.
        store: where the files lie.
        parent: the environment.
    """
    short, cluster = where
    if cluster.identity_issuer is None:
        return {}
    opts = pulumi.ResourceOptions(parent=parent, providers=[cluster.provider] if cluster.provider is not None else [])
    common: dict[str, Any] = {
        "namespace": ownership.department,
        "service_account": model,
        "prefix": model_prefix(ownership.department, model),
        "ownership": ownership.args(),
    }
    if cluster.cloud == "gcp":
        from ..governance.google_pod_account import GooglePodAccount

        told: Any = {**common, "workload_pool": cluster.identity_issuer, "cluster": short, "bucket": store.bucket}
        return {"gcp_service_account": GooglePodAccount(name, told, opts).email}
    from ..capacity.aks.workload_identity import AzureWorkloadIdentity

    asked: Any = {
        **common,
        "location": cluster.region,
        "resource_group": store.resource_group,
        "issuer": cluster.identity_issuer,
        "readable": [_container(store, cluster)],
    }
    return {"azure_client_id": AzureWorkloadIdentity(name, asked, opts).client_id}


def _container(store: StoreHandle, cluster: ClusterHandle) -> pulumi.Output[str]:
    """Resource id of the blob container."""
    return pulumi.Output.concat(
        "/subscriptions/",
        cluster.subscription_id or "",
        "/resourceGroups/",
        store.resource_group or "",
        "/providers/Microsoft.Storage/storageAccounts/",
        store.account or "",
        "/blobServices/default/containers/",
        store.bucket,
    )
