"""Who copies a folder as it lies may still read it when the next version has another one."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.serving.kserve.service import KServeService
from modelyard.serving.seldon.service import SeldonService

from .kserve_program import FOLDER, canary_revision, kserve_arguments, on_cpu
from .program import graph_of, refusal

EKS = {"eks_cluster": "prod-east"}


def readable(component: type, arguments: Any) -> list[str]:
    """The objects that each role's policy lets its pods get."""
    graph = graph_of(lambda opts: component("prod-east-tagger", arguments, opts))
    policies = [each.inputs["policy"] for each in graph.of_type("aws:iam/rolePolicy:RolePolicy")]
    return [
        found.partition('"')[0]
        for policy in policies
        for found in policy.split('"Resource": "')[1:]
        if found.partition('"')[0].endswith("/*")
    ]


def test_revisions_of_knative_read_both_versions() -> None:
    assert readable(KServeService, kserve_arguments(**canary_revision(), **EKS)) == [
        "arn:aws:s3:::retail-prod-models-us-east-1/shop/v2/*",
        "arn:aws:s3:::retail-prod-models-us-east-1/shop/v1/*",
    ]


@pytest.mark.parametrize("version", ["3f1c", "9b0d"])
def test_the_right_stays_when_the_version_changes(version: str) -> None:
    folder = {**FOLDER, "prefix": f"shop/tagger/{version}/tagger/1", "layout": "model", "readable": "shop/tagger"}
    arguments = on_cpu("mlserver", "sklearn", stored=folder, max_surge=None, max_unavailable=None, hostname=None, **EKS)
    assert readable(SeldonService, arguments) == ["arn:aws:s3:::retail-prod-models-us-east-1/shop/tagger/*"]


def test_a_folder_that_does_not_hold_the_prefix() -> None:
    stored = {**FOLDER, "readable": "shop/v"}
    told = refusal(lambda opts: KServeService("a", on_cpu("mlserver", "sklearn", stored=stored), opts))
    assert told == (
        "KServeService a: stored: readable 'shop/v' does not hold the prefix 'shop/v1'; name a folder around it"
    )
