"""The init container's script, run by a real shell with real checksums.

The AWS CLI itself is not here: a stand-in of a few lines takes the same arguments, applies the same filters as the
CLI documents ("use of exclude and include filters") and copies from a folder.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from modelyard.governance.ownership import Ownership
from modelyard.serving.triton.model_download import (
    CHECKSUMS,
    checksums_config_map,
    download_container,
    repository_size_limit,
    script,
)
from modelyard.serving.triton.served_model import Gateway, Placement, ServedModel, ServerShare, StoredModel

AWS = f"""#!{sys.executable}
import fnmatch, os, pathlib, shutil, sys
assert sys.argv[1:3] == ["s3", "cp"] and "--recursive" in sys.argv
store = pathlib.Path(os.environ["STORE"], sys.argv[3].removeprefix("s3://"))
filters = [(sys.argv[n] == "--include", sys.argv[n + 1]) for n in range(len(sys.argv) - 1) if sys.argv[n] in ("--include", "--exclude")]
for path in sorted(store.rglob("*")):
    key = path.relative_to(store).as_posix()
    taken = True
    for include, pattern in filters:
        if fnmatch.fnmatchcase(key, pattern):
            taken = include
    if path.is_file() and taken:
        target = pathlib.Path(sys.argv[4], key)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
"""  # noqa: E501

FILES = {
    "config.pbtxt": b"backend: 'onnxruntime'",
    "labels v1.txt": b"shoe",
    "1/model.onnx": b"one",
    "2/model.onnx": b"two",
    "2/weights/part.bin": b"part",
    "12/model.onnx": b"twelve",
}
SERVED = ("config.pbtxt", "labels v1.txt", "2/model.onnx", "2/weights/part.bin")


def model() -> ServedModel:
    return ServedModel(
        name="tagger",
        ownership=Ownership("shop", "CC-1", "prod", "shop@example.org"),
        image="triton@sha256:0",
        version=2,
        stored=StoredModel(
            "bucket",
            "shop/tagger",
            "us-east-1",
            "d" * 64,
            {key: sha256(FILES[key]).hexdigest() for key in SERVED},
            sum(len(FILES[key]) for key in SERVED),
        ),
        placement=Placement("east", "l4"),
        share=ServerShare(1, 2, 8, 256),
        min_replicas=1,
        max_replicas=1,
        target_queue_ms=5,
        max_surge=0,
        max_unavailable=1,
        hostname=None,
        gateway=Gateway("modelyard", "gateway-system"),
        request_timeout_seconds=60,
    )


def download(folder: Path, served: ServedModel, files: dict[str, bytes]) -> tuple[int, set[str], str]:
    """Exit status, what lies in the repository after it, and what was said."""
    store, repository, checksums = (folder / name for name in ("store", "models", "checksums"))
    for key, content in files.items():
        path = store / "bucket" / "shop" / "tagger" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    programs = folder / "bin"
    programs.mkdir()
    (programs / "aws").write_text(AWS)
    (programs / "aws").chmod(0o755)
    repository.mkdir()
    config_map = checksums_config_map(served)
    if config_map is not None:
        checksums.mkdir()
        (checksums / "sha256sums").write_text(config_map["data"]["sha256sums"])
    variables = {variable["name"]: variable["value"] for variable in download_container(served)["env"]}
    variables["MODEL_FOLDER"] = str(repository / "tagger")
    done = subprocess.run(
        ["/bin/sh", "-c", script(served).replace(CHECKSUMS, str(checksums))],
        env={**variables, "STORE": str(store), "PATH": f"{programs}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    found = {path.relative_to(repository / "tagger").as_posix() for path in repository.rglob("*") if path.is_file()}
    return done.returncode, found, done.stdout + done.stderr


def test_only_the_served_version_is_fetched(tmp_path: Path) -> None:
    assert download(tmp_path, model(), FILES) == (0, set(SERVED), "")


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({**FILES, "2/model.onnx": b"tw0"}, id="another content"),
        pytest.param({key: FILES[key] for key in FILES if key != "2/weights/part.bin"}, id="a file is missing"),
        pytest.param({key: FILES[key] for key in FILES if key != "config.pbtxt"}, id="the configuration is missing"),
    ],
)
def test_what_does_not_match_stops_the_pod(tmp_path: Path, files: dict[str, bytes]) -> None:
    status, _, said = download(tmp_path, model(), files)
    assert status != 0
    assert "sha256sum" in said


@pytest.mark.parametrize("ours", [True, False], ids=["with checksums", "somebody else's files"])
def test_a_version_that_is_not_there_stops_the_pod(tmp_path: Path, ours: bool) -> None:
    served = model() if ours else replace(model(), stored=replace(model().stored, sha256={}))
    status, _, said = download(tmp_path, served, {key: FILES[key] for key in FILES if not key.startswith("2/")})
    assert status != 0
    assert "tagger/2" in said


def test_files_of_somebody_else_are_fetched_unchecked(tmp_path: Path) -> None:
    served = replace(model(), stored=replace(model().stored, sha256={}, size_bytes=None))
    assert checksums_config_map(served) is None
    assert download(tmp_path, served, FILES) == (0, set(SERVED), "")


@pytest.mark.parametrize(
    ("size_bytes", "limit"), [(0, "64Mi"), (1024**2, "65Mi"), (10 * 1024**3, "11264Mi"), (None, None)]
)
def test_the_volume_holds_the_model_and_a_tenth_more(size_bytes: int | None, limit: str | None) -> None:
    served = replace(model(), stored=replace(model().stored, size_bytes=size_bytes))
    assert repository_size_limit(served) == limit
