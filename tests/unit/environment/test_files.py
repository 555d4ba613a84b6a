"""Files and folders that are missing, misnamed, or no YAML."""

from __future__ import annotations

from pathlib import Path

import pytest

from .folder import PLATFORM, TOYS, lines, replaced, write

SYNTAX = [
    ("empty", b"", "prod/platform.yaml: is empty; it must hold a mapping of keys to values"),
    ("only comments", b"# nothing\n", "prod/platform.yaml: is empty; it must hold a mapping of keys to values"),
    ("list", b"- a\n", "prod/platform.yaml: holds a list; it must hold a mapping of keys to values"),
    ("text", b"hunter2\n", "prod/platform.yaml: holds a single value; it must hold a mapping of keys to values"),
    ("tab", b"a:\n\tb: 1\n", "prod/platform.yaml:2: a tab indents this line; YAML takes spaces only"),
    (
        "colon in text",
        b"a: b: c\n",
        "prod/platform.yaml:1: is not valid YAML (mapping values are not allowed in this context); put text that "
        "holds ': ' in quotes, and check the indentation",
    ),
    (
        "special character",
        b"a: @b\n",
        "prod/platform.yaml:1: is not valid YAML (while scanning for the next token, found character that cannot "
        "start any token); put text that begins with a special character in quotes",
    ),
    (
        "open quote",
        b"a: 'b\n",
        "prod/platform.yaml:2: is not valid YAML (while scanning a quoted scalar, found unexpected end of "
        "stream); a quote is opened and never closed",
    ),
    ("not UTF-8", b"a: 1\nb: \xff\n", "prod/platform.yaml:2: is not UTF-8 text; save it as UTF-8"),
    (
        "control character",
        b"a: 1\nb: \x01\n",
        "prod/platform.yaml:2: holds a character that YAML does not allow; delete characters that do not print",
    ),
    (
        "two documents",
        b"a: 1\n---\nb: 1\n",
        "prod/platform.yaml:2: holds more than one YAML document; keep what is before '---'",
    ),
    (
        "tag",
        b"a: !!python/object/apply:os.system [echo]\n",
        "prod/platform.yaml:1: a value carries a YAML tag (!); only plain text, numbers, lists and mappings are read",
    ),
    ("list as key", b"? [a]\n: b\n", "prod/platform.yaml:1: a key is a list or a mapping; a key must be text"),
    (
        "unknown alias",
        b"a: *b\n",
        "prod/platform.yaml:1: an alias (*) names an anchor (&) that is not defined before it",
    ),
    (
        "alias of itself",
        b"a: &a [*a]\n",
        "prod/platform.yaml:1: an alias (*) names an anchor (&) that is not defined before it",
    ),
    ("deep", b"[" * 100_000, "prod/platform.yaml:1: nests deeper than 40 levels"),
    ("merge of a number", b"<<: 3\n", "prod/platform.yaml:1: a merge key (<<) takes a mapping, or a list of mappings"),
]


@pytest.mark.parametrize(("content", "expected"), [pytest.param(c, e, id=i) for i, c, e in SYNTAX])
def test_platform_that_is_no_mapping(tmp_path: Path, content: bytes, expected: str) -> None:
    assert lines(write(tmp_path, content)) == [expected]


def test_aliases_cannot_exhaust_memory(tmp_path: Path) -> None:
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30))
    merges = "".join(f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 10)}]}}\n" for n in range(1, 30))
    expected = "aliases (*) repeat more than 1000000 values; write fewer of them"
    for text in (f"a0: &a0 [x]\n{levels}", f"m0: &m0 {{x: 1}}\n{merges}"):
        (told,) = lines(write(tmp_path, text))
        assert told.endswith(expected)


def test_anchors_and_merge_keys_are_read(tmp_path: Path) -> None:
    toys = replaced(
        TOYS,
        ("    pool: l4\n", "    pool: l4\n    resources: &small {cpu: 1, memory_gib: 2}\n"),
    ) + ("  - {name: ranking, task: ranking, format: onnx, source: ../r, resources: {<<: *small, cpu: 2}}\n")
    assert lines(write(tmp_path, PLATFORM, {"toys.yaml": toys})) == []


def test_missing_folder_names_the_environments_beside_it(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, name="staging")
    assert lines(tmp_path / "prd") == [
        "prd: there is no such environment; did you mean 'prod'? Environments here: prod, staging"
    ]
    assert lines(tmp_path / "zebra") == ["zebra: there is no such environment. Environments here: prod, staging"]
    assert lines(tmp_path / "none" / "prod") == [
        "prod: there is no such environment; there is no environment beside it either"
    ]


def test_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "prod").write_text("")
    assert lines(tmp_path / "prod") == [
        "prod: is a file, and an environment is a folder; there is no environment beside it either"
    ]


def test_missing_platform_is_told_with_the_mistakes_of_departments(tmp_path: Path) -> None:
    folder = write(tmp_path, None, {"toys.yaml": replaced(TOYS, ("500", "-1"))})
    assert lines(folder) == [
        "prod/platform.yaml: there is no such file; create it",
        "prod/departments/toys.yaml:4: monthly_budget_usd: must be more than 0, not -1",
    ]


def test_platform_with_another_ending(tmp_path: Path) -> None:
    folder = write(tmp_path, None)
    (folder / "platform.yml").write_text(PLATFORM)
    assert lines(folder) == [
        "prod/platform.yaml: there is no such file; create it, or rename platform.yml to platform.yaml"
    ]


def test_departments_that_would_not_be_read(tmp_path: Path) -> None:
    folder = write(tmp_path, PLATFORM, {"toys.yml": TOYS, "README.md": "", ".hidden.yaml": "{"})
    (folder / "departments" / "books.yaml").mkdir()
    assert lines(folder) == [
        "prod/departments/books.yaml: is not a file; a YAML file must have this name",
        "prod/departments/toys.yml: is not read; rename it to toys.yaml",
    ]


def test_departments_as_a_file(tmp_path: Path) -> None:
    (tmp_path / "prod").mkdir()
    (tmp_path / "prod" / "platform.yaml").write_text(PLATFORM)
    (tmp_path / "prod" / "departments").write_text("")
    assert lines(tmp_path / "prod") == ["prod/departments: is not a folder; it must hold one file for each department"]


def test_environment_without_departments_is_valid(tmp_path: Path) -> None:
    folder = write(tmp_path, PLATFORM, {})
    (folder / "departments").rmdir()
    assert lines(folder) == []


def test_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "platform.yaml").unlink()
    (folder / "platform.yaml").symlink_to("platform.yaml")
    assert lines(folder) == [
        "prod/platform.yaml: is a link that leads nowhere; mend the link, or put the file itself here"
    ]


def test_a_folder_of_departments_that_leads_nowhere(tmp_path: Path) -> None:
    folder = write(tmp_path, departments={})
    (folder / "departments").rmdir()
    (folder / "departments").symlink_to("departments")
    assert lines(folder) == ["prod/departments: is a link that leads nowhere; mend or delete it"]


def test_a_file_whose_name_no_department_can_have(tmp_path: Path) -> None:
    assert lines(write(tmp_path, departments={"Toys.yaml": TOYS})) == [
        "prod/departments/Toys.yaml:1: department: 'toys' must be the name of the file too; rename it to toys.yaml"
    ]


def test_a_file_whose_name_is_a_credential_is_not_named(tmp_path: Path) -> None:
    assert lines(write(tmp_path, departments={"AKIAIOSFODNN7EXAMPLE.yaml": TOYS})) == [
        "prod/departments/[hidden]: the file's name looks like an AWS access key; rename it"
    ]
