"""``modelyard plan`` and ``modelyard render`` on this repository's own environments."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from .project import command, copied, process_environment

PLANTED = "v1:cGxhbnRlZA==:c2VjcmV0LWh1bnRlcjI="
"""An encrypted value in a stack's configuration."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = copied(tmp_path_factory.mktemp("retailer"))
    stack = project / "stacks" / "Pulumi.dev.yaml"
    settings = yaml.safe_load(stack.read_text(encoding="utf-8"))
    settings["config"]["modelyard:planted"] = {"secure": PLANTED}
    stack.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return project


def test_all_documents_of_one_plan(project: Path) -> None:
    done = command("plan", "dev", "--json", "plan.json", "--html", "plan.html", "--markdown", "plan.md", cwd=project)
    assert done.stderr == ""
    document = json.loads((project / "plan.json").read_text(encoding="utf-8"))
    broken = any(verdict["level"] == "mandatory" for verdict in document["policies"])
    broken = broken or any(line["broken"] for line in document["budgets"])
    assert done.returncode == (2 if broken else 0)
    assert document["environment"] == "dev"
    assert [stack["layer"] for stack in document["stacks"]] == ["all"]
    assert {model["department"] for model in document["models"]} == {
        "customer-insights", "merchandising", "supply-chain",
    }  # fmt: skip
    monthly = document["costs"]["monthly"]
    parts = sum(monthly["departments"].values()) + monthly["shared"] + monthly["idle"]
    assert round(parts, 2) == monthly["total"] > 0
    assert f"${monthly['total']:,.2f} a month" in done.stdout
    assert done.stdout.endswith("Written: plan.json, plan.html, plan.md\n")
    assert "\x1b" not in done.stdout
    for text in (done.stdout, *((project / name).read_text("utf-8") for name in ("plan.json", "plan.html", "plan.md"))):
        assert PLANTED not in text
        assert str(project) not in text


def test_two_plans_are_the_same_text(project: Path) -> None:
    documents = []
    for seed in ("1", "2"):
        names = [f"{seed}.{kind}" for kind in ("json", "html", "md")]
        options = zip(("--json", "--html", "--markdown"), names, strict=True)
        arguments = [each for option in options for each in option]
        done = command("plan", "stacks/dev/", *arguments, cwd=project, environment={"PYTHONHASHSEED": seed})
        assert done.stderr == ""
        documents.append([(project / name).read_bytes() for name in names])
    assert documents[0] == documents[1]


def test_the_parts_of_the_total_add_up_to_the_cent(project: Path) -> None:
    costs = json.loads(command("plan", "dev", "--json", "-", cwd=project).stdout, parse_float=Decimal)["costs"]
    monthly = costs["monthly"]
    assert sum(monthly["departments"].values()) + monthly["shared"] + monthly["idle"] == monthly["total"]
    assert sum(line["usd"] for line in costs["lines"]) == monthly["total"]


def test_invalid_input_writes_nothing(project: Path) -> None:
    platform = project / "stacks" / "staging" / "platform.yaml"
    platform.write_text(platform.read_text(encoding="utf-8") + "colour: blue\n", encoding="utf-8")
    for arguments in (("plan", "staging", "--json", "no.json"), ("render", "staging", "--out", "no.json")):
        done = command(*arguments, cwd=project)
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.startswith("modelyard: staging/platform.yaml:")
        assert "colour" in done.stderr
        assert not (project / "no.json").exists()


def test_render_writes_what_a_cluster_needs(project: Path) -> None:
    done = command("render", "dev", "--out", "rendered", cwd=project)
    assert done.returncode in (0, 2)
    assert done.stderr == ""
    rendered = project / "rendered"
    written = {path.relative_to(rendered).as_posix() for path in rendered.rglob("*") if path.is_file()}
    assert {
        "README.md",
        "main/merchandising/deployment-product-tagging.yaml",
        "main/merchandising/horizontalpodautoscaler-product-tagging.yaml",
        "main/cluster-wide/namespace-merchandising.yaml",
        "main/prometheus-rules/merchandising-product-tagging.yaml",
        "main/models/merchandising/product-tagging/product-tagging/config.pbtxt",
        "main/models/merchandising/product-tagging/product-tagging/1/model.onnx",
    } <= written
    for path in rendered.rglob("*.yaml"):
        assert yaml.safe_load(path.read_text(encoding="utf-8")) is not None
        assert "[unknown]" not in path.read_text(encoding="utf-8")
        assert PLANTED not in path.read_text(encoding="utf-8")
    assert command("render", "dev", "--out", "rendered", "--quiet", cwd=project).returncode == done.returncode


@pytest.mark.parametrize(("extra", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colour_in_a_terminal_that_wants_it(project: Path, extra: dict[str, str], coloured: bool) -> None:
    text = _in_terminal(project, {"TERM": "xterm-256color", **extra})
    assert ("\x1b[36m" in text or "\x1b[1;36m" in text) is coloured
    assert "Resources" in text


def test_an_ascii_locale(project: Path) -> None:
    done = command("plan", "dev", cwd=project, environment={"PYTHONIOENCODING": "ascii"})
    assert done.stderr == ""
    assert done.stdout.isascii()
    assert "`-- dev" in done.stdout


def test_a_reader_who_leaves_early_changes_no_exit_code(project: Path) -> None:
    script = f"{sys.executable} -m modelyard.cli plan dev --full; echo $? >&2"
    done = subprocess.run(
        ["bash", "-c", f"({script}) | head -n 1"],
        cwd=project, env=process_environment(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout.startswith("dev: tier dev, 1 stack")
    assert done.stderr in ("0\n", "2\n")


def test_an_interrupted_plan_ends_quietly_and_writes_nothing(project: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "modelyard.cli", "plan", "prod", "--json", "interrupted.json"],
        cwd=project, env=process_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # A test run in the background ignores interrupts, and its children would too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    _wait_until_it_imports("pydantic_core", process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    # An interrupt inside an exec(), of which imports have many, ends CPython by the signal: to a shell 130 as well.
    assert process.returncode in (130, -signal.SIGINT)
    assert (out, err) == ("", "")
    assert not (project / "interrupted.json").exists()


def _wait_until_it_imports(library: str, process: subprocess.Popen[str]) -> None:
    """Until the command itself runs: an interpreter that is still starting dies of an interrupt on its own."""
    deadline = time.monotonic() + 60
    while library not in Path(f"/proc/{process.pid}/maps").read_text(encoding="utf-8"):
        assert process.poll() is None, "the plan ended before it was interrupted"
        assert time.monotonic() < deadline, f"the plan never imported {library}"
        time.sleep(0.02)


def _in_terminal(project: Path, extra: dict[str, str]) -> str:
    """What a person sees: standard output and error are one pseudo-terminal."""
    main, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "modelyard.cli", "plan", "dev"],
        cwd=project, env=process_environment(extra), stdin=terminal, stdout=terminal, stderr=terminal,
    )  # fmt: skip
    os.close(terminal)
    seen = b""
    while True:
        try:
            part = os.read(main, 65536)
        except OSError:
            break
        if not part:
            break
        seen += part
    os.close(main)
    assert process.wait(60) in (0, 2)
    return seen.decode("utf-8")
