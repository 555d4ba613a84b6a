"""Which runtime serves which format."""

from __future__ import annotations

from typing import get_args

import pytest
from modelyard.catalog import UnknownName, images, runtime_formats, triton_backends
from modelyard.environment.kserve import KServeServer, Protocol
from modelyard.serving.kserve.model_server import default_image


def test_every_server_of_kserve_serves_something_in_known_protocols() -> None:
    assert set(runtime_formats.runtimes()) == set(get_args(KServeServer))
    for runtime in runtime_formats.runtimes():
        for format in runtime_formats.formats_of(runtime):
            served = runtime_formats.get(runtime, format)
            assert served.protocols and set(served.protocols) <= set(get_args(Protocol)), (runtime, format)
            assert served.source and served.source_date


def test_triton_serves_what_its_backends_do() -> None:
    assert set(runtime_formats.formats_of("triton")) == {*triton_backends.formats(), "custom"}


@pytest.mark.parametrize(
    ("runtime", "format", "sentence"),
    [
        ("xgbserver", "xgboost", None),
        ("triton", "xgboost", "triton does not serve xgboost; mlserver and xgbserver do"),
        ("mlserver", "onnx", "mlserver does not serve onnx; triton does"),
        ("triton", "onx", "no runtime serves a format 'onx'; did you mean 'onnx'? triton serves onnx, tensorrt"),
    ],
)
def test_a_refusal_names_who_can(runtime: str, format: str, sentence: str | None) -> None:
    said = runtime_formats.refusal(runtime, format)
    assert said == sentence if sentence is None else said is not None and said.startswith(sentence)
    assert runtime_formats.serves(runtime, format) is (sentence is None)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UnknownName, match=r"no runtime is called 'tritn'.* Did you mean 'triton'"):
        runtime_formats.get("tritn", "onnx")
    with pytest.raises(UnknownName, match="no format of xgbserver is called 'sklearn'; known: xgboost"):
        runtime_formats.get("xgbserver", "sklearn")


def test_every_server_has_an_image_that_is_no_moving_tag() -> None:
    for runtime in runtime_formats.runtimes():
        for format in runtime_formats.formats_of(runtime):
            for gpus in (0, 1):
                image = default_image(runtime, format, gpus)
                tag = image.partition("@")[0].rpartition(":")[2]
                assert tag[:1].isdigit() or tag.startswith("v"), image
    assert images.get("mlserver-mlflow").pinned.endswith("419258d36058fe000")
