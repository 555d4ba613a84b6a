"""A repository on disk: whole, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelyard.repository.invalid import InvalidRepository
from modelyard.repository.load import read
from modelyard.repository.write import MARKER, write

from .models import ENSEMBLE_FILES, folder, repository


def contents(root: Path) -> dict[str, str]:
    return {str(file.relative_to(root)): file.read_text() for file in sorted(root.rglob("*")) if file.is_file()}


def test_every_file_is_written_and_nothing_else(tmp_path: Path) -> None:
    found = repository(tmp_path / "source", {**ENSEMBLE_FILES})
    told: list[str] = []
    write(found, tmp_path / "new" / "out", progress=told.append)
    written = contents(tmp_path / "new" / "out")
    assert list(written) == sorted([MARKER, *(file.key for file in found.files)])
    assert written["preprocess/1/model.py"] == ENSEMBLE_FILES["preprocess/1/model.py"]
    assert told == [file.key for file in found.files]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["out"]


def test_a_written_repository_is_read_as_what_it_was(tmp_path: Path) -> None:
    found = repository(tmp_path / "source", {**ENSEMBLE_FILES})
    write(found, tmp_path / "out")
    again = read(tmp_path / "out" / "fraud", "fraud", boundary=tmp_path)
    assert {model.name: model.config for model in again.models} == {model.name: model.config for model in found.models}


def test_an_earlier_repository_is_replaced(tmp_path: Path) -> None:
    write(repository(tmp_path / "source", {**ENSEMBLE_FILES}), tmp_path / "out")
    (tmp_path / "out" / "left").mkdir()
    write(repository(tmp_path / "other", {"model.yaml": "format: identity\n"}), tmp_path / "out")
    assert list(contents(tmp_path / "out")) == [MARKER, "fraud/1/empty", "fraud/config.pbtxt"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "out", "source"]


def test_files_of_somebody_else_are_left_alone(tmp_path: Path) -> None:
    found = repository(tmp_path / "source", {**ENSEMBLE_FILES})
    target = folder(tmp_path, {"precious": "x"}, "out")
    with pytest.raises(InvalidRepository) as caught:
        write(found, target)
    assert str(caught.value) == (
        f"{target}: holds files that modelyard did not write; name an empty folder, or one that does not exist"
    )
    assert contents(target) == {"precious": "x"}


@pytest.mark.parametrize("kind", ["link", "file"])
def test_a_link_or_a_file_is_no_folder(tmp_path: Path, kind: str) -> None:
    found = repository(tmp_path / "source", {**ENSEMBLE_FILES})
    target = tmp_path / "out"
    target.symlink_to(tmp_path / "source") if kind == "link" else target.write_text("x")
    with pytest.raises(InvalidRepository, match="is a link or a file; name a folder"):
        write(found, target)


def test_a_file_that_changed_after_it_was_read_is_not_written(tmp_path: Path) -> None:
    found = repository(tmp_path / "source", {**ENSEMBLE_FILES})
    write(found, tmp_path / "out")
    before = contents(tmp_path / "out")
    changed = tmp_path / "source" / "fraud" / "preprocess" / "1" / "model.py"
    changed.write_text("import os\n")
    with pytest.raises(InvalidRepository) as caught:
        write(found, tmp_path / "out")
    assert str(caught.value) == f"{changed}: changed after it was read; start again when nobody writes to it"
    assert contents(tmp_path / "out") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "source"]


def test_an_interrupted_write_leaves_nothing(tmp_path: Path) -> None:
    found = repository(tmp_path / "source", {**ENSEMBLE_FILES})

    def interrupt(key: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(found, tmp_path / "out", progress=interrupt)
    assert [path.name for path in tmp_path.iterdir()] == ["source"]
