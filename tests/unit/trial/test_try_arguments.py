"""What the command line of ``modelyard try`` refuses before anything is read or started."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelyard.cli.__main__ import main

PROFILE = """{"schema": 1, "source": "somebody, once", "server": "2.71.0", "processor": "p", "stages": [
  {"model": "m", "accelerator": "L4", "points": [
    {"batch_size": 1, "executions": 9, "mean_ms": 1, "p50_ms": 1, "p90_ms": 1, "p99_ms": 1}]}]}"""
HELP = "; see 'modelyard try --help'"
NO_RATE = f"not a number above 0 and up to 1e+07{HELP}"
ELSEWHERE = "a server that runs elsewhere; name it with --server, or leave this out"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    model = tmp_path / "m"
    (model / "1").mkdir(parents=True)
    (model / "1" / "model.py").write_text("class TritonPythonModel:\n    def execute(self, requests): ...\n")
    (model / "model.yaml").write_text(
        "format: python\nmax_batch_size: 8\n"
        "inputs: [{name: x, dtype: FP32, dims: [3]}]\noutputs: [{name: y, dtype: FP32, dims: [1]}]\n"
    )
    monkeypatch.chdir(tmp_path)
    return model


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rate", "0"], f"argument --rate: 0 is {NO_RATE}"),
        (["--rate", "nan"], f"argument --rate: nan is {NO_RATE}"),
        (["--rate", "fast"], f"argument --rate: fast is {NO_RATE}"),
        (
            ["--http-port", "70000"],
            f"argument --http-port: 70000 is not a whole number from 1 to 65535{HELP}",
        ),
        (["--json", "out", "--html", "out"], "--html out: --json writes there already; name another file"),
        (["--json", "nowhere/out"], "--json nowhere/out: the folder nowhere does not exist; create it first"),
        (["--keep-log", "nowhere/log"], "--keep-log nowhere/log: the folder nowhere does not exist; create it first"),
        (["--metrics", "http://h/metrics"], f"--metrics: is about {ELSEWHERE}"),
        (["--accelerator", "L4"], f"--accelerator: is about {ELSEWHERE}"),
        (
            ["--server", "h:1", "--http-port", "8000"],
            "--http-port: is about a server that is started here; leave it out, or leave --server out",
        ),
        (
            ["--server", "h:1", "--profile"],
            "--profile: name what the server runs on with --accelerator, such as L4 or cpu",
        ),
        (
            ["--server", "h:1", "--header-env", "authorization"],
            "--header-env authorization: write NAME=VARIABLE, where the environment has that VARIABLE",
        ),
        (["--release", "99.01"], "--release 99.01: no Triton release is called '99.01'; known: 21.02, "),
    ],
)
def test_refusals(folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    assert main(["try", "./m", *arguments]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"modelyard: {said}")
    assert shown.err.count("\n") == 1


def test_times_of_another_accelerator_are_not_lost(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "profile.json").write_text(PROFILE)
    assert main(["try", "./m", "--profile"]) == 1
    assert capsys.readouterr().err == (
        f"modelyard: --profile: {folder / 'profile.json'} holds times on L4, and this would measure on cpu; name "
        "another file after --profile\n"
    )
    assert (folder / "profile.json").read_text() == PROFILE


def test_a_model_without_an_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["try", "fraud"]) == 1
    assert "stacks: this folder of environments and stack files does not exist" in capsys.readouterr().err
