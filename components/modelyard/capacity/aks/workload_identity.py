"""What a pod of AKS may do in Azure: a managed identity bound to one service account."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi

from ...governance.arguments import check_keys
from ...governance.azure_sdk import azure
from ...governance.known_after import known_after
from ...governance.ownership import Ownership, OwnershipArgs
from .roles import BLOB_READER, role_assignment

_COMPONENT = "AzureWorkloadIdentity"
_AUDIENCE = "api://AzureADTokenExchange"
"""Of tokens that Microsoft Entra takes from other issuers."""


class AzureWorkloadIdentityArgs(TypedDict):
    """An identity for one service account."""

    location: str
    """Azure location of the identity."""
    resource_group: pulumi.Input[str]
    """Resource group of the identity."""
    issuer: pulumi.Input[str]
    """Who vouches for the cluster's service accounts: ServingCluster's identity_issuer."""
    namespace: str
    """Namespace of the service account."""
    service_account: str
    """The service account need not exist yet."""
    readable: NotRequired[Sequence[pulumi.Input[str]]]
    """Resource ids of storage accounts or blob containers that it may read. Default: none."""
    prefix: NotRequired[str]
    """Of these, only blobs below it, for example ``shop/fraud``. Default: all of them."""
    subscription_id: NotRequired[str]
    """In which roles are named. Default: the provider's."""
    ownership: OwnershipArgs
    """Who pays and answers for it."""


class AzureWorkloadIdentity(pulumi.ComponentResource):
    """A managed identity that only one service account of one cluster can take, without any secret.

    Its pods need the label azure.workload.identity/use and their service account the client id: what TritonService and
    its likes do with ``azure_client_id``. Follows "Microsoft Entra Workload ID with AKS". Takes the provider of
    azure-native from ``opts``.

    Raises:
        InvalidEnvironment: an argument is wrong.
        NoAzureSdk: pulumi-azure-native is not installed.
    """

    client_id: pulumi.Output[str]
    """Of the identity; known once the service account can take it and it may read what it should."""
    principal_id: pulumi.Output[str]
    """Object id, for further roles."""

    def __init__(self, name: str, args: AzureWorkloadIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_keys(args, AzureWorkloadIdentityArgs, f"{_COMPONENT} {name}")
        ownership = Ownership.of(args["ownership"])
        super().__init__("modelyard:index:AzureWorkloadIdentity", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        module = azure(_COMPONENT, "managedidentity")
        identity = module.UserAssignedIdentity(
            name,
            resource_group_name=args["resource_group"],
            location=args["location"],
            tags=ownership.aws_tags(),
            opts=child,
        )
        trusted = module.FederatedIdentityCredential(
            name,
            federated_identity_credential_resource_name=f"{args['namespace']}-{args['service_account']}",
            resource_name_=identity.name,
            resource_group_name=args["resource_group"],
            issuer=args["issuer"],
            subject=f"system:serviceaccount:{args['namespace']}:{args['service_account']}",
            audiences=[_AUDIENCE],
            opts=child,
        )
        subscription_id: pulumi.Input[str] | None = args.get("subscription_id")
        readable = args.get("readable", [])
        if readable and subscription_id is None:
            caller = azure(_COMPONENT, "authorization").get_client_config_output(opts=pulumi.InvokeOptions(parent=self))
            subscription_id = caller.subscription_id
        granted = [
            role_assignment(
                f"{name}-read-{position}",
                BLOB_READER,
                principal_id=identity.principal_id,
                scope=scope,
                subscription_id=subscription_id or "",
                condition=None if args.get("prefix") is None else _below(args.get("prefix", "")),
                opts=child,
            )
            for position, scope in enumerate(readable)
        ]
        self.client_id = known_after(identity.client_id, [trusted, *granted])
        self.principal_id = identity.principal_id
        self.register_outputs({"clientId": self.client_id, "principalId": self.principal_id})


def _below(prefix: str) -> str:
    """Names may be listed all over; what a blob holds is read below the prefix alone ("Azure role assignment conditions
    for Blob Storage")."""
    read = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
    path = "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path]"
    return (
        f"((!(ActionMatches{{'{read}'}} AND NOT SubOperationMatches{{'Blob.List'}})) OR "
        f"({path} StringLike '{prefix.rstrip('/')}/*'))"
    )
