"""TorchServe with an XGBoost model in a model archive, started by the script and with the configuration of its
container."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from ..repository.model_archive import MANIFEST, faults, read_archive
from ..serving.torchserve.archived_version import ArchivedVersion
from ..serving.torchserve.config_properties import Places
from ..serving.torchserve.server import Loaded, ready_arguments, settings_files, start_script
from .dialect import TORCHSERVE
from .packages import CannotInstall, OnProgress, cache_folder, environment
from .runtime import XGBOOST, RuntimeModel, runtimes
from .runtime_process import Launch, free_ports, packages_path

HANDLER = Path(__file__).parent / "programs" / "torchserve_xgboost.py"
LARGE = "MODELYARD_LARGE"
"""Set to 1, torch (more than 2 GB) is downloaded where the machine has none."""
_SYSTEM_PYTHON = "/usr/bin/python3"
_MODEL_VERSION = "1.0"


def home(cache: Path | None = None, on_progress: OnProgress | None = None) -> Path:
    """Its virtual environment, made where it is not there yet, with the torch of this Python or of the system's.

    Raises:
        CannotInstall: there is no Java or no torch, or something cannot be installed.
    """
    if shutil.which("java") is None:
        raise CannotInstall(
            "TorchServe runs on Java, and there is none on PATH; install version 11 or later (on Debian the package "
            "openjdk-17-jre-headless)"
        )
    version = runtimes()["torchserve"].version
    path = (cache or cache_folder()) / f"torchserve-{version}"
    python, folder = _torch()
    needs = [f"torchserve=={version}", f"torch-model-archiver=={version}", "setuptools<81", "numpy<2", XGBOOST]
    needs += ["packaging", "pyyaml", "psutil", "pillow", "wheel"]
    if folder is None:
        needs.append("torch")

    def finish(made: Path) -> None:
        if folder is not None:
            site = next((made / "lib").glob("python3*")) / "site-packages"
            (site / "torch-of-this-machine.pth").write_text(f"{folder}\n", encoding="utf-8")

    return environment(path, needs, python=Path(python), finish=finish, on_progress=on_progress)


def prepared(home: Path, model: RuntimeModel) -> Callable[[Path], Launch]:
    """How it is started, with an archive of the model."""

    def prepare(folder: Path) -> Launch:
        store = folder / "store"
        store.mkdir()
        write_archive(store / f"{model.name}.mar", model.name, _MODEL_VERSION, HANDLER, model.file)
        loaded = Loaded(model.name, (ArchivedVersion(1, _MODEL_VERSION, f"{model.name}.mar"),), 1, str(store))
        return launch(home, folder, loaded)

    return prepare


def launch(home: Path, folder: Path, loaded: Loaded) -> Launch:
    """TorchServe with what the container would load, on free ports and with the container's settings in ``folder``."""
    http, management, metrics, grpc, grpc_management, ready = free_ports(6)
    places = Places(loaded.model_store, http, management, metrics, grpc, grpc_management, ready, "127.0.0.1")
    properties = {"number_of_netty_threads": "2", "netty_client_threads": "2", **loaded.properties}
    for name, text in settings_files(loaded, places, properties).items():
        (folder / name).write_text(text, encoding="utf-8")
    temporary = folder / "tmp"
    temporary.mkdir()
    return Launch(
        ("/bin/sh", "-c", start_script(), "torchserve", *ready_arguments(loaded, places)),
        http,
        "/ready",
        ready_port=ready,
        metrics_url=f"http://127.0.0.1:{metrics}/metrics",
        variables={"PATH": packages_path(home), **_variables(folder, temporary)},
        dialect=TORCHSERVE,
    )


def write_archive(path: Path, model: str, version: str, handler: Path, serialized: Path | None = None) -> None:
    """A model archive, as torch-model-archiver lays it out.

    Raises:
        ValueError: it would not be served; the sentence says why.
    """
    described = {"modelName": model, "modelVersion": version, "handler": handler.name}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(handler, handler.name)
        if serialized is not None:
            described["serializedFile"] = serialized.name
            archive.write(serialized, serialized.name)
        manifest = {"createdOn": "", "runtime": "python", "model": described, "archiverVersion": "0.12.0"}
        archive.writestr(MANIFEST, json.dumps(manifest))
    wrong = faults(read_archive(path), model=model, model_version=version)
    if wrong:
        raise ValueError(f"{path.name} {wrong[0]}")


def _variables(folder: Path, temporary: Path) -> Mapping[str, str]:
    """The container's, in another place."""
    from ..serving.torchserve.server import VARIABLES
    from ..serving.workload.server import SETTINGS

    return {
        name: value.replace(SETTINGS, str(folder), 1) if value.startswith(SETTINGS) else str(temporary)
        for name, value in VARIABLES.items()
    }


def _torch() -> tuple[str, str | None]:
    """A Python that has torch and where its packages lie; None: torch is to be installed.

    Raises:
        CannotInstall: there is none, and nobody asked for it.
    """
    for python in (sys.executable, _SYSTEM_PYTHON):
        if not os.path.exists(python):
            continue
        ask = "import torch, pathlib; print(pathlib.Path(torch.__file__).parents[1])"
        done = subprocess.run([python, "-I", "-c", ask], capture_output=True, text=True, timeout=120)
        if done.returncode == 0:
            return python, done.stdout.strip()
    if os.environ.get(LARGE) == "1":
        return sys.executable, None
    raise CannotInstall(
        "TorchServe needs torch, and this machine has none; install it (on Debian the package python3-torch), or set "
        f"{LARGE}=1 to download it (more than 2 GB)"
    )
