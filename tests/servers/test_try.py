"""``modelyard try`` on the real server: what it finds, shows and writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import CACHE
from .trial_command import TrialCommand, doubler
from .triton_server import TritonHome

pytestmark = pytest.mark.servers
REPOSITORY = Path(__file__).parents[2]
FRAUD = REPOSITORY / "examples" / "fraud-ensemble"
GOLDEN = (
    '{"cases": [{"name": "two rows", "inputs": {"x": {"data": [[1, 2], [3, 4]]}}, "outputs": {"y": {"data": %s}}}]}'
)


@pytest.fixture
def command(tmp_path: Path, triton_home: TritonHome) -> TrialCommand:
    return TrialCommand(tmp_path, CACHE)


def test_a_model_that_works(command: TrialCommand, tmp_path: Path) -> None:
    model = doubler(tmp_path)
    (model / "golden.json").write_text(GOLDEN % "[[2, 4], [6, 8]]")
    done = command.run("./doubler", "--rate", "40", "--seconds", "1.5", "--json", "result.json", "--html", "page.html",
                       "--keep-log", "triton.log")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "deployed on Triton release 26.07; tried on 2.51.0 (release 24.10)" in " ".join(done.stdout.split())
    assert done.stdout.splitlines()[-2] == "doubler works on Triton 2.51.0; it has no objective."
    assert "golden responses" in done.stderr
    result = json.loads((tmp_path / "result.json").read_text())
    assert (result["schema"], result["exit_code"], result["model"]) == (1, 0, "doubler")
    assert result["server"]["version"] == "2.51.0"
    assert result["server"]["release"] == "24.10"
    assert result["smoke"]["passed"] is True
    assert result["golden"] == {"passed": True, "cases": 1, "mismatches": []}
    assert result["substitutes"] == []
    load = result["load"]
    assert load["rate"] == 40
    assert load["answered"] == load["requests"] > 20
    assert load["failures"] == {}
    (stage,) = load["stages"]
    assert stage["model"] == "doubler"
    assert sum(int(size) * count for size, count in stage["batches"].items()) == pytest.approx(load["requests"], abs=20)
    assert result["unpredicted"] == "there is no profile.json; measure one with --profile"
    assert "Started HTTPService at 127.0.0.1" in (tmp_path / "triton.log").read_text()
    assert "Trial of doubler" in (tmp_path / "page.html").read_text()
    assert [each.name for each in (model / "1").iterdir()] == ["model.py"], "the model's folder was changed"


def test_a_wrong_answer_is_exit_code_3(command: TrialCommand, tmp_path: Path) -> None:
    """With the result alone on standard output, for programs."""
    (doubler(tmp_path) / "golden.json").write_text(GOLDEN % "[[2, 4], [6, 9]]")
    done = command.run("./doubler", "--quiet", "--json", "-")
    assert (done.returncode, done.stderr) == (3, "")
    result = json.loads(done.stdout)
    assert result["exit_code"] == 3
    assert result["conclusion"].startswith("doubler answers wrongly on Triton 2.51.0: ")
    (mismatch,) = result["golden"]["mismatches"]
    assert (mismatch["tensor"], mismatch["index"]) == ("y", [1, 1])
    assert "two rows" in mismatch["sentence"]
    assert result["load"] is None
    assert result["notices"] == ["no load was sent: the model has no objective; give a rate with --rate"]


def test_a_profile_predicts_the_load(command: TrialCommand, tmp_path: Path) -> None:
    """It is measured on a server of its own and lies beside model.yaml for the next trial."""
    model = doubler(tmp_path)
    done = command.run("./doubler", "--quiet", "--rate", "40", "--seconds", "1", "--profile", "--profile-seconds", "3",
                        "--json", "result.json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    profile = json.loads((model / "profile.json").read_text())
    assert [stage["model"] for stage in profile["stages"]] == ["doubler"]
    assert {point["batch_size"] for point in profile["stages"][0]["points"]} >= {1, 2, 4, 8}
    assert profile["server"] == "2.51.0"
    assert json.loads((tmp_path / "result.json").read_text())["predicted"]["p99_ms"] > 0


def test_a_model_of_an_environment_with_a_substitute(command: TrialCommand, tmp_path: Path) -> None:
    """FIL is not to be had: xgboost stands in, is named with its version, and judges no objective."""
    done = command.run("fraud", "--env", str(FRAUD / "stacks" / "prod"), "--seconds", "1", "--json", "result.json")
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["environment"] == "prod"
    assert result["stages"] == ["preprocess", "classifier", "rules"]
    (substitute,) = result["substitutes"]
    assert substitute["version"][0].isdigit()
    assert {**substitute, "version": ""} == {
        "model": "classifier", "backend": "fil", "release": "26.07", "engine": "xgboost", "version": "",
    }  # fmt: skip
    assert result["golden"]["passed"] is True
    assert result["objective"]["verdict"] == "not judged"
    plain = " ".join(done.stdout.split())
    assert (
        f"Substitute: classifier: xgboost {substitute['version']} in a Python backend instead of fil of release 26.07"
        in plain
    )


def test_packages_of_a_model_are_its_own(command: TrialCommand, tmp_path: Path) -> None:
    """requirements.txt beside model.yaml; nothing of it is installed for anyone else."""
    model = doubler(tmp_path, initialize="import six; assert six.__version__ == '1.16.0', six.__version__")
    (model / "requirements.txt").write_text("# what model.py imports\nsix==1.16.0\n")
    assert command.run("./doubler", "--quiet").returncode == 0


def test_a_server_that_runs_elsewhere(command: TrialCommand, tmp_path: Path, triton_home: TritonHome) -> None:
    from .triton_server import serve

    model = doubler(tmp_path)
    served = tmp_path / "served" / "doubler"
    (served / "1").mkdir(parents=True)
    (served / "1" / "model.py").write_text((model / "1" / "model.py").read_text())
    (served / "config.pbtxt").write_text(
        'backend: "python"\nmax_batch_size: 8\n'
        'input [{ name: "x", data_type: TYPE_FP32, dims: [ 2 ] }]\n'
        'output [{ name: "y", data_type: TYPE_FP32, dims: [ 2 ] }]\n'
    )
    with serve(triton_home, served.parent, tmp_path / "triton.log") as server:
        at = ("--server", server.running.http_url, "--grpc-server", server.running.grpc_url)
        done = command.run("./doubler", *at, "--rate", "40", "--seconds", "1", "--json", "result.json")
        assert done.returncode == 0, done.stderr
        result = json.loads((tmp_path / "result.json").read_text())
        assert result["server"]["url"] == f"http://{server.running.http_url}"
        assert result["load"]["stages"][0]["model"] == "doubler"
        (model / "model.yaml").write_text((model / "model.yaml").read_text().replace("[{name: y", "[{name: z"))
        other = command.run("./doubler", *at, "--quiet")
        assert other.returncode == 3
        assert "metadata is as configured" in other.stdout
