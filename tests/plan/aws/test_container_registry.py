"""What a ContainerRegistry makes."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest
from modelyard.registry.container_registry import ContainerRegistry

from .program import PLATFORM, REGION, graph_of, one, refusal, run_program, types_of

REPOSITORY = "aws:ecr/repository:Repository"


def declared(**args: Any) -> Any:
    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {
            "region": REGION,
            "repositories": ["toys/tagging", "books/reviews"],
            "ownership": PLATFORM.args(),
            **args,
        }
        registry = ContainerRegistry("prod-us-east-1", arguments, opts)
        pulumi.export("urls", registry.repository_urls)

    return declare


def test_repositories_are_scanned_immutable_and_encrypted_with_a_key_of_their_own() -> None:
    graph = graph_of(declared())
    key = one(graph, "aws:kms/key:Key")
    assert [repository.inputs["name"] for repository in graph.of_type(REPOSITORY)] == [
        "prod/toys/tagging",
        "prod/books/reviews",
    ]
    for repository in graph.of_type(REPOSITORY):
        assert repository.inputs["imageTagMutability"] == "IMMUTABLE"
        assert repository.inputs["imageScanningConfiguration"] == {"scanOnPush": True}
        assert repository.inputs["encryptionConfigurations"][0]["encryptionType"] == "KMS"
        assert key.urn in repository.property_dependencies["encryptionConfigurations"]
        assert PLATFORM.aws_tags().items() <= repository.inputs["tags"].items()


def test_old_images_go() -> None:
    graph = graph_of(declared(keep_tagged_images=7, expire_untagged_days=3))
    policies = graph.of_type("aws:ecr/lifecyclePolicy:LifecyclePolicy")
    assert len(policies) == 2
    untagged, tagged = json.loads(policies[0].inputs["policy"])["rules"]
    assert untagged["selection"] == {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 3,
    }
    assert tagged["selection"] == {
        "tagStatus": "tagged",
        "tagPatternList": ["*"],
        "countType": "imageCountMoreThan",
        "countNumber": 7,
    }
    assert [untagged["rulePriority"], tagged["rulePriority"]] == [1, 2]


@pytest.mark.parametrize(
    ("roles", "pullers", "accounts"),
    [
        ([], ["arn:aws:iam::123456789012:root"], ["123456789012"]),
        (
            ["arn:aws:iam::210987654321:role/node"],
            ["arn:aws:iam::210987654321:role/node"],
            ["123456789012", "210987654321"],
        ),
    ],
)
def test_nobody_else_touches_a_repository(roles: list[str], pullers: list[str], accounts: list[str]) -> None:
    graph = graph_of(declared(pull_role_arns=roles))
    pull, deny = json.loads(graph.of_type("aws:ecr/repositoryPolicy:RepositoryPolicy")[0].inputs["policy"])["Statement"]
    assert pull["Principal"] == {"AWS": pullers}
    assert not [action for action in pull["Action"] if "Put" in action or "Delete" in action or "*" in action]
    assert deny["Effect"] == "Deny"
    assert deny["Condition"]["StringNotEquals"] == {"aws:PrincipalAccount": accounts}


def test_where_images_are_pushed_to() -> None:
    urls = run_program(declared()).outputs["urls"]
    assert urls["toys/tagging"] == f"123456789012.dkr.ecr.{REGION}.amazonaws.com/prod/toys/tagging"


def test_no_repositories_no_key() -> None:
    assert types_of(graph_of(declared(repositories=[]))) == {}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"keep_tagged_images": 0}, "keep_tagged_images: must be at least 1, not 0"),
        ({"repositories": ["Toys"]}, "repositories[0]: 'Toys' must be"),
    ],
)
def test_wrong_arguments_are_refused(args: dict[str, Any], message: str) -> None:
    assert refusal(declared(**args)).startswith(f"ContainerRegistry prod-us-east-1: {message}")
