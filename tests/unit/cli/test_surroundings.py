"""A full disk, closed streams, a poor terminal: the command says so in a sentence, or does not mind."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .project import REPOSITORY, command, process_environment

MODELYARD = f"{sys.executable} -m modelyard.cli"


def shell(script: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", script],
        cwd=REPOSITORY, env=process_environment(environment), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_output_that_cannot_be_written_is_told() -> None:
    done = shell(f"{MODELYARD} schema > /dev/full")
    assert (done.returncode, done.stderr) == (
        1, "modelyard: standard output cannot be written: no space left on device\n",
    )  # fmt: skip


@pytest.mark.parametrize("closed", [">&-", "<&- >&-", ">&- 2>&-"])
def test_closed_streams_are_no_failure(closed: str) -> None:
    assert shell(f"{MODELYARD} schema {closed}").returncode == 0


def test_a_mistake_ends_with_1_though_nobody_listens() -> None:
    assert shell(f"{MODELYARD} plan nowhere 2>&-").returncode == 1


def test_an_empty_process_environment_is_enough() -> None:
    paths = process_environment()["PYTHONPATH"]
    done = shell(f"env -i PYTHONPATH={paths} {MODELYARD} schema department")
    assert json.loads(done.stdout)["title"] == "Modelyard department"


def test_a_letter_that_the_terminal_lacks_is_written_as_its_code() -> None:
    done = command("plan", "prød", environment={"PYTHONIOENCODING": "ascii", "LC_ALL": "C.UTF-8"})
    assert (done.returncode, done.stderr) == (
        1,
        "modelyard: pr\\xf8d: there is no such environment; did you mean 'prod'? Environments here: dev, prod, "
        "staging\n",
    )
