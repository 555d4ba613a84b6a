"""image-pinned, registry-immutable and registry-scan-on-push."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.graph import UNKNOWN, Resource

from .recorded import IMAGE, STACK, container, deployment, graph, messages, resource, urn, verdicts

REPOSITORY = "aws:ecr/repository:Repository"
ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com/"
ADVICE = "name the image by digest (@sha256:...), or by a tag of a repository with immutable tags."


def repository(name: str = "triton", mutability: str = "IMMUTABLE") -> Resource:
    return resource(REPOSITORY, {"name": f"prod/{name}", "imageTagMutability": mutability}, name)


def running(image: Any, **sources: Any) -> Resource:
    found = deployment(pod={"containers": [container(image=image)]})
    found.property_dependencies.update(sources)
    return found


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (IMAGE, []),
        (f"{ECR}prod/triton:26.07", []),
        ("localhost:5000/x@sha256:" + "a" * 64, []),
        (
            f"{ECR}prod/other:1",
            [f"container 'triton' runs '{ECR}prod/other:1', whose tag can be moved to other contents; {ADVICE}"],
        ),
        (
            "nvcr.io/nvidia/tritonserver:26.07-py3",
            [
                "container 'triton' runs 'nvcr.io/nvidia/tritonserver:26.07-py3', whose tag can be moved to other "
                f"contents; {ADVICE}"
            ],
        ),
        (
            "prod/triton:26.07",
            [f"container 'triton' runs 'prod/triton:26.07', whose tag can be moved to other contents; {ADVICE}"],
        ),
        (
            f"{ECR}prod/triton:latest",
            [f"container 'triton' runs '{ECR}prod/triton:latest', and 'latest' is a tag that moves; {ADVICE}"],
        ),
        (
            "localhost:5000/triton",
            [f"container 'triton' runs 'localhost:5000/triton', which means whatever 'latest' is that day; {ADVICE}"],
        ),
        (None, [f"container 'triton' names no image; {ADVICE}"]),
        (
            "x@sha256:short",
            [f"container 'triton' runs 'x@sha256:short', whose tag can be moved to other contents; {ADVICE}"],
        ),
    ],
)
def test_image_pinned(image: Any, expected: list[str]) -> None:
    assert messages("image-pinned", repository(), running(image)) == expected


def test_a_repository_of_another_stack_can_be_declared_immutable() -> None:
    found = running(f"{ECR}prod/triton:26.07")
    assert messages("image-pinned", found, settings={"immutable_repositories": ["prod/*"]}) == []
    assert len(messages("image-pinned", found, settings={"immutable_repositories": ["dev/*"]})) == 1


@pytest.mark.parametrize(
    ("mutability", "expected"),
    [
        ("IMMUTABLE", []),
        ("MUTABLE", [f"container 'triton' runs an image of repository 'triton', whose tags can be moved; {ADVICE}"]),
    ],
)
def test_an_unknown_image_is_judged_by_the_repository_that_its_address_comes_from(
    mutability: str, expected: list[str]
) -> None:
    source = repository(mutability=mutability)
    found = running(UNKNOWN, spec=(source.urn,))
    assert messages("image-pinned", source, found) == expected


@pytest.mark.parametrize("kind", ["Image", "Index"])
def test_an_image_that_the_stack_builds_is_named_by_its_digest(kind: str) -> None:
    source, built = repository(mutability="MUTABLE"), resource(f"docker-build:index:{kind}", {"push": True})
    found = running(UNKNOWN, spec=(source.urn, built.urn))
    assert verdicts("image-pinned", graph(source, built, found)) == []


def test_an_unknown_image_from_elsewhere_leaves_a_note_and_the_rest_is_judged() -> None:
    unknown = running(UNKNOWN)
    moving = deployment("other", pod={"containers": [container(image="x:1")]})
    found = verdicts("image-pinned", graph(unknown, moving))
    assert [(verdict.urn, verdict.level) for verdict in found] == [
        (urn("kubernetes:apps/v1:Deployment", "other"), "mandatory"),
        (STACK, "advisory"),
    ]
    assert found[1].message.endswith(
        "string value at .tagging, image of container 'triton' can't be known during preview"
    )


def test_init_containers_and_cron_jobs_are_looked_at() -> None:
    pod = {"spec": {"initContainers": [{"name": "fetch", "image": "aws-cli:2"}], "containers": []}}
    job = resource("kubernetes:batch/v1:CronJob", {"spec": {"jobTemplate": {"spec": {"template": pod}}}})
    assert messages("image-pinned", job) == [
        f"init container 'fetch' runs 'aws-cli:2', whose tag can be moved to other contents; {ADVICE}"
    ]


@pytest.mark.parametrize(
    ("rule", "inputs", "expected"),
    [
        ("registry-immutable", {"imageTagMutability": "IMMUTABLE"}, []),
        (
            "registry-immutable",
            {"imageTagMutability": "MUTABLE"},
            [
                "imageTagMutability is 'MUTABLE', so a tag can be moved to another image; set it to 'IMMUTABLE'.",
            ],
        ),
        (
            "registry-immutable",
            {},
            ["imageTagMutability is not set, so a tag can be moved to another image; set it to 'IMMUTABLE'."],
        ),
        (
            "registry-immutable",
            {
                "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
                "imageTagMutabilityExclusionFilters": [{"filter": "buildcache-*", "filterType": "WILDCARD"}],
            },
            [],
        ),
        (
            "registry-immutable",
            {
                "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
                "imageTagMutabilityExclusionFilters": [{"filter": "*", "filterType": "WILDCARD"}],
            },
            [
                "imageTagMutabilityExclusionFilters excludes '*', so every tag can be moved to another image; exclude "
                "those alone that nobody runs, such as 'buildcache-*'."
            ],
        ),
        ("registry-scan-on-push", {"imageScanningConfiguration": {"scanOnPush": True}}, []),
        (
            "registry-scan-on-push",
            {"imageScanningConfiguration": {"scanOnPush": False}},
            ["imageScanningConfiguration.scanOnPush is false, so nobody learns of a vulnerable image; set it to true."],
        ),
        (
            "registry-scan-on-push",
            {},
            [
                "imageScanningConfiguration.scanOnPush is not set, so nobody learns of a vulnerable image; set it to "
                "true."
            ],
        ),
    ],
)
def test_registries(rule: str, inputs: dict[str, Any], expected: list[str]) -> None:
    assert messages(rule, resource(REPOSITORY, inputs)) == expected
