"""Graphs that KServe's router could not follow, and what is said of them."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.environment.inference_graph import GraphNode, InferenceGraph, graph_problems, unknown_models
from pydantic import ValidationError


def nodes(**declared: Any) -> dict[str, GraphNode]:
    return {name: GraphNode.model_validate(node) for name, node in declared.items()}


def sequence(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"router": "Sequence", "steps": list(steps)}


def node(router: str, *steps: dict[str, Any]) -> dict[str, Any]:
    return {"router": router, "steps": list(steps)}


PROBLEMS: list[tuple[dict[str, Any], list[str]]] = [
    ({"root": sequence({"model": "a"}, {"model": "b", "data": "$response"})}, []),
    (
        {"root": sequence({})},
        ["nodes.root: steps[0]: names nothing; name one of model, node and url"],
    ),
    (
        {"root": sequence({"model": "a", "url": "https://rules.example.org/score"})},
        ["nodes.root: steps[0]: names model and url; name one of model, node and url"],
    ),
    (
        {"root": sequence({"node": "modls"}), "models": sequence({"model": "a"})},
        [
            "nodes.root: steps[0]: node: 'modls' is not a node of this graph; did you mean 'models'? Allowed: root, "
            "models",
            "nodes.models is asked by no other node; delete it, or name it in a step",
        ],
    ),
    (
        {"root": node("Splitter", {"model": "a", "weight": 90}, {"model": "b", "weight": 20})},
        ["nodes.root: weights of a Splitter make 110; they must make 100"],
    ),
    (
        {"root": node("Splitter", {"model": "a", "weight": 100}, {"model": "b"})},
        ["nodes.root: steps[1]: has no weight, which a Splitter needs; give it percent of the requests"],
    ),
    (
        {"root": node("Switch", {"model": "a", "condition": "country"}, {"model": "b"})},
        ["nodes.root: steps[1]: has no condition, so a Switch would never take it; give it one"],
    ),
    (
        {"root": node("Ensemble", {"name": "x", "model": "a"}, {"name": "x", "model": "b", "weight": 3})},
        [
            "nodes.root: steps has two steps named 'x'; rename one",
            "nodes.root: steps[1]: weight means nothing in an Ensemble; delete it, or make the node a Splitter",
        ],
    ),
    (
        {"root": node("Ensemble", {"model": "a", "data": "$response"})},
        [
            "nodes.root: steps[0]: data means nothing in an Ensemble, whose steps all get the node's request; delete "
            "it",
        ],
    ),
    (
        {"root": sequence({"model": "a"}, {"model": "b", "data": "$request", "map_predictions_to_instances": True})},
        [
            "nodes.root: steps[1]: map_predictions_to_instances reads the answer before, and data is $request; delete "
            "one",
        ],
    ),
    (
        {"root": sequence({"node": "root"})},
        ["nodes ask each other in a circle: root -> root; a request would never end"],
    ),
]


@pytest.mark.parametrize(("declared", "problems"), PROBLEMS)
def test_every_problem_is_told(declared: dict[str, Any], problems: list[str]) -> None:
    assert graph_problems(nodes(**declared)) == problems


def test_a_graph_is_refused_with_all_of_them() -> None:
    with pytest.raises(ValidationError) as refused:
        InferenceGraph.model_validate({"name": "score", "nodes": {"start": sequence({})}})
    assert str(refused.value).count("; ") >= 2
    whole = InferenceGraph.model_validate(
        {"name": "score", "nodes": {"root": sequence({"model": "a"}, {"model": "b"}, {"model": "a"})}}
    )
    assert whole.models() == ("a", "b")


def test_models_that_nobody_serves_are_named() -> None:
    asked = nodes(root=sequence({"model": "xgbost"}, {"url": "https://rules.example.org/score"}))
    assert unknown_models(asked, ["xgboost"]) == [
        "nodes.root.steps[0].model: 'xgbost' is not a model that KServe serves here; did you mean 'xgboost'? Allowed: "
        "xgboost"
    ]


def test_a_diamond_is_no_circle() -> None:
    both = {"router": "Sequence", "steps": [{"node": "last"}]}
    diamond = nodes(root=sequence({"node": "a"}, {"node": "b"}), a=both, b=both, last=sequence({"model": "m"}))
    assert graph_problems(diamond) == []
