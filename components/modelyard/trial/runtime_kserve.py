"""KServe's Python server with an XGBoost model, on loopback: ``programs/kserve_xgboost.py``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from .dialect import KSERVE
from .packages import OnProgress, cache_folder, environment
from .runtime import XGBOOST, RuntimeModel, runtimes
from .runtime_process import Launch, free_ports, packages_path
from .tensor import dtype_name

PROGRAM = Path(__file__).parent / "programs" / "kserve_xgboost.py"


def home(cache: Path | None = None, on_progress: OnProgress | None = None) -> Path:
    """Its virtual environment, made where it is not there yet.

    Raises:
        CannotInstall
    """
    version = runtimes()["kserve"].version
    return environment(
        (cache or cache_folder()) / f"kserve-{version}",
        (f"kserve=={version}", XGBOOST),
        python=Path(sys.executable),
        on_progress=on_progress,
    )


def prepared(home: Path, model: RuntimeModel) -> Callable[[Path], Launch]:
    """How it is started."""

    def prepare(folder: Path) -> Launch:
        http, grpc = free_ports(2)
        batch = [-1] if model.config.max_batch_size > 0 else []
        tensors = {
            kind: [
                {"name": each.name, "datatype": dtype_name(each.data_type), "shape": [*batch, *each.dims]}
                for each in tensors
            ]
            for kind, tensors in (("inputs", model.config.input), ("outputs", model.config.output))
        }
        (folder / "tensors.json").write_text(json.dumps(tensors), encoding="utf-8")
        arguments = (model.name, str(model.file), str(folder / "tensors.json"), str(http), str(grpc))
        return Launch(
            (str(home / "bin" / "python"), str(PROGRAM), *arguments),
            http,
            f"/v2/models/{model.name}/ready",
            grpc_port=grpc,
            variables={"PATH": packages_path(home)},
            dialect=KSERVE,
        )

    return prepare
