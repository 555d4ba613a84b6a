"""Which folders of a model are versions, as the keys of its files tell."""

from __future__ import annotations

import pytest
from modelyard.repository.version_folder import is_version, version_of, versions_of


@pytest.mark.parametrize(
    ("key", "version"),
    [
        ("fraud/2/model.onnx", 2),
        ("fraud/10/model.onnx/weights.bin", 10),
        ("fraud/config.pbtxt", None),
        ("fraud/3", None),
        ("fraud/01/model.onnx", None),
        ("fraud/0/model.onnx", None),
        ("fraud/+1/model.onnx", None),
        ("fraud/٢/model.onnx", None),
        ("fraud/1a/model.onnx", None),
        ("fraud/warmup/1", None),
    ],
)
def test_a_file_in_a_version_folder_is_of_that_version(key: str, version: int | None) -> None:
    assert version_of(key) == version
    assert is_version(key.split("/")[1]) == (version is not None or key == "fraud/3")


def test_versions_are_counted_once_in_ascending_order() -> None:
    keys = ["m/10/a", "m/2/a", "m/2/b", "m/config.pbtxt", "m/labels/1/x", "m/09/a"]
    assert versions_of(keys) == (2, 10)
