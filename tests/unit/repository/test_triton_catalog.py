"""Triton's releases, backends and configuration fields, as the catalogue knows them."""

from __future__ import annotations

import pytest
from modelyard.catalog import runtimes, triton_backends, triton_releases
from modelyard.catalog.table import UnknownName, rows
from modelyard.catalog.triton_config_fields import first_releases
from modelyard.repository.protobuf import module

FILES = ("triton_releases.csv", "triton_backends.csv", "triton_config_fields.csv")


@pytest.mark.parametrize("file", FILES)
def test_every_fact_has_its_source_and_date(file: str) -> None:
    assert rows(file)
    assert all(row["source"] and row["source_date"] for row in rows(file))


def test_releases_ascend_with_their_servers() -> None:
    names = triton_releases.names()
    assert list(names) == sorted(names)
    versions = [tuple(map(int, triton_releases.get(name).server_version.split("."))) for name in names]
    assert versions == sorted(set(versions))


def test_the_releases_of_the_runtime_are_known() -> None:
    assert runtimes.get("triton").release in triton_releases.names()


def test_a_release_by_its_server() -> None:
    found = triton_releases.of_server("2.51.0")
    assert found is not None
    assert found.release == "24.10"
    assert triton_releases.of_server("3.0.0") is None
    with pytest.raises(UnknownName, match=r"no Triton release is called '24\.1'"):
        triton_releases.get("24.1")


OFFERED = {
    ("savedmodel", "25.02"): True,
    ("savedmodel", "25.03"): False,
    ("torch_aoti", "26.02"): False,
    ("torch_aoti", "26.03"): True,
    ("vllm", "23.09"): False,
    ("vllm", "26.08"): True,
    ("onnx", "21.02"): True,
}


@pytest.mark.parametrize(("format", "release"), OFFERED)
def test_a_backend_is_in_a_range_of_releases(format: str, release: str) -> None:
    assert triton_backends.get(format).in_release(release) is OFFERED[format, release]


MEANT = {
    ("onnxruntime", ""): "onnx",
    ("", "onnxruntime_onnx"): "onnx",
    ("pytorch", ""): "torchscript",
    ("pytorch", "torch_aoti"): "torch_aoti",
    ("tensorflow", "tensorflow_graphdef"): "graphdef",
    ("python", ""): "python",
    ("", "ensemble"): "ensemble",
    ("ours", ""): None,
    ("", ""): None,
}


@pytest.mark.parametrize(("backend", "platform"), MEANT)
def test_the_format_that_a_configuration_means(backend: str, platform: str) -> None:
    found = triton_backends.of_config(backend, platform)
    assert (found.format if found else None) == MEANT[backend, platform]


def test_every_field_of_the_table_is_in_the_message() -> None:
    pool = module().DESCRIPTOR.pool
    known = first_releases()
    assert known["ModelConfig.response_cache"] == "21.10"
    for path in known:
        owner, name = path.rsplit(".", 1)
        try:
            found = pool.FindMessageTypeByName(f"inference.{owner}").fields_by_name
        except KeyError:
            found = pool.FindEnumTypeByName(f"inference.{owner}").values_by_name
        assert name in found, path
