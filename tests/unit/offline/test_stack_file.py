"""Project and stack files, as the Pulumi CLI would read them."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelyard.graph import UNKNOWN, Secret
from modelyard.offline import StackFileError, load_stack

PROJECT = """
name: shop
runtime: python
main: program
stackConfigDir: settings
config:
  region: us-east-1
  shop:replicas:
    type: integer
    default: 2
  aws:profile: {value: ci}
"""
STACK = """
secretsprovider: passphrase
encryptionsalt: v1:abc
config:
  shop:replicas: 3
  price: 1.50
  since: 2026-01-31
  debug: true
  aws:defaultTags:
    tags: {team: ml}
  shop:password:
    secure: v1:cipher:text
  shop:database:
    user: shop
    password: {secure: v1:cipher:text}
  shop:config:old: style
"""


def project(folder: Path, project_file: str = PROJECT, stack_file: str | None = STACK) -> Path:
    (folder / "program").mkdir()
    (folder / "settings").mkdir()
    (folder / "Pulumi.yaml").write_text(project_file, encoding="utf-8")
    if stack_file is not None:
        (folder / "settings" / "Pulumi.dev.yaml").write_text(stack_file, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("stack", "organization"), [("dev", "organization"), ("acme/dev", "acme"), ("acme/shop/dev", "acme")]
)
def test_a_stack_is_read_whole(tmp_path: Path, stack: str, organization: str) -> None:
    read = load_stack(project(tmp_path), stack)
    assert (read.project, read.stack, read.organization) == ("shop", "dev", organization)
    assert read.main == tmp_path / "program"
    assert read.config == {
        "shop:region": "us-east-1",
        "aws:profile": "ci",
        "shop:replicas": "3",
        "shop:price": "1.5",
        "shop:since": "2026-01-31",
        "shop:debug": "true",
        "aws:defaultTags": '{"tags":{"team":"ml"}}',
        "shop:password": Secret(UNKNOWN),
        "shop:database": Secret(UNKNOWN),
        "shop:old": "style",
    }
    assert "cipher" not in repr(read)


def test_a_stack_without_a_file_has_the_projects_defaults(tmp_path: Path) -> None:
    read = load_stack(project(tmp_path, stack_file=None), "dev")
    assert read.config == {"shop:region": "us-east-1", "shop:replicas": "2", "aws:profile": "ci"}


BARE = "name: shop\nruntime: python\nmain: program\nstackConfigDir: settings\n"


@pytest.mark.parametrize(
    ("project_file", "stack_file", "stack", "message"),
    [
        ("runtime: python\n", None, "dev", "{0}/Pulumi.yaml: name: missing; a Pulumi project needs a name"),
        ("- a\n", None, "dev", "{0}/Pulumi.yaml: expected a mapping, got a list"),
        ("name: shop\nmain: [a]\n", None, "dev", "{0}/Pulumi.yaml: main: expected a path, got a list"),
        (
            "name: shop\nmain: nowhere\n",
            None,
            "dev",
            "{0}/Pulumi.yaml: main: {0}/nowhere does not exist; name the folder of the program",
        ),
        (
            BARE,
            "config: {}\n",
            "dav",
            "{0}/settings/Pulumi.dav.yaml: no such stack file; did you mean 'dev'? (stacks here: dev)",
        ),
        (
            BARE,
            "config:\n\tshop:a: b\n",
            "dev",
            "{0}/settings/Pulumi.dev.yaml:2:1: found character '\\t' that cannot start any token",
        ),
        (
            BARE,
            "config: [a]\n",
            "dev",
            "{0}/settings/Pulumi.dev.yaml: config: expected a mapping of keys to values, got a list",
        ),
        (
            BARE,
            "config:\n  a:b:c:d: e\n",
            "dev",
            "{0}/settings/Pulumi.dev.yaml: config.a:b:c:d: a key is NAME or NAMESPACE:NAME",
        ),
        (
            BARE,
            None,
            "acme/other/dev",
            "'acme/other/dev' is not a stack of project 'shop'; give STACK, ORGANIZATION/STACK or "
            "ORGANIZATION/shop/STACK",
        ),
    ],
)
def test_what_is_wrong_is_said(
    tmp_path: Path, project_file: str, stack_file: str | None, stack: str, message: str
) -> None:
    with pytest.raises(StackFileError) as error:
        load_stack(project(tmp_path, project_file, stack_file), stack)
    assert str(error.value) == message.format(tmp_path)


def test_a_folder_without_a_project(tmp_path: Path) -> None:
    with pytest.raises(StackFileError) as error:
        load_stack(tmp_path, "dev")
    assert str(error.value) == f"{tmp_path}: no Pulumi.yaml here; run in the folder of a Pulumi project"
