"""What is declared, what sizing decides, and what the configuration then says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from modelyard.repository.build import build
from modelyard.repository.config.version_policy import loaded
from modelyard.repository.load import read
from modelyard.repository.written import parse_config
from modelyard.sizing.settings import Settings, StageSettings

from .models import ENSEMBLE, ENSEMBLE_FILES, folder, problems, repository, single, sized

CODE = "class TritonPythonModel: ...\n"
TAGGING = StageSettings("tagging", 8, 200, (4, 8), 3)


SIZED: dict[str, tuple[str, Settings | None, str]] = {
    "nothing said: batches form from what has queued": ("", None, "max_batch_size: 16\ndynamic_batching { }"),
    "sizing decides": (
        "",
        sized(TAGGING),
        "max_batch_size: 8\ninstance_group { count: 3 }\n"
        "dynamic_batching { preferred_batch_size: [4, 8] max_queue_delay_microseconds: 200 }",
    ),
    "sizing turns the batcher off": (
        "",
        sized(StageSettings("tagging", 8, 0, (), 1, dynamic_batching=False)),
        "max_batch_size: 8\ninstance_group { count: 1 }",
    ),
    "no batch of one waits for another": (
        "",
        sized(StageSettings("tagging", 1, 0, (), 2)),
        "max_batch_size: 1\ninstance_group { count: 2 }",
    ),
    "sizing of another model changes nothing": ("", sized(StageSettings("x", 1, 9, (), 9)), "max_batch_size: 16\n"
                                                "dynamic_batching { }"),
    "a declared delay stands, and sizing's preferred sizes go with its own": (
        "batching: {max_queue_delay_us: 900}\n",
        sized(TAGGING),
        "max_batch_size: 8\ninstance_group { count: 3 }\ndynamic_batching { max_queue_delay_microseconds: 900 }",
    ),
    "what is declared of the batcher joins what sizing decides": (
        "batching: {preserve_ordering: true}\n",
        sized(TAGGING),
        "max_batch_size: 8\ninstance_group { count: 3 }\ndynamic_batching { preferred_batch_size: [4, 8] "
        "max_queue_delay_microseconds: 200 preserve_ordering: true }",
    ),
    "a preferred size that sizing made impossible goes": (
        "batching: {preferred_sizes: [4, 16]}\n".replace("preferred_sizes", "preferred_batch_sizes"),
        sized(TAGGING),
        "max_batch_size: 8\ninstance_group { count: 3 }\ndynamic_batching { preferred_batch_size: [4] }",
    ),
    "one that never was possible stays, for the check to tell": (
        "batching: {preferred_batch_sizes: [32]}\n",
        None,
        "max_batch_size: 16\ndynamic_batching { preferred_batch_size: [32] }",
    ),
    "a declared batcher may be off": ("batching: {enabled: false}\n", sized(TAGGING), "max_batch_size: 8\n"
                                      "instance_group { count: 3 }"),
    "a declared count stands": (
        "instances: [{kind: cpu, count: 2}]\n",
        sized(TAGGING),
        "max_batch_size: 8\ninstance_group { count: 2 kind: KIND_CPU }\n"
        "dynamic_batching { preferred_batch_size: [4, 8] max_queue_delay_microseconds: 200 }",
    ),
    "a count that is left out is sizing's": (
        "instances: [{kind: gpu, gpus: [1]}]\nbatching: {enabled: false}\n",
        sized(TAGGING),
        "max_batch_size: 8\ninstance_group { count: 3 gpus: [1] kind: KIND_GPU }",
    ),
    "without sizing it is one": (
        "instances: [{kind: gpu}]\nbatching: {enabled: false}\n",
        None,
        "max_batch_size: 16\ninstance_group { count: 1 kind: KIND_GPU }",
    ),
    "sequences have their own scheduler": (
        "sequence_batching: {direct: {max_queue_delay_us: 5}}\n",
        sized(TAGGING),
        "max_batch_size: 8\nsequence_batching { direct { max_queue_delay_microseconds: 5 } }\n"
        "instance_group { count: 3 }",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SIZED)
def test_what_is_declared_wins_and_sizing_fills_the_rest(tmp_path: Path, case: str) -> None:
    more, settings, expected = SIZED[case]
    config = single(tmp_path, more, settings=settings)
    for field in ("name", "backend", "input", "output"):
        config.ClearField(field)
    assert config == parsed(expected)


def test_a_model_without_batches_is_never_given_any(tmp_path: Path) -> None:
    files = {
        "model.yaml": "format: python\ninputs: [{name: x, dtype: FP32, dims: [4]}]\n"
        "outputs: [{name: y, dtype: FP32, dims: [2]}]\n",
        "1/model.py": CODE,
    }
    config = repository(tmp_path, files, "tagging", settings=sized(TAGGING)).served.config
    assert (config.max_batch_size, config.HasField("dynamic_batching")) == (0, False)


def test_an_ensemble_takes_no_larger_batch_than_each_of_its_steps(tmp_path: Path) -> None:
    settings = sized(StageSettings("preprocess", 32, 0, (), 1), StageSettings("classifier", 16, 0, (), 1))
    found = repository(tmp_path, {**ENSEMBLE_FILES}, settings=settings)
    assert {model.name: model.config.max_batch_size for model in found.models} == {
        "preprocess": 32, "classifier": 16, "fraud": 16,
    }  # fmt: skip
    assert not found.served.config.instance_group
    assert not found.served.config.HasField("dynamic_batching")


def test_an_ensemble_is_one_repository(tmp_path: Path) -> None:
    found = repository(tmp_path, {**ENSEMBLE_FILES, "README.md": "x", "golden.json": "{}", "profile.json": "{}"})
    assert [model.name for model in found.models] == ["preprocess", "classifier", "fraud"]
    assert found.stages() == ("preprocess", "classifier")
    assert [file.key for file in found.files] == [
        "classifier/1/xgboost.json",
        "classifier/config.pbtxt",
        "fraud/1/empty",
        "fraud/config.pbtxt",
        "preprocess/1/model.py",
        "preprocess/config.pbtxt",
    ]
    assert [model.origin.line("instances") for model in found.models] == [13, 18, 1]


VERSIONS = {
    ("", 1): [1],
    ("", 2): [2],
    ("", None): [10],
    ("version_policy: latest\n", 10): [10],
    ("version_policy: {latest: 2}\n", 2): [2, 10],
    ("version_policy: all\n", 1): [1, 2, 10],
    ("version_policy: {specific: [1, 10]}\n", 10): [1, 10],
}


@pytest.mark.parametrize(("policy", "version"), VERSIONS)
def test_only_versions_that_are_loaded_are_in_the_repository(tmp_path: Path, policy: str, version: int | None) -> None:
    found = several_versions(tmp_path, policy, version)
    assert list(found.served.versions) == VERSIONS[policy, version]
    assert loaded(found.served.config, found.served.versions) == found.served.versions
    assert [file.key for file in found.files if file.key.endswith("table.csv")] == ["tagging/table.csv"]


def several_versions(root: Path, policy: str, version: int | None) -> Any:
    files: dict[str, str | bytes] = {f"{number}/model.py": CODE for number in ("1", "2", "10", "03", "old")}
    declaration = f"format: python\nfiles: [table.csv]\n{policy}"
    return repository(root, {**files, "model.yaml": declaration, "table.csv": "a"}, "tagging", version=version)


WRONG_VERSIONS = {
    ("", 3): "tagging/model.yaml: model 'tagging' has no files of version 3, which the environment serves; it has 1, 2",
    ("version_policy: latest\n", 1): "tagging/model.yaml:2: version_policy: loads 2, and the environment serves "
    "version 1; add it, or serve another",
    ("version_policy: {specific: [2, 7]}\n", 1): "tagging/model.yaml:2: version_policy: loads 2, and the environment "
    "serves version 1; add it, or serve another",
}


@pytest.mark.parametrize(("policy", "version"), WRONG_VERSIONS)
def test_a_version_that_is_not_loaded_is_told(tmp_path: Path, policy: str, version: int) -> None:
    files: dict[str, str | bytes] = {"model.yaml": f"format: python\n{policy}", "1/model.py": CODE, "2/model.py": CODE}
    assert problems(tmp_path, files, "tagging", version=version) == [WRONG_VERSIONS[policy, version]]


def test_models_that_code_calls_are_stages(tmp_path: Path) -> None:
    declaration = (
        "format: python\ncalls: [a, b]\nmodels:\n"
        "  - {name: b, format: identity}\n  - {name: a, format: python, calls: [b]}\n  - {name: c, format: identity}\n"
    )
    files: dict[str, str | bytes] = {"model.yaml": declaration, "1/model.py": CODE, "a/1/model.py": CODE}
    found = repository(tmp_path, files, "router")
    assert found.stages() == ("router", "a", "b")
    assert [model.name for model in found.models] == ["c", "b", "a", "router"]


def test_models_that_go_round_in_circles_are_built_all_the_same(tmp_path: Path) -> None:
    """It is for the check to tell; reading and building only have to end."""
    declaration = "format: python\ncalls: [a, router]\nmodels: [{name: a, format: python, calls: [router]}]\n"
    files: dict[str, str | bytes] = {"model.yaml": declaration, "1/model.py": CODE, "a/1/model.py": CODE}
    assert repository(tmp_path, files, "router").stages() == ("router", "a")


def test_one_pod_has_slices_of_one_size(tmp_path: Path) -> None:
    text = ENSEMBLE.replace(
        "max_batch_size: 64\n    inputs", "instances: [{kind: mig, mig_profile: 1g.10gb}]\n    inputs"
    )
    assert repository(tmp_path / "one", {**ENSEMBLE_FILES, "model.yaml": text}).mig_profile == "1g.10gb"
    text = text.replace("max_batch_size: 128", "instances: [{kind: mig, mig_profile: 2g.20gb}]")
    assert problems(tmp_path / "two", {**ENSEMBLE_FILES, "model.yaml": text}) == [
        "fraud/model.yaml:20: models[1].instances[0].mig_profile: 2g.20gb of model 'classifier' and 1g.10gb of model "
        "'preprocess' are served by one pod, which has slices of one size; choose one"
    ]


def test_an_unknown_release_is_told(tmp_path: Path) -> None:
    found = problems(tmp_path, {**ENSEMBLE_FILES}, release="26.7")
    assert len(found) == 1
    assert found[0].startswith(
        "fraud/model.yaml: release: '26.7' is not a known release of Triton; did you mean '26.07'? Allowed: 26.08, "
    )


HAND_WRITTEN = 'backend: "python"\n# kept\nmax_batch_size: 8\n'


def test_a_hand_written_model_stays_as_it_is(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "config.pbtxt": HAND_WRITTEN, "1/model.py": CODE, "2/model.py": CODE, "notes.txt": "x", "golden.json": "{}",
    }  # fmt: skip
    found = repository(tmp_path, files, "tagging", version=1, settings=sized(TAGGING))
    assert [file.key for file in found.files] == ["tagging/1/model.py", "tagging/config.pbtxt", "tagging/notes.txt"]
    kept = next(file for file in found.files if file.key == "tagging/config.pbtxt")
    assert Path(kept.path or "").read_text() == HAND_WRITTEN
    assert found.served.config == parsed(f'{HAND_WRITTEN} name: "tagging"')
    assert found.served.declared is None


def test_models_of_a_hand_written_ensemble_lie_beside_it(tmp_path: Path) -> None:
    folder(tmp_path, {"config.pbtxt": 'backend: "python"', "1/model.py": CODE}, "inner")
    folder(tmp_path, {"model.yaml": "format: identity\n"}, "last")
    steps = " ".join(f'step {{ model_name: "{name}" model_version: -1 }}' for name in ("inner", "last", "missing"))
    found = repository(tmp_path, {"config.pbtxt": f'platform: "ensemble" ensemble_scheduling {{ {steps} }}'}, "outer")
    assert found.stages() == ("inner", "last")
    assert [model.name for model in found.models] == ["inner", "last", "outer"]


def test_a_model_of_an_ensemble_may_have_a_folder_of_its_own(tmp_path: Path) -> None:
    before, _, _ = ENSEMBLE.partition("  - name: classifier")
    files: dict[str, str | bytes] = {
        **ENSEMBLE_FILES,
        "model.yaml": before + "  - {name: classifier, source: ../shared}\n",
        "../shared/config.pbtxt": 'backend: "fil"',
        "../shared/1/xgboost.json": "{}",
    }
    found = repository(tmp_path, files)
    assert found.model("classifier").declared is None
    assert [file.key for file in found.files if file.key.startswith("classifier")] == [
        "classifier/1/xgboost.json",
        "classifier/config.pbtxt",
    ]


def test_a_model_that_names_itself_as_its_part_is_told(tmp_path: Path) -> None:
    text = ENSEMBLE.replace("  - name: classifier", "  - {name: again, source: .}\n  - name: classifier")
    assert problems(tmp_path, {**ENSEMBLE_FILES, "model.yaml": text}) == ["fraud: its model.yaml names itself"]


COMPLETED = {"onnx": ("onnxruntime", "onnxruntime_onnx"), "savedmodel": ("tensorflow", "tensorflow_savedmodel")}


@pytest.mark.parametrize("format", COMPLETED)
def test_a_folder_without_configuration_is_left_to_triton(tmp_path: Path, format: str) -> None:
    declared = read(folder(tmp_path, {"1/model.onnx": "x"}, "plain"), "plain", boundary=tmp_path, format=format)
    config = build(declared, version=1, release="24.12").served.config
    assert (config.name, config.backend, config.platform) == ("plain", *COMPLETED[format])


@pytest.mark.parametrize(("declared", "used"), [("16", 8), ("4", 4), ("32", 32), (None, 1)])
def test_a_warm_up_follows_the_batch_that_is_used(tmp_path: Path, declared: str | None, used: int) -> None:
    """A batch that never was possible stays, for the check to tell."""
    tensor = "{x: {dtype: FP32, dims: [4], zero_data: true}}"
    batch = "" if declared is None else f"batch_size: {declared}, "
    warmup = f"warmup: [{{name: full, {batch}inputs: {tensor}}}]\n"
    written = single(tmp_path, warmup, settings=sized(TAGGING))
    assert [each.batch_size for each in written.model_warmup] == [used]


def parsed(text: str) -> Any:
    return parse_config(text)
