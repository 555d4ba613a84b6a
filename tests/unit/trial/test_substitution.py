"""What is served in place of what a machine lacks, and what stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelyard.repository.protobuf import module
from modelyard.repository.repository import Repository
from modelyard.trial.substitution import CannotSubstitute, substituted

from ..repository import models

ONNX = """\
format: onnx
max_batch_size: 16
inputs: [{name: x, dtype: FP32, dims: [3]}]
outputs: [{name: y, dtype: FP32, dims: [1]}]
instances: [{kind: gpu, count: 2}]
batching: {preferred_batch_sizes: [8, 16], max_queue_delay_us: 500}
optimization: {execution_accelerators: {gpu: [{tensorrt: {precision: FP16}}]}}
version_policy: {specific: [1]}
"""
PYTHON = """\
format: python
max_batch_size: 8
inputs: [{name: x, dtype: FP32, dims: [3]}]
outputs: [{name: y, dtype: FP32, dims: [1]}]
"""


def repository(root: Path, text: str, file: str, name: str = "m") -> Repository:
    return models.repository(root, {"model.yaml": text, f"1/{file}": "class TritonPythonModel: ..."}, name)


def test_a_backend_that_is_lacking(tmp_path: Path) -> None:
    deployed = repository(tmp_path, ONNX, "model.onnx")
    before = deployed.digest
    trial = substituted(deployed, release="26.07")
    assert [str(each) for each in trial.substitutes] == [
        "m: onnxruntime in a Python backend instead of onnxruntime of release 26.07"
    ]
    assert trial.moved == ("m",)
    assert trial.requirements == {"m": ("onnxruntime>=1.20",)}
    assert deployed.digest == before, "what is deployed was changed"
    served = trial.repository.served
    assert [file.key for file in served.files] == [
        "m/config.pbtxt", "m/1/model.onnx", "m/1/batched.py", "m/1/model.py",
    ]  # fmt: skip
    assert "substitute_file" in (served.files[0].text or "")


def test_everything_else_of_the_configuration_stays(tmp_path: Path) -> None:
    deployed = repository(tmp_path, ONNX, "model.onnx")
    served = substituted(deployed, release="26.07").repository.served.config
    (group,) = served.instance_group
    assert (group.kind, group.count) == (module().ModelInstanceGroup.KIND_CPU, 2)
    assert served.parameters["substitute_file"].string_value == "model.onnx"
    assert (served.backend, served.platform) == ("python", "")
    assert not served.optimization.HasField("execution_accelerators")
    declared = deployed.served.config
    for field in ("name", "max_batch_size", "input", "output", "dynamic_batching", "version_policy"):
        assert getattr(served, field) == getattr(declared, field), field


def test_a_python_model_is_served_as_it_is(tmp_path: Path) -> None:
    deployed = repository(tmp_path, PYTHON, "model.py")
    trial = substituted(deployed, release="26.07", requirements={"m": ("pandas",)})
    assert trial.repository == deployed
    assert (trial.substitutes, trial.moved) == ((), ())
    assert trial.requirements == {"m": ("pandas",)}


def test_instances_of_several_gpus_become_as_many_of_the_cpu(tmp_path: Path) -> None:
    text = PYTHON + "instances: [{kind: gpu, count: 2, gpus: [0, 1]}]\n"
    trial = substituted(repository(tmp_path, text, "model.py"), release="26.07")
    assert trial.moved == ("m",)
    (group,) = trial.repository.served.config.instance_group
    assert (group.count, list(group.gpus)) == (4, [])


def test_all_that_nothing_stands_in_for_is_named_at_once(tmp_path: Path) -> None:
    plan = repository(tmp_path, PYTHON.replace("python", "tensorrt"), "model.plan", "plan").served
    other = repository(tmp_path, PYTHON.replace("python", "tensorrt"), "model.plan", "other").served
    own = repository(tmp_path, PYTHON, "model.py", "own").served
    with pytest.raises(CannotSubstitute) as refused:
        substituted(Repository("own", (plan, other, own)), release="26.07")
    assert refused.value.reasons == tuple(
        f"model {name!r}: nothing here can stand in for Triton's backend 'tensorrt'; run a server that has it and name "
        "it with --server"
        for name in ("plan", "other")
    )
