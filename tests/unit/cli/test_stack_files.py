"""What is wrong with a stack file is told by file, line and key, whatever is in it; no secret of it is shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from modelyard.cli.__main__ import main

from .project import copied

FILE = "stacks/Pulumi.prod-merchandising.yaml"
GOOD = "config:\n  modelyard:platform: prod\n  modelyard:layer: merchandising\n"
NO_STACK = (
    "department 'merchandising' is declared and has no stack; give this file the config keys modelyard:platform: "
)
TOKEN = "xoxb-1234567890-abcdefgh"

FILES = {
    "empty": ("", ": is empty; it must hold a mapping of keys to values"),
    "list": ("- a\n", ": holds a list; it must hold a mapping of keys to values"),
    "tab": ("config:\n\tmodelyard:layer: x\n", ":2: a tab indents this line; YAML takes spaces only"),
    "latin": (b"# caf\xe9\n", ":1: is not UTF-8 text; save it as UTF-8"),
    "zero byte": (
        b"config:\n  a: b\0c\n", ":2: holds a character that YAML does not allow; delete characters that do not print",
    ),
    "deep": ("config: " + "[" * 5000, ":1: nests deeper than 40 levels"),
    "growing aliases": (
        "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12)),
        ":6: aliases (*) repeat more than 1000000 values; write fewer of them",
    ),
    "tag": (
        'config: !!python/object/apply:os.system ["true"]\n',
        ":1: a value carries a YAML tag (!); only plain text, numbers, lists and mappings are read",
    ),
    "a key twice": (
        GOOD + "  modelyard:layer: supply-chain\n",
        ":4: config.modelyard:layer: the key 'modelyard:layer' appears twice in one mapping (first on line 3); "
        "keep one",
    ),
    "text for a mapping": ("config: hello\n", ": config: expected a mapping of keys to values, got text"),
    "key of four parts": (GOOD + "  a:b:c:d: 1\n", ": config.a:b:c:d: a key is NAME or NAMESPACE:NAME"),
    "unknown layer": (
        GOOD.replace("layer: merch", "layer: mersh"),
        ":3: modelyard:layer: 'mershandising' is not a layer of the environment prod; did you mean 'merchandising'? "
        "Allowed: foundation, customer-insights, merchandising, supply-chain; declare the department in "
        "prod/departments/mershandising.yaml, or name another layer",
    ),
    "layer that is a list": (
        GOOD.replace(": merchandising", ": [merchandising]"),
        ":3: modelyard:layer: '[\"merchandising\"]' is not a layer of the environment prod; did you mean "
        "'merchandising'? Allowed: foundation, customer-insights, merchandising, supply-chain",
    ),
    "encrypted layer": (
        GOOD.replace(": merchandising", ": {secure: AAABAplanted}"),
        ":3: modelyard:layer: is encrypted, and a layer's name is no secret; write it plainly: foundation, all or a "
        "department's name",
    ),
    "another platform": (
        GOOD.replace("prod", "prd"),
        f":2: modelyard:platform: must be 'prod': {NO_STACK}prod and modelyard:layer: merchandising",
    ),
    "encrypted platform": (
        GOOD.replace(": prod", ": {secure: AAABAplanted}"),
        f":2: modelyard:platform: must be 'prod': {NO_STACK}prod and modelyard:layer: merchandising",
    ),
    "plain token": (
        GOOD + f"  modelyard:channel: {TOKEN}\n",
        ":4: modelyard:channel: the value looks like a Slack token and is not encrypted; revoke it, and set it with "
        "'pulumi config set --secret', which encrypts it",
    ),
    "plain password": (
        GOOD + "  modelyard:database:\n    password: planted\n",
        ":5: modelyard:database.password: the value is secret, as its name says, and is not encrypted; set it with "
        "'pulumi config set --secret', which encrypts it",
    ),
    "encrypted value that is a list": (
        GOOD + "  modelyard:key: {secure: [planted]}\n",
        ":4: modelyard:key.secure: is not what Pulumi writes for an encrypted value; set it with "
        "'pulumi config set --secret', which encrypts it",
    ),
    "encrypted value with a neighbour": (
        GOOD + "  modelyard:key: {secure: planted, at: 1}\n",
        ":4: modelyard:key.secure: is not what Pulumi writes for an encrypted value; set it with "
        "'pulumi config set --secret', which encrypts it",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "message"), FILES.values(), ids=FILES)
def test_a_wrong_stack_file(
    content: str | bytes, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    project = copied(tmp_path)
    (project / FILE).write_bytes(content if isinstance(content, bytes) else content.encode())
    monkeypatch.chdir(project)
    assert main(["plan", "prod", "--json", "plan.json"]) == 1
    out, err = capsys.readouterr()
    assert err == f"modelyard: {FILE}{message}\n"
    assert (out, (project / "plan.json").exists()) == ("", False)
    assert "planted" not in err


KINDS = {
    "folder": (Path.mkdir, "is not a file; a YAML file must have this name"),
    "pipe": (os.mkfifo, "is not a file; a YAML file must have this name"),
    "link to itself": (
        lambda path: path.symlink_to(path.name),
        "is a link that leads nowhere; mend the link, or put the file itself here",
    ),
    "another ending": (
        lambda path: path.with_suffix(".yml").write_text(GOOD),
        "missing: department 'merchandising' is declared and has no stack; rename Pulumi.prod-merchandising.yml to "
        "this",
    ),
}


@pytest.mark.parametrize(("make", "message"), KINDS.values(), ids=KINDS)
def test_a_stack_file_of_another_kind(
    make, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = copied(tmp_path)
    (project / FILE).unlink()
    make(project / FILE)
    monkeypatch.chdir(project)
    assert main(["plan", "prod"]) == 1
    assert capsys.readouterr().err == f"modelyard: {FILE}: {message}\n"


PROJECT_FILES = {
    "empty": ("", "Pulumi.yaml: is empty; it must hold a mapping of keys to values"),
    "deep": ("a: " + "[" * 5000, "Pulumi.yaml:1: nests deeper than 40 levels"),
    "no name": ("runtime: python\n", "Pulumi.yaml: name: missing; a Pulumi project needs a name"),
    "program elsewhere": (
        "name: modelyard\nruntime: python\nmain: nowhere\nstackConfigDir: stacks\n",
        "Pulumi.yaml: main: nowhere does not exist; name the folder of the program",
    ),
    "no program": (
        "name: modelyard\nruntime: python\nmain: stacks/models\nstackConfigDir: stacks\n",
        "models/__main__.py: there is no such file; it is the program of the stacks",
    ),
}


@pytest.mark.parametrize(("content", "message"), PROJECT_FILES.values(), ids=PROJECT_FILES)
def test_a_wrong_project_file(
    content: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = copied(tmp_path)
    (project / "Pulumi.yaml").write_text(content)
    monkeypatch.chdir(project)
    assert main(["plan", "prod"]) == 1
    assert capsys.readouterr().err == f"modelyard: {message}\n"


def test_the_departments_that_stacks_wait_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = copied(tmp_path)
    for file in (project / "stacks" / "prod" / "departments").iterdir():
        file.unlink()
    monkeypatch.chdir(project)
    assert main(["plan", "prod"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        f"modelyard: stacks/Pulumi.prod-{name}.yaml:3: modelyard:layer: '{name}' is not a layer of the environment "
        f"prod; allowed: foundation; declare the department in prod/departments/{name}.yaml, or name another layer"
        for name in ("customer-insights", "merchandising", "supply-chain")
    ]
