"""The API server takes NodePools and node classes with Karpenter's own definitions, their rules in CEL included."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from custom_resources import NoDefinitions, module_folder
from plan.aws.test_karpenter_pools import CASES, CLASS, NODE_POOL, graph_with
from recorded_graph import one

from .api import Api, Object, Refused
from .definitions import install


@pytest.fixture(scope="module")
def karpenter(api: Api) -> Iterator[Api]:
    try:
        folder = module_folder("github.com/aws/karpenter-provider-aws", "v1.14.1") / "pkg" / "apis" / "crds"
    except NoDefinitions as why:
        pytest.skip(f"Karpenter's definitions cannot be had: its rules are NOT asked ({why})")
    wanted = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("karpenter.*.yaml"))]
    known = {each["metadata"]["name"] for each in api.list("apiextensions.k8s.io/v1", "CustomResourceDefinition")}
    install(api, [each for each in wanted if each["metadata"]["name"] not in known])
    yield api


def objects(case: str) -> list[Object]:
    graph = graph_with(CASES[case])
    return [copy.deepcopy(dict(one(graph, type_).inputs)) for type_ in (CLASS, NODE_POOL)]


@pytest.mark.parametrize("case", CASES)
def test_every_object_is_taken(karpenter: Api, case: str) -> None:
    for thing in objects(case):
        karpenter.apply(thing, dry_run=True)
        assert karpenter.warnings == []


def reserved_tag(machines: Object, pool: Object) -> Object:
    machines["spec"]["tags"]["karpenter.sh/nodepool"] = "gpu"
    return machines


def no_own_interface(machines: Object, pool: Object) -> Object:
    machines["spec"]["networkInterfaces"] = machines["spec"]["networkInterfaces"][1:]
    return machines


def restricted_label(machines: Object, pool: Object) -> Object:
    pool["spec"]["template"]["metadata"]["labels"]["karpenter.sh/registered"] = "true"
    return pool


def no_machine(machines: Object, pool: Object) -> Object:
    pool["spec"]["template"]["spec"]["requirements"][0]["values"] = []
    return pool


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (reserved_tag, "restricted tag"),
        (no_own_interface, "must include a primary interface"),
        (restricted_label, "is restricted"),
        (no_machine, "must have a value defined"),
    ],
)
def test_the_rules_are_asked(karpenter: Api, broken: Callable[[Any, Any], Object], told: str) -> None:
    with pytest.raises(Refused, match=told):
        karpenter.apply(broken(*objects("efa")), dry_run=True)
