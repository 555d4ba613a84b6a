"""What a ContainerRegistry makes in Google Cloud."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from modelyard.governance.ownership import Ownership
from modelyard.graph import ResourceGraph
from modelyard.offline import Run, run
from modelyard.registry.container_registry import ContainerRegistry
from recorded_graph import one, refused, waits_for

PLATFORM = Ownership("platform", "CC-1000", "prod", "ml-platform@retail.example")
REPOSITORY = "gcp:artifactregistry/repository:Repository"
MEMBER = "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember"
KEY = "projects/shop-keys/locations/europe-west4/keyRings/models/cryptoKeys/images"
SECRET = "projects/shop-prod/secrets/docker-hub/versions/3"
DOCKER = {
    "name": "docker-hub",
    "upstream": "docker.io",
    "credentials": {"google_user": "shop", "google_secret_version": SECRET},
}


def planned(**args: Any) -> Run:
    arguments: Any = {
        "cloud": "gcp",
        "region": "europe-west4",
        "project": "shop-prod",
        "repositories": ["toys/tagging", "books/reviews"],
        "ownership": PLATFORM.args(),
        **args,
    }

    def program() -> None:
        registry = ContainerRegistry("prod-images-europe-west4", arguments)
        pulumi.export("urls", registry.repository_urls)
        pulumi.export("through", registry.pull_through_urls)
        pulumi.export("policy", registry.pull_policy)

    return run(program, project="modelyard", stack="prod", mode="up")


def graph_of(**args: Any) -> ResourceGraph:
    return planned(**args).graph


def test_one_repository_holds_all_images_with_tags_that_stay_and_a_lifecycle() -> None:
    made = one(graph_of(keep_tagged_images=7, expire_untagged_days=3, kms_key=KEY), REPOSITORY).inputs
    assert (made["repositoryId"], made["format"], made["mode"]) == ("prod-images", "DOCKER", "STANDARD_REPOSITORY")
    assert made["location"] == "europe-west4"
    assert made["dockerConfig"] == {"immutableTags": True}
    assert made["vulnerabilityScanningConfig"] == {"enablementConfig": "INHERITED"}
    assert made["kmsKeyName"] == KEY
    assert made["cleanupPolicyDryRun"] is False
    assert made["cleanupPolicies"] == [
        {"id": "untagged", "action": "DELETE", "condition": {"tagState": "UNTAGGED", "olderThan": "259200s"}},
        {"id": "tagged", "action": "DELETE", "condition": {"tagState": "TAGGED"}},
        {"id": "newest", "action": "KEEP", "mostRecentVersions": {"keepCount": 7}},
    ]
    assert PLATFORM.gcp_labels().items() <= made["labels"].items()


def test_images_are_pushed_to_the_own_repository() -> None:
    outputs = planned().outputs
    assert outputs["urls"] == {
        "toys/tagging": "europe-west4-docker.pkg.dev/shop-prod/prod-images/toys/tagging",
        "books/reviews": "europe-west4-docker.pkg.dev/shop-prod/prod-images/books/reviews",
    }
    assert outputs["policy"] == ""


def test_upstreams_have_remote_repositories_whose_password_google_reads_itself() -> None:
    graph = graph_of(pull_through=[DOCKER, {"name": "nvidia", "upstream": "nvcr.io"}], project_number="123456789")
    docker, nvidia = (one(graph, REPOSITORY, f"prod-images-europe-west4-{each}") for each in ("docker-hub", "nvidia"))
    assert docker.inputs["mode"] == nvidia.inputs["mode"] == "REMOTE_REPOSITORY"
    assert docker.inputs["remoteRepositoryConfig"]["dockerRepository"] == {
        "customRepository": {"uri": "https://registry-1.docker.io"}
    }
    assert nvidia.inputs["remoteRepositoryConfig"]["dockerRepository"]["customRepository"]["uri"] == "https://nvcr.io"
    assert docker.inputs["remoteRepositoryConfig"]["upstreamCredentials"] == {
        "usernamePasswordCredentials": {"username": "shop", "passwordSecretVersion": SECRET}
    }
    granted = one(graph, "gcp:secretmanager/secretIamMember:SecretIamMember")
    assert (granted.inputs["project"], granted.inputs["secretId"]) == ("shop-prod", "docker-hub")
    assert waits_for(graph, docker, granted)


def test_the_virtual_repository_looks_at_own_images_first() -> None:
    done = planned(pull_through=[DOCKER], artifact_registry={"virtual": True})
    front = one(done.graph, REPOSITORY, "prod-images-europe-west4-all")
    policies = front.inputs["virtualRepositoryConfig"]["upstreamPolicies"]
    assert [(each["id"], each["priority"]) for each in policies] == [("own", 100), ("docker-hub", 10)]
    assert done.outputs["through"] == {"docker-hub": "europe-west4-docker.pkg.dev/shop-prod/prod-all"}


def test_nodes_of_the_clusters_may_read_and_nothing_else() -> None:
    nodes = "prod-nodes@shop-prod.iam.gserviceaccount.com"
    graph = graph_of(pull_service_accounts=[nodes], pull_through=[DOCKER])
    members = graph.of_type(MEMBER)
    assert {each.inputs["role"] for each in members} == {"roles/artifactregistry.reader"}
    assert {each.inputs["member"] for each in members} == {f"serviceAccount:{nodes}"}
    assert {each.inputs["repository"] for each in members} == {"prod-images", "prod-docker-hub"}


@pytest.mark.parametrize("names", [None, ["east", "west"]])
def test_who_pulls_keeps_the_grant_when_another_goes(names: list[str] | None) -> None:
    """By its place in the list, the second one's grant would be deleted under the first one's name."""
    first, second = (f"{each}@shop-prod.iam.gserviceaccount.com" for each in ("east", "west"))
    named: Any = {} if names is None else {"puller_names": names}
    both = graph_of(pull_service_accounts=[first, second], **named).of_type(MEMBER)
    left: Any = {} if names is None else {"puller_names": names[1:]}
    (alone,) = graph_of(pull_service_accounts=[second], **left).of_type(MEMBER)
    assert [each.urn for each in both if each.inputs["member"] == alone.inputs["member"]] == [alone.urn]


def test_google_may_use_the_key_before_the_repository_needs_it() -> None:
    graph = graph_of(kms_key=KEY, project_number="123456789")
    grant = one(graph, "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember")
    assert grant.inputs["member"] == "serviceAccount:service-123456789@gcp-sa-artifactregistry.iam.gserviceaccount.com"
    assert waits_for(graph, one(graph, REPOSITORY), grant)


REFUSED = [
    (
        {"ecr": {"owns_account_settings": True}},
        "ecr: is for Amazon ECR, and registries here are on Google Cloud; delete it",
    ),
    (
        {"acr": {"defender": True}},
        "acr: is for Azure Container Registry, and registries here are on Google Cloud; delete it",
    ),
    (
        {"scanning": "enhanced"},
        "scanning: Artifact Registry has one kind of scanning, on_push, which looks again at images that are pulled; "
        "write scanning: on_push",
    ),
    (
        {"mutable_tags": ["latest*"]},
        "mutable_tags: Artifact Registry makes all tags of a repository immutable or none; delete mutable_tags, or "
        "write immutable_tags: false",
    ),
    (
        {"replicas": ["europe-west1"]},
        "replicas: Artifact Registry copies no images to europe-west1; the nearest is a registry in the multi-region "
        "'europe', or one in each region with images pushed to both",
    ),
    (
        {"pull_through": [{"name": "images", "upstream": "docker.io"}]},
        "pull_through[0].name: 'images' is that of a repository of Modelyard's own on Artifact Registry (all, images, "
        "own, virtual); write another, such as images-upstream",
    ),
    (
        {"pull_role_arns": ["arn:aws:iam::123456789012:role/node"]},
        "pull_role_arns: is an argument of cloud: aws, not gcp; use pull_service_accounts",
    ),
    ({"region": "us-east-1"}, "region: 'us-east-1' is no region of gcp; write cloud: aws"),
    (
        {"kms_key": KEY.replace("europe-west4", "europe-west1")},
        "kms_key: lies in europe-west1, and what it encrypts in europe-west4; name a key there",
    ),
    (
        {"pull_service_accounts": ["nodes"]},
        "pull_service_accounts[0]: 'nodes' must be an e-mail address such as ml-platform@example.com",
    ),
    ({"cloud": "gpc"}, "cloud: 'gpc' is not a cloud; did you mean 'gcp'? Allowed: aws, gcp, azure"),
]


@pytest.mark.parametrize(("args", "message"), REFUSED)
def test_what_artifact_registry_lacks_is_refused_before_any_resource(args: dict[str, Any], message: str) -> None:
    assert refused(lambda: planned(**args)) == f"ContainerRegistry prod-images-europe-west4: {message}"


def test_a_multi_region_is_a_place() -> None:
    assert one(graph_of(region="europe"), REPOSITORY).inputs["location"] == "europe"
