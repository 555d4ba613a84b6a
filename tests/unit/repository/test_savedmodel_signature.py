"""Inputs and outputs read from the SavedModel that is served."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..serving.tfserving.test_savedmodel_signature import IMAGES, VARIES, saved_model, signature, tensor
from .models import problems, repository
from .test_signature import tensors

LAST_RELEASE = "25.02"
"""Of Triton with its TensorFlow backend."""
FILE = "1/model.savedmodel/saved_model.pb"
TOKENS = signature({"ids": tensor(9, VARIES, VARIES)}, {"label": tensor(7, VARIES)})
BOTH = saved_model({"serving_default": IMAGES, "tokens": TOKENS})
OF_GPU = saved_model({"serving_default": IMAGES}, "train") + saved_model({"serving_default": TOKENS}, "gpu")


def declared(more: str = "", source: str = "1/model.savedmodel") -> str:
    return f"format: savedmodel\nmax_batch_size: 8\nsignature: {{savedmodel: {source}}}\n{more}"


READ = {
    "the one that requests get": (BOTH, "", ["image 11 [224, 224, 3]", "scores 11 [1000]"]),
    "the one that the server is told": (
        BOTH,
        "parameters: {signature_def: tokens}\n",
        ["ids 9 [-1]", "label 13 [1] []"],
    ),
    "of the graph that the server is told": (
        OF_GPU,
        "parameters: {graph_tag: gpu}\n",
        ["ids 9 [-1]", "label 13 [1] []"],
    ),
    "a typed size where the file has any": (
        BOTH,
        "parameters: {signature_def: tokens}\ninputs: [{name: ids, dtype: INT64, dims: [128]}]\n",
        ["ids 9 [128]", "label 13 [1] []"],
    ),
}


@pytest.mark.parametrize("source", ["1/model.savedmodel", FILE])
@pytest.mark.parametrize(("content", "more", "expected"), READ.values(), ids=READ)
def test_inputs_and_outputs_are_those_of_the_file(
    content: bytes, more: str, expected: list[str], source: str, tmp_path: Path
) -> None:
    files: dict[str, str | bytes] = {"model.yaml": declared(more, source), FILE: content}
    assert tensors(repository(tmp_path, files, "tagging", release=LAST_RELEASE).served.config) == expected


WRONG = {
    "another dtype": (
        BOTH,
        "inputs: [{name: image, dtype: UINT8, dims: [224, 224, 3]}]\n",
        "4: inputs[0]: input 'image' is typed UINT8 [224, 224, 3], and '1/model.savedmodel' says FP32 [224, 224, 3]; "
        "make them agree, or delete the typed one",
    ),
    "a signature that the file lacks": (
        BOTH,
        "parameters: {signature_def: token}\n",
        "3: signature.savedmodel: '1/model.savedmodel' has no signature 'token', only serving_default, tokens; did you "
        "mean 'tokens'?",
    ),
    "no graph that serves": (
        OF_GPU,
        "",
        "3: signature.savedmodel: '1/model.savedmodel' has no graph tagged serve; it has train, gpu",
    ),
    "no SavedModel": (
        b"import tensorflow",
        "",
        "3: signature.savedmodel: '1/model.savedmodel' is not a SavedModel, or is cut off: its protobuf cannot be read",
    ),
}


@pytest.mark.parametrize(("content", "more", "said"), WRONG.values(), ids=WRONG)
def test_what_disagrees_with_the_file_is_told_with_both(content: bytes, more: str, said: str, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"model.yaml": declared(more), FILE: content}
    assert problems(tmp_path, files, "tagging", release=LAST_RELEASE) == [f"tagging/model.yaml:{said}"]
