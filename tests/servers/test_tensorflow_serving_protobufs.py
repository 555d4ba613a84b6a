"""TensorFlow Serving's files and a SavedModel's signature, held against the messages that Google generated.

No server: its binary is in no package. ``tensorflow-serving-api`` has the messages of models.config, and
``tensorboard`` those of a SavedModel; both without TensorFlow itself.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from modelyard.repository.build import build
from modelyard.repository.load import read
from modelyard.repository.signature.read import ReadTensor
from modelyard.repository.signature.savedmodel import read_savedmodel
from modelyard.serving.tfserving import protobuf
from modelyard.serving.tfserving.model_server_config import model_server_config
from modelyard.trial import packages
from modelyard.trial.packages import CannotInstall

from .conftest import CACHE

pytestmark = pytest.mark.servers

API = "tensorflow-serving-api==2.19.1"
"""Of the release of the catalogue's image."""
ALONE = (API, "tensorboard==2.19.0")

DESCRIBED = """\
from google.protobuf import descriptor_pb2
from tensorflow_serving.config import model_server_config_pb2, file_system_storage_path_source_pb2
for module in (model_server_config_pb2, file_system_storage_path_source_pb2):
    described = descriptor_pb2.FileDescriptorProto()
    module.DESCRIPTOR.CopyToProto(described)
    print(described.SerializeToString().hex())
"""
PARSED = """\
import json, sys
from google.protobuf import text_format
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig
(model,) = text_format.Parse(sys.stdin.read(), ModelServerConfig()).model_config_list.config
policy = model.model_version_policy
print(json.dumps({
    "name": model.name, "base_path": model.base_path, "platform": model.model_platform,
    "policy": policy.WhichOneof("policy_choice"), "versions": list(policy.specific.versions),
    "latest": policy.latest.num_versions, "labels": dict(model.version_labels),
}))
"""
SAVED = """\
import sys
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from tensorboard.compat.proto import meta_graph_pb2, types_pb2

# tensorboard has all of a SavedModel but its outermost message (saved_model.proto).
file = descriptor_pb2.FileDescriptorProto(name="s.proto", syntax="proto3", dependency=[meta_graph_pb2.DESCRIPTOR.name])
outer = file.message_type.add(name="SavedModel")
outer.field.add(name="saved_model_schema_version", number=1, type=3, label=1)
inner = meta_graph_pb2.MetaGraphDef.DESCRIPTOR.full_name
outer.field.add(name="meta_graphs", number=2, type=11, label=3, type_name=inner)
pool = descriptor_pool.Default()
pool.AddSerializedFile(file.SerializeToString())
saved = message_factory.GetMessageClass(pool.FindMessageTypeByName("SavedModel"))(saved_model_schema_version=1)
graph = saved.meta_graphs.add()
graph.meta_info_def.tags.append("serve")
graph.meta_info_def.tensorflow_version = "2.19.0"
graph.graph_def.node.add(name="image", op="Placeholder").attr["dtype"].type = types_pb2.DT_FLOAT
signature = graph.signature_def["serving_default"]
signature.method_name = "tensorflow/serving/predict"
def tensor(of, key, dtype, *sizes):
    of[key].name, of[key].dtype = key + ":0", dtype
    for size in sizes:
        of[key].tensor_shape.dim.add(size=size)
tensor(signature.inputs, "image", types_pb2.DT_FLOAT, -1, 224, 224, 3)
tensor(signature.inputs, "training", types_pb2.DT_BOOL)
tensor(signature.outputs, "label", types_pb2.DT_STRING, -1)
tensor(signature.outputs, "scores", types_pb2.DT_HALF, -1, 1000)
signature.outputs["free"].name, signature.outputs["free"].dtype = "f:0", types_pb2.DT_INT64
signature.outputs["free"].tensor_shape.unknown_rank = True
open(sys.argv[1], "wb").write(saved.SerializeToString())
"""


@pytest.fixture(scope="module")
def python() -> Path:
    """An interpreter with the generated messages."""
    try:
        made = packages.environment(
            CACHE / "environments" / "tensorflow-serving-api-2.19.1",
            ("protobuf>=5.28,<6",),
            alone=ALONE,
            python=Path(sys.executable),
        )
    except CannotInstall as error:
        pytest.skip(f"no generated messages of TensorFlow Serving to test against: {error}")
    return made / "bin" / "python"


def ran(python: Path, program: str, *arguments: str, given: str = "") -> str:
    done = subprocess.run(
        [python, "-c", program, *arguments], input=given, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def fields(message: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Each field by its path: number, type, label, type's name and the oneof that it is of."""
    name = f"{prefix}{message.name}"
    if message.options.map_entry:
        return
    for field in message.field:
        oneof = message.oneof_decl[field.oneof_index].name if field.HasField("oneof_index") else None
        of = field.type_name.rpartition(".")[2] if field.type_name else ""
        yield f"{name}.{field.name}", (field.number, field.type, field.label, of, oneof)
    for inner in message.nested_type:
        yield from fields(inner, f"{name}.")


def test_every_field_of_the_table_is_a_field_of_the_generated_messages(python: Path) -> None:
    from google.protobuf import descriptor_pb2

    real: dict[str, Any] = {}
    for line in ran(python, DESCRIBED).split():
        for message in descriptor_pb2.FileDescriptorProto.FromString(bytes.fromhex(line)).message_type:
            real.update(fields(message))
    ours = descriptor_pb2.FileDescriptorProto()
    type(protobuf.new("ModelServerConfig")).DESCRIPTOR.file.CopyToProto(ours)
    table = dict(entry for message in ours.message_type for entry in fields(message))
    compared = {name: value for name, value in table.items() if name.split(".")[0] not in NOT_IN_THE_PACKAGE}
    assert len(compared) == 12
    assert compared == {name: real.get(name) for name in compared}


NOT_IN_THE_PACKAGE = {"MonitoringConfig", "PrometheusConfig", "BatchingParameters"}


@pytest.mark.parametrize(
    ("policy", "chosen"),
    [
        ("specific", {"policy": "specific", "versions": [1, 2], "latest": 0}),
        ("latest", {"policy": "latest", "versions": [], "latest": 2}),
        ("all", {"policy": "all", "versions": [], "latest": 0}),
    ],
)
def test_models_config_is_read_by_the_generated_messages_as_it_was_meant(
    python: Path, policy: Any, chosen: dict[str, Any]
) -> None:
    labels = {"stable": 1, "canary": 2}
    content = model_server_config("resnet50", [1, 2], policy=policy, labels=labels)
    assert json.loads(ran(python, PARSED, given=content)) == {
        "name": "resnet50", "base_path": "/models/resnet50", "platform": "tensorflow", "labels": labels, **chosen,
    }  # fmt: skip


def test_the_signature_of_what_tensorflows_messages_wrote(python: Path, tmp_path: Path) -> None:
    served = tmp_path / "resnet50" / "1" / "model.savedmodel"
    served.mkdir(parents=True)
    ran(python, SAVED, str(served / "saved_model.pb"))
    found = read_savedmodel(served, "1")
    assert found.inputs == (ReadTensor("image", "FP32", (-1, 224, 224, 3)), ReadTensor("training", "BOOL", ()))
    assert found.outputs == (
        ReadTensor("free", "INT64", None),
        ReadTensor("label", "STRING", (-1,)),
        ReadTensor("scores", "FP16", (-1, 1000)),
    )
    # A Triton repository takes it from there, but for what the file itself does not say.
    (tmp_path / "resnet50" / "model.yaml").write_text(
        "format: savedmodel\nsignature: {savedmodel: 1/model.savedmodel}\n"
        "outputs: [{name: free, dtype: INT64, dims: [4]}]\n"
    )
    config = build(read(tmp_path / "resnet50", "resnet50", boundary=tmp_path), version=1, release="25.02").served.config
    assert [(each.name, list(each.dims)) for each in config.input] == [("image", [-1, 224, 224, 3]), ("training", [1])]
    assert [(each.name, list(each.dims)) for each in config.output] == [
        ("free", [4]), ("label", [-1]), ("scores", [-1, 1000]),
    ]  # fmt: skip
