"""Files of a model's folder: what is taken, what is refused, and how they are hashed."""

from __future__ import annotations

import hashlib
import os
import tracemalloc
from pathlib import Path

import pytest
from modelyard.repository.build import build
from modelyard.repository.load import read
from modelyard.repository.model_files import model_files

from .models import ENSEMBLE_FILES, RELEASE, SINGLE, folder, problems, repository

CODE = "class TritonPythonModel: ...\n"
FILES: dict[str, str | bytes] = {"model.yaml": SINGLE, "1/model.py": CODE}


def test_only_what_the_server_is_to_see_is_taken(tmp_path: Path) -> None:
    text = SINGLE.replace("dims: [2]", "dims: [2], label_filename: labels.txt")
    text += "files: [tables, deep/one.csv]\n"
    text += "warmup: [{name: w, inputs: {x: {dtype: FP32, dims: [4], input_data_file: r}}}]\n"
    files: dict[str, str | bytes] = {
        **FILES, "model.yaml": text, "labels.txt": "a\n", "warmup/r": "x", "tables/a/b.csv": "x", "deep/one.csv": "x",
        "deep/two.csv": "x", "README.md": "x", "requirements.txt": "x", "golden.json": "{}", "1/.hidden": "x",
        "1/__pycache__/model.pyc": "x", "2b/x": "x", "1/data/table.csv": "x",
    }  # fmt: skip
    assert [file.key for file in repository(tmp_path, files, "tagging").files] == [
        "tagging/1/data/table.csv", "tagging/1/model.py", "tagging/config.pbtxt", "tagging/deep/one.csv",
        "tagging/labels.txt", "tagging/tables/a/b.csv", "tagging/warmup/r",
    ]  # fmt: skip


def test_a_digest_says_what_is_served_and_nothing_else(tmp_path: Path) -> None:
    first = repository(tmp_path / "a", FILES, "tagging")
    assert repository(tmp_path / "b", {**FILES, "README.md": "x"}, "tagging").digest == first.digest
    assert repository(tmp_path / "c", {**FILES, "1/model.py": CODE + "\n"}, "tagging").digest != first.digest
    changed = SINGLE.replace("max_batch_size: 16", "max_batch_size: 8")
    assert repository(tmp_path / "d", {**FILES, "model.yaml": changed}, "tagging").digest != first.digest


def test_a_file_is_hashed_and_sized(tmp_path: Path) -> None:
    found = next(file for file in repository(tmp_path, FILES, "tagging").files if file.key == "tagging/1/model.py")
    assert (found.sha256, found.size, found.text) == (hashlib.sha256(CODE.encode()).hexdigest(), len(CODE), None)
    assert Path(found.path or "").read_text() == CODE


def test_a_link_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    model = folder(tmp_path, FILES, "tagging")
    (model / "1" / "weights").symlink_to(tmp_path / "secret")
    (model / "1" / "more").symlink_to(tmp_path)
    assert problems(tmp_path, {}, "tagging") == [
        "tagging/model.yaml: '1/more' is a link to a folder; put the files themselves there",
        "tagging/model.yaml: '1/weights' is a link that leaves the folder; put the file itself there",
    ]


def test_a_link_inside_the_folder_is_followed(tmp_path: Path) -> None:
    model = folder(tmp_path, {**FILES, "1/weights": "w"}, "tagging")
    (model / "1" / "again").symlink_to(model / "1" / "weights")
    keys = {file.key: file.sha256 for file in repository(tmp_path, {}, "tagging").files}
    assert keys["tagging/1/again"] == keys["tagging/1/weights"]


def test_a_folder_that_is_a_link_out_of_the_repository_is_refused(tmp_path: Path) -> None:
    outside = folder(tmp_path / "outside", FILES, "tagging")
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "tagging").symlink_to(outside)
    assert problems(tmp_path / "inside", {}, "tagging") == [
        "tagging: leads out of the repository; keep the model's files inside it"
    ]


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    model = folder(tmp_path, FILES, "tagging")
    os.mkfifo(model / "1" / "pipe")
    assert problems(tmp_path, {}, "tagging") == ["tagging/model.yaml: '1/pipe' is no file; delete it"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    model = folder(tmp_path, {**FILES, "1/weights": "w"}, "tagging")
    (model / "1" / "weights").chmod(0)
    assert problems(tmp_path, {}, "tagging") == ["tagging/model.yaml: '1/weights' cannot be read: permission denied"]


def test_a_pointer_of_git_lfs_is_no_model(tmp_path: Path) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 3\n"
    assert problems(tmp_path, {**FILES, "1/weights": pointer}, "tagging") == [
        "tagging/model.yaml: '1/weights' is a Git LFS pointer and not the file; run git lfs pull"
    ]


def test_a_large_file_is_hashed_in_pieces(tmp_path: Path) -> None:
    model = folder(tmp_path, {"1/model.plan": b""}, "tagging")
    size = 128 * 1024**2 + 1
    with (model / "1" / "model.plan").open("wb") as sparse:
        sparse.truncate(size)
    told: list[tuple[str, int, int]] = []
    sentences: list[str] = []
    tracemalloc.start()
    (file,) = model_files(model, "tagging", lambda key: True, sentences, lambda *progress: told.append(progress))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32 * 1024**2
    assert (file.key, file.size, sentences) == ("tagging/1/model.plan", size, [])
    assert len(told) == 33
    assert told[-1] == ("tagging/1/model.plan", size, size)


def test_an_onnx_file_of_two_gib_is_refused_unread(tmp_path: Path) -> None:
    model = folder(tmp_path, {"model.yaml": "format: onnx\n", "1/model.onnx": b""}, "tagging")
    with (model / "1" / "model.onnx").open("wb") as sparse:
        sparse.truncate(2 * 1024**3)
    assert problems(tmp_path, {}, "tagging") == [
        "tagging/model.yaml: '1/model.onnx' has 2.0 GiB, and ONNX cannot hold 2 GiB or more in one file; export it "
        "with its weights as external data, in a folder model.onnx/ beside model.onnx"
    ]


NAMES = ["", ".", "..", "../fraud", "a/b", "a\\b", "-a", ".hidden", "a b", "ä", "a\n", "x" * 129]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_one_segment_of_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(Exception, match="must be one path segment"):
        read(folder(tmp_path, {**ENSEMBLE_FILES}), name, boundary=tmp_path)


def test_reading_again_gives_the_same(tmp_path: Path) -> None:
    model = folder(tmp_path, {**ENSEMBLE_FILES})
    first, second = (build(read(model, "fraud", boundary=tmp_path), version=1, release=RELEASE) for _ in range(2))
    assert first.files == second.files
    assert first.digest == second.digest
