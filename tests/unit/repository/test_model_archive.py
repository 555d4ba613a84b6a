"""Model archives that TorchServe would skip, or whose workers would die, are refused before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from modelyard.repository.model_archive import NoArchive, faults, read_archive

from ..serving.torchserve.archives import CLASS, archive, manifest

KNOWN = "image_classifier, image_segmenter, object_detector, text_classifier"


def found(path: Path, **given: Any) -> list[str]:
    return faults(read_archive(path), model="fraud", model_version="2.0", **given)


def test_what_is_right(tmp_path: Path) -> None:
    read = read_archive(archive(tmp_path / "fraud.mar", manifest()))
    assert (read.model, read.version, read.handler) == ("fraud", "2.0", "handler.py")
    assert faults(read, model="fraud", model_version="2.0") == []


@pytest.mark.parametrize(
    ("described", "files"),
    [
        (manifest(handler="handler.py:score"), {"handler.py": "def score(data, context): ...\n", "fraud.pt": ""}),
        (manifest(handler="/home/me/handler"), None),
        (manifest(handler="image_classifier"), {"fraud.pt": ""}),
        (manifest(serializedFile=None), {"handler.py": "def handle(data, context): ...\n"}),
        (manifest(), {"handler.py": "from ts.torch_handler.x import X\nclass H(X): ...\n", "fraud.pt": ""}),
        (manifest(), {"handler.py": f"{CLASS}\n_service = Handler()\nhandle = _service.handle\n", "fraud.pt": ""}),
    ],
)
def test_other_forms_that_torchserve_loads(tmp_path: Path, described: Any, files: Any) -> None:
    assert found(archive(tmp_path / "fraud.mar", described, files)) == []


@pytest.mark.parametrize(
    ("described", "said"),
    [
        (None, "has no MAR-INF/MANIFEST.json; make it with torch-model-archiver"),
        ("[1]", "has a MAR-INF/MANIFEST.json that is no JSON object; make it with torch-model-archiver"),
        (
            "{",
            "has a MAR-INF/MANIFEST.json that is no JSON: Expecting property name enclosed in double quotes: line 1 "
            "column 2 (char 1)",
        ),
    ],
)
def test_what_is_no_archive(tmp_path: Path, described: Any, said: str) -> None:
    with pytest.raises(NoArchive) as refused:
        read_archive(archive(tmp_path / "fraud.mar", described))
    assert str(refused.value) == said


def test_files_that_are_no_archive(tmp_path: Path) -> None:
    (tmp_path / "text.mar").write_text("text")
    for name, said in (
        ("missing.mar", "does not exist"),
        ("text.mar", "is no zip file, which a model archive is; make it with torch-model-archiver"),
    ):
        with pytest.raises(NoArchive) as refused:
            read_archive(tmp_path / name)
        assert str(refused.value) == said


@pytest.mark.parametrize(
    ("described", "files", "said"),
    [
        (
            {"runtime": "python"},
            None,
            "has a MAR-INF/MANIFEST.json without a model; make the archive with torch-model-archiver",
        ),
        (
            manifest(modelName="froud"),
            None,
            "is of the model 'froud', and 'fraud' is served; archive it with --model-name fraud",
        ),
        (
            manifest(modelVersion="2"),
            None,
            "has version '2', and '2.0' is declared; archive it with --version 2.0",
        ),
        (
            manifest(modelVersion=None),
            None,
            "has no version, and '2.0' is declared; archive it with --version 2.0",
        ),
        (
            {**manifest(), "runtime": "java"},
            None,
            "has the runtime 'java'; TorchServe knows python, python3, LSP",
        ),
        (
            manifest(handler=None),
            None,
            f"names no handler; archive it with --handler, a file or one of {KNOWN}",
        ),
        (
            manifest(),
            {"fraud.pt": ""},
            "names the handler 'handler.py' and does not hold handler.py; add the file; TorchServe brings " + KNOWN,
        ),
        (
            manifest(handler="image_clasifier"),
            {"fraud.pt": ""},
            "names the handler 'image_clasifier' and does not hold image_clasifier.py; add the file; did you mean "
            f"'image_classifier'? TorchServe brings {KNOWN}",
        ),
        (
            manifest(handler="image_classifier", serializedFile=None),
            {},
            "has the handler 'image_classifier' and no serialized file; archive it with --serialized-file",
        ),
        (
            manifest(),
            {"handler.py": CLASS},
            "names 'fraud.pt' as serializedFile and does not hold it; add the file, or take the name out",
        ),
        (
            manifest(requirementsFile="requirements.txt"),
            {"handler.py": CLASS, "fraud.pt": "", "requirements.txt": "xgboost"},
            "brings packages of its own, which a pod does not install when it starts; build them into the image, and "
            "archive without --requirements-file",
        ),
        (
            manifest(),
            {"handler.py": CLASS, "fraud.pt": "", "../../etc/cron": ""},
            "holds '../../etc/cron', which leaves the folder that it is unpacked to; make it anew",
        ),
        (
            manifest(),
            {"handler.py": "def handle(data context): ...\n", "fraud.pt": ""},
            "has a handler handler.py that is no Python: line 1 invalid syntax",
        ),
        (
            manifest(handler="handler.py:score"),
            None,
            "names the function 'score' of handler.py, which has no such function; it has no function",
        ),
        (
            manifest(),
            {"handler.py": "x = 1\n", "fraud.pt": ""},
            "has a handler handler.py with no class and no function handle; TorchServe takes one class, or a function "
            "handle(data, context)",
        ),
        (
            manifest(),
            {"handler.py": "class A: ...\nclass B: ...\n", "fraud.pt": ""},
            "has a handler handler.py with 2 classes and no function handle; TorchServe takes one class, or a function "
            "handle(data, context)",
        ),
        (
            manifest(),
            {"handler.py": "class Handler:\n    def initialize(self, context): ...\n", "fraud.pt": ""},
            "has a handler handler.py whose class Handler lacks the method handle, which is called",
        ),
    ],
)
def test_faults(tmp_path: Path, described: Any, files: Any, said: str) -> None:
    assert found(archive(tmp_path / "fraud.mar", described, files)) == [said]


def test_the_archives_own_configuration_is_stronger(tmp_path: Path) -> None:
    files = {"handler.py": CLASS, "fraud.pt": "", "model-config.yaml": "minWorkers: 4\nbatchSize: 8\nmine: {a: 1}\n"}
    path = archive(tmp_path / "fraud.mar", manifest(configFile="model-config.yaml"), files)
    assert found(path, given={"min_workers": 1, "batch_size": 8}) == [
        "says minWorkers 4 in its configuration file, which overrules min_workers 1; say the same in both"
    ]


def test_all_faults_at_once(tmp_path: Path) -> None:
    assert len(found(archive(tmp_path / "fraud.mar", manifest(modelName="x", modelVersion="9", handler=None), {}))) == 4


def test_a_version_may_be_declared_where_somebody_declares_it(tmp_path: Path) -> None:
    path = archive(tmp_path / "fraud.mar", manifest(modelVersion="2"))
    assert found(path, argument="model_version") == [
        "has version '2', and '2.0' is declared; archive it with --version 2.0, or say so in model_version"
    ]
