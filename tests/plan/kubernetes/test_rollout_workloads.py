"""The two workloads of a rollout: what each has, and in which order they are applied."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.serving.rollout.split import TRACK
from modelyard.serving.triton.service import TritonService

from .program import manifests_of, triton_arguments

STORED = {**triton_arguments()["stored"], "digest": "c" * 64}


def of(objects: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [each for each in objects if each["kind"] == kind]


def all_of(percent: int = 10) -> list[dict[str, Any]]:
    return made(rollout={"stable": 1, "canary": 2, "percent": percent}, canary={"stored": STORED})


def made(**changes: Any) -> list[dict[str, Any]]:
    arguments = triton_arguments(eks_cluster=None, **changes)
    return manifests_of(lambda opts: TritonService("tagger", arguments, opts))


def test_each_side_has_its_own_objects_and_both_have_one_route() -> None:
    objects = all_of()
    for kind in ("Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy",
                 "ServiceAccount"):  # fmt: skip
        assert [each["metadata"]["name"] for each in of(objects, kind)] == ["tagger", "tagger-canary-v2"], kind
    for kind in ("Deployment", "Service", "NetworkPolicy"):
        assert [each["metadata"]["labels"][TRACK] for each in of(objects, kind)] == ["stable", "canary"], kind
    for kind in ("HTTPRoute", "BackendTrafficPolicy"):
        assert [each["metadata"]["name"] for each in of(objects, kind)] == ["tagger"]


def test_pods_of_a_side_are_found_by_no_selector_of_the_other() -> None:
    objects = all_of()
    for deployment in of(objects, "Deployment"):
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        for service in of(objects, "Service"):
            same = service["metadata"]["name"] == deployment["metadata"]["name"]
            assert (service["spec"]["selector"].items() <= labels.items()) == same


def test_the_route_comes_last() -> None:
    assert [each["kind"] for each in all_of()][-2:] == ["BackendTrafficPolicy", "HTTPRoute"]


def test_no_pod_of_the_stable_side_is_replaced_by_a_rollout() -> None:
    (alone,) = of(
        manifests_of(lambda opts: TritonService("tagger", triton_arguments(eks_cluster=None), opts)), "Deployment"
    )
    beside, _ = of(all_of(), "Deployment")
    assert beside["spec"] == alone["spec"]


@pytest.mark.parametrize(
    ("percent", "bounds"), [(0, (1, 1)), (10, (1, 3)), (50, (2, 6)), (100, (2, 6))]
)  # fmt: skip
def test_the_canary_has_the_pods_of_the_next_promotion(percent: int, bounds: tuple[int, int]) -> None:
    """The stable side keeps all of its own, so that a rollback finds them."""
    scalers = {each["metadata"]["name"]: each["spec"] for each in of(all_of(percent), "HorizontalPodAutoscaler")}
    assert [(spec["minReplicas"], spec["maxReplicas"]) for spec in scalers.values()] == [(2, 6), bounds]


def test_a_canary_is_counted_and_placed_as_its_model() -> None:
    deployments = of(all_of(), "Deployment")
    cluster = {each["spec"]["template"]["metadata"]["annotations"]["modelyard.dev/cluster"] for each in deployments}
    model = {each["spec"]["template"]["metadata"]["labels"]["modelyard.dev/model"] for each in deployments}
    assert (cluster, model) == ({"east"}, {"tagger"})
