"""The checks of a model repository, held against the real server: whatever it refuses or hangs on, we say before it
starts; and of what it serves without a fault we say nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from modelyard.serving.triton.restricted_endpoints import HEADER
from modelyard.trial.server import START_SECONDS, CannotServe, RunningServer
from modelyard.trial.server import serve as serve_repository
from unit.repository.checks.repositories import Case, beside, cases, good, told, write

from .triton_server import TritonHome

pytestmark = pytest.mark.servers

FAULTS = cases("faults.yaml")
UNUSUAL = cases("unusual.yaml")
TOGETHER = [case for case in FAULTS if not case.apart]
APART = [case for case in FAULTS if case.apart]
HANG_SECONDS = 6.0
"""Time for a server that is to hang; the others get as long as they need."""
KEEP_ON = ("--exit-on-error=false", "--strict-readiness=false")
"""With these the server stays up and says of each model whether it is loaded. Under the container's --exit-on-error it
ends when one is not."""


@pytest.fixture(scope="module")
def verdicts(triton_home: TritonHome, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What the server does with each faulty repository, by the name of the case."""
    with ThreadPoolExecutor(2) as pool:
        together = pool.submit(_together, triton_home, tmp_path_factory.mktemp("together"))
        folders = [tmp_path_factory.mktemp("apart") for _ in APART]
        apart = pool.map(lambda case, folder: _alone(triton_home, case, folder), APART, folders)
        return {**together.result(), **{case.name: verdict for case, verdict in zip(APART, apart, strict=True)}}


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in FAULTS])
def test_what_the_server_does_not_take_is_told_before(case: Case, verdicts: Mapping[str, str]) -> None:
    assert verdicts[case.name] == case.server
    assert told(case)


def test_one_model_that_cannot_be_loaded_ends_the_server(triton_home: TritonHome, tmp_path: Path) -> None:
    case = next(case for case in FAULTS if case.name == "dtype between steps")
    assert _alone(triton_home, case, tmp_path) == "refuses"


def test_unusual_repositories_are_served_and_nothing_is_said_of_them(triton_home: TritonHome, tmp_path: Path) -> None:
    write(good(), tmp_path)
    for number, case in enumerate(UNUSUAL):
        write(beside(case.files, f"case{number}_"), tmp_path)
    with serve_repository(triton_home, tmp_path):
        # Ready, under --exit-on-error: every model of every repository is loaded.
        pass
    assert {case.name: told(case) for case in UNUSUAL if told(case)} == {}


def _together(home: TritonHome, folder: Path) -> dict[str, str]:
    write(good(), folder)
    for number, case in enumerate(TOGETHER):
        write(beside(case.files, f"case{number}_"), folder)
    found: dict[str, str] = {}
    ready = _loaded(home, folder)
    for number, case in enumerate(TOGETHER):
        own = {key.split("/")[0] for key in beside(case.files, f"case{number}_")}
        found[case.name] = "serves" if own <= ready else "refuses"
    return found


def _loaded(home: TritonHome, folder: Path) -> set[str]:
    """Models that a server has ready. One that crashes while it unloads a model that failed is started again: it does
    so once in many times."""
    for crashes_left in (2, 1, 0):
        try:
            with serve_repository(home, folder, extra_arguments=KEEP_ON) as server:
                return _ready(server)
        except CannotServe as error:
            if not crashes_left or "was killed by signal" not in error.reason:
                raise
    raise AssertionError("the last attempt returned or raised")


def _ready(server: RunningServer) -> set[str]:
    request = Request(f"http://{server.http_url}/v2/repository/index", data=b"{}", headers={HEADER: server.key})
    with urlopen(request, timeout=20) as answer:
        return {model["name"] for model in json.load(answer) if model.get("state") == "READY"}


def _alone(home: TritonHome, case: Case, folder: Path) -> str:
    write(case.files, folder)
    try:
        with serve_repository(home, folder, start_seconds=HANG_SECONDS if case.server == "hangs" else START_SECONDS):
            return "serves"
    except CannotServe as error:
        return "hangs" if "was not ready after" in error.reason else "refuses"
