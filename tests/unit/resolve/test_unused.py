"""What is declared and changes nothing is refused, or told in a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from modelyard.environment.image_registry import ImageRegistry
from modelyard.environment.platform import Platform
from modelyard.environment.target import Cloud
from modelyard.resolve.cluster import decide_cluster
from modelyard.resolve.resolved import ResolvedCluster
from modelyard.resolve.storage import storage_findings
from modelyard.resolve.unused import of_others, sections_of_others, unused_notices

from .test_storage import AKS, AWS, GKE, platform
from .world import PLATFORM, resolved, write

SECTIONS = {"ecr": {"owns_account_settings": True}, "artifact_registry": {"virtual": True}, "acr": {"export": True}}
NAMES = {"ecr": "Amazon ECR", "artifact_registry": "Artifact Registry", "acr": "Azure Container Registry"}
MANAGED = {
    "aws": {"regions": ["us-east-1"]},
    "gcp": {"project": "retail-ml", "regions": ["europe-west4"]},
}


@pytest.mark.parametrize(
    ("clusters", "own", "clouds"),
    [
        ([AWS], {"ecr"}, "AWS"),
        ([GKE], {"artifact_registry"}, "Google Cloud"),
        ([AKS], {"acr"}, "Azure"),
        ([AKS, GKE], {"acr", "artifact_registry"}, "Google Cloud and Azure"),
        ([AWS, GKE, AKS], set(SECTIONS), ""),
    ],
)
@pytest.mark.parametrize("repositories", [[], ["toys/a"]], ids=["no repository", "a repository"])
def test_sections_of_registries_that_no_cluster_is_beside(
    clusters: list[dict[str, Any]], own: set[str], clouds: str, repositories: list[str]
) -> None:
    declared = platform(clusters, image_registry={"repositories": repositories, **SECTIONS})
    assert storage_findings(declared) == [
        (("image_registry", section), f"is for {NAMES[section]}, and registries here are on {clouds}; delete it")
        for section in SECTIONS
        if section not in own
    ]


def test_where_there_is_no_registry_at_all() -> None:
    declared = platform([], managed={"gcp": MANAGED["gcp"]}, image_registry={"acr": {"export": True}})
    assert storage_findings(declared) == [
        (("image_registry", "acr"), "is for Azure Container Registry, and there is no registry; delete it")
    ]


@pytest.mark.parametrize("cloud", ["aws", "gcp", "azure"])
def test_a_registry_is_told_its_own_section_alone(cloud: Cloud) -> None:
    told = ImageRegistry().model_dump(exclude=of_others(cloud))
    assert len(set(SECTIONS) & set(told)) == 1
    assert list(sections_of_others(ImageRegistry.model_validate(told), {cloud})) == []


@pytest.mark.parametrize(
    ("declared", "sentences"),
    [
        (platform([AWS]), []),
        (platform([AWS], aws_account_id="123456789012", image_registry={"repositories": ["a/b"]}), []),
        (platform([AKS], aws_account_id="123456789012"),
         ["aws_account_id guards nothing, as nothing of this environment is on AWS"]),
        (platform([], managed=MANAGED, aws_account_id="123456789012"), [
            "without effect, as there is no cluster: gateway",
            "no model of this environment is served by managed.aws, whose stores of models are made all the same",
            "no model of this environment is served by managed.gcp, whose stores of models are made all the same",
        ]),
        (platform([AWS], image_registry={"scanning": "enhanced", "keep_tagged_images": 9}),
         ["without effect, as image_registry names no repositories and no pull_through: keep_tagged_images, scanning"]),
    ],
)  # fmt: skip
def test_what_may_stay_and_does_nothing(declared: Platform, sentences: list[str]) -> None:
    assert list(unused_notices(declared, clusters(declared), [])) == sentences


def clusters(declared: Platform) -> list[ResolvedCluster]:
    return [decide_cluster(each, environment="prod", managed=declared.managed)[0] for each in declared.clusters]


def test_a_quota_that_bounds_nothing(tmp_path: Path) -> None:
    quotas = """\
quotas:
  - {region: us-east-1, family: G and VT, limit: 200}
  - {region: us-east-1, family: G and VT, capacity: spot, limit: 200}
  - {region: us-east-1, family: P, limit: 200}
  - {region: us-west-2, family: Standard, limit: 200}
  - {cloud: gcp, region: europe-west4, family: NVIDIA_L4_GPUS, capacity: spot, limit: 8}
"""
    notices = resolved(write(tmp_path, PLATFORM + quotas)).notices
    assert [each for each in notices if "bounds" in each] == [
        "the quota 'P' (on demand) of us-east-1 bounds no pool of this environment",
        "the quota 'Standard' (on demand) of us-west-2 bounds no pool of this environment",
        "the quota 'NVIDIA_L4_GPUS' (spot) of europe-west4 bounds no pool of this environment",
    ]
