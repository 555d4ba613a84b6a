"""A model's repository is built and checked once for each of the settings that its clusters come to."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelyard.environment.load import load
from modelyard.repository.repository import Repository
from modelyard.resolve.repository import ModelRepository
from modelyard.resolve.source import Source, SourceReader
from modelyard.sizing.settings import Settings, StageSettings

from .world import FILES, TOYS, write

DECLARED = {
    "model.yaml": "format: onnx\nmax_batch_size: 8\ninputs: [{name: x, dtype: FP32, dims: [4]}]\n"
    "outputs: [{name: y, dtype: FP32, dims: [2]}]\n",
    "1/model.onnx": "weights",
}


def model_repository(root: Path, files: dict[str, str]) -> ModelRepository:
    environment = load(write(root, models={"tagging": files}))
    ((_, model),) = environment.models()
    reader = SourceReader(environment.folder)
    source = reader.read(model)
    assert isinstance(source, Source)
    return ModelRepository(model, source, "26.07", reader)


def sized(batch: int) -> Settings:
    return Settings((StageSettings("tagging", batch, 0, (), 1),))


def test_equal_settings_are_one_repository_and_others_another(tmp_path: Path) -> None:
    repository = model_repository(tmp_path, DECLARED)
    four = repository.decided(sized(4))
    assert isinstance(four, Repository)
    assert four.served.config.max_batch_size == 4
    assert repository.decided(sized(4)) is four
    two, unsized = repository.decided(sized(2)), repository.decided()
    assert isinstance(two, Repository) and isinstance(unsized, Repository)
    assert (two.served.config.max_batch_size, unsized.served.config.max_batch_size) == (2, 8)


def test_a_hand_written_configuration_is_the_same_whatever_sizing_says(tmp_path: Path) -> None:
    repository = model_repository(tmp_path, FILES)
    assert isinstance(repository.decided(), Repository)
    assert repository.decided(sized(4)) is repository.decided()


@pytest.mark.parametrize("settings", [None, sized(4)])
def test_files_of_somebody_else_are_no_repository_of_ours(tmp_path: Path, settings: Settings | None) -> None:
    toys = TOYS.replace("../models/tagging", "s3://models/tagging")
    environment = load(write(tmp_path, toys=toys))
    ((_, model),) = environment.models()
    reader = SourceReader(environment.folder)
    source = reader.read(model)
    assert isinstance(source, Source)
    assert ModelRepository(model, source, "26.07", reader).decided(settings) is None
