"""The API server takes what ``modelyard render`` writes, with the real custom resource definitions."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest

from .api import Api, Object, Refused
from .environments import Environment
from .every_runtime import CONTROLLERS, ENVIRONMENTS

KINDS_WITHOUT_RENDERING = 12
"""Fewer kinds than this in an environment means that rendering lost some."""


@pytest.mark.parametrize("name", [*ENVIRONMENTS, CONTROLLERS])
def test_every_rendered_manifest_passes_server_side_dry_run(
    api: Api, environment_named: dict[str, Environment], name: str
) -> None:
    rendered = environment_named[name].rendered
    for thing in rendered.values():
        if thing["kind"] == "Namespace":
            api.apply(thing)
    wrong: list[str] = []
    for path, thing in rendered.items():
        try:
            api.apply(thing, dry_run=True)
            wrong += [f"{path}: warning: {warning}" for warning in api.warnings]
        except (Refused, LookupError) as error:
            wrong.append(f"{path}: {error}")
    assert not wrong, "\n".join(wrong)
    assert len({thing["kind"] for thing in rendered.values()}) >= KINDS_WITHOUT_RENDERING


def no_change(thing: Object) -> None:
    """The control: what the other cases change is fine as it is."""


def unknown_field(thing: Object) -> None:
    thing["spec"]["template"]["spec"]["containers"][0]["imag"] = "x"


def half_a_gpu(thing: Object) -> None:
    thing["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] = "0.5"


def port_as_text(thing: Object) -> None:
    thing["spec"]["template"]["spec"]["containers"][0]["ports"][0]["containerPort"] = "eight"


def other_selector(thing: Object) -> None:
    thing["spec"]["selector"]["matchLabels"]["app.kubernetes.io/instance"] = "other"


def weight_too_large(thing: Object) -> None:
    thing["spec"]["rules"][0]["backendRefs"][0]["weight"] = 1_000_001


def path_without_slash(thing: Object) -> None:
    thing["spec"]["rules"][0]["matches"] = [{"path": {"type": "PathPrefix", "value": "v2"}}]


def min_above_max(thing: Object) -> None:
    thing["spec"]["minReplicas"] = thing["spec"]["maxReplicas"] + 1


def unknown_policy_type(thing: Object) -> None:
    thing["spec"]["policyTypes"] = ["Ingres"]


def steps_of_another_kind(thing: Object) -> None:
    thing["spec"]["strategy"]["canary"]["steps"][0] = {"setWeight": "ten"}


def misspelt_step_weights(thing: Object) -> None:
    thing["spec"]["analysis"]["stepWeight"] = thing["spec"]["analysis"].pop("stepWeights")
    thing["spec"]["analysis"]["stepWeigths"] = [10]


def no_provider(thing: Object) -> None:
    del thing["spec"]["provider"]["type"]


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("Rollout", no_change, None),
        ("Rollout", steps_of_another_kind, "setWeight"),
        ("AnalysisTemplate", no_change, None),
        ("Canary", no_change, None),
        ("Canary", misspelt_step_weights, "stepWeigths"),
        ("MetricTemplate", no_change, None),
        ("MetricTemplate", no_provider, "spec.provider.type"),
    ],
)
def test_what_a_rollouts_controller_reads_is_checked(
    api: Api,
    environment_named: dict[str, Environment],
    kind: str,
    change: Callable[[Object], None],
    message: str | None,
) -> None:
    environment = environment_named[CONTROLLERS]
    cluster = environment.document.clusters[0]
    for namespace in environment.objects(cluster, "Namespace"):
        api.apply(namespace)
    thing = copy.deepcopy(environment.objects(cluster, kind)[0])
    change(thing)
    if message is None:
        api.apply(thing, dry_run=True)
        return
    with pytest.raises(Refused, match=re.escape(message)):
        api.apply(thing, dry_run=True)


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("Deployment", no_change, None),
        ("Deployment", unknown_field, "field not declared in schema"),
        ("Deployment", half_a_gpu, "must be an integer"),
        ("Deployment", port_as_text, "expected numeric"),
        ("Deployment", other_selector, "`selector` does not match template `labels`"),
        ("HTTPRoute", no_change, None),
        ("HTTPRoute", weight_too_large, "should be less than or equal to 1000000"),
        ("HTTPRoute", path_without_slash, "start with '/'"),
        ("HorizontalPodAutoscaler", no_change, None),
        ("HorizontalPodAutoscaler", min_above_max, "must be greater than or equal to `minReplicas`"),
        ("NetworkPolicy", no_change, None),
        ("NetworkPolicy", unknown_policy_type, "Unsupported value"),
    ],
)
def test_a_manifest_with_a_fault_is_refused(
    api: Api,
    environment_named: dict[str, Environment],
    kind: str,
    change: Callable[[Object], None],
    message: str | None,
) -> None:
    environment = environment_named["dev"]
    namespaces = environment.objects(environment.document.clusters[0], "Namespace")
    for namespace in namespaces:
        api.apply(namespace)
    found = environment.objects(environment.document.clusters[0], kind)
    thing: dict[str, Any] = copy.deepcopy(next(each for each in found if each["metadata"]["name"] == "product-tagging"))
    change(thing)
    if message is None:
        api.apply(thing, dry_run=True)
        return
    with pytest.raises(Refused, match=re.escape(message)):
        api.apply(thing, dry_run=True)
