"""What a cluster runs for its models, by whose hand, and what is refused or said where it is nobody's."""

from __future__ import annotations

import re
from typing import Any

import pytest
from modelyard.catalog import charts
from modelyard.environment.cluster import Cluster
from modelyard.environment.model import Model
from modelyard.resolve.controllers import (
    controller_notices,
    controllers_of,
    findings_of,
    kserve_is_there,
)

PLAIN: dict[str, Any] = {"name": "tagger", "task": "image_classification", "source": "../models/tagger"}
SLEEPY = {**PLAIN, "scaling": {"min_replicas": 0, "max_replicas": 2}}
BY_ARGO = {**PLAIN, "rollout": {"stable": 1, "canary": 2, "by": "argo_rollouts"}}
BY_FLAGGER = {**PLAIN, "rollout": {"stable": 1, "by": "flagger"}}
SELDON = {**PLAIN, "runtime": "seldon", "seldon": {"server": "mlserver"}}


def kserve(server: str = "sklearnserver", **more: Any) -> dict[str, Any]:
    scaling = more.pop("scaling", {})
    return {**PLAIN, "runtime": "kserve", "kserve": {"server": server, **more}, "scaling": scaling}


KNATIVE = kserve(mode="knative")
CACHED = kserve(model_cache={"node_groups": ["l4"], "size_gib": 4})
QUEUE = {"target_queue_ms": 5, "max_replicas": 4}


def cluster(**more: Any) -> Cluster:
    return Cluster.model_validate({"name": "east", "region": "us-east-1", **more})


EXISTING = {"existing": {"name": "shared"}}


@pytest.mark.parametrize(
    ("model", "installed"),
    [
        (PLAIN, set()),
        (SLEEPY, {"keda"}),
        (BY_ARGO, {"argo_rollouts"}),
        (BY_FLAGGER, {"flagger"}),
        (kserve(), {"kserve"}),
        (kserve(scaling=QUEUE), {"kserve", "keda"}),
        (kserve("triton", scaling=QUEUE), {"kserve"}),
        (kserve(autoscaler="keda"), {"kserve", "keda"}),
        (kserve(autoscaler="hpa"), {"kserve"}),
        ({**KNATIVE, "scaling": {"min_replicas": 0, "max_replicas": 2}}, {"kserve"}),
        (SELDON, set()),
    ],
    ids=str,
)
def test_a_model_brings_what_it_needs_to_a_cluster_of_ours(model: dict[str, Any], installed: set[str]) -> None:
    assert controllers_of(cluster(), [Model.model_validate(model)]) == installed


def test_what_somebody_else_has_installed_is_not_installed_again() -> None:
    models = [Model.model_validate(each) for each in (SLEEPY, kserve(), BY_ARGO)]
    assert controllers_of(cluster(installed=["kserve", "keda"]), models) == {"argo_rollouts"}
    assert controllers_of(cluster(**EXISTING), models) == set()


@pytest.mark.parametrize(
    ("declared", "model", "there"),
    [
        ({}, kserve(), True),
        ({"installed": ["kserve"]}, kserve(), True),
        ({**EXISTING, "installed": ["kserve"]}, kserve(), True),
        (EXISTING, kserve(), False),
        ({"installed": ["kserve"]}, PLAIN, False),
    ],
)
def test_the_clusters_own_objects_of_kserve_are_made_where_kserve_is(
    declared: dict[str, Any], model: dict[str, Any], there: bool
) -> None:
    assert kserve_is_there(cluster(**declared), [Model.model_validate(model)]) is there


@pytest.mark.parametrize(
    ("model", "declared", "told"),
    [
        (
            KNATIVE,
            {},
            [
                "kserve.mode: knative needs Knative Serving, which Modelyard does not install; take mode standard, or "
                "install it on cluster 'east' and write installed: [knative] there"
            ],
        ),
        (KNATIVE, {"installed": ["knative"]}, []),
        (KNATIVE, EXISTING, []),
        (
            CACHED,
            {},
            [
                "kserve.model_cache: needs KServe's local model agents and LocalModelNodeGroups, which Modelyard does "
                "not install; delete it, or install KServe with them on cluster 'east' and write installed: [kserve] "
                "there"
            ],
        ),
        (CACHED, {"installed": ["kserve"]}, []),
        (kserve(), {}, []),
    ],
    ids=str,
)
def test_what_nobody_has_installed_is_refused(model: dict[str, Any], declared: dict[str, Any], told: list[str]) -> None:
    found = findings_of(cluster(**declared), Model.model_validate(model))
    assert [f"{'.'.join(map(str, each.steps))}: {each.message}" for each in found] == told


def notices(declared: dict[str, Any], *models: dict[str, Any]) -> list[str]:
    served = [(name, Model.model_validate(model)) for name, model in zip(("toys", "garden"), models, strict=False)]
    return list(controller_notices(cluster(**declared), served))


RUNTIMES = "Seldon Core 2 needs a SeldonRuntime in each namespace of cluster 'east' where it serves: garden, toys"


def test_seldon_is_never_installed_and_the_plan_says_where_it_has_to_be() -> None:
    assert notices({}, SELDON, SELDON) == [
        "cluster 'east' has to have Seldon Core 2, which is under the Business Source licence and never installed by "
        "Modelyard; install it before the models, and write installed: [seldon]",
        RUNTIMES,
    ]
    assert notices({"installed": ["seldon"]}, SELDON, SELDON) == []
    assert notices({}, kserve(), BY_ARGO) == []


def test_an_existing_cluster_is_told_what_it_has_to_have() -> None:
    told = notices({**EXISTING, "installed": ["keda"]}, KNATIVE, SELDON)
    assert told == [
        "cluster 'east' has to have KServe 0.20 in Standard mode, without Istio's virtual services; Knative Serving; "
        "and Seldon Core 2; install them before the models, and write installed: [keda, kserve, knative, seldon]",
        "Seldon Core 2 needs a SeldonRuntime in each namespace of cluster 'east' where it serves: garden",
    ]
    (by_hours,) = notices(EXISTING, SLEEPY)
    assert by_hours.startswith("cluster 'east' has to have KEDA, for models that scale by hours, to zero")


@pytest.mark.parametrize(
    ("model", "chart"), [(kserve(), "kserve-resources"), (BY_ARGO, "argo-rollouts"), (BY_FLAGGER, "flagger")], ids=str
)
def test_others_are_asked_for_the_version_that_we_install(model: dict[str, Any], chart: str) -> None:
    """The version of Argo Rollouts is not its chart's: the table's source has it."""
    told = notices(EXISTING, model)[0]
    asked = re.search(r"(KServe|Argo Rollouts|Flagger) (\d+\.\d+)", told)
    assert asked is not None
    pinned = charts.get(chart)
    ours = re.search(r"Argo Rollouts v(\S+?)\)", pinned.source)
    assert (ours[1] if ours else pinned.version.removeprefix("v")).startswith(f"{asked[2]}.")


def test_installed_names_what_it_may() -> None:
    with pytest.raises(ValueError, match="argo_rollouts"):
        cluster(installed=["argo"])


def test_a_server_that_no_model_has_is_named() -> None:
    own = Model.model_validate({**SELDON, "name": "risk"})
    shared = Model.model_validate({**SELDON, "seldon": {"server": "mlserver", "shared_server": "risk"}})
    told = "which no model of the department has as its own; it has to be there before"
    there = cluster(installed=["seldon"])
    assert list(controller_notices(there, [("toys", own), ("toys", shared)])) == []
    assert list(controller_notices(there, [("shoes", own), ("toys", shared)])) == [
        f"model 'tagger' is loaded onto Server 'risk' of namespace 'toys', {told}"
    ]
    misspelt = Model.model_validate({**SELDON, "seldon": {"server": "mlserver", "shared_server": "rsk"}})
    assert list(controller_notices(there, [("toys", own), ("toys", misspelt)])) == [
        f"model 'tagger' is loaded onto Server 'rsk' of namespace 'toys', {told}; did you mean 'risk'?"
    ]


@pytest.mark.parametrize(("pause", "minutes"), [(0, 1), (30, 30)])
def test_a_model_that_is_given_to_flagger_loses_what_leads_to_it(pause: int, minutes: int) -> None:
    model = {**PLAIN, "rollout": {"stable": 1, "by": "flagger", "pause_minutes": pause}}
    assert list(controller_notices(cluster(), [("toys", Model.model_validate(model))])) == [
        "Flagger makes the Service and the route of model 'tagger'; where an 'up' before has made them, this one "
        f"deletes them, and callers get errors until Flagger's next turn, which may take {minutes} min; serve such a "
        "model under a new name first"
    ]
    begun = Model.model_validate({**model, "rollout": {**model["rollout"], "canary": 2}})
    assert list(controller_notices(cluster(), [("toys", begun)])) == []
