"""Files that a server would not find, and archives that TorchServe would skip, are told with every other mistake."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from .test_runtimes import told

CPU = {"gpus": 0, "cpu": 0.5, "memory_gib": 1}


def model(runtime: str, server: str | None = None, **more: Any) -> dict[str, Any]:
    by = {} if server is None else {runtime: {"server": server}}
    return {
        "name": "speech", "task": "speech_recognition", "runtime": runtime, "resources": CPU,
        "source": "../models/speech", **by, **more,
    }  # fmt: skip


def archive(path: Path, name: str = "speech", version: str | None = "1.0", handler: bool = True) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as written:
        named = {"modelName": name, "modelVersion": version, "handler": "handler.py"}
        written.writestr("MAR-INF/MANIFEST.json", json.dumps({"runtime": "python", "model": named}))
        if handler:
            written.writestr("handler.py", "def handle(data, context):\n    return data\n")


def found(root: Path, declared: dict[str, Any]) -> list[str]:
    """Without the model's name at the end and the file before it."""
    return [
        line.partition(".source: ")[2].removesuffix(" (model 'speech')") for line in told(root, {"models": [declared]})
    ]


def folder(root: Path, version: int = 1) -> Path:
    made = root / "stacks" / "models" / "speech" / str(version)
    made.mkdir(parents=True)
    return made


@pytest.mark.parametrize("declared", [model("torchserve"), model("kserve", "torchserve")])
def test_an_archive_that_fits(tmp_path: Path, declared: dict[str, Any]) -> None:
    archive(folder(tmp_path) / "speech.mar")
    assert told(tmp_path, {"models": [declared]}) == []


@pytest.mark.parametrize(
    ("declared", "files", "message"),
    [
        (
            model("torchserve"),
            ["model.pt"],
            "'../models/speech/1' holds no *.mar, which torchserve looks for; it has model.pt",
        ),
        (
            model("torchserve"),
            ["a.mar", "b.mar"],
            "'../models/speech/1' holds a.mar and b.mar, and torchserve reads one *.mar; keep one",
        ),
        (
            model("torchserve"),
            ["README.md", "a.mar"],
            "'../models/speech/1' holds README.md beside a.mar; TorchServe reads the archive, so move it",
        ),
        (
            model("tensorflow_serving"),
            ["variables/variables.index", "model.h5"],
            "'../models/speech/1' holds no saved_model.pb or saved_model.pbtxt, which tensorflow_serving looks for; it "
            "has model.h5, variables/variables.index",
        ),
        (
            model("kserve", "xgbserver"),
            ["a.json", "b.ubj"],
            "'../models/speech/1' holds a.json and b.ubj, and xgbserver reads one *.bst or *.json or *.ubj; keep one",
        ),
        (
            model("seldon", "mlserver", format="mlflow"),
            ["model.pkl"],
            "'../models/speech/1' holds no MLmodel, which mlserver looks for; it has model.pkl",
        ),
    ],
)
def test_files_that_a_server_would_not_find(
    tmp_path: Path, declared: dict[str, Any], files: list[str], message: str
) -> None:
    at = folder(tmp_path)
    for name in files:
        (at / name).parent.mkdir(exist_ok=True)
        (at / name).write_text("x")
    assert found(tmp_path, declared) == [message]


def test_mlserver_finds_a_model_that_its_own_settings_name(tmp_path: Path) -> None:
    at = folder(tmp_path)
    (at / "model-settings.json").write_text("{}")
    (at / "trees.json").write_text("{}")
    assert told(tmp_path, {"models": [model("kserve", "mlserver", format="xgboost")]}) == []


def test_archives_are_read_once_and_told_with_other_mistakes(tmp_path: Path) -> None:
    archive(folder(tmp_path, 1) / "speech.mar", name="voice")
    archive(folder(tmp_path, 2) / "speech.mar", handler=False)
    declared = model("torchserve", rollout={"stable": 1, "canary": 2}, image="x:latest")
    assert [line.split(": ", 2)[1] for line in told(tmp_path, {"models": [declared]})] == [
        "models[0].source",
        "models[0].source",
        "models[0].image",
    ]
    first, second, _ = found(tmp_path, declared)
    assert first == (
        "'../models/speech/1/speech.mar' is of the model 'voice', and 'speech' is served; archive it with --model-name "
        "speech"
    )
    assert second.startswith("'../models/speech/2/speech.mar' ") and "handler.py" in second


def test_what_is_no_archive(tmp_path: Path) -> None:
    (folder(tmp_path) / "speech.mar").write_text("not a zip file")
    (line,) = found(tmp_path, model("torchserve"))
    assert line.startswith("'../models/speech/1/speech.mar' ")


def test_kserve_serves_an_archive_by_the_number_of_its_folder(tmp_path: Path) -> None:
    archive(folder(tmp_path) / "speech.mar", version="1.3")
    assert told(tmp_path, {"models": [model("torchserve")]}) == []
    assert found(tmp_path, model("kserve", "torchserve")) == [
        "'../models/speech/1/speech.mar' has version '1.3', and '1.0' is declared; archive it with --version 1.0"
    ]


def test_an_archive_without_a_version(tmp_path: Path) -> None:
    archive(folder(tmp_path) / "speech.mar", version=None)
    assert found(tmp_path, model("torchserve")) == [
        "'../models/speech/1/speech.mar' has no version, and '1.0' is declared; archive it with --version 1.0"
    ]
