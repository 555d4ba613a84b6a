"""The right of a model's pods on GKE and AKS to read its files, by the service account that they run as.

Follows "Authenticate to Google Cloud APIs from GKE workloads" of the GKE documentation, and "Microsoft Entra Workload
ID" of the AKS documentation with "Azure role assignment conditions for Blob Storage". On EKS the serving component
gives it (:mod:`modelyard.serving.workload.read_access`).
"""

from __future__ import annotations

from typing import Any

import pulumi

from ..governance.google_sdk import google
from ..governance.ownership import Ownership
from ..registry.model_upload import model_prefix
from .handles import ClusterHandle, StoreHandle

_COMPONENT = "a model on a cluster"


def model_reader(
    name: str,
    model: str,
    ownership: Ownership,
    cluster: ClusterHandle,
    store: StoreHandle,
    parent: pulumi.Resource,
) -> dict[str, Any]:
    """Arguments of a serving component; nothing for a cluster that a kubeconfig reaches, whose owner gives it.

    Args:
        name: of what is made.
        model: whose files are read; pods run as the service account of its name in the department's namespace.
        ownership: the department's.
        cluster: where the pods run.
        store: where the files lie.
        parent: the environment.
    """
    if cluster.identity_issuer is None:
        return {}
    opts = pulumi.ResourceOptions(parent=parent, provider=cluster.provider)
    if cluster.cloud == "gcp":
        _google(name, model, ownership, cluster.identity_issuer, store, opts)
        return {}
    return {"azure_client_id": _azure(name, model, ownership, cluster, store, opts)}


def _google(
    name: str,
    model: str,
    ownership: Ownership,
    pool: pulumi.Output[str],
    store: StoreHandle,
    opts: pulumi.ResourceOptions,
) -> None:
    """Of the objects below the model's prefix; the bucket's list is readable as a whole, since IAM knows no prefix
    there."""
    folder = f"{model_prefix(ownership.department, model)}/"
    project = pool.apply(lambda known: known.removesuffix(".svc.id.goog"))
    number = (
        google(_COMPONENT, "organizations")
        .get_project_output(
            project_id=project, opts=pulumi.InvokeOutputOptions(provider=opts.provider, parent=opts.parent)
        )
        .number
    )
    member = pulumi.Output.concat(
        "principal://iam.googleapis.com/projects/",
        number,
        "/locations/global/workloadIdentityPools/",
        pool,
        f"/subject/ns/{ownership.department}/sa/{model}",
    )
    expression = pulumi.Output.concat(
        'resource.type == "storage.googleapis.com/Bucket" || resource.name.startsWith("projects/_/buckets/',
        store.bucket,
        f'/objects/{folder}")',
    )
    google(_COMPONENT, "storage").BucketIAMMember(
        name,
        bucket=store.bucket,
        role="roles/storage.objectViewer",
        member=member,
        condition={"title": f"Only {folder}", "expression": expression},
        opts=opts,
    )


def _azure(
    name: str,
    model: str,
    ownership: Ownership,
    cluster: ClusterHandle,
    store: StoreHandle,
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """Client id of an identity of the model's own, which trusts the cluster's tokens for its service account alone."""
    from ..governance.azure_role import BLOB_READER, role_definition_id
    from ..governance.azure_sdk import azure

    folder = f"{model_prefix(ownership.department, model)}/"
    identity = azure(_COMPONENT, "managedidentity").UserAssignedIdentity(
        name,
        resource_name_=name,
        resource_group_name=store.resource_group,
        location=cluster.region,
        tags=ownership.of_model(model).aws_tags(),
        opts=opts,
    )
    trust = azure(_COMPONENT, "managedidentity").FederatedIdentityCredential(
        name,
        federated_identity_credential_resource_name="pods",
        resource_name_=identity.name,
        resource_group_name=store.resource_group,
        issuer=cluster.identity_issuer,
        subject=f"system:serviceaccount:{ownership.department}:{model}",
        audiences=["api://AzureADTokenExchange"],
        opts=opts,
    )
    subscription_id = identity.id.apply(lambda known: known.split("/")[2])
    scope = pulumi.Output.concat(
        "/subscriptions/",
        subscription_id,
        "/resourceGroups/",
        store.resource_group or "",
        "/providers/Microsoft.Storage/storageAccounts/",
        store.account or "",
        "/blobServices/default/containers/",
        store.bucket,
    )
    path = "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path]"
    read = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
    granted = azure(_COMPONENT, "authorization").RoleAssignment(
        name,
        scope=scope,
        principal_id=identity.principal_id,
        principal_type="ServicePrincipal",
        role_definition_id=subscription_id.apply(lambda known: role_definition_id(known, BLOB_READER)),
        condition=(
            f"((!(ActionMatches{{'{read}'}} AND NOT SubOperationMatches{{'Blob.List'}})) OR "
            f"({path} StringLike '{folder}*'))"
        ),
        condition_version="2.0",
        opts=opts,
    )
    return pulumi.Output.all(identity.client_id, trust.id, granted.id).apply(lambda known: known[0])
