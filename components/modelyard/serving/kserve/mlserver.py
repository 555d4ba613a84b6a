"""Seldon's MLServer with one model, configured by variables alone.

Follows "Settings" and "Model Settings" of MLServer 1.7's documentation: without a ``model-settings.json`` the model is
what ``MLSERVER_MODEL_*`` says.
"""

from __future__ import annotations

from typing import Any

from ..workload.server import GRPC, Health, Port, Server
from .python_server import inference_routes

HTTP_PORT = 8080
GRPC_PORT = 9000
METRICS_PORT = 8082
USER = 1000
"""uid that the image's Dockerfile names."""

IMPLEMENTATIONS = {
    "sklearn": "mlserver_sklearn.SKLearnModel",
    "xgboost": "mlserver_xgboost.XGBoostModel",
    "lightgbm": "mlserver_lightgbm.LightGBMModel",
    "mlflow": "mlserver_mlflow.MLflowRuntime",
}
"""Class of each format that the image brings."""


def mlserver(model: str, *, image: Any, format: str, folder: str) -> Server:
    """MLServer with the model of one folder, in the files that the class looks for (``model.joblib``, ``model.bst``,
    ``model.json``, ``MLmodel``, ...).

    Args:
        model: as callers name it.
        image: may be a Pulumi output.
        format: one of :data:`IMPLEMENTATIONS`.
        folder: that holds the model's files.
    """
    variables = {
        "MLSERVER_MODEL_NAME": model,
        "MLSERVER_MODEL_IMPLEMENTATION": IMPLEMENTATIONS[format],
        "MLSERVER_MODEL_URI": folder,
        "MLSERVER_MODELS_DIR": folder,
        "MLSERVER_HTTP_PORT": str(HTTP_PORT),
        "MLSERVER_GRPC_PORT": str(GRPC_PORT),
        "MLSERVER_METRICS_PORT": str(METRICS_PORT),
    }
    return Server(
        runtime="mlserver",
        image=image,
        ports=(
            Port("http", HTTP_PORT, "gateway", "http"),
            Port("grpc", GRPC_PORT, "gateway", GRPC),
            Port("metrics", METRICS_PORT, "prometheus"),
        ),
        routes=inference_routes(model, HTTP_PORT, GRPC_PORT, predict=False),
        ready=Health("/v2/health/ready", HTTP_PORT),
        live=Health("/v2/health/live", HTTP_PORT),
        user=USER,
        env=tuple({"name": name, "value": value} for name, value in variables.items()),
    )
