"""The fraud ensemble on the real server: every answer is that of the same files in one process.

XGBoost stands in for FIL, in a Python backend; the library that FIL itself predicts with is held to the same scores.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelyard.repository.build import build
from modelyard.repository.load import read
from modelyard.repository.repository import Repository
from modelyard.repository.write import write
from modelyard.trial.address import ServerAddress
from modelyard.trial.golden import check_golden, read_golden
from modelyard.trial.packages import CannotInstall
from modelyard.trial.server import serve
from modelyard.trial.server_home import ServerHome, model_environment
from modelyard.trial.statistics import between, counters
from modelyard.trial.substitution import substituted

from .conftest import CACHE

pytestmark = pytest.mark.servers

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "fraud-ensemble"
MODEL = EXAMPLE / "models" / "fraud"
RELEASE = "26.07"
TREELITE = "treelite==4.7.0"
"""Of Triton 26.06 (triton-inference-server/fil_backend r26.06, cmake/thirdparty/get_treelite.cmake)."""
BATCHES = (1, 2, 3, 7, 16, 31, 64)
REQUESTS = 70
AT_A_TIME = 16


@dataclass(frozen=True)
class Served:
    address: ServerAddress
    repository: Repository
    python: Path
    """With the packages of the training."""


@dataclass(frozen=True)
class Judged:
    """Transactions, cut into requests, and what the pipeline says of them."""

    requests: list[dict[str, np.ndarray]]
    answers: list[dict[str, np.ndarray]]


@pytest.fixture(scope="module")
def served(triton_home: ServerHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    repository = build(read(MODEL, "fraud", boundary=EXAMPLE), version=None, release=RELEASE)
    needs = (EXAMPLE / "training" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    trial = substituted(repository, release=RELEASE, requirements={"classifier": (*needs, TREELITE)})
    assert [each.model for each in trial.substitutes] == ["classifier"]
    assert not trial.moved
    try:
        python = model_environment(trial.requirements["classifier"], CACHE)
    except CannotInstall as error:
        pytest.skip(f"the fraud ensemble is NOT compared with its pipeline: {error}")
    folder = tmp_path_factory.mktemp("fraud") / "models"
    write(trial.repository, folder)
    with serve(triton_home, folder, interpreters={"classifier": python}) as server:
        address = ServerAddress(http=f"http://{server.http_url}", grpc=server.grpc_url)
        yield Served(address, repository, python)


@pytest.fixture(scope="module")
def judged(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """Blocked cards, merchants and countries are among them, so that every rule has something to say."""
    file = tmp_path_factory.mktemp("judged") / "judged.npz"
    run_python(served.python, "-c", REFERENCE, str(file), str(sum(BATCHES) * REQUESTS // len(BATCHES)))
    whole = np.load(file)
    cuts = np.cumsum([BATCHES[at % len(BATCHES)] for at in range(REQUESTS)])
    assert cuts[-1] == len(whole["measures"])
    assert set(np.unique(whole["reason"])) == {0, 101, 102, 103, 201, 301, 401, 402, 403}
    parts = {name: np.split(whole[name], cuts[:-1]) for name in whole.files}
    return Judged(
        [{name: parts[name][at] for name in ("measures", "codes")} for at in range(REQUESTS)],
        [{name: parts[name][at] for name in ("decision", "reason", "score")} for at in range(REQUESTS)],
    )


REFERENCE = """
import sys
sys.path[:0] = [".", "training"]
import numpy as np
from pipeline import MODELS, Pipeline
from decision import Policy
from golden import provoked
from transactions import generate
file, rows = sys.argv[1], int(sys.argv[2])
given = provoked(generate(rows, seed=99), Policy.read(MODELS / "rules" / "1" / "policy.json"))
decision, reason, score = Pipeline().judge(given.measures, given.codes)
np.savez(file, measures=given.measures, codes=given.codes, decision=decision, reason=reason, score=score)
"""


@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_every_answer_is_the_pipelines(served: Served, judged: Judged, protocol: str) -> None:
    stages = served.repository.stages()
    before = counters(served.address, stages)
    with ThreadPoolExecutor(AT_A_TIME) as callers:
        answers = list(callers.map(lambda request: asked(served.address, protocol, request), judged.requests * 3))
    happened = between(before, counters(served.address, stages))
    rows = 0
    for answer, expected in zip(answers, judged.answers * 3, strict=True):
        rows += len(answer["decision"])
        for name, array in expected.items():
            np.testing.assert_array_equal(answer[name], array, err_msg=name, strict=True)
    assert rows > 3000
    for stage in happened.stages:
        assert stage.requests == len(answers)
        assert stage.executions < stage.requests, f"{stage.model} never put requests together"


def asked(address: ServerAddress, protocol: str, tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    if protocol == "http":
        import tritonclient.http as triton

        client = triton.InferenceServerClient(address.http.removeprefix("http://"))
    else:
        import tritonclient.grpc as triton

        assert address.grpc is not None
        client = triton.InferenceServerClient(address.grpc)
    inputs = []
    for name, array in tensors.items():
        inputs.append(triton.InferInput(name, list(array.shape), {"f": "FP32", "i": "INT64"}[array.dtype.kind]))
        inputs[-1].set_data_from_numpy(array)
    with client:
        answer: Any = client.infer("fraud", inputs)
        return {name: answer.as_numpy(name) for name in ("decision", "reason", "score")}


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        (0, float("nan"), "measures: every number must be finite; device_age_days is -1 where no device is known"),
        (2, -1.0, "measures: amounts, counts, distances and ages must not be negative; only device_age_days may be -1"),
        (1, 25.0, "measures: hour 25 is not within 0 to 24"),
    ],
)
def test_a_wrong_transaction_is_refused_and_its_neighbours_are_not(
    served: Served, judged: Judged, column: int, value: float, said: str
) -> None:
    from tritonclient.utils import InferenceServerException

    wrong = {name: array.copy() for name, array in judged.requests[0].items()}
    wrong["measures"][0, column] = value

    def ask(position: int) -> Any:
        try:
            return asked(served.address, "http", wrong if position % 4 == 0 else judged.requests[position])
        except InferenceServerException as error:
            return error.message()

    with ThreadPoolExecutor(AT_A_TIME) as callers:
        answers = list(callers.map(ask, range(32)))
    for position, answer in enumerate(answers):
        if position % 4 == 0:
            assert said in answer
        else:
            np.testing.assert_array_equal(answer["decision"], judged.answers[position]["decision"])


def test_the_golden_cases_hold(served: Served) -> None:
    config = served.repository.served.config
    golden = read_golden(MODEL / "golden.json", config)
    result = check_golden(served.address, config, golden)
    assert result.passed, result.mismatches
    reasons = {case.outputs["reason"].data[0][0] for case in golden.cases}
    assert reasons == {0, 101, 102, 103, 201, 301, 401, 402, 403}


def test_training_writes_the_committed_files_again(served: Served, tmp_path: Path) -> None:
    said = run_python(served.python, "training/train.py", "--out", str(tmp_path))
    for name in ("preprocess/1/encoding.json", "classifier/1/xgboost.json", "golden.json"):
        assert (tmp_path / name).read_bytes() == (MODEL / name).read_bytes(), name
    assert float(said.splitlines()[0].rpartition(" ")[2]) > 0.98
    assert (MODEL / "classifier/1/xgboost.json").stat().st_size < 1_000_000


def test_the_library_of_the_fil_backend_gives_the_same_scores(served: Served) -> None:
    result = json.loads(run_python(served.python, "-c", TREELITE_SCORES))
    assert result["rows"] == 5000
    assert result["with_a_missing_value"] > 50
    assert result["furthest"] < 1e-6


TREELITE_SCORES = """
import json, sys
sys.path[:0] = [".", "training"]
import numpy as np
import treelite
import pipeline
from transactions import generate
given = generate(5000, seed=98)
whole = pipeline.Pipeline()
features = whole._encoder.encode(given.measures, given.codes)
ours = whole.judge(given.measures, given.codes)[2][:, 0]
forest = treelite.frontend.load_xgboost_model(str(pipeline.MODELS / "classifier" / "1" / "xgboost.json"))
theirs = treelite.gtil.predict(forest, features, nthread=1).reshape(-1)
print(json.dumps({
    "rows": len(ours),
    "with_a_missing_value": int(np.isnan(features).any(axis=1).sum()),
    "furthest": float(np.abs(ours - theirs).max()),
}))
"""


def run_python(python: Path, *arguments: str) -> str:
    """What a program prints that runs in the example's folder."""
    done = subprocess.run(
        [str(python), *arguments],
        cwd=EXAMPLE,
        capture_output=True,
        text=True,
        timeout=300,
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", "LD_LIBRARY_PATH": f"{sys.base_prefix}/lib"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
