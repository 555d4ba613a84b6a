"""MLServer with an XGBoost model, as it comes, on loopback."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .dialect import MLSERVER
from .packages import OnProgress, cache_folder, environment
from .runtime import XGBOOST, RuntimeModel, runtimes
from .runtime_process import Launch, free_ports, packages_path
from .tensor import dtype_name


def home(cache: Path | None = None, on_progress: OnProgress | None = None) -> Path:
    """Its virtual environment, made where it is not there yet.

    Raises:
        CannotInstall
    """
    version = runtimes()["mlserver"].version
    return environment(
        (cache or cache_folder()) / f"mlserver-{version}",
        # With a later uvloop its worker processes end at once: they ask for an event loop that nobody made.
        (f"mlserver=={version}", "uvloop<0.22", XGBOOST, "scikit-learn"),
        python=Path(sys.executable),
        # Its requirement xgboost brings 300 MB of CUDA; the build without it is the same module.
        alone=(f"mlserver-xgboost=={version}",),
        on_progress=on_progress,
    )


def prepared(home: Path, model: RuntimeModel, settings: Mapping[str, Any] | None = None) -> Callable[[Path], Launch]:
    """How it is started; ``settings`` are further ones of the model."""

    def prepare(folder: Path) -> Launch:
        http, grpc, metrics = free_ports(3)
        server = {"host": "127.0.0.1", "http_port": http, "grpc_port": grpc, "metrics_port": metrics, "debug": False}
        of_model = {
            "name": model.name,
            "implementation": "mlserver_xgboost.XGBoostModel",
            "parameters": {"uri": str(model.file)},
            "inputs": [_tensor(model, each) for each in model.config.input],
            "outputs": [_tensor(model, each) for each in model.config.output],
            **(settings or {}),
        }
        (folder / "settings.json").write_text(json.dumps(server), encoding="utf-8")
        (folder / "model-settings.json").write_text(json.dumps(of_model), encoding="utf-8")
        return Launch(
            (str(home / "bin" / "mlserver"), "start", "."),
            http,
            f"/v2/models/{model.name}/ready",
            grpc_port=grpc,
            metrics_url=f"http://127.0.0.1:{metrics}/metrics",
            variables={"PATH": packages_path(home)},
            dialect=MLSERVER,
        )

    return prepare


def _tensor(model: RuntimeModel, tensor: Any) -> dict[str, Any]:
    batch = [-1] if model.config.max_batch_size > 0 else []
    return {"name": tensor.name, "datatype": dtype_name(tensor.data_type), "shape": [*batch, *tensor.dims]}
