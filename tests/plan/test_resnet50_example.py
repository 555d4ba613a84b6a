"""ResNet-50 on one's own machine: the example plans without Docker and without the model."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from modelyard.offline import Run, load_stack, run
from modelyard.repository.build import build
from modelyard.repository.checks import check
from modelyard.repository.load import read
from tensorflow_serving_files import parsed

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "resnet50-local"
RELEASE = "25.02"
"""The last release of Triton with a TensorFlow backend."""


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A copy, in which nobody has made the model."""
    folder = tmp_path_factory.mktemp("example") / "resnet50-local"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("resnet50", ".venv"))
    stack = load_stack(folder, "local")
    return run(folder, project=stack.project, stack=stack.stack, config=stack.config, mode="preview")


def test_it_plans_a_container_that_only_this_machine_reaches(planned: Run) -> None:
    kinds = [resource.type for resource in planned.graph]
    assert kinds[-3:] == [
        "pulumi:providers:docker",
        "docker:index/remoteImage:RemoteImage",
        "docker:index/container:Container",
    ]
    container = next(iter(reversed(list(planned.graph)))).inputs
    assert {(port["ip"], port["external"]) for port in container["ports"]} == {
        ("127.0.0.1", 8500),
        ("127.0.0.1", 8501),
    }


def test_it_says_that_the_model_is_not_there_yet(planned: Run) -> None:
    (warning,) = [each for each in planned.diagnostics if each.severity == "warning"]
    assert warning.message.endswith(
        "models/resnet50 does not exist; put the model there, with a folder for each version"
    )


def test_its_outputs_are_what_the_readme_asks(planned: Run) -> None:
    readme = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    assert planned.outputs["predict_url"] == "http://127.0.0.1:8501/v1/models/resnet50:predict"
    for name in ("predict_url", "metrics_url"):
        assert planned.outputs[name] in readme


def test_its_batches_are_those_that_the_server_takes(planned: Run) -> None:
    container = next(iter(reversed(list(planned.graph)))).inputs
    files = {upload["file"].rpartition("/")[2]: upload["content"] for upload in container["uploads"]}
    batching = parsed("BatchingParameters", files["batching.config"])
    assert list(batching.allowed_batch_sizes)[-1] == batching.max_batch_size.value == 16
    (model,) = parsed("ModelServerConfig", files["models.config"]).model_config_list.config
    assert dict(model.version_labels) == {"stable": 1}


def test_the_same_model_can_be_tried_where_there_is_no_docker(tmp_path: Path) -> None:
    shutil.copy(EXAMPLE / "try" / "resnet50" / "model.yaml", tmp_path)
    saved = tmp_path / "1" / "model.savedmodel"
    saved.mkdir(parents=True)
    (saved / "saved_model.pb").write_bytes(b"any")
    repository = build(read(tmp_path, "resnet50", boundary=tmp_path), version=None, release=RELEASE)
    assert [str(problem) for problem in check(repository, release=RELEASE)] == []
    (model,) = repository.models
    assert [(each.name, list(each.dims)) for each in model.config.input] == [("image", [224, 224, 3])]
    assert model.config.max_batch_size == 16


def test_what_its_training_makes_is_what_is_declared() -> None:
    """The program itself is run where TensorFlow is (``test_tensorflow_serving_large``)."""
    export = (EXAMPLE / "training" / "export.py").read_text(encoding="utf-8")
    declared = (EXAMPLE / "try" / "resnet50" / "model.yaml").read_text(encoding="utf-8")
    for name in ("image", "scores"):
        assert re.search(rf'"{name}"', export) and f"name: {name}" in declared


def test_no_model_is_part_of_the_example() -> None:
    ignored = (EXAMPLE / "models" / ".gitignore").read_text(encoding="utf-8").split()
    assert "*" in ignored
