"""Versions come and go beside the endpoint, and the endpoint stays."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.graph import ResourceGraph
from modelyard.offline.schemas import create_only
from modelyard.offline.simulated.aws import SimulatedAws

from .program import one
from .sagemaker_program import (
    ARTEFACT,
    CANARY,
    COMPONENT,
    CONFIGURATION,
    ENDPOINT,
    MODEL,
    NAME,
    SERVERLESS,
    TARGET,
    declared,
    named,
    rollout,
)

SCALED: dict[str, Any] = {"scaling": {"min_replicas": 2, "max_replicas": 6, "target_concurrency": 4}}


def weights(graph: ResourceGraph) -> dict[str, int]:
    variants = one(graph, CONFIGURATION).inputs["productionVariants"]
    return {variant["variantName"]: variant["initialVariantWeight"] for variant in variants}


def scaled(graph: ResourceGraph) -> set[str]:
    return {target.inputs["resourceId"].rpartition("/")[2] for target in graph.of_type(TARGET)}


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2, "artefact": CANARY},
        {"instance_type": "ml.g5.xlarge"},
        {"capture": {"url": "s3://elsewhere/captured"}},
        {"env": {"LEVEL": "2"}},
        rollout(),
        {"network_isolation": True},
        {"deployment": {"shift": "all_at_once"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_no_change_of_what_is_served_replaces_the_endpoint(change: dict[str, Any]) -> None:
    before, after = declared(), declared(**change)
    endpoints = [one(graph, ENDPOINT) for graph in (before, after)]
    assert endpoints[0].urn == endpoints[1].urn
    # The configuration's new name, which the provider makes when it replaces the old one.
    inputs = {**endpoints[1].inputs, "endpointConfigName": f"{NAME}-7654321"}
    aws = SimulatedAws({"region": "us-east-1"})
    difference = aws.diff(ENDPOINT, endpoints[1].urn, inputs, endpoints[0].inputs)
    assert "endpointConfigName" in difference.changed
    assert difference.replace == ()
    if one(before, CONFIGURATION).inputs != one(after, CONFIGURATION).inputs:
        configured = one(after, CONFIGURATION)
        moved = aws.diff(CONFIGURATION, configured.urn, configured.inputs, one(before, CONFIGURATION).inputs)
        assert moved.replace
        assert not moved.delete_first


@pytest.mark.parametrize("kind", [SERVERLESS, COMPONENT], ids=lambda kind: kind["kind"])
def test_a_kind_with_one_variant_keeps_its_name_with_a_rollout_too(kind: dict[str, Any]) -> None:
    for version in (1, 2):
        (variant,) = one(declared(**kind, rollout={"stable": version}), CONFIGURATION).inputs["productionVariants"]
        assert variant["variantName"] == "AllTraffic"


def test_another_version_is_another_model_and_the_configuration_is_made_before_the_old_one_goes() -> None:
    before, after = declared(version=1), declared(version=2, artefact=CANARY)
    assert set(named(before, MODEL)) == {f"{NAME}-v1"}
    assert set(named(after, MODEL)) == {f"{NAME}-v2"}
    configured = [one(graph, CONFIGURATION) for graph in (before, after)]
    assert configured[0].urn == configured[1].urn
    assert "productionVariants" in create_only(CONFIGURATION)
    # A name that Pulumi makes lets the new one be there beside the old one.
    assert configured[1].inputs["name"].startswith(f"{NAME}-")
    assert weights(before) == weights(after) == {"AllTraffic": 100}


@pytest.mark.parametrize("percent", [0, 10, 50, 100])
def test_weights_are_the_percent_exactly(percent: int) -> None:
    graph = declared(**rollout(percent))
    assert weights(graph) == {"v3": 100 - percent, "v4": percent}
    models = {name: found.inputs["primaryContainer"]["modelDataUrl"] for name, found in named(graph, MODEL).items()}
    assert models == {f"{NAME}-v3": ARTEFACT, f"{NAME}-v4": CANARY}
    served = one(graph, CONFIGURATION).inputs["productionVariants"]
    assert [variant["modelName"] for variant in served] == [
        named(graph, MODEL)[f"{NAME}-{name}"].inputs["name"] for name in ("v3", "v4")
    ]


def test_a_rollout_from_its_first_day_to_its_last_renames_nothing() -> None:
    days = [
        declared(rollout={"stable": 3}),
        declared(**rollout(0)),
        declared(**rollout(10)),
        declared(**rollout(100)),
        declared(rollout={"stable": 4}, artefact=CANARY),
    ]
    assert [weights(day) for day in days] == [
        {"v3": 100},
        {"v3": 100, "v4": 0},
        {"v3": 90, "v4": 10},
        {"v3": 0, "v4": 100},
        {"v4": 100},
    ]
    urns = [{found.name: found.urn for found in day.of_type(MODEL)} for day in days]
    assert urns[1] == urns[2] == urns[3]
    assert urns[4] == {f"{NAME}-v4": urns[3][f"{NAME}-v4"]}
    tried = [named(day, MODEL)[f"{NAME}-v4"].inputs for day in days[1:]]
    assert all(each == tried[0] for each in tried)


def test_a_rollback_is_one_number() -> None:
    before, after = declared(**rollout(10)), declared(**rollout(0))
    changed = [
        resource.urn
        for resource in after
        if resource.custom and (found := before.get(resource.urn)) and found.inputs != resource.inputs
    ]
    # The endpoint follows, since the configuration's name changes with it at `up`.
    assert changed == [one(after, CONFIGURATION).urn]


def test_no_variant_goes_while_the_autoscaler_holds_it() -> None:
    """SageMaker refuses to take such a variant away: it is let go one step before."""
    steps = [
        declared(**rollout(0), **SCALED),
        declared(**rollout(10), **SCALED),
        declared(**rollout(100), **SCALED),
        declared(rollout={"stable": 4}, artefact=CANARY, **SCALED),
    ]
    held = [scaled(step) for step in steps]
    assert held == [{"v3"}, {"v3", "v4"}, {"v4"}, {"v4"}]
    for before, after in zip(held, steps[1:], strict=False):
        assert before <= set(weights(after))
    # Going back from the canary holds as well.
    assert scaled(declared(**rollout(10), **SCALED)) <= set(weights(steps[0]))


def test_a_canary_starts_with_what_its_next_step_needs() -> None:
    graph = declared(**rollout(10), scaling={"min_replicas": 4, "max_replicas": 4})
    counts = {
        each["variantName"]: each["initialInstanceCount"]
        for each in one(graph, CONFIGURATION).inputs["productionVariants"]
    }
    assert counts == {"v3": 4, "v4": 2}


def test_a_mirror_is_a_shadow_that_answers_nobody() -> None:
    graph = declared(**rollout(0, mirror_percent=30), **SCALED)
    made = one(graph, CONFIGURATION).inputs
    assert weights(graph) == {"v3": 100}
    assert [(each["variantName"], each["initialVariantWeight"]) for each in made["shadowProductionVariants"]] == [
        ("v4", 30)
    ]
    assert scaled(graph) == {"v3"}


def test_a_canary_may_have_an_image_of_its_own() -> None:
    args = rollout()
    args["canary"]["image"] = "123456789012.dkr.ecr.us-east-1.amazonaws.com/toys/tagging@sha256:" + "0" * 64
    graph = declared(**args)
    images = {name: found.inputs["primaryContainer"]["image"] for name, found in named(graph, MODEL).items()}
    assert images[f"{NAME}-v4"] == args["canary"]["image"] != images[f"{NAME}-v3"]
    policy = one(graph, "aws:iam/rolePolicy:RolePolicy", NAME).inputs["policy"]
    assert "arn:aws:ecr:us-east-1:123456789012:repository/toys/tagging" in policy
    assert CANARY.removeprefix("s3://") in policy


def test_another_version_of_a_component_is_exchanged_in_place() -> None:
    """Callers name the component, so neither its name nor its endpoint's changes."""
    before, after = declared(**COMPONENT, version=1), declared(**COMPONENT, version=2, artefact=CANARY)
    components = [one(graph, "aws-native:sagemaker:InferenceComponent") for graph in (before, after)]
    assert components[0].urn == components[1].urn
    changed = [key for key in components[1].inputs if components[1].inputs[key] != components[0].inputs[key]]
    assert changed == ["specification"]
    assert components[1].ignore_changes == ("runtimeConfig",)
