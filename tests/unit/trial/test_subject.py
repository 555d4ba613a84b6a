"""What is tried: a folder by itself, its packages, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelyard.environment.load import load
from modelyard.repository.invalid import InvalidRepository
from modelyard.trial.choice import NoSuchModel, is_folder, of_environment, of_folder
from modelyard.trial.subject import UnfitRequirements, requirements

from ..resolve.world import write

REPOSITORY = Path(__file__).parents[3]
FRAUD = REPOSITORY / "examples" / "fraud-ensemble"
SENTIMENT = REPOSITORY / "examples" / "sentiment-api"
PYTHON = """\
format: python
max_batch_size: 8
inputs: [{name: x, dtype: FP32, dims: [3]}]
outputs: [{name: y, dtype: FP32, dims: [1]}]
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "m"
    (folder / "1").mkdir(parents=True)
    (folder / "1" / "model.py").write_text("class TritonPythonModel:\n    def execute(self, requests): ...\n")
    (folder / "model.yaml").write_text(PYTHON)
    return folder


@pytest.mark.parametrize(
    ("given", "expected"), [("fraud", False), ("./fraud", True), ("models/fraud", True), (".", True), ("..", True)]
)
def test_what_names_a_folder(given: str, expected: bool) -> None:
    assert is_folder(given) is expected


def test_a_folder_by_itself(model: Path) -> None:
    subject = of_folder(model)
    assert (subject.name, subject.promise, subject.golden_path, subject.profile_path) == ("m", None, None, None)
    assert of_folder(model, "25.01").release == "25.01"
    (model / "golden.json").write_text("{}")
    assert of_folder(model).golden_path == model / "golden.json"


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(NoSuchModel, match=r"nowhere: there is no such folder; name a folder with a model\.yaml, or a"):
        of_folder(tmp_path / "nowhere")
    with pytest.raises(NoSuchModel, match=r": holds neither model\.yaml nor config\.pbtxt; name a folder that does"):
        of_folder(tmp_path)


def test_a_repository_that_the_checks_refuse(model: Path) -> None:
    (model / "1" / "model.py").write_text("class Other: ...")
    with pytest.raises(InvalidRepository, match="TritonPythonModel"):
        of_folder(model)


def test_a_model_of_an_environment() -> None:
    """As that would deploy it: its objective is shared by its replicas."""
    environment = load(FRAUD / "stacks" / "prod")
    (declared,) = [model for _, model in environment.models() if model.name == "fraud"]
    subject = of_environment(environment, "fraud")
    assert subject.environment == "prod"
    assert subject.repository.stages() == ("preprocess", "classifier", "rules")
    assert declared.objective is not None and subject.promise is not None
    assert subject.promise.p99_ms == declared.objective.p99_ms
    whole = subject.promise.requests_per_second * subject.promise.replicas
    assert whole == pytest.approx(declared.objective.requests_per_second)
    assert subject.golden_path is not None


@pytest.mark.parametrize("target", ["sagemaker", "vertex", "azureml", "kubernetes"])
def test_a_model_of_a_managed_target_is_tried_as_any(target: str) -> None:
    subject = of_environment(load(SENTIMENT / "stacks" / target), "sentiment")
    assert (subject.environment, subject.repository.name) == (target, "sentiment")
    assert subject.golden_path == SENTIMENT / "models" / "sentiment" / "golden.json"


def test_a_model_that_the_environment_has_not() -> None:
    with pytest.raises(NoSuchModel) as refused:
        of_environment(load(FRAUD / "stacks" / "prod"), "froud")
    assert str(refused.value) == (
        "'froud' is not a model of the environment prod; did you mean 'fraud'? Allowed: fraud"
    )


def test_packages_beside_model_yaml(model: Path) -> None:
    (model / "requirements.txt").write_text("# what it imports\npandas==2.3\n\n--extra-index-url https://example.org\n")
    assert requirements(of_folder(model)) == {"m": ("pandas==2.3", "--extra-index-url https://example.org")}


@pytest.mark.parametrize("line", ["-r other.txt", "-e .", "./wheel", "--constraint=a.txt", "/home/x/wheel"])
def test_packages_that_are_elsewhere(model: Path, line: str) -> None:
    file = model / "requirements.txt"
    file.write_text(f"pandas\n{line}\n")
    with pytest.raises(UnfitRequirements) as refused:
        requirements(of_folder(model))
    assert str(refused.value) == (
        f"{file}:2: {line!r} names another file or folder; an environment is made of this file alone: write the "
        "packages here"
    )


def test_a_model_of_another_server_is_no_trial_of_triton(tmp_path: Path) -> None:
    served = "runtime: kserve, kserve: {server: sklearnserver}, source: ../models/tagging, resources: {gpus: 0}"
    department = (
        "department: toys\ncost_center: CC-2000\nowner: toys@example.com\nmonthly_budget_usd: 500\n"
        f"models: [{{name: tagging, task: ranking, {served}}}]\n"
    )
    folder = write(tmp_path, toys=department, models={"tagging": {"1/model.joblib": "x"}})
    with pytest.raises(NoSuchModel) as refused:
        of_environment(load(folder), "tagging")
    assert str(refused.value) == (
        "model 'tagging' is served by sklearnserver, and a trial of an environment's model runs Triton; modelyard try "
        "<folder> --runtime <name> asks another server for an answer"
    )
