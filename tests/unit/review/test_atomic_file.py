"""Documents are written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from modelyard.review.atomic_file import CannotWrite, check_writable, write_all


def test_files_are_written_and_nothing_else_is_left(tmp_path: Path) -> None:
    (tmp_path / "old.md").write_text("before")
    write_all([(tmp_path / "a.json", lambda: ["{", "}\n"]), (tmp_path / "old.md", lambda: ["é\n"])])
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == "{}\n"
    assert (tmp_path / "old.md").read_text(encoding="utf-8") == "é\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "old.md"]


def test_a_failure_in_the_second_leaves_the_first_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "first").write_text("before")

    def fails() -> Iterator[str]:
        yield "half"
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        write_all([(tmp_path / "first", lambda: ["after"]), (tmp_path / "second", fails)])
    assert (tmp_path / "first").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["first"]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("missing/plan.json", "--json {at}/missing/plan.json: the folder {at}/missing does not exist; create it first"),
        ("folder", "--json {at}/folder: this is a folder; name a file in it"),
        ("new/", "--json {at}/new/: this is a folder; name a file in it"),
        ("file/plan.json", "--json {at}/file/plan.json: {at}/file is a file, not a folder; name a file in a folder"),
    ],
)
def test_a_target_that_cannot_be_written_is_told_first(tmp_path: Path, file: str, message: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWrite) as refused:
        check_writable(f"{tmp_path}/{file}", "--json")
    assert str(refused.value) == message.format(at=tmp_path)


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "plan.json").symlink_to("there/plan.json")
    check_writable(f"{tmp_path}/plan.json", "--json")
    write_all([(tmp_path / "plan.json", lambda: ["{}"])])
    assert (tmp_path / "plan.json").is_symlink()
    assert (tmp_path / "there" / "plan.json").read_text() == "{}"


def test_a_link_into_nowhere_is_told_first(tmp_path: Path) -> None:
    (tmp_path / "plan.json").symlink_to("nowhere/plan.json")
    with pytest.raises(CannotWrite) as refused:
        check_writable(f"{tmp_path}/plan.json", "--json")
    assert str(refused.value) == (
        f"--json {tmp_path}/plan.json: the folder {tmp_path}/nowhere does not exist; create it first"
    )


def test_no_name_is_no_file() -> None:
    with pytest.raises(CannotWrite, match=r"^--html '': this names no file; name one$"):
        check_writable("", "--html")
