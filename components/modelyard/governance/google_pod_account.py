"""What a pod may do in Google Cloud: a service account that one service account of Kubernetes acts as."""

from typing import Any, NotRequired, TypedDict

import pulumi

from ..resolve.names import google_account
from .arguments import check_keys
from .google_sdk import google
from .known_after import known_after
from .ownership import Ownership, OwnershipArgs

_COMPONENT = "GooglePodAccount"


class GooglePodAccountArgs(TypedDict):
    """An account for one service account of one cluster."""

    workload_pool: pulumi.Input[str]
    """Workload pool of the cluster, ``<project>.svc.id.goog``: ServingCluster's identity_issuer."""
    project: NotRequired[pulumi.Input[str]]
    """Id of the project that has the account. Default: the provider's."""
    cluster: str
    """Short name of the cluster, part of the account's name."""
    namespace: str
    """Namespace of the service account."""
    service_account: str
    """The service account need not exist yet; it names this one by the annotation iam.gke.io/gcp-service-account."""
    bucket: NotRequired[pulumi.Input[str]]
    """Bucket that the pods may read. Default: none."""
    prefix: NotRequired[str]
    """Of the bucket's objects, only those below it, for example ``shop/fraud``. Default: all of them."""
    ownership: OwnershipArgs
    """Who pays and answers for it. Service accounts of Google Cloud take no labels."""


class GooglePodAccount(pulumi.ComponentResource):
    """A service account of Google Cloud without a key, that pods of one service account act as and nobody else.

    Follows "Authenticate to Google Cloud APIs from GKE workloads" of the GKE documentation. Namespaces and service
    accounts of one name in two clusters of a project are one identity to Google Cloud ("identity sameness").

    Raises:
        InvalidEnvironment: an argument is unknown or missing.
    """

    email: pulumi.Output[str]
    """E-mail address; known once pods may act as it, and may read their bucket."""

    def __init__(self, name: str, args: GooglePodAccountArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_keys(args, GooglePodAccountArgs, f"{_COMPONENT} {name}")
        ownership = Ownership.of(args["ownership"])
        super().__init__("modelyard:index:GooglePodAccount", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        subject = f"{args['namespace']}/{args['service_account']}"
        prefix = f"{ownership.environment}-{args['cluster']}"
        accounts: Any = google(_COMPONENT, "serviceaccount")
        account = accounts.Account(
            name,
            account_id=google_account(prefix, subject.replace("/", "-")),
            display_name=f"Pods of {subject} in {prefix}"[:100],
            project=args.get("project"),
            opts=child,
        )
        grants: list[pulumi.Resource] = [
            accounts.IAMMember(
                name,
                service_account_id=account.name,
                role="roles/iam.workloadIdentityUser",
                member=pulumi.Output.concat("serviceAccount:", args["workload_pool"], f"[{subject}]"),
                opts=child,
            )
        ]
        if "bucket" in args:
            grants.append(
                google(_COMPONENT, "storage").BucketIAMMember(
                    name,
                    bucket=args["bucket"],
                    role="roles/storage.objectViewer",
                    member=account.member,
                    condition=_below(args["bucket"], args.get("prefix")),
                    opts=child,
                )
            )
        self.email = known_after(account.email, grants)
        self.register_outputs({"email": self.email})


def _below(bucket: pulumi.Input[str], prefix: str | None) -> dict[str, Any] | None:
    """Contents of objects below the prefix alone; names can be listed ("Resource attributes for IAM Conditions")."""
    if prefix is None:
        return None
    objects = pulumi.Output.concat(
        'resource.type != "storage.googleapis.com/Object" || resource.name.startsWith("projects/_/buckets/',
        bucket,
        f'/objects/{prefix}/")',
    )
    return {"title": f"Below {prefix}"[:100], "expression": objects}
