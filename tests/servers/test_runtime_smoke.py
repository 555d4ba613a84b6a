"""One smoke test for every server of the Open Inference Protocol: the same model, questions and scores."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from modelyard.repository.build import build
from modelyard.repository.load import read
from modelyard.repository.repository import Repository
from modelyard.trial.address import ServerAddress
from modelyard.trial.answers import ask
from modelyard.trial.local_server import installed, started
from modelyard.trial.packages import CannotInstall
from modelyard.trial.requests import SampleRequest, samples
from modelyard.trial.runtime import RuntimeModel, model_of, runtimes, stage_of
from modelyard.trial.runtime_process import launched
from modelyard.trial.smoke import smoke
from modelyard.trial.subject import Subject
from modelyard.trial.substitution import substituted

from .torchserve_home import PEERS

pytestmark = [pytest.mark.servers, pytest.mark.whole]
EXAMPLE = Path(__file__).parents[2] / "examples" / "fraud-ensemble" / "models" / "fraud"
CACHE = PEERS.parent
RELEASE = "26.07"
FOREIGN = ("mlserver", "kserve", "torchserve")


@pytest.fixture(scope="module")
def subject() -> Subject:
    """The example's classifier by itself."""
    fraud = build(read(EXAMPLE, "fraud", boundary=EXAMPLE), version=None, release=RELEASE)
    return stage_of(Subject("fraud", fraud, RELEASE, EXAMPLE), "classifier")


@pytest.fixture(scope="module")
def request_of_rows(subject: Subject) -> SampleRequest:
    return samples(subject.repository.served.config, count=1, rows=16)[0]


@pytest.fixture(scope="module")
def in_process(subject: Subject, request_of_rows: SampleRequest) -> list[float]:
    """What the XGBoost library itself says, in the environment of a server."""
    model = model_of(subject, runtimes()["kserve"])
    python = _home("kserve") / "bin" / "python"
    program = (
        "import json, sys, numpy, xgboost\n"
        "rows = numpy.array(json.load(sys.stdin), dtype=numpy.float32)\n"
        "booster = xgboost.Booster(model_file=sys.argv[1])\n"
        "print(json.dumps(booster.inplace_predict(rows).astype(float).tolist()))\n"
    )
    rows = json.dumps(request_of_rows.tensors[0].array().tolist())
    done = subprocess.run(
        [str(python), "-c", program, str(model.file)], input=rows, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


@pytest.fixture(params=["triton", *FOREIGN])
def server(request: pytest.FixtureRequest, subject: Subject, tmp_path: Path) -> Iterator[ServerAddress]:
    with ExitStack() as held:
        yield (
            _triton(subject.repository, held)
            if request.param == "triton"
            else _foreign(request.param, model_of(subject, runtimes()[request.param]), tmp_path / "log", held)
        )


def test_every_server_passes_the_smoke_test_with_the_scores_of_the_library(
    server: ServerAddress, subject: Subject, request_of_rows: SampleRequest, in_process: list[float]
) -> None:
    config = subject.repository.served.config
    checked = smoke(server, config)
    assert [f"{check.name}: {check.detail}" for check in checked.checks if not check.passed] == []
    assert "HTTP: 64 rows are answered" in [check.name for check in checked.checks]
    (scores,) = ask(server, config, request_of_rows).values()
    assert scores.shape == (16, 1)
    assert scores.ravel().tolist() == pytest.approx(in_process, abs=1e-6)
    assert len(set(in_process)) > 8, "rows that all score alike would prove little"


def test_the_command_says_which_server_answered(tmp_path: Path) -> None:
    _home("kserve")
    done = _try(tmp_path, "--stage", "classifier", "--runtime", "kserve")
    assert done.returncode == 0, done.stderr
    assert (
        done.stdout.replace("\n", " ")
        .rstrip()
        .endswith(
            f"fraud/classifier works on KServe 0.21.0; it has no objective. Written: {tmp_path}/out.json, "
            f"{tmp_path}/out.html"
        )
    )
    found = json.loads((tmp_path / "out.json").read_text())
    assert (found["server"]["name"], found["server"]["version"], found["exit_code"]) == ("KServe", "0.21.0", 0)
    assert "Tried on KServe 0.21.0, this machine" in (tmp_path / "out.html").read_text()


def _try(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    written = ["--json", str(folder / "out.json"), "--html", str(folder / "out.html")]
    return subprocess.run(
        [sys.executable, "-m", "modelyard.cli", "try", f"{EXAMPLE}{os.sep}", *arguments, *written],
        capture_output=True,
        text=True,
        env={**os.environ, "MODELYARD_CACHE": str(PEERS), "COLUMNS": "300"},
        timeout=300,
    )


def _triton(repository: Repository, held: ExitStack) -> ServerAddress:
    trial = substituted(repository, release=RELEASE, requirements={})
    try:
        local = installed(trial, CACHE)
    except CannotInstall as error:
        pytest.skip(f"no Triton server to test against: {error}")
    return held.enter_context(started(local)).address


def _foreign(name: str, model: RuntimeModel, log: Path, held: ExitStack) -> ServerAddress:
    module: Any = import_module(f"modelyard.trial.runtime_{name}")
    return held.enter_context(launched(module.prepared(_home(name), model), log=log))


def _home(name: str) -> Path:
    module: Any = import_module(f"modelyard.trial.runtime_{name}")
    try:
        return module.home(PEERS)
    except CannotInstall as error:
        pytest.skip(f"no {runtimes()[name].server} to test against: {error}")
