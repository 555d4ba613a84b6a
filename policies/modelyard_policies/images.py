"""Container images: the same reference always gives the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from modelyard.graph import UNKNOWN, Resource, ResourceGraph
from modelyard.placement.argo_rollouts import ROLLOUT
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from modelyard_policies.inputs import read, shown
from modelyard_policies.pods import CONTROLLED, RUNTIMES, WORKLOADS, Pods, containers, templates
from modelyard_policies.registries import REPOSITORY
from modelyard_policies.resource_types import ResourceTypes
from modelyard_policies.rule import Finding, StackRule

_DIGEST: Final = re.compile(r"@sha256:[0-9a-f]{64}$")
_ECR: Final = re.compile(r"^\d{12}\.dkr\.ecr(-fips)?\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/")
_BUILDS: Final = ("docker-build:index:Image", "docker-build:index:Index")
_ADVICE: Final = "name the image by digest (@sha256:...), or by a tag of a repository with immutable tags"


def rules() -> list[StackRule]:
    return [
        StackRule(
            "image-pinned",
            "Images are named by digest, or by a tag of a repository whose tags are immutable.",
            types=WORKLOADS | RUNTIMES | ResourceTypes(REPOSITORY, *_BUILDS),
            check=_check,
            settings={"immutable_repositories": {"type": "array", "items": {"type": "string"}}},
        )
    ]


def _check(graph: ResourceGraph, config: Mapping[str, Any]) -> Iterator[Finding]:
    repositories = graph.of_type(REPOSITORY)
    immutable = [str(name) for name in config.get("immutable_repositories", ())]
    immutable += [name for r in repositories if _immutable(r) and isinstance(name := r.inputs.get("name"), str)]
    undecided: list[str] = []
    for workload in graph:
        for label, image in _images(workload):
            if image is UNKNOWN:
                message = _unknown_image(graph, workload)
                if message is None:
                    undecided.append(f"{workload.name}, image of {label}")
            else:
                message = _known_image(image, immutable)
            if message:
                yield Finding(workload.urn, f"{label} {message}")
    if undecided:
        raise UnknownValueError(UNKNOWN_STRING_VALUE, undecided[:1])


def _images(workload: Resource) -> Iterator[tuple[str, Any]]:
    """The images that a resource names. A controller or a ServingRuntime brings those that it does not name: a runtime
    is judged where it is declared, and what no program declares by nobody."""
    if workload.type in RUNTIMES:
        found = [Pods("", workload.inputs)]
    elif workload.type in WORKLOADS:
        found = templates(workload.type, workload.inputs)
    else:
        return
    for pods in found:
        for container in containers(pods.template):
            image = read(container.inputs, "image")
            if image is not None or workload.type not in CONTROLLED or workload.type == ROLLOUT:
                yield f"{pods.label}{container.label}", image


def _known_image(image: Any, immutable: list[str]) -> str:
    if not isinstance(image, str) or not image:
        return f"names no image; {_ADVICE}."
    if _DIGEST.search(image):
        return ""
    repository, _, tag = image.rpartition(":") if ":" in image.rpartition("/")[2] else (image, "", "")
    if not tag:
        return f"runs {shown(image)}, which means whatever 'latest' is that day; {_ADVICE}."
    if tag == "latest":
        return f"runs {shown(image)}, and 'latest' is a tag that moves; {_ADVICE}."
    path = _ECR.sub("", repository)
    if path != repository and any(fnmatchcase(path, name) for name in immutable):
        return ""
    return f"runs {shown(image)}, whose tag can be moved to other contents; {_ADVICE}."


def _unknown_image(graph: ResourceGraph, workload: Resource) -> str | None:
    """Of an image that this stack builds, which is named by the digest that comes of it, or whose address a repository
    of this stack gives; None where it comes from elsewhere."""
    sources = [graph.get(urn) for urn in workload.property_dependencies.get("spec", ())]
    if any(source and source.type in _BUILDS for source in sources):
        return ""
    repositories = [source for source in sources if source and source.type == REPOSITORY]
    if not repositories:
        return None
    mutable = [source.name for source in repositories if not _immutable(source)]
    if not mutable:
        return ""
    return f"runs an image of repository {shown(mutable[0])}, whose tags can be moved; {_ADVICE}."


def _immutable(repository: Resource) -> bool:
    return repository.inputs.get("imageTagMutability") == "IMMUTABLE"
