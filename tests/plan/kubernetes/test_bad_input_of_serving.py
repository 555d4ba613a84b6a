"""What cannot be served, in the arguments of components: one sentence each, before anything is registered.

The same in an environment's YAML: tests/unit/resolve/test_bad_input_of_serving.py.
"""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from modelyard.serving.kserve.graph_service import KServeGraph
from modelyard.serving.kserve.service import KServeService
from modelyard.serving.seldon.service import SeldonService
from modelyard.serving.tfserving.service import TensorFlowServingService
from modelyard.serving.torchserve.service import TorchServeService
from modelyard.serving.triton.service import TritonService

from .kserve_program import graph_arguments, kserve_arguments, on_cpu
from .program import refusal, run_program, triton_arguments
from .seldon_program import seldon_arguments
from .test_tensorflow_serving_service import arguments as tensorflow_arguments
from .test_torchserve_service import arguments as torchserve_arguments

SERVICES: dict[Any, Any] = {
    TritonService: triton_arguments,
    TensorFlowServingService: tensorflow_arguments,
    TorchServeService: torchserve_arguments,
    KServeService: kserve_arguments,
    SeldonService: seldon_arguments,
}

DAY = {"days": "mon-fri", "start": "08:00", "end": "20:00", "timezone": "Europe/Berlin", "min_replicas": 2}
EVERYWHERE: dict[str, tuple[dict[str, Any], str]] = {
    "a canary above 100 %": (
        {"rollout": {"stable": 1, "canary": 2, "percent": 120}},
        "rollout.percent: is 120, and a canary gets at most 100 % of the traffic; allowed: 0 to 100",
    ),
    "a canary without a stable version": (
        {"rollout": {"canary": 2, "percent": 10}},
        "rollout: canary 2 has no stable version beside it; name in stable the version that serves now",
    ),
    "a canary without its files": (
        {"rollout": {"stable": 1, "canary": 2}, "version": None},
        "canary, with where it is stored, is missing; a canary needs its version and its files",
    ),
    "an autoscaler whose min exceeds its max": (
        {"scaling": {"min_replicas": 4, "max_replicas": 2}},
        "scaling: min_replicas 4 exceeds max_replicas 2; raise max_replicas or lower min_replicas",
    ),
    "windows that overlap": (
        {"scaling": {"max_replicas": 4, "schedules": [DAY, {**DAY, "days": "fri", "start": "19:30"}]}},
        "scaling: schedules[0] (mon-fri 08:00-20:00 Europe/Berlin) and schedules[1] (fri 19:30-20:00 Europe/Berlin) "
        "overlap on fri 19:30 to 20:00; end one where the other starts, or merge them",
    ),
}


@pytest.mark.parametrize("component", SERVICES)
@pytest.mark.parametrize(("changes", "sentence"), EVERYWHERE.values(), ids=EVERYWHERE)
def test_every_service_refuses_it_with_the_same_sentence(
    component: Any, changes: dict[str, Any], sentence: str
) -> None:
    arguments = SERVICES[component](**changes)
    assert refusal(lambda opts: component("bad", arguments, opts)) == f"{component.__name__} bad: {sentence}"


HANDED = "has no predictor to hand requests to; name the model's server, format and stored, or delete it"
SOME: dict[str, tuple[Any, Any, list[str]]] = {
    "a server of KServe's that cannot serve the format": (
        KServeService,
        on_cpu("sklearnserver", "onnx"),
        ["KServeService bad: sklearnserver does not serve onnx; triton does"],
    ),
    "a server of Seldon's that cannot serve the format": (
        SeldonService,
        seldon_arguments(server="mlserver", format="onnx"),
        ["SeldonService bad: Seldon's mlserver does not serve onnx; its triton does"],
    ),
    "a transformer without a predictor": (
        KServeService,
        kserve_arguments(
            server=None, stored=None, transformer={"image": f"registry.example.com/pre@sha256:{'a' * 64}"}
        ),
        [
            f"KServeService bad: transformer: {HANDED}",
            "KServeService bad: stored: is missing and has no default; add it",
            "KServeService bad: server: is missing and has no default; add it",
        ],
    ),
    "a graph's routers, at least more than at most": (
        KServeGraph,
        graph_arguments(min_replicas=4, max_replicas=2),
        [
            "KServeGraph bad: min_replicas 4 exceeds max_replicas 2; raise max_replicas or lower min_replicas",
        ],
    ),
}


@pytest.mark.parametrize(("component", "arguments", "lines"), SOME.values(), ids=SOME)
def test_what_only_some_are_asked(component: Any, arguments: Any, lines: list[str]) -> None:
    assert refusal(lambda opts: component("bad", arguments, opts)).splitlines() == lines


CANARY = {
    "rollout": {"stable": 1, "canary": 2, "percent": 10},
    "canary": {"stored": {**triton_arguments()["stored"], "digest": "c" * 64}},
}
BY_FLAGGER = {**CANARY, "rollout": {"stable": 1, "canary": 2, "by": "flagger", "sticky": {"cookie": "side"}}}
HOST = "tagger.east.ml.example.org"
TAKEN = "is taken in namespace 'shop' of cluster 'east' by TritonService first; a model has one component, and one "
TAKEN += "rollout in it: delete one of the two, or rename its model"
HOST_TAKEN = f"hostname: {HOST!r} is taken on cluster 'east' by TritonService first; give one of them another name"
TOGETHER: dict[str, tuple[dict[str, Any], Any, Any, list[str]]] = {
    "two rollouts of one model": (
        CANARY,
        TritonService,
        triton_arguments(**CANARY),
        [f"model: 'tagger' {TAKEN}", f"rollout.canary: 'tagger-canary-v2' {TAKEN}", HOST_TAKEN],
    ),
    "another host": (
        {},
        TritonService,
        triton_arguments(hostname="other.east.ml.example.org"),
        [f"model: 'tagger' {TAKEN}"],
    ),
    "another runtime": (
        {},
        KServeService,
        kserve_arguments(hostname=None, scaling={"max_replicas": 2}),
        [f"model: 'tagger' {TAKEN}"],
    ),
    "a model named as a canary": (
        CANARY,
        TritonService,
        triton_arguments(model="tagger-canary-v2", hostname=None),
        [f"model: 'tagger-canary-v2' {TAKEN}"],
    ),
    "a model named as what Flagger makes": (
        BY_FLAGGER,
        TritonService,
        triton_arguments(model="tagger-primary", hostname=None),
        [f"model: 'tagger-primary' {TAKEN}"],
    ),
    "a graph named as a model": (
        {},
        KServeGraph,
        graph_arguments(name="tagger"),
        [f"name: 'tagger' {TAKEN}"],
    ),
    "a gateway host that is taken": (
        {},
        TritonService,
        triton_arguments(model="other", hostname=HOST),
        [HOST_TAKEN],
    ),
    "a graph's host": ({}, KServeGraph, graph_arguments(hostname=HOST), [HOST_TAKEN]),
}


@pytest.mark.parametrize(("first", "component", "arguments", "sentences"), TOGETHER.values(), ids=TOGETHER)
def test_two_components_that_claim_one_name(
    first: dict[str, Any], component: Any, arguments: Any, sentences: list[str]
) -> None:
    """The second one is refused before its first resource; else the one would take the other's objects."""

    def program(opts: pulumi.ResourceOptions) -> None:
        TritonService("first", triton_arguments(**first), opts)
        component("second", arguments, opts)

    assert refusal(program).splitlines() == [f"{component.__name__} second: {sentence}" for sentence in sentences]


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "other", "hostname": "other.east.ml.example.org"},
        {"cluster": "west", "hostname": "tagger.west.ml.example.org"},
        {"ownership": {**triton_arguments()["ownership"], "department": "toys"}, "hostname": None},
        {"ownership": {**triton_arguments()["ownership"], "environment": "staging"}},
    ],
    ids=["another model", "another cluster", "another department", "another environment"],
)
def test_names_that_differ_in_one_thing_stand_side_by_side(changes: dict[str, Any]) -> None:
    def program(opts: pulumi.ResourceOptions) -> None:
        TritonService("first", triton_arguments(), opts)
        TritonService("second", triton_arguments(**changes), opts)

    for _ in range(2):  # a program that runs again in this process begins anew
        assert len([each for each in run_program(program).graph if each.type.endswith(":TritonService")]) == 2
