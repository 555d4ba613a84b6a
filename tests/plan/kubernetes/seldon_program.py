"""Arguments of models that Seldon Core 2 serves."""

from __future__ import annotations

from typing import Any

from .program import REGION, SHOP, triton_arguments

FOLDER = {
    "bucket": "retail-prod-models-us-east-1",
    "prefix": "shop/fraud",
    "region": REGION,
    "digest": "e" * 64,
}


def seldon_arguments(**changes: Any) -> Any:
    """XGBoost on MLServer; a change to None takes an argument out."""
    plain: dict[str, Any] = {
        "model": "fraud",
        "server": "mlserver",
        "format": "xgboost",
        "stored": FOLDER,
        "pool": None,
        "price_basis": None,
        "resources": {"gpus": 0, "cpu": 2, "memory_gib": 4},
        "scaling": {"min_replicas": 2, "max_replicas": 4},
        "hostname": "fraud.east.ml.example.org",
    }
    return triton_arguments(**{**plain, **changes})


def on_gpu(**changes: Any) -> Any:
    """Triton on a GPU of a pool."""
    given = {
        "server": "triton",
        "format": "onnx",
        "pool": "l4",
        "price_basis": "aws/us-east-1/g6.2xlarge/on_demand",
        "resources": {"gpus": 1},
    }
    return seldon_arguments(**{**given, **changes})


def of_canary(percent: int = 10, **changes: Any) -> dict[str, Any]:
    """Keys of a rollout of version 2 beside version 1."""
    rollout = {"stable": 1, "canary": 2, "percent": percent, **changes}
    return {"rollout": rollout, "canary": {"stored": {**FOLDER, "prefix": "shop/fraud-2", "digest": "a" * 64}}}


def pipeline_arguments(**changes: Any) -> Any:
    """The fraud ensemble: features, two models at once, rules that see both."""
    arguments: dict[str, Any] = {
        "ownership": SHOP.args(),
        "name": "fraud-pipeline",
        "models": ["features", "xgboost", "logistic", "rules"],
        "steps": [
            {"model": "features"},
            {"model": "xgboost", "inputs": ["features"]},
            {
                "model": "logistic",
                "inputs": ["features.outputs.scaled"],
                "tensor_map": {"features.outputs.scaled": "x"},
            },
            {
                "model": "rules",
                "inputs": ["xgboost", "logistic", "fraud-pipeline.inputs.amount"],
                "join": "inner",
                "join_window_ms": 500,
            },
        ],
        "output": ["rules"],
        "hostname": "fraud-pipeline.east.ml.example.org",
        **changes,
    }
    return {key: value for key, value in arguments.items() if value is not None}
