"""department-tag and ownership-tags."""

from __future__ import annotations

import json

import pytest
from modelyard.graph import UNKNOWN, Resource
from modelyard_policies.ownership import taggable_types

from .recorded import LABELS, TAGS, graph, messages, resource, verdicts

BUCKET = "aws:s3/bucket:Bucket"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
GROUP = "aws:autoscaling/group:Group"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
NO_TAG = (
    "the resource's tags have no 'department', so nobody pays for it; name the department, or 'platform' for what all "
    "of them share."
)
SETTINGS = {"departments": ["customer-insights", "merchandising"]}


def workload(own: dict[str, str], pods: dict[str, str]) -> Resource:
    return resource(DEPLOYMENT, {"metadata": {"labels": own}, "spec": {"template": {"metadata": {"labels": pods}}}})


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (resource(BUCKET, {"tags": TAGS}), []),
        (resource(BUCKET, {"tags": {"department": "platform"}}), []),
        (resource(BUCKET, {"tags": {"department": UNKNOWN}}), []),
        (resource(BUCKET, {}), [NO_TAG]),
        (resource(BUCKET, {"tags": {"department": ""}}), [NO_TAG]),
        (resource(BUCKET, {"tags": {"Department": "merchandising"}}), [NO_TAG]),
        (
            resource(BUCKET, {"tags": {"department": "merchandizing"}}),
            [
                "the resource's tags have 'department' 'merchandizing', which is no department of this environment; "
                "allowed are 'customer-insights', 'merchandising', 'platform'; the nearest is 'merchandising'."
            ],
        ),
        (resource("aws:s3/bucketVersioning:BucketVersioning", {}), []),
        (resource(GROUP, {"tags": [{"key": "department", "value": "merchandising", "propagateAtLaunch": True}]}), []),
        (
            resource(GROUP, {"tags": [{"key": "Name", "value": "x"}]}),
            [
                "the group's tags have no 'department', so nobody pays for it; name the department, or 'platform' for "
                "what all of them share."
            ],
        ),
        (
            resource(
                TEMPLATE,
                {
                    "tags": TAGS,
                    "tagSpecifications": [{"resourceType": t, "tags": TAGS} for t in ("instance", "volume")],
                },
            ),
            [
                "the launch template's tags for 'network-interface' (tagSpecifications) have no 'department', so "
                "nobody "
                "pays for it; name the department, or 'platform' for what all of them share."
            ],
        ),
        (workload(LABELS, LABELS), []),
        (
            workload(LABELS, {}),
            [
                "the pod template's metadata.labels have no 'modelyard.dev/department', so nobody pays for it; name "
                "the department, or 'platform' for what all of them share."
            ],
        ),
        (resource("kubernetes:core/v1:Pod", {"metadata": {"labels": LABELS}}), []),
        (resource("kubernetes:core/v1:ConfigMap", {}), []),
    ],
)
def test_department_tag(found: Resource, expected: list[str]) -> None:
    assert messages("department-tag", found, settings=SETTINGS) == expected


@pytest.mark.parametrize("as_text", [False, True], ids=["nested", "json"])
def test_a_default_tag_of_the_provider_counts(as_text: bool) -> None:
    recorded = graph(resource(BUCKET, {}), default_tags={"department": "platform"})
    if as_text:
        provider = recorded.of_type("pulumi:providers:aws")[0]
        provider.inputs["defaultTags"] = json.dumps(provider.inputs["defaultTags"])
    assert verdicts("department-tag", recorded, SETTINGS) == []


def test_without_declared_departments_any_name_will_do() -> None:
    assert messages("department-tag", resource(BUCKET, {"tags": {"department": "toys"}})) == []


def test_tags_that_only_the_cloud_knows_leave_a_note() -> None:
    (note,) = verdicts("department-tag", graph(resource(BUCKET, {"tags": UNKNOWN})))
    assert (note.level, note.message) == (
        "advisory",
        "can't run policy 'department-tag' from policy pack 'modelyard@v0.0.1' during preview: string value at .tags "
        "can't be known during preview",
    )


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (resource(BUCKET, {"tags": TAGS}), []),
        (
            resource(BUCKET, {"tags": {"department": "merchandising", "environment": "prod"}}),
            [
                "the resource's tags lack 'cost-center', 'managed-by'; give every resource all of 'cost-center', "
                "'environment', 'managed-by'."
            ],
        ),
        (
            workload(LABELS, {**LABELS, "modelyard.dev/environment": ""}),
            [
                "the pod template's metadata.labels lack 'modelyard.dev/environment'; give every resource all of "
                "'modelyard.dev/cost-center', 'modelyard.dev/environment', 'app.kubernetes.io/managed-by'."
            ],
        ),
    ],
)
def test_ownership_tags(found: Resource, expected: list[str]) -> None:
    assert messages("ownership-tags", found) == expected


def test_the_list_of_taggable_types_is_that_of_the_installed_sdk() -> None:
    import inspect

    import pulumi_aws as aws

    for module in (aws.eks, aws.ecr, aws.kms):
        for name, found in inspect.getmembers(module, inspect.isclass):
            arguments = getattr(module, f"{name}Args", None)
            if arguments is None or not hasattr(found, "get"):
                continue
            token = f"aws:{module.__name__.rpartition('.')[2]}/{name[0].lower()}{name[1:]}:{name}"
            assert (token in taggable_types()) == hasattr(arguments, "tags"), token
