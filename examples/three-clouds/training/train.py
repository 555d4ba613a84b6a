"""Makes the model that finds gaps on a shelf, from drawn shelves: seeded, in a second, the same bytes each time.

``python training/train.py`` writes ``model.onnx`` and ``golden.json`` of ``models/shelf-gaps``. Needs numpy and onnx
(``requirements.txt``), in an environment of its own.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Array = NDArray[np.float32]
MODEL = Path(__file__).resolve().parents[1] / "models" / "shelf-gaps"
HEIGHT, WIDTH, BAYS = 16, 64, 8
BAY = WIDTH // BAYS


def main() -> None:
    rng = np.random.default_rng(7300)
    images, empty = shelves(rng, 1500)
    slope, offset = head(brightness(images), empty)
    model = network(slope, offset)
    onnx.checker.check_model(model, full_check=True)
    (MODEL / "1").mkdir(parents=True, exist_ok=True)
    (MODEL / "1" / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
    cases = json.dumps(golden(rng, slope, offset))
    (MODEL / "golden.json").write_text(cases + "\n", encoding="utf-8")


def shelves(rng: np.random.Generator, count: int) -> tuple[Array, Array]:
    """Grey images (count, 1, 16, 64) in [0, 1] of a shelf with eight bays, and which bays are empty (count, 8)."""
    empty = rng.random((count, BAYS)) < 0.25
    full = rng.uniform(0.45, 0.95, (count, BAYS))
    level = np.where(empty, rng.uniform(0.02, 0.15, (count, BAYS)), full)
    images = np.repeat(level, BAY, axis=1)[:, None, None, :] * np.ones((1, 1, HEIGHT, 1))
    images += rng.normal(0, 0.05, images.shape)
    return np.clip(images, 0, 1).astype(np.float32), empty.astype(np.float32)


def brightness(images: Array) -> Array:
    """Mean of each bay: (count, 8)."""
    return images.reshape(len(images), HEIGHT, BAYS, BAY).mean(axis=(1, 3))


def head(means: Array, empty: Array) -> tuple[float, float]:
    """Slope and offset of a logistic regression of "empty" on the brightness of a bay, by Newton's method."""
    inputs, targets = means.ravel().astype(np.float64), empty.ravel().astype(np.float64)
    design = np.stack([inputs, np.ones_like(inputs)], axis=1)
    weights = np.zeros(2)
    for _ in range(25):
        odds = 1 / (1 + np.exp(-design @ weights))
        curvature = (design * (odds * (1 - odds))[:, None]).T @ design + 1e-2 * np.eye(2)
        weights += np.linalg.solve(curvature, design.T @ (targets - odds) - 1e-2 * weights)
    return float(weights[0]), float(weights[1])


def network(slope: float, offset: float) -> onnx.ModelProto:
    """Image (batch, 1, 16, 64) to the probability that each of the eight bays is empty (batch, 8)."""
    kernel = np.full((1, 1, HEIGHT, BAY), slope / (HEIGHT * BAY), dtype=np.float32)
    nodes = [
        helper.make_node("Conv", ["shelf", "kernel", "offset"], ["odds"], strides=[HEIGHT, BAY]),
        helper.make_node("Flatten", ["odds"], ["bays"]),
        helper.make_node("Sigmoid", ["bays"], ["empty"]),
    ]
    graph = helper.make_graph(
        nodes,
        "shelf_gaps",
        [helper.make_tensor_value_info("shelf", TensorProto.FLOAT, ["batch", 1, HEIGHT, WIDTH])],
        [helper.make_tensor_value_info("empty", TensorProto.FLOAT, ["batch", BAYS])],
        [
            numpy_helper.from_array(kernel, "kernel"),
            numpy_helper.from_array(np.array([offset], dtype=np.float32), "offset"),
        ],
    )
    opset = [helper.make_opsetid("", 18)]
    return helper.make_model(graph, opset_imports=opset, ir_version=9, producer_name="modelyard")


def golden(rng: np.random.Generator, slope: float, offset: float) -> dict[str, Any]:
    """Shelves with known answers, one alone and two together, at two decimals a pixel."""
    images = np.round(shelves(rng, 3)[0], 2)
    odds = brightness(images) * slope + offset
    answers = 1 / (1 + np.exp(-odds))
    together = {"one shelf": slice(0, 1), "two shelves": slice(1, 3)}
    return {
        "cases": [
            {
                "name": name,
                "inputs": {"shelf": {"data": [[[_decimals(row, 2) for row in image[0]]] for image in images[rows]]}},
                "outputs": {"empty": {"data": [_decimals(each, 6) for each in answers[rows]]}},
            }
            for name, rows in together.items()
        ]
    }


def _decimals(values: NDArray[np.floating], digits: int) -> list[float]:
    return [round(float(value), digits) for value in values]


if __name__ == "__main__":
    main()
