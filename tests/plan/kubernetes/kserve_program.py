"""Arguments of models that KServe serves, and what their graphs are asked."""

from __future__ import annotations

from typing import Any

from .program import CHECKSUM, REGION, SHOP, triton_arguments

SERVERS = [
    ("triton", "onnx"),
    ("tensorflow_serving", "savedmodel"),
    ("torchserve", "torch_mar"),
    ("mlserver", "sklearn"),
    ("mlserver", "mlflow"),
    ("sklearnserver", "sklearn"),
    ("xgbserver", "xgboost"),
]
"""Every server with a format that it serves."""

FOLDER = {
    "bucket": "retail-prod-models-us-east-1",
    "prefix": "shop/v1",
    "region": REGION,
    "digest": "e" * 64,
    "layout": "repository",
}
"""A folder that holds the model's folder, to be copied as it is."""

IMAGE = f"registry.example.com/pre@sha256:{CHECKSUM}"


def kserve_arguments(**changes: Any) -> Any:
    """Triton on a GPU; a change to None takes an argument out."""
    return triton_arguments(**{"server": "triton", "format": "onnx", **changes})


def on_cpu(server: str, format: str, **changes: Any) -> Any:
    """A server without a GPU, of a folder of somebody else's."""
    plain = {"pool": None, "price_basis": None, "resources": {"gpus": 0}, "scaling": None, "stored": FOLDER}
    return kserve_arguments(**{"server": server, "format": format, **plain, **changes})


def of_canary(percent: int = 10, **changes: Any) -> dict[str, Any]:
    """Keys of a rollout of version 2 beside version 1."""
    stored = {**triton_arguments()["stored"], "prefix": "shop/tagger/2", "digest": "a" * 64}
    rollout = {"stable": 1, "canary": 2, "percent": percent, **changes}
    return {"rollout": rollout, "canary": {"stored": stored}}


def canary_revision(**changes: Any) -> dict[str, Any]:
    """Keys of a model in mode knative with a canary."""
    return {
        "mode": "knative",
        "hostname": None,
        "stored": FOLDER,
        "scaling": {"max_replicas": 6, "target_concurrency": 4},
        "rollout": {"stable": 1, "canary": 2, "percent": 10, **changes},
        "canary": {"stored": {**FOLDER, "prefix": "shop/v2"}},
    }


def graph_arguments(**changes: Any) -> Any:
    """The fraud pipeline: preprocessing, a model, and rules that see its answer."""
    arguments: dict[str, Any] = {
        "ownership": SHOP.args(),
        "name": "fraud",
        "cluster": "east",
        "nodes": {
            "root": {
                "router": "Sequence",
                "steps": [
                    {"name": "features", "model": "features"},
                    {"name": "score", "node": "models", "data": "$response"},
                    {"name": "rules", "model": "rules", "data": "$response", "dependency": "Hard"},
                ],
            },
            "models": {
                "router": "Splitter",
                "steps": [{"model": "xgboost", "weight": 90}, {"model": "logistic", "weight": 10}],
            },
        },
        "models": [
            {"name": "features"},
            {"name": "xgboost"},
            {"name": "logistic"},
            {"name": "rules", "port": 8000},
            {"name": "unused"},
        ],
        "hostname": "fraud.east.ml.example.org",
        **changes,
    }
    return {key: value for key, value in arguments.items() if value is not None}
