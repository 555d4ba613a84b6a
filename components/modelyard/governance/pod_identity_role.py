"""What a pod may do in AWS: an IAM role bound to one service account by EKS Pod Identity."""

from typing import TYPE_CHECKING, NotRequired, TypedDict

import pulumi

from .arguments import check_keys
from .logical_name import ROLE_LIMIT, logical_name
from .ownership import Ownership, OwnershipArgs
from .policy_document import pod_trust

if TYPE_CHECKING:
    import pulumi_aws as aws


class PodIdentityRoleArgs(TypedDict):
    """A role for one service account."""

    region: str
    """Region of the cluster."""
    cluster_name: pulumi.Input[str]
    """Physical name of the EKS cluster; its Pod Identity agent must be installed."""
    namespace: str
    """Namespace of the service account."""
    service_account: str
    """The service account need not exist yet; pods made after the association get the role."""
    policy: NotRequired[pulumi.Input[str]]
    """JSON policy document. Default: none, only ``managed_policy_arns``."""
    managed_policy_arns: NotRequired[list[str]]
    """ARNs of AWS managed policies. Default: none."""
    ownership: OwnershipArgs
    """Who pays and answers for it."""


class PodIdentityRole(pulumi.ComponentResource):
    """An IAM role that only one service account of one cluster can take, and the association that gives it.

    No OpenID Connect provider is needed. Follows "EKS Pod Identity" of the EKS user guide. Associations are eventually
    consistent, and a pod gets its credentials when it is admitted or never: one that is made seconds after its
    association may have to be deleted, so that its successor gets them.
    """

    role_arn: pulumi.Output[str]
    """ARN of the role."""
    association_id: pulumi.Output[str]
    """Known once pods of the service account get credentials: what starts such pods can wait for it."""

    def __init__(self, name: str, args: PodIdentityRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_keys(args, PodIdentityRoleArgs, f"PodIdentityRole {name}")
        ownership = Ownership.of(args["ownership"])
        super().__init__("modelyard:index:PodIdentityRole", name, {}, opts)
        import pulumi_aws as aws

        child = pulumi.ResourceOptions(parent=self)
        self.role, policies = pod_role(
            name,
            cluster_name=args["cluster_name"],
            namespace=args["namespace"],
            service_accounts=[args["service_account"]],
            policy=args.get("policy"),
            managed_policy_arns=args.get("managed_policy_arns", []),
            ownership=ownership,
            opts=child,
        )
        self.association = aws.eks.PodIdentityAssociation(
            name,
            cluster_name=args["cluster_name"],
            namespace=args["namespace"],
            service_account=args["service_account"],
            role_arn=self.role.arn,
            region=args["region"],
            tags=ownership.aws_tags(),
            # A pod that starts between association and policy would get a role that may do nothing.
            opts=pulumi.ResourceOptions(parent=self, depends_on=policies),
        )
        self.role_arn = self.role.arn
        self.association_id = self.association.association_id
        self.register_outputs({"roleArn": self.role_arn, "associationId": self.association_id})


def pod_role(
    name: str,
    *,
    cluster_name: pulumi.Input[str],
    namespace: str,
    service_accounts: list[str],
    ownership: Ownership,
    opts: pulumi.ResourceOptions,
    policy: pulumi.Input[str] | None = None,
    managed_policy_arns: list[str] = [],  # noqa: B006 (never changed)
) -> "tuple[aws.iam.Role, list[pulumi.CustomResource]]":
    """The role alone and its policies, for who makes the association otherwise (EKS add-ons do)."""
    import pulumi_aws as aws

    role = aws.iam.Role(
        logical_name(name, limit=ROLE_LIMIT),
        assume_role_policy=pulumi.Output.from_input(cluster_name).apply(
            lambda cluster: pod_trust(cluster, namespace, service_accounts)
        ),
        tags=ownership.aws_tags(),
        opts=opts,
    )
    policies: list[pulumi.CustomResource] = [
        aws.iam.RolePolicyAttachment(f"{name}-{arn.rsplit('/', 1)[-1]}", role=role.name, policy_arn=arn, opts=opts)
        for arn in managed_policy_arns
    ]
    if policy is not None:
        policies.append(aws.iam.RolePolicy(name, role=role.name, policy=policy, opts=opts))
    return role, policies
