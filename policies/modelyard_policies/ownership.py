"""Who pays: department tags on AWS and Azure, labels on Google Cloud and Kubernetes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from modelyard.catalog.spelling import nearest
from modelyard.graph import UNKNOWN
from pulumi_policy import ResourceValidationArgs

from modelyard_policies.inputs import decoded, elements, entries, listed, read, require, shown
from modelyard_policies.pods import CONTROLLED, WORKLOADS, template, templates
from modelyard_policies.resource_graph import plain
from modelyard_policies.resource_types import ResourceTypes
from modelyard_policies.rule import ResourceRule

AUTO_SCALING_GROUP: Final = "aws:autoscaling/group:Group"
LAUNCH_TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
PLATFORM: Final = "platform"
"""Department of what all departments share."""

_LABEL_PREFIX: Final = "modelyard.dev/"
_LAUNCHED: Final = ("instance", "volume", "network-interface")


@cache
def taggable_types() -> frozenset[str]:
    """AWS types that take tags: ``data/aws_taggable.json``."""
    text = (Path(__file__).parent / "data" / "aws_taggable.json").read_text(encoding="utf-8")
    return frozenset(json.loads(text)["types"])


@cache
def azure_taggable_types() -> frozenset[str]:
    """Azure types that take tags: ``data/azure_taggable.json``."""
    text = (Path(__file__).parent / "data" / "azure_taggable.json").read_text(encoding="utf-8")
    return frozenset(json.loads(text)["types"])


@cache
def labels_of_google_types() -> Mapping[str, str]:
    """Google Cloud types that take labels, and by which input: ``data/gcp_labelled.json``."""
    text = (Path(__file__).parent / "data" / "gcp_labelled.json").read_text(encoding="utf-8")
    return json.loads(text)["types"]


_OWNED: Final = ResourceTypes("aws:*", "gcp:*", "azure-native:*") | WORKLOADS
_GKE_POOL: Final = "gcp:container/nodePool:NodePool"
_AKS_CLUSTER: Final = "azure-native:containerservice:ManagedCluster"


def rules() -> list[ResourceRule]:
    return [
        ResourceRule(
            "department-tag",
            "Whatever can carry a tag or label says which department pays for it.",
            types=_OWNED,
            check=_department,
            settings={"departments": {"type": "array", "items": {"type": "string"}}},
        ),
        ResourceRule(
            "ownership-tags",
            "Whatever can carry a tag or label says its cost centre, its environment and who manages it.",
            types=_OWNED,
            check=_ownership,
        ),
    ]


def _department(args: ResourceValidationArgs) -> Iterator[str]:
    declared = args.get_config().get("departments")
    for place, tags, prefix in _tagged_places(args):
        key = prefix + "department"
        value = read(tags, key)
        if value is UNKNOWN:
            continue
        if not value:
            yield (
                f"{place} have no {shown(key)}, so nobody pays for it; name the department, "
                f"or {shown(PLATFORM)} for what all of them share."
            )
        elif declared is not None and value not in (PLATFORM, *declared):
            close = nearest(value, declared)
            hint = f"; the nearest is {shown(close)}" if close else ""
            yield (
                f"{place} have {shown(key)} {shown(value)}, which is no department of this environment; "
                f"allowed are {listed(sorted([PLATFORM, *declared]))}{hint}."
            )


def _ownership(args: ResourceValidationArgs) -> Iterator[str]:
    for place, tags, prefix in _tagged_places(args):
        managed_by = "app.kubernetes.io/managed-by" if prefix else "managed-by"
        wanted = (prefix + "cost-center", prefix + "environment", managed_by)
        missing = [key for key in wanted if read(tags, key, default="") == ""]
        if missing:
            yield f"{place} lack {listed(missing)}; give every resource all of {listed(wanted)}."


def _tagged_places(args: ResourceValidationArgs) -> Iterator[tuple[str, Any, str]]:
    """Where tags belong on a resource: what to call the place, the tags there, the prefix of their keys."""
    if args.resource_type.startswith("kubernetes:"):
        yield "the workload's metadata.labels", require(args.props, "metadata", "labels"), _LABEL_PREFIX
        if args.resource_type in CONTROLLED:
            for pods in templates(args.resource_type, plain(args.props)):
                place = f"{pods.label}the pod template's metadata.labels"
                yield place, read(pods.template, "metadata", "labels"), _LABEL_PREFIX
            return
        pods = template(args.resource_type, args.props)
        if pods is not args.props:
            yield "the pod template's metadata.labels", require(pods, "metadata", "labels"), _LABEL_PREFIX
        return
    if args.resource_type == AUTO_SCALING_GROUP:
        yield "the group's tags", _listed_tags(require(args.props, "tags")), ""
        return
    if args.resource_type.startswith("gcp:"):
        yield from _google_places(args)
        return
    if args.resource_type.startswith("azure-native:"):
        yield from _azure_places(args)
        return
    if args.resource_type not in taggable_types():
        return
    yield "the resource's tags", {**_default_tags(args), **_known(require(args.props, "tags"))}, ""
    if args.resource_type == LAUNCH_TEMPLATE:
        specifications = {
            read(each, "resourceType"): read(each, "tags")
            for each in elements(require(args.props, "tagSpecifications"))
        }
        for launched in _LAUNCHED:
            yield (
                f"the launch template's tags for {shown(launched)} (tagSpecifications)",
                specifications.get(launched),
                "",
            )


def _google_places(args: ResourceValidationArgs) -> Iterator[tuple[str, Any, str]]:
    """Labels; those of a node pool are on its machines and disks."""
    if args.resource_type == _GKE_POOL:
        labels = require(args.props, "nodeConfig", "resourceLabels")
        yield "the nodes' nodeConfig.resourceLabels", _known(labels), ""
        return
    key = labels_of_google_types().get(args.resource_type)
    if key is None:
        return
    defaults = {} if args.provider is None else _known(decoded(read(args.provider.props, "defaultLabels")))
    own = _known(require(args.props, key))
    yield f"the resource's {key}", {**defaults, **own} if key == "labels" else own, ""


def _azure_places(args: ResourceValidationArgs) -> Iterator[tuple[str, Any, str]]:
    if args.resource_type not in azure_taggable_types():
        return
    yield "the resource's tags", _known(require(args.props, "tags")), ""
    if args.resource_type == _AKS_CLUSTER:
        for position, profile in enumerate(elements(require(args.props, "agentPoolProfiles"))):
            yield f"the nodes' agentPoolProfiles[{position}].tags", _known(read(profile, "tags")), ""


def _default_tags(args: ResourceValidationArgs) -> dict[str, Any]:
    """What the provider adds; its inputs hold nested values as JSON text."""
    if args.provider is None:
        return {}
    default_tags = decoded(read(args.provider.props, "defaultTags"))
    return _known(decoded(read(default_tags, "tags")))


def _known(tags: Any) -> dict[str, Any]:
    return dict(entries(tags))


def _listed_tags(tags: Any) -> Mapping[str, Any]:
    pairs: Iterable[Any] = elements(tags)
    return {read(tag, "key"): read(tag, "value") for tag in pairs if read(tag, "key") is not UNKNOWN}
