"""What a SeldonPipeline makes, and the sentences with which Seldon's components refuse their arguments."""

from __future__ import annotations

from typing import Any

import pytest
from component_arguments import mirrors, usable_elsewhere
from modelyard.environment import seldon
from modelyard.environment.declaration import Declaration
from modelyard.serving.seldon import pipeline_args, pipeline_declaration, service_args, service_declaration
from modelyard.serving.seldon.pipeline_service import SeldonPipeline
from modelyard.serving.seldon.service import SeldonService

from .program import graph_of, one, refusal, triton_arguments, waits_for
from .seldon_program import FOLDER, of_canary, pipeline_arguments, seldon_arguments

MIRRORS: list[tuple[type[Declaration], Any]] = [
    (service_declaration.SeldonServiceDeclaration, service_args.SeldonServiceArgs),
    (seldon.SeldonStep, pipeline_args.SeldonStepArgs),
    (pipeline_declaration.SeldonPipelineDeclaration, pipeline_args.SeldonPipelineArgs),
]


@pytest.mark.parametrize(("declaration", "arguments"), MIRRORS, ids=[mirror[1].__name__ for mirror in MIRRORS])
def test_arguments_mirror_their_declaration(declaration: type[Declaration], arguments: Any) -> None:
    mirrors(declaration, arguments)


def test_the_components_can_be_used_from_other_languages() -> None:
    usable_elsewhere([SeldonService, SeldonPipeline])


def test_steps_hand_on_what_they_are_told() -> None:
    graph = graph_of(lambda opts: SeldonPipeline("prod-east-fraud", pipeline_arguments(), opts))
    made = one(graph, "Pipeline")
    assert made.inputs["spec"] == {
        "steps": [
            {"name": "features"},
            {"name": "xgboost", "inputs": ["features"]},
            {
                "name": "logistic",
                "inputs": ["features.outputs.scaled"],
                "tensorMap": {"features.outputs.scaled": "x"},
            },
            {
                "name": "rules",
                "inputs": ["xgboost", "logistic", "fraud-pipeline.inputs.amount"],
                "inputsJoinType": "inner",
                "joinWindowMs": 500,
            },
        ],
        "output": {"steps": ["rules"]},
    }
    route = one(graph, "HTTPRoute")
    (header,) = route.inputs["spec"]["rules"][0]["filters"][0]["requestHeaderModifier"]["set"]
    assert header == {"name": "seldon-model", "value": "fraud-pipeline.pipeline"}
    assert waits_for(graph, route, made)


SERVICES: list[tuple[str, dict[str, Any], str]] = [
    (
        "a format of the other server",
        {"server": "triton", "format": "xgboost"},
        "Seldon's triton does not serve xgboost; its mlserver does",
    ),
    (
        "a format of none",
        {"format": "torch_mar"},
        "no server of Seldon's serves torch_mar; its mlserver serves lightgbm, mlflow, sklearn, xgboost",
    ),
    (
        "files with checksums",
        {"stored": triton_arguments()["stored"]},
        "stored lists files with checksums, and Seldon copies the folder without asking for any; name a folder as it "
        "shall be served, and no files",
    ),
    (
        "a folder of folders",
        {"stored": {**FOLDER, "layout": "repository"}},
        "stored.layout is repository; Seldon loads one model's folder, so name that in prefix, and write layout: model",
    ),
    (
        "a target",
        {"scaling": {"max_replicas": 2, "target_queue_ms": 5}},
        "scaling.target_queue_ms is nothing that Seldon follows, which scales by lag; delete it",
    ),
    (
        "callers that stay",
        of_canary(10, sticky={"header": "x-user"}),
        "rollout.sticky is not Seldon's to do by a header or cookie: it answers with x-seldon-route, which a caller "
        "sends back to stay; delete sticky",
    ),
    (
        "a surge",
        {"max_surge": 1},
        "max_surge means nothing: Seldon's Servers are StatefulSets; delete it",
    ),
    (
        "a pool for somebody else's server",
        {"shared_server": "shared", "eks_cluster": None, "pool": "l4"},
        "pool is the Server's, and shared_server names one that is there; delete pool, or shared_server",
    ),
]


@pytest.mark.parametrize(("changes", "message"), [each[1:] for each in SERVICES], ids=[each[0] for each in SERVICES])
def test_services_that_do_not_fit_are_refused(changes: dict[str, Any], message: str) -> None:
    said = refusal(lambda opts: SeldonService("fraud", seldon_arguments(**changes), opts))
    assert said == f"SeldonService fraud: {message}"


PIPELINES: list[tuple[str, dict[str, Any], str]] = [
    (
        "a model that is not served",
        {"steps": [{"model": "xgbost"}], "output": ["xgbost"]},
        "steps[0] (xgbost): 'xgbost' is not a model that Seldon serves here; did you mean 'xgboost'? Allowed: "
        "features, logistic, rules, xgboost",
    ),
    (
        "a source that is none",
        {"steps": [{"model": "rules", "inputs": ["feature.outputs"]}]},
        "steps[0] (rules).inputs: 'feature.outputs': 'feature' is not a step of this pipeline; allowed: rules, "
        "fraud-pipeline",
    ),
    (
        "a source of another form",
        {"steps": [{"model": "rules", "inputs": ["rules/outputs"]}]},
        "steps[0] (rules).inputs: 'rules/outputs' names no source; write <step>, <step>.outputs or "
        "<step>.outputs.<tensor>",
    ),
    (
        "a circle",
        {"steps": [{"model": "rules", "inputs": ["features"]}, {"model": "features", "inputs": ["rules"]}]},
        "steps wait for each other in a circle: rules -> features -> rules; a request would never end",
    ),
    (
        "a join of one",
        {"steps": [{"model": "rules", "join": "any"}]},
        "steps[0] (rules): join any needs two inputs, and there are 0; delete it",
    ),
    (
        "a tensor of nobody",
        {"steps": [{"model": "features"}, {"model": "rules", "tensor_map": {"features.outputs.a": "b"}}]},
        "steps[1] (rules).tensor_map: 'features.outputs.a' is of none of the step's inputs; name it there",
    ),
]


@pytest.mark.parametrize(("changes", "message"), [each[1:] for each in PIPELINES], ids=[each[0] for each in PIPELINES])
def test_pipelines_that_cannot_answer_are_refused(changes: dict[str, Any], message: str) -> None:
    said = refusal(lambda opts: SeldonPipeline("fraud", pipeline_arguments(**changes), opts))
    assert said == f"SeldonPipeline fraud: {message}"
