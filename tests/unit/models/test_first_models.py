"""The models of a first deployment load, take what model.yaml says and answer sensibly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import yaml

MODELS = Path(__file__).resolve().parents[3] / "stacks" / "models"
_TYPES = {"FP32": "tensor(float)", "INT64": "tensor(int64)"}


def session(model: str) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(MODELS / model / "1" / "model.onnx", providers=["CPUExecutionProvider"])


def answer(model: str, tensor: np.ndarray) -> np.ndarray:
    loaded = session(model)
    result: Any = loaded.run(None, {loaded.get_inputs()[0].name: tensor})[0]
    return result


@pytest.mark.parametrize("model", ["product-tagging", "review-analysis", "demand-forecasting"])
def test_declaration_and_model_agree(model: str) -> None:
    declared = yaml.safe_load((MODELS / model / "model.yaml").read_text(encoding="utf-8"))
    loaded = session(model)
    tensors = [*loaded.get_inputs(), *loaded.get_outputs()]
    assert [(tensor.name, tensor.type, tensor.shape[1:]) for tensor in tensors] == [
        (tensor["name"], _TYPES[tensor["dtype"]], tensor["dims"])
        for tensor in (*declared["inputs"], *declared["outputs"])
    ]
    assert all(tensor.shape[0] == "batch" for tensor in tensors)


@pytest.mark.parametrize(("channel", "tag"), [(0, "red"), (1, "green"), (2, "blue")])
def test_a_plain_product_has_its_colour(channel: int, tag: str) -> None:
    images = np.full((2, 3, 64, 64), 0.15, dtype=np.float32)
    images[:, channel] = 0.85
    scores = answer("product-tagging", images)
    names = ["red", "green", "blue", "striped", "dotted", "plain"]
    assert {name for name, score in zip(names, scores[0], strict=True) if score > 0.5} == {tag, "plain"}


def test_a_review_is_read_by_its_words() -> None:
    tokens = np.full((2, 64), 700, dtype=np.int64)
    tokens[0, :6], tokens[1, :6] = 50, 250
    probabilities = answer("review-analysis", tokens)
    assert list(probabilities.argmax(axis=1)) == [0, 2]
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_a_forecast_is_ordered_and_follows_the_promotion() -> None:
    quiet = [80.0] * 7 + [1.0, 0.0, 0.0, 1.0, 0.0]
    promoted = [80.0] * 7 + [1.0, 1.0, 0.0, 1.0, 0.0]
    low, middle, high = answer("demand-forecasting", np.array([quiet, promoted], dtype=np.float32)).T
    assert (low < middle).all() and (middle < high).all()
    assert middle[1] > middle[0]
    assert low[0] < 80 < high[0]
