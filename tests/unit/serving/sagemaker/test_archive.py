"""model.tar.gz: the same files are the same bytes."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from pathlib import Path

from modelyard.repository.repository import RepositoryFile, generated
from modelyard.serving.sagemaker.archive import archive, digest, write_archive

CONFIG = generated("tagging/config.pbtxt", 'backend: "onnxruntime"\n')


def weights(folder: Path, content: bytes = b"weights") -> RepositoryFile:
    path = folder / "model.onnx"
    path.write_bytes(content)
    return RepositoryFile("tagging/1/model.onnx", str(path), None, hashlib.sha256(content).hexdigest(), len(content))


def test_it_holds_the_repository_as_it_is(tmp_path: Path) -> None:
    stream = io.BytesIO(archive([weights(tmp_path), CONFIG]))
    with tarfile.open(fileobj=stream, mode="r:gz") as packed:
        members = packed.getmembers()
        assert [each.name for each in members] == ["tagging/1/model.onnx", "tagging/config.pbtxt"]
        assert {(each.mode, each.mtime, each.uid, each.gid, each.uname) for each in members} == {(0o644, 0, 0, 0, "")}
        content = packed.extractfile(members[0])
        assert content is not None
        assert content.read() == b"weights"


def test_neither_order_nor_time_nor_place_matters(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, second = weights(tmp_path / "a"), weights(tmp_path / "b")
    os.utime(str(second.path), (1, 1))
    assert archive([first, CONFIG]) == archive([CONFIG, second])
    assert digest([first, CONFIG]) == digest([CONFIG, second])


def test_another_content_or_name_is_another_archive(tmp_path: Path) -> None:
    one, other = weights(tmp_path), weights(tmp_path, b"other")
    renamed = generated("tagging/config.txt", 'backend: "onnxruntime"\n')
    assert len({digest([one, CONFIG]), digest([other, CONFIG]), digest([one, renamed]), digest([one])}) == 4


def test_it_is_written_once_at_the_place_of_its_contents(tmp_path: Path) -> None:
    files = [weights(tmp_path), CONFIG]
    made = write_archive(files, tmp_path / "archives")
    assert made.path == tmp_path / "archives" / digest(files)[:16] / "model.tar.gz"
    assert made.path.read_bytes() == archive(files)
    assert (made.sha256, made.size_bytes) == (digest(files), made.path.stat().st_size)
    before = made.path.stat().st_mtime_ns
    assert write_archive(files, tmp_path / "archives") == made
    assert made.path.stat().st_mtime_ns == before
    assert [path.name for path in made.path.parent.iterdir()] == ["model.tar.gz"]
