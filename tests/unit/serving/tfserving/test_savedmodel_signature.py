"""The signature of a SavedModel, read from its bytes. Other tests read one that TensorFlow's own messages wrote."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelyard.repository.signature.read import ReadTensor, UnreadableSignature
from modelyard.repository.signature.savedmodel import read_savedmodel

VARIES = 2**64 - 1


def number(value: int) -> bytes:
    written = b""
    while value > 127:
        written, value = written + bytes([value & 127 | 128]), value >> 7
    return written + bytes([value])


def field(at: int, value: int | bytes | str) -> bytes:
    if isinstance(value, int):
        return number(at << 3) + number(value)
    content = value.encode() if isinstance(value, str) else value
    return number(at << 3 | 2) + number(len(content)) + content


def tensor(kind: int, *sizes: int) -> bytes:
    shape = b"".join(field(2, field(1, size)) for size in sizes)
    return field(1, "x:0") + field(2, kind) + field(3, shape)


def signature(inputs: dict[str, bytes], outputs: dict[str, bytes]) -> bytes:
    sides = ((1, inputs), (2, outputs))
    entries = [field(at, field(1, name) + field(2, info)) for at, side in sides for name, info in side.items()]
    return b"".join(entries) + field(3, "tensorflow/serving/predict")


def saved_model(signatures: dict[str, bytes], *tags: str, graph: bytes = b"") -> bytes:
    info = b"".join(field(4, tag) for tag in tags or ("serve",))
    entries = b"".join(field(5, field(1, key) + field(2, value)) for key, value in signatures.items())
    return field(1, 1) + field(2, field(1, info) + field(2, graph) + entries)


IMAGES = signature({"image": tensor(1, VARIES, 224, 224, 3)}, {"scores": tensor(1, VARIES, 1000)})
UNKNOWN_RANK = field(1, "x:0") + field(2, 9) + field(3, field(3, 1))
SPARSE = field(4, field(1, "values:0")) + field(2, 1)


def written(folder: Path, content: bytes) -> Path:
    (folder / "saved_model.pb").write_bytes(content)
    return folder


def test_names_types_and_shapes_with_the_batch(tmp_path: Path) -> None:
    found = read_savedmodel(written(tmp_path, saved_model({"serving_default": IMAGES})), "1")
    assert found.inputs == (ReadTensor("image", "FP32", (-1, 224, 224, 3)),)
    assert found.outputs == (ReadTensor("scores", "FP32", (-1, 1000)),)


def test_scalars_unknown_ranks_and_the_order_of_names(tmp_path: Path) -> None:
    made = signature({"b": tensor(10), "a": UNKNOWN_RANK}, {"y": tensor(7, 0)})
    found = read_savedmodel(written(tmp_path, saved_model({"score": made})), "1", signature="score")
    assert found.inputs == (ReadTensor("a", "INT64", None), ReadTensor("b", "BOOL", ()))
    assert found.outputs == (ReadTensor("y", "STRING", (0,)),)


def test_the_graph_of_the_tags_is_read_and_its_nodes_are_passed_over(tmp_path: Path) -> None:
    training = saved_model({"serving_default": signature({}, {"loss": tensor(1)})}, "train")
    serving = saved_model({"serving_default": IMAGES}, "gpu", "serve", graph=b"\xff" * 100_000)
    folder = written(tmp_path, training + serving)
    assert read_savedmodel(folder, "1", tags=("serve", "gpu")).inputs[0].name == "image"


REFUSED = {
    "no file": (None, "cannot be read: there is no saved_model.pb in it"),
    "empty": (b"", "is not a SavedModel, or is cut off: its protobuf cannot be read"),
    "text": (b"import tensorflow", "is not a SavedModel, or is cut off: its protobuf cannot be read"),
    "cut off": (
        saved_model({"serving_default": IMAGES})[:-9],
        "is not a SavedModel, or is cut off: its protobuf cannot be read",
    ),
    "other tags": (saved_model({"serving_default": IMAGES}, "train"), "has no graph tagged serve; it has train"),
    "misspelt": (
        saved_model({"serving-default": IMAGES, "init": IMAGES}),
        "has no signature 'serving_default', only init, serving-default; did you mean 'serving-default'?",
    ),
    "none": (saved_model({}), "has no signature 'serving_default', only none."),
    "sparse": (
        saved_model({"serving_default": signature({"s": SPARSE}, {})}),
        "has 's', which is no dense tensor, and servers take these only",
    ),
    "complex": (
        saved_model({"serving_default": signature({"c": tensor(8, 2)}, {})}),
        "has 'c' of TensorFlow's type 8, which no request can hold",
    ),
}


@pytest.mark.parametrize(("content", "said"), REFUSED.values(), ids=REFUSED)
def test_what_has_no_such_signature_is_refused(content: bytes | None, said: str, tmp_path: Path) -> None:
    folder = tmp_path if content is None else written(tmp_path, content)
    with pytest.raises(UnreadableSignature) as caught:
        read_savedmodel(folder, "1/saved_model.pb")
    assert str(caught.value) == said
