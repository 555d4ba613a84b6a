"""The way of a request through an ensemble, from the tensors that its steps read and write."""

from __future__ import annotations

import pytest
from modelyard.sizing.pipeline import Pipeline, Step, chain, ensemble, single


def test_one_model_and_a_chain() -> None:
    assert single("m") == Pipeline((Step("m"),))
    assert chain(["a", "b"]) == Pipeline((Step("a"), Step("b", (0,))))


def test_steps_in_the_order_of_their_tensors() -> None:
    steps = [
        ("rules", ["raw", "score"], ["decision"]),
        ("clean", ["raw"], ["features"]),
        ("score", ["features"], ["score"]),
        ("clean", ["features"], ["tidier"]),
    ]
    assert ensemble(steps) == Pipeline((Step("clean"), Step("score", (0,)), Step("rules", (1,)), Step("clean", (0,))))
    assert ensemble(steps).models == ("clean", "score", "rules")


def test_circle() -> None:
    with pytest.raises(ValueError) as caught:
        ensemble([("a", ["y"], ["x"]), ("b", ["x"], ["y"])])
    assert str(caught.value) == "the steps of 'a', 'b' wait in a circle"
