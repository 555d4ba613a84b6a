"""Repositories for the container images that departments build."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from ..environment.image_registry import ImageRegistry
from ..governance.arguments import read_arguments
from ..governance.encryption_key import encryption_key
from ..governance.ownership import Ownership, OwnershipArgs
from ..governance.partition import partition
from ..governance.policy_document import policy_document
from ..resolve.names import repository_name
from .lifecycle import lifecycle_policy

_PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


class ContainerRegistryArgs(TypedDict):
    """Image repositories of one region."""

    region: str
    """AWS region; an environment has the same repositories in every region that has a cluster."""
    repositories: NotRequired[Sequence[str]]
    """Created in every region that has a cluster, named <environment>/<repository>. Default: none."""
    keep_tagged_images: NotRequired[int]
    """Images with a tag that the lifecycle keeps, newest first. Default: 50."""
    expire_untagged_days: NotRequired[int]
    """Days after which an image without a tag goes. Default: 14."""
    pull_role_arns: NotRequired[Sequence[pulumi.Input[str]]]
    """Roles that may pull whatever their own policies say, for example nodes of another account.
    Default: whom the account's IAM policies allow."""
    force_delete: NotRequired[bool]
    """Lets ``pulumi destroy`` delete repositories that still hold images. For development only. Default: false."""
    ownership: OwnershipArgs
    """Who pays and answers for it."""


class ContainerRegistry(pulumi.ComponentResource):
    """ECR repositories: scanned on push, tags immutable, encrypted with a KMS key of their own, old images expired.

    Images are pushed to each region by whoever builds them (``repository_urls`` says where). There is no
    cross-region replication: its configuration exists once in an account and region, so two environments of one
    account would overwrite each other's.

    Raises:
        InvalidEnvironment: an argument is wrong.
    """

    repository_urls: pulumi.Output[Mapping[str, str]]
    """Repository as declared to the address that images are pushed to and pulled from."""

    def __init__(self, name: str, args: ContainerRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = read_arguments(ImageRegistry, args, ContainerRegistryArgs, f"ContainerRegistry {name}")
        ownership = Ownership.of(args["ownership"])
        super().__init__("modelyard:index:ContainerRegistry", name, {}, opts)
        region = args["region"]
        self.repositories: dict[str, aws.ecr.Repository] = {}
        if declared.repositories:
            child = pulumi.ResourceOptions(parent=self)
            account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOptions(parent=self)).account_id
            key = encryption_key(
                name,
                purpose=f"Container images of {ownership.environment}",
                region=region,
                account_id=account_id,
                ownership=ownership,
                opts=child,
            )
            policy = _repository_policy(account_id, region, args.get("pull_role_arns", []))
            for repository in declared.repositories:
                self.repositories[repository] = _repository(
                    f"{name}-{repository}",
                    physical_name=repository_name(ownership.environment, repository),
                    declared=declared,
                    key_arn=key.arn,
                    policy=policy,
                    force_delete=args.get("force_delete", False),
                    region=region,
                    ownership=ownership,
                    child=child,
                )
        self.repository_urls = pulumi.Output.all(
            **{name: repository.repository_url for name, repository in self.repositories.items()}
        )
        self.register_outputs({"repositoryUrls": self.repository_urls})


def _repository(
    name: str,
    *,
    physical_name: str,
    declared: ImageRegistry,
    key_arn: pulumi.Input[str],
    policy: pulumi.Input[str],
    force_delete: bool,
    region: str,
    ownership: Ownership,
    child: pulumi.ResourceOptions,
) -> "aws.ecr.Repository":
    repository = aws.ecr.Repository(
        name,
        name=physical_name,
        image_tag_mutability="IMMUTABLE",
        image_scanning_configuration={"scan_on_push": True},
        encryption_configurations=[{"encryption_type": "KMS", "kms_key": key_arn}],
        force_delete=force_delete,
        region=region,
        tags=ownership.aws_tags(),
        opts=child,
    )
    aws.ecr.LifecyclePolicy(
        name, repository=repository.name, policy=lifecycle_policy(declared), region=region, opts=child
    )
    aws.ecr.RepositoryPolicy(name, repository=repository.name, policy=policy, region=region, opts=child)
    return repository


def _repository_policy(
    account_id: pulumi.Input[str], region: str, pull_role_arns: Sequence[pulumi.Input[str]]
) -> pulumi.Output[str]:
    """Roles that are named may pull; nobody outside the account and those roles may do anything.

    Without named roles, the account's IAM policies say who pulls.
    """

    def document(known: Sequence[str]) -> str:
        account, *roles = known
        return policy_document(
            {
                "Sid": "Pull",
                "Effect": "Allow",
                "Principal": {"AWS": roles or [f"arn:{partition(region)}:iam::{account}:root"]},
                "Action": _PULL,
            },
            {
                "Sid": "NobodyElse",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "ecr:*",
                "Condition": {
                    "StringNotEquals": {
                        "aws:PrincipalAccount": sorted({account, *(role.split(":")[4] for role in roles)})
                    },
                    # AWS's own services (replication, scanning) act without a principal account.
                    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                },
            },
        )

    return pulumi.Output.all(account_id, *pull_role_arns).apply(document)
