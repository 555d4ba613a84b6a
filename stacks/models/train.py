"""Makes the models that a first deployment serves, and a second version of one of them for a canary: seeded, trained
on synthetic data, in seconds.

They are small on purpose: real weights in the real format, so that every step from upload to answer can be
rehearsed. ``python stacks/models/train.py`` writes the same files again. Needs numpy, onnx and xgboost-cpu 2.1 (as
KServe 0.20's server has it), in an environment of its own: onnx and the policy SDK want different protobufs.
"""

from pathlib import Path

import numpy as np
import onnx
import xgboost
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Array = NDArray[np.float32]
HERE = Path(__file__).parent

TAGS = ("red", "green", "blue", "striped", "dotted", "plain")
IMAGE_SIZE = 64
SENTIMENTS = ("negative", "neutral", "positive")
VOCABULARY, TOKENS = 2048, 64
FEATURES, QUANTILES = 12, (0.1, 0.5, 0.9)


def main() -> None:
    write("product-tagging", product_tagging(np.random.default_rng(4100)))
    write("product-tagging", product_tagging(np.random.default_rng(4101), products=1200), version=2)
    write("review-analysis", review_analysis(np.random.default_rng(4200)))
    write("demand-forecasting", demand_forecasting(np.random.default_rng(4300)))
    folder = HERE / "stock-alert" / "1"
    folder.mkdir(parents=True, exist_ok=True)
    stock_alert(np.random.default_rng(4400)).save_model(folder / "model.json")


def write(name: str, model: onnx.ModelProto, version: int = 1) -> None:
    onnx.checker.check_model(model, full_check=True)
    folder = HERE / name / str(version)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))


def synthetic_products(rng: np.random.Generator, count: int) -> tuple[Array, Array]:
    """Images (count, 3, 64, 64) in [0, 1] of one colour, striped, dotted or plain, and their tags (count, 6)."""
    images = rng.normal(0.15, 0.05, (count, 3, IMAGE_SIZE, IMAGE_SIZE))
    labels = np.zeros((count, len(TAGS)))
    rows, columns = np.indices((IMAGE_SIZE, IMAGE_SIZE))
    for i in range(count):
        colour, texture = rng.integers(3), rng.integers(3)
        period = rng.integers(8, 17)
        mask = {
            0: (rows % period < period // 2),
            1: ((rows % period < period // 3) & (columns % period < period // 3)),
            2: np.ones_like(rows, dtype=bool),
        }[int(texture)]
        images[i, colour][mask] += 0.7
        labels[i, colour] = labels[i, 3 + texture] = 1
    return np.clip(images, 0, 1).astype(np.float32), labels.astype(np.float32)


def ridge(inputs: Array, targets: Array, penalty: float = 1e-2) -> tuple[Array, Array]:
    """Least squares with an L2 penalty: weights (features, outputs) and bias (outputs,)."""
    mean = inputs.mean(axis=0)
    centred = inputs - mean
    target_mean = targets.mean(axis=0)
    gram = centred.T @ centred + penalty * len(inputs) * np.eye(inputs.shape[1], dtype=np.float32)
    weights = np.linalg.solve(gram, centred.T @ (targets - target_mean))
    return weights.astype(np.float32), (target_mean - mean @ weights).astype(np.float32)


def product_tagging(rng: np.random.Generator, products: int = 600) -> onnx.ModelProto:
    """Random convolutions, pooled, and a trained linear head: image (batch, 3, 64, 64) to six tag scores."""
    filters = rng.normal(0, 0.25, (24, 3, 8, 8)).astype(np.float32)
    images, labels = synthetic_products(rng, products)
    patches = np.lib.stride_tricks.sliding_window_view(images, (8, 8), axis=(2, 3))[:, :, ::4, ::4]
    responses = np.maximum(np.einsum("nchwij,fcij->nfhw", patches, filters, optimize=True), 0)
    weights, bias = ridge(responses.mean(axis=(2, 3)).astype(np.float32), labels, 1e-4)
    nodes = [
        helper.make_node("Conv", ["image", "filters"], ["responses"], kernel_shape=[8, 8], strides=[4, 4]),
        helper.make_node("Relu", ["responses"], ["active"]),
        helper.make_node("GlobalAveragePool", ["active"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["features"]),
        helper.make_node("Gemm", ["features", "weights", "bias"], ["scores"]),
    ]
    return assemble(
        "product_tagging",
        nodes,
        [("image", TensorProto.FLOAT, [3, IMAGE_SIZE, IMAGE_SIZE])],
        [("scores", TensorProto.FLOAT, [len(TAGS)])],
        {"filters": filters, "weights": weights, "bias": bias},
    )


def review_analysis(rng: np.random.Generator) -> onnx.ModelProto:
    """Mean of trained word vectors: token ids (batch, 64), 0 for padding, to three probabilities."""
    tokens = rng.integers(400, VOCABULARY, (3000, TOKENS))
    classes = rng.integers(len(SENTIMENTS), size=3000)
    for i, label in enumerate(classes):
        opinion = {0: rng.integers(1, 200, 8), 1: rng.integers(1, 400, 4), 2: rng.integers(200, 400, 8)}[int(label)]
        tokens[i, rng.permutation(TOKENS)[: len(opinion)]] = opinion
    vectors = np.zeros((VOCABULARY, 4), dtype=np.float32)
    vectors[1:200, 0], vectors[200:400, 1] = 1.0, 1.0
    vectors[1:, 2] = 1.0
    vectors[:, 3] = rng.normal(0, 0.01, VOCABULARY)
    means = vectors[tokens].mean(axis=1)
    weights, bias = ridge(means, 6 * np.eye(3, dtype=np.float32)[classes], 1e-6)
    nodes = [
        helper.make_node("Gather", ["vectors", "token_ids"], ["embedded"]),
        helper.make_node("ReduceMean", ["embedded", "token_axis"], ["document"], keepdims=0),
        helper.make_node("Gemm", ["document", "weights", "bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    return assemble(
        "review_analysis",
        nodes,
        [("token_ids", TensorProto.INT64, [TOKENS])],
        [("probabilities", TensorProto.FLOAT, [len(SENTIMENTS)])],
        {"vectors": vectors, "token_axis": np.array([1], dtype=np.int64), "weights": weights, "bias": bias},
    )


def demand_forecasting(rng: np.random.Generator) -> onnx.ModelProto:
    """Features (batch, 12): seven daily sales, price, promotion, weekday sine and cosine, holiday; to the 10th,
    50th and 90th percentile of tomorrow's sales."""
    count = 5000
    level = rng.gamma(4, 20, (count, 1))
    lags = rng.poisson(level, (count, 7)).astype(np.float32)
    price, promotion = rng.uniform(0.7, 1.3, (count, 1)), rng.integers(0, 2, (count, 1))
    angle = 2 * np.pi * rng.integers(0, 7, (count, 1)) / 7
    holiday = rng.integers(0, 2, (count, 1))
    features = np.hstack([lags, price, promotion, np.sin(angle), np.cos(angle), holiday]).astype(np.float32)
    sales = rng.poisson(level * (1.6 - 0.6 * price) * (1 + 0.4 * promotion) * (1 + 0.2 * holiday)).astype(np.float32)
    centre, spread = features.mean(axis=0), features.std(axis=0)
    scaled = ((features - centre) / spread).astype(np.float32)
    hidden_weights = rng.normal(0, 0.6, (FEATURES, 32)).astype(np.float32)
    hidden_bias = rng.normal(0, 0.3, 32).astype(np.float32)
    hidden = np.maximum(scaled @ hidden_weights + hidden_bias, 0)
    weights, bias = ridge(hidden, sales, 1e-4)
    residual = (sales - (hidden @ weights + bias)).ravel()
    offsets = np.quantile(residual, QUANTILES).astype(np.float32)
    nodes = [
        helper.make_node("Sub", ["features", "centre"], ["centred"]),
        helper.make_node("Div", ["centred", "spread"], ["scaled"]),
        helper.make_node("Gemm", ["scaled", "hidden_weights", "hidden_bias"], ["dense"]),
        helper.make_node("Relu", ["dense"], ["hidden"]),
        helper.make_node("Gemm", ["hidden", "weights", "bias"], ["mean"]),
        helper.make_node("Add", ["mean", "offsets"], ["raw"]),
        helper.make_node("Relu", ["raw"], ["quantiles"]),
    ]
    return assemble(
        "demand_forecasting",
        nodes,
        [("features", TensorProto.FLOAT, [FEATURES])],
        [("quantiles", TensorProto.FLOAT, [len(QUANTILES)])],
        {
            "centre": centre,
            "spread": spread,
            "hidden_weights": hidden_weights,
            "hidden_bias": hidden_bias,
            "weights": weights,
            "bias": bias,
            "offsets": offsets,
        },
    )


def stock_alert(rng: np.random.Generator) -> xgboost.Booster:
    """Features (batch, 5): stock, sales of a day, days until the delivery, share of sales on promotion, price; to the
    probability that the shelf is empty before the delivery."""
    count = 4000
    daily = rng.gamma(3, 8, count)
    stock, days = rng.uniform(0, 300, count), rng.integers(1, 15, count)
    promotion, price = rng.uniform(0, 1, count), rng.uniform(1, 60, count)
    sold = rng.poisson(daily * days * (1 + 0.5 * promotion))
    features = np.column_stack([stock, daily, days, promotion, price]).astype(np.float32)
    parameters = {"objective": "binary:logistic", "max_depth": 3, "eta": 0.3, "nthread": 1, "seed": 4400}
    return xgboost.train(parameters, xgboost.DMatrix(features, label=sold > stock), 24)


def assemble(
    name: str,
    nodes: list[onnx.NodeProto],
    inputs: list[tuple[str, int, list[int]]],
    outputs: list[tuple[str, int, list[int]]],
    weights: dict[str, NDArray[np.generic]],
) -> onnx.ModelProto:
    """A model whose first dimension is the batch."""
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info(n, t, ["batch", *dims]) for n, t, dims in inputs],
        [helper.make_tensor_value_info(n, t, ["batch", *dims]) for n, t, dims in outputs],
        [numpy_helper.from_array(np.ascontiguousarray(array), key) for key, array in weights.items()],
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9, producer_name="modelyard"
    )


if __name__ == "__main__":
    main()
