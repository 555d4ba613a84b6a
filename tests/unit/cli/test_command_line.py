"""What the command line says to a person who got it wrong, and how it starts and ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from modelyard.cli.__main__ import main

from .project import REPOSITORY, command, copied, process_environment


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: COMMAND; see 'modelyard --help'"),
        (["plam"], "argument COMMAND: invalid choice: 'plam' (choose from 'plan', 'render', 'try', 'smoke', 'rollout', "
                   "'catalog', 'schema'); see 'modelyard --help'"),
        (["plan"], "which environment? Name one of: dev, prod, staging"),
        (["plan", "prdo"], "prdo: there is no such environment; did you mean 'prod'? Environments here: dev, prod, "
                           "staging"),
        (["plan", "prod", "--stacks", "nowhere"],
         "nowhere: this folder of environments and stack files does not exist; run in the folder of the project, or "
         "name it with --stacks"),
        (["plan", "prod", "--stacks", "Pulumi.yaml"],
         "Pulumi.yaml: this folder of environments and stack files is not a folder; run in the folder of the project, "
         "or name it with --stacks"),
        (["plan", "prod", "--stacks", "docs"], None),
        (["plan", ""], "which environment? Name one of: dev, prod, staging"),
        (["plan", "stacks/models"],
         "models/platform.yaml: there is no such file; create it, or name another environment: dev, prod, staging"),
        (["plan", "nowhere/prod"], "nowhere/prod: there is no folder nowhere; name an environment, or its folder"),
        (["plan", "pr\nod"], "the argument 'pr\\nod' holds a character that does not print; delete it"),
        (["plan", "AKIAIOSFODNN7EXAMPLE"],
         "the name of the environment looks like an AWS access key; it is not shown here: name an environment"),
        (["plan", "prod", "--json", "x" * 300], f"--json {'x' * 300}: cannot be written: file name too long"),
        (["plan", "prod", "--json", "/dev/full"],
         "--json /dev/full: this is not an ordinary file; name one, or - for standard output"),
        (["plan", "prod", "--json", "Pulumi.yaml/x"],
         "--json Pulumi.yaml/x: Pulumi.yaml is a file, not a folder; name a file in a folder"),
        (["plan", "prod", "--json", "stacks/prod/platform.yaml"],
         "--json stacks/prod/platform.yaml: a document never replaces what it is made from; name a file elsewhere"),
        (["plan", "prod", "--html", "stacks/prod/departments/new.html"],
         "--html stacks/prod/departments/new.html: a document never replaces what it is made from; name a file "
         "elsewhere"),
        (["plan", "prod", "--markdown", "Pulumi.yaml"],
         "--markdown Pulumi.yaml: a document never replaces what it is made from; name a file elsewhere"),
        (["plan", "prod", "--json", "a.out", "--html", "./a.out"],
         "--html ./a.out: --json writes there already; name another file"),
        (["plan", "prod", "--json", "no/plan.json"],
         "--json no/plan.json: the folder no does not exist; create it first"),
        (["plan", "prod", "--html", "stacks"], "--html stacks: this is a folder; name a file in it"),
        (["plan", "prod", "--json", "a", "--markdown", "a"],
         "--markdown a: --json writes there already; name another file"),
        (["plan", "prod", "--json", "-", "--markdown", "-"],
         "--markdown -: --json writes there already; name another file"),
        (["plan", "prod", "--outputs", "x"],
         "--outputs x: expected STACK=FILE, for example prod-foundation=outputs.json"),
        (["plan", "prod", "--outputs", "a=no.json"],
         "--outputs a=no.json: no.json cannot be read: no such file or directory"),
        (["plan", "prod", "--outputs", "a=Pulumi.yaml"],
         "--outputs a=Pulumi.yaml: Pulumi.yaml is not JSON; write it with 'pulumi stack output --json'"),
        (["plan", "prod", "--jsn", "x"], "unrecognized arguments: --jsn x; see 'modelyard --help'"),
        (["render", "prod"], "the following arguments are required: --out; see 'modelyard render --help'"),
        (["render", "prod", "--out", "components"],
         "--out components: this folder is not empty and holds no earlier render; name a new or an empty folder"),
        (["schema", "modell"],
         "argument file: invalid choice: 'modell' (choose from 'platform', 'department', 'model'); "
         "see 'modelyard schema --help'"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence_and_exit_code_1(
    arguments: list[str], message: str | None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(REPOSITORY)
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    if message is not None:
        assert err == f"modelyard: {message}\n"


def test_an_unexpected_failure_says_where_without_quoting_a_value(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> int:
        raise KeyError("planted-secret-hunter2")

    monkeypatch.setattr("modelyard.cli.schema_command.run", broken)
    monkeypatch.delenv("MODELYARD_DEBUG", raising=False)
    assert main(["schema"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("modelyard: internal error: KeyError in test_command_line.py:")
    assert err.endswith("; MODELYARD_DEBUG=1 shows its traceback\n")
    monkeypatch.setenv("MODELYARD_DEBUG", "1")
    with pytest.raises(KeyError):
        main(["schema"])


def test_an_interrupt_ends_quietly(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("modelyard.cli.schema_command.run", interrupted)
    assert main(["schema"]) == 130
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("arguments", [["--help"], ["plan", "--help"], ["--version"]])
def test_help_and_version_load_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\n"
        "from modelyard.cli.__main__ import main\n"
        f"code = main({arguments!r})\n"
        "heavy = {'pulumi', 'pulumi_policy', 'pydantic', 'rich', 'plotly', 'yaml'} & set(sys.modules)\n"
        "sys.exit(f'loaded {sorted(heavy)}' if heavy else code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=process_environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_a_reader_who_leaves_early_is_no_error() -> None:
    script = f"{sys.executable} -m modelyard.cli schema | head -n 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script],
        cwd=REPOSITORY, env=process_environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("{\n", "")


@pytest.mark.parametrize("file", ["platform", "department"])
def test_the_schema_is_json(file: str) -> None:
    import json

    done = command("schema", file)
    assert done.returncode == 0
    assert json.loads(done.stdout)["additionalProperties"] is False


@pytest.mark.parametrize(
    ("remove", "message"),
    [
        (
            "Pulumi.prod-foundation.yaml",
            "stacks/Pulumi.prod-foundation.yaml: missing: the stacks of customer-insights, merchandising, supply-chain "
            "build on a foundation, and there is none; add this file with config keys modelyard:platform: prod and "
            "modelyard:layer: foundation",
        ),
        (
            "Pulumi.prod-merchandising.yaml",
            "stacks/Pulumi.prod-merchandising.yaml: missing: department 'merchandising' is declared and has no stack; "
            "add this file with config keys modelyard:platform: prod and modelyard:layer: merchandising",
        ),
    ],
)
def test_a_missing_stack_is_told_and_nothing_written(
    remove: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = copied(tmp_path)
    (project / "stacks" / remove).unlink()
    monkeypatch.chdir(project)
    assert main(["plan", "prod", "--json", "plan.json"]) == 1
    assert capsys.readouterr().err == f"modelyard: {message}\n"
    assert not (project / "plan.json").exists()


@pytest.mark.parametrize(
    ("file", "config", "message"),
    [
        (
            "Pulumi.prod-toys.yaml",
            "config: {modelyard:platform: prod, modelyard:layer: merchandizing}",
            "merchandizing",
        ),
        (
            "Pulumi.prod-again.yaml",
            "config: {modelyard:platform: prod, modelyard:layer: foundation}",
            "stacks/Pulumi.prod-foundation.yaml:3: modelyard:layer: 'foundation' is the layer of "
            "stacks/Pulumi.prod-again.yaml already; one stack deploys one layer",
        ),
        (
            "Pulumi.prod-nothing.yaml",
            "config: {modelyard:platform: prod}",
            "stacks/Pulumi.prod-nothing.yaml: modelyard:layer: is missing: foundation, all or a department's name",
        ),
        (
            "Pulumi.prod-all.yaml",
            "config: {modelyard:platform: prod, modelyard:layer: all}",
            "stacks/Pulumi.prod-all.yaml:1: modelyard:layer: 'all' in an environment of layers; platform.yaml of prod "
            "says layers: per_department, so name a department or 'foundation'",
        ),
    ],
)
def test_a_stack_that_does_not_belong_is_told(
    file: str, config: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    project = copied(tmp_path)
    (project / "stacks" / file).write_text(
        config.replace("modelyard:", '"modelyard:').replace(": prod", '": prod').replace("layer: ", 'layer": ')
    )
    monkeypatch.chdir(project)
    assert main(["plan", "prod"]) == 1
    err = capsys.readouterr().err
    assert message in err
    assert "did you mean 'merchandising'" in err or file != "Pulumi.prod-toys.yaml"


def test_the_mistakes_that_the_documentation_shows_are_real(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = copied(tmp_path)
    for file, before, after in (
        ("platform.yaml", "accelerator: T4", "accelerator: T40"),
        ("departments/merchandising.yaml", "monthly_budget_usd: 4000", "monthly_budget_usd: -4000"),
        ("departments/merchandising.yaml", "pool: l4\n", "pool: l5\n"),
    ):
        path = project / "stacks" / "prod" / file
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after, 1), encoding="utf-8")
    monkeypatch.chdir(project)
    assert main(["plan", "prod", "--json", "plan.json"]) == 1
    assert f"```\n{capsys.readouterr().err}```\n" in (REPOSITORY / "docs" / "plan.md").read_text(encoding="utf-8")


def test_an_environment_of_one_stack_takes_no_layers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = copied(tmp_path)
    stack = project / "stacks" / "Pulumi.dev.yaml"
    stack.write_text(stack.read_text(encoding="utf-8").replace("layer: all", "layer: foundation"), encoding="utf-8")
    monkeypatch.chdir(project)
    assert main(["plan", "dev"]) == 1
    assert capsys.readouterr().err == (
        "modelyard: stacks/Pulumi.dev.yaml:3: modelyard:layer: 'foundation' in an environment of one stack; "
        "platform.yaml of dev says layers: all, so make it 'all' or remove the file\n"
    )
    stack.unlink()
    assert main(["plan", "dev"]) == 1
    assert capsys.readouterr().err == (
        "modelyard: stacks/Pulumi.dev.yaml: missing: the environment has no stack; add this file with config keys "
        "modelyard:platform: dev and modelyard:layer: all\n"
    )
