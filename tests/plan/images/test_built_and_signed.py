"""Images of models on three clouds: built of a declaration, served by digest, and signed by somebody who is named."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from modelyard.graph import UNKNOWN, Resource
from modelyard.review.build import plan
from modelyard.review.plan import PlanDocument

from ..managed_project import of_type
from ..tagging_project import write_tagging
from ..test_clusters_of_three_clouds import PLATFORM, SHOP

SIGNED = {
    **PLATFORM,
    "aws_account_id": "123456789012",
    "image_verification": {"keys": [{"name": "release", "kms": "awskms:///alias/signing"}]},
}
BUILT = {**SHOP, "models": [{**SHOP["models"][0], "image": "shop/tagging", "build": {"context": "../images/tagging"}}]}
BUILD = "docker-build:index:Image"
POLICY = "kubernetes:policies.kyverno.io/v1:ImageValidatingPolicy"


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> PlanDocument:
    stacks = write_tagging(tmp_path_factory.mktemp("signed"), SIGNED, BUILT)
    context = stacks / "images" / "tagging"
    context.mkdir(parents=True)
    (context / "Dockerfile").write_text("FROM example.com/triton:1\n")
    return plan(stacks / "prod", stacks)


def found(document: PlanDocument, type_: str) -> dict[str, Resource]:
    return {each.name: each for each in of_type(document, type_)}


def test_an_image_is_built_once_for_the_registry_of_each_region(document: PlanDocument) -> None:
    builds = found(document, BUILD)
    assert sorted(builds) == [
        "prod-northeurope-tagging",
        "prod-us-central1-tagging",
        "prod-us-east-1-tagging",
    ]
    for build in builds.values():
        assert build.inputs["context"]["location"] == "images/tagging", "from where the program runs"
        assert (build.inputs["push"], build.inputs["buildOnPreview"]) == (True, False)


def test_a_push_logs_in_where_the_cloud_gives_a_token(document: PlanDocument) -> None:
    users = {
        name: [each["username"] for each in build.inputs.get("registries", [])]
        for name, build in found(document, BUILD).items()
    }
    assert users == {
        "prod-us-east-1-tagging": ["AWS"],
        "prod-us-central1-tagging": ["oauth2accesstoken"],
        "prod-northeurope-tagging": [],
    }


def test_pods_run_what_was_built(document: PlanDocument) -> None:
    builds = found(document, BUILD)
    served = {each.name: each for each in of_type(document, "kubernetes:apps/v1:Deployment")}
    for cluster, region in (("east", "us-east-1"), ("iowa", "us-central1"), ("dublin", "northeurope")):
        deployment = served[f"prod-{cluster}-tagging"]
        (container,) = deployment.inputs["spec"]["template"]["spec"]["containers"]
        assert container["image"] is UNKNOWN, "its digest is known when it is built"
        assert builds[f"prod-{region}-tagging"].urn in deployment.dependencies


def test_a_build_costs_nothing_that_is_not_known(document: PlanDocument) -> None:
    told = yaml.safe_dump([str(each) for each in document.costs.unpriced])
    assert "docker-build" not in told


def test_every_cluster_asks_for_signatures_of_its_own_images(document: PlanDocument) -> None:
    images = {name: each.inputs["spec"]["matchImageReferences"] for name, each in found(document, POLICY).items()}
    assert images["prod-east-images"] == [{"glob": "123456789012.dkr.ecr.us-east-1.amazonaws.com/prod/shop/tagging*"}]
    assert images["prod-iowa-images"] == [
        {"glob": "us-central1-docker.pkg.dev/northwind-prod/prod-images/shop/tagging*"}
    ]
    (dublin,) = images["prod-dublin-images"]
    assert dublin["glob"].endswith(".azurecr.io/prod/shop/tagging*")
    whose = {name: each.inputs["spec"]["credentials"]["providers"] for name, each in found(document, POLICY).items()}
    assert whose == {"prod-east-images": ["amazon"], "prod-iowa-images": ["google"], "prod-dublin-images": ["azure"]}


def test_kyverno_may_pull_and_nothing_else(document: PlanDocument) -> None:
    binding = found(document, "aws:eks/podIdentityAssociation:PodIdentityAssociation")["prod-east-kyverno"]
    assert (binding.inputs["namespace"], binding.inputs["serviceAccount"]) == (
        "kyverno",
        "kyverno-admission-controller",
    )
    releases: dict[str, Any] = {
        name: each.inputs["values"]["admissionController"]
        for name, each in found(document, "kubernetes:helm.sh/v3:Release").items()
        if each.inputs["chart"] == "kyverno"
    }
    assert sorted(releases) == ["prod-dublin-images-kyverno", "prod-east-images-kyverno", "prod-iowa-images-kyverno"]
    account = releases["prod-iowa-images-kyverno"]["rbac"]["serviceAccount"]["annotations"]
    assert list(account) == ["iam.gke.io/gcp-service-account"]
    dublin = releases["prod-dublin-images-kyverno"]
    assert dublin["podLabels"] == {"azure.workload.identity/use": "true"}
    assert list(dublin["rbac"]["serviceAccount"]["annotations"]) == ["azure.workload.identity/client-id"]
    readers = found(document, "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember")
    members = [str(each.inputs["member"]) for each in readers.values()]
    assert any(each.startswith("serviceAccount:prod-iowa-kyverno") for each in members)
