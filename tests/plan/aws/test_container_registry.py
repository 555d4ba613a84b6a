"""What a ContainerRegistry makes."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest
from modelyard.registry.container_registry import ContainerRegistry

from .program import PLATFORM, REGION, graph_of, one, refusal, run_program, types_of, waits_for

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
        pulumi.export("through", registry.pull_through_urls)
        pulumi.export("policy", registry.pull_policy)

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


SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:ecr-pullthroughcache/docker-hub-AbCdEf"
DOCKER = {"name": "docker-hub", "upstream": "docker.io", "credentials": {"aws_secret_arn": SECRET}}
KUBERNETES = {"name": "k8s", "upstream": "registry.k8s.io"}


def test_some_tags_may_move() -> None:
    for repository in graph_of(declared(mutable_tags=["latest*", "nightly"])).of_type(REPOSITORY):
        assert repository.inputs["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
        assert repository.inputs["imageTagMutabilityExclusionFilters"] == [
            {"filter": "latest*", "filterType": "WILDCARD"},
            {"filter": "nightly", "filterType": "WILDCARD"},
        ]


@pytest.mark.parametrize(("scanning", "on_push"), [("on_push", True), ("none", False)])
def test_scanning_is_said_for_each_repository(scanning: str, on_push: bool) -> None:
    for repository in graph_of(declared(scanning=scanning)).of_type(REPOSITORY):
        assert repository.inputs["imageScanningConfiguration"] == {"scanOnPush": on_push}


def test_upstreams_are_fetched_through_and_kept_like_own_images() -> None:
    done = run_program(declared(pull_through=[DOCKER, KUBERNETES]))
    rules = {
        each.inputs["ecrRepositoryPrefix"]: each
        for each in done.graph.of_type("aws:ecr/pullThroughCacheRule:PullThroughCacheRule")
    }
    assert rules["prod/docker-hub"].inputs["upstreamRegistryUrl"] == "registry-1.docker.io"
    assert rules["prod/docker-hub"].inputs["credentialArn"] == SECRET
    assert "credentialArn" not in rules["prod/k8s"].inputs
    templates = {
        each.inputs["prefix"]: each
        for each in done.graph.of_type("aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate")
    }
    key = one(done.graph, "aws:kms/key:Key")
    for prefix, rule in rules.items():
        template = templates[prefix]
        assert waits_for(done.graph, rule, template)
        assert template.inputs["appliedFors"] == ["PULL_THROUGH_CACHE"]
        assert template.inputs["encryptionConfigurations"][0]["encryptionType"] == "KMS"
        assert key.urn in template.property_dependencies["encryptionConfigurations"]
        assert PLATFORM.aws_tags().items() <= template.inputs["resourceTags"].items()
        assert template.inputs["customRoleArn"].startswith("arn:aws:iam::")
    assert done.outputs["through"]["k8s"] == f"123456789012.dkr.ecr.{REGION}.amazonaws.com/prod/k8s"


def test_the_policy_of_who_pulls_names_these_images_alone() -> None:
    statements = json.loads(run_program(declared(pull_through=[KUBERNETES])).outputs["policy"])["Statement"]
    login, pull, fetch = statements
    base = f"arn:aws:ecr:{REGION}:123456789012:repository/prod"
    assert login["Action"] == "ecr:GetAuthorizationToken"
    assert pull["Resource"] == [f"{base}/toys/tagging", f"{base}/books/reviews", f"{base}/k8s/*"]
    assert fetch["Resource"] == [f"{base}/k8s/*"]
    assert not [action for each in statements for action in each["Action"] if action.startswith("ecr:Put")]


def test_settings_of_the_whole_account_are_written_by_their_owner_alone() -> None:
    whole = {"replicas": ["us-west-2", "eu-west-1", "westeurope"], "scanning": "enhanced"}
    once = ("aws:ecr/replicationConfiguration:ReplicationConfiguration", "aws:ecr/registryPolicy:RegistryPolicy")
    assert not [each for each in once if graph_of(declared(pull_through=[KUBERNETES])).of_type(each)]
    owner = {"owns_account_settings": True}
    role = "arn:aws:iam::123456789012:role/nodes"
    graph = graph_of(declared(ecr=owner, pull_through=[KUBERNETES], pull_role_arns=[role], **whole))
    rule = one(graph, once[0]).inputs["replicationConfiguration"]["rules"][0]
    assert [each["region"] for each in rule["destinations"]] == ["us-west-2", "eu-west-1"]
    assert rule["repositoryFilters"] == [{"filter": "prod/", "filterType": "PREFIX_MATCH"}]
    scanning = one(graph, "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration").inputs
    assert scanning["scanType"] == "ENHANCED"
    assert {each["scanFrequency"] for each in scanning["rules"]} == {"SCAN_ON_PUSH", "CONTINUOUS_SCAN"}
    policy = json.loads(one(graph, once[1]).inputs["policy"])["Statement"][0]
    assert policy["Principal"] == {"AWS": [role]}
    assert policy["Resource"] == [f"arn:aws:ecr:{REGION}:123456789012:repository/prod/k8s/*"]


def test_copies_are_kept_like_the_originals() -> None:
    graph = graph_of(declared(ecr={"owns_account_settings": True}, replicas=["us-west-2"]))
    template = one(graph, "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate")
    assert (template.inputs["region"], template.inputs["prefix"]) == ("us-west-2", "prod")
    assert template.inputs["appliedFors"] == ["REPLICATION"]
    assert template.inputs["imageTagMutability"] == "IMMUTABLE"
    assert template.inputs["encryptionConfigurations"][0]["encryptionType"] == "KMS"
    assert PLATFORM.aws_tags().items() <= template.inputs["resourceTags"].items()
    keys = {key.inputs["region"]: key.urn for key in graph.of_type("aws:kms/key:Key")}
    assert keys["us-west-2"] in template.property_dependencies["encryptionConfigurations"]
    assert waits_for(graph, one(graph, "aws:ecr/replicationConfiguration:ReplicationConfiguration"), template)


def test_one_registry_says_how_copies_are_kept() -> None:
    graph = graph_of(
        declared(ecr={"owns_account_settings": True}, replicas=["us-west-2", "eu-west-1"], replica_templates=[])
    )
    assert not graph.of_type("aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate")
    assert graph.of_type("aws:ecr/replicationConfiguration:ReplicationConfiguration")


def test_every_push_is_signed_by_ecr_where_it_is_asked_for() -> None:
    graph = graph_of(declared(ecr={"owns_account_settings": True, "managed_signing": True}))
    profile = one(graph, "aws:signer/signingProfile:SigningProfile")
    assert profile.inputs["name"] == "prod_images_us_east_1", "letters, digits and underscores alone"
    assert profile.inputs["platformId"] == "Notation-OCI-SHA384-ECDSA"
    assert PLATFORM.aws_tags().items() <= profile.inputs["tags"].items()
    signing = one(graph, "aws-native:ecr:SigningConfiguration")
    (rule,) = signing.inputs["rules"]
    assert rule["repositoryFilters"] == [{"filter": "prod/*", "filterType": "WILDCARD_MATCH"}]
    assert profile.urn in signing.property_dependencies["rules"]


def test_the_scanner_of_an_account_that_is_owned_is_the_one_that_is_supported() -> None:
    setting = one(graph_of(declared(ecr={"owns_account_settings": True})), "aws:ecr/accountSetting:AccountSetting")
    assert (setting.inputs["name"], setting.inputs["value"]) == ("BASIC_SCAN_TYPE_VERSION", "AWS_NATIVE")


OWNER = (
    "ecr.owns_account_settings: is false, and {} of Amazon ECR exists once in an account and region, where the last "
    "environment that writes it wins; write true in the one environment of the account that owns it"
)
REFUSED = [
    ({"replicas": ["us-west-2"]}, OWNER.format("replicas")),
    (
        {"replicas": ["us-west-2"], "scanning": "enhanced"},
        OWNER.format("replicas and scanning: enhanced"),
    ),
    ({"ecr": {"managed_signing": True}}, OWNER.format("ecr.managed_signing")),
    (
        {"pull_through": [{"name": "nvidia", "upstream": "nvcr.io"}]},
        "pull_through[0].upstream: 'nvcr.io' is not a registry that Amazon ECR fetches from; did you mean 'ghcr.io'? "
        "Allowed: public.ecr.aws, registry.k8s.io, quay.io, docker.io, ghcr.io, registry.gitlab.com, cgr.dev",
    ),
    (
        {"pull_through": [{"name": "docker-hub", "upstream": "docker.io"}]},
        "pull_through[0].credentials: Amazon ECR fetches from docker.io with credentials alone; add credentials: "
        "{aws_secret_arn: ...}",
    ),
    (
        {"pull_through": [{**DOCKER, "credentials": {"aws_secret_arn": SECRET.replace("ecr-pullthroughcache/", "")}}]},
        "pull_through[0].credentials.aws_secret_arn: names a secret that Amazon ECR may not read; its name has to "
        "begin with ecr-pullthroughcache/",
    ),
    (
        {"pull_through": [{**DOCKER, "credentials": {"aws_secret_arn": SECRET.replace("us-east-1", "eu-west-1")}}]},
        "pull_through[0].credentials.aws_secret_arn: names a secret of eu-west-1, and Amazon ECR in us-east-1 reads "
        "those of us-east-1 alone; name its replica there",
    ),
    (
        {"pull_through": [{**KUBERNETES, "credentials": {"aws_secret_arn": SECRET}}]},
        "pull_through[0].credentials.aws_secret_arn: Amazon ECR takes no credentials for registry.k8s.io; delete it",
    ),
    (
        {"replicas": ["the-moon"], "ecr": {"owns_account_settings": True}},
        "replicas[0]: 'the-moon' is no region of AWS, Google Cloud or Azure, such as eu-west-1, europe-west4 or "
        "westeurope",
    ),
    ({"project": "shop-prod"}, "project: is an argument of cloud: gcp, not aws; delete it"),
    (
        {"mutable_tags": ["latest"], "immutable_tags": False},
        "mutable_tags are exceptions to immutable_tags, which is false; delete one of the two",
    ),
    ({"pull_through": [KUBERNETES, KUBERNETES]}, "pull_through names k8s twice; delete one"),
    ({"repositories": ["toys/a", "toys/a"]}, "repositories[1]: the repository 'toys/a' is named twice; delete one"),
    (
        {"mutable_tags": ["v*-*-*"]},
        "mutable_tags[0]: 'v*-*-*' must be a tag: letters, digits, dots, hyphens and underscores, with * for any text "
        "at most twice",
    ),
    ({"region": "europe"}, "region: 'europe' is no region of aws; write cloud: gcp"),
    (
        {"pull_role_arns": ["nodes"]},
        "pull_role_arns[0]: 'nodes' must be the ARN of an IAM role, such as "
        "arn:aws:iam::123456789012:role/platform-admin",
    ),
]


@pytest.mark.parametrize(("args", "message"), REFUSED)
def test_what_ecr_does_not_do_is_refused_before_any_resource(args: dict[str, Any], message: str) -> None:
    assert refusal(declared(**args)) == f"ContainerRegistry prod-us-east-1: {message}"
