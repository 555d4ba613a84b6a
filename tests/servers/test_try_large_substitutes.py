"""TorchScript and SavedModel, whose libraries are gigabytes: asked for by MODELYARD_LARGE=1."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from modelyard.repository.build import build
from modelyard.repository.load import read
from modelyard.repository.repository import Repository
from modelyard.trial.local_server import installed, started
from modelyard.trial.server_home import model_environment
from modelyard.trial.substitution import substituted

from .conftest import CACHE
from .triton_server import TritonHome, fetch

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(
        os.environ.get("MODELYARD_LARGE") != "1",
        reason="torch and tensorflow take gigabytes; MODELYARD_LARGE=1 installs them and tests their substitutes",
    ),
]

TORCH = """\
import sys, torch

class Positional(torch.nn.Module):
    def forward(self, a, b):
        return a + b, a - b

class Named(torch.nn.Module):
    def forward(self, first, second):
        return first * 2 + second

torch.jit.script(Positional()).save(f"{sys.argv[1]}/positional/1/model.pt")
torch.jit.script(Named()).save(f"{sys.argv[1]}/named/1/model.pt")
"""
TENSORFLOW = """\
import sys, tensorflow

class Tripled(tensorflow.Module):
    @tensorflow.function(input_signature=[tensorflow.TensorSpec([None, 3], tensorflow.float32, name="first")])
    def serve(self, first):
        return {"y": first * 3.0}

made = Tripled()
folder = f"{sys.argv[1]}/tripled/1/model.savedmodel"
tensorflow.saved_model.save(made, folder, signatures={"serving_default": made.serve})
"""
MODELS = {
    "positional": ("torchscript", ("INPUT__1", "INPUT__0"), ("OUT__1", "OUT__0")),
    "named": ("torchscript", ("second", "first"), ("y",)),
    "tripled": ("savedmodel", ("first",), ("y",)),
}


def test_torchscript_and_savedmodel(triton_home: TritonHome, tmp_path: Path) -> None:
    for name, (kind, inputs, outputs) in MODELS.items():
        (tmp_path / name / "1").mkdir(parents=True)
        listed = [
            ", ".join(f"{{name: {each}, dtype: FP32, dims: [3]}}" for each in names) for names in (inputs, outputs)
        ]
        (tmp_path / name / "model.yaml").write_text(
            f"format: {kind}\nmax_batch_size: 4\ninputs: [{listed[0]}]\noutputs: [{listed[1]}]\n"
        )
    for requirement, script in (("torch>=2.4", TORCH), ("tensorflow-cpu>=2.16", TENSORFLOW)):
        python = model_environment((requirement,), CACHE)
        subprocess.run([str(python), "-c", script, str(tmp_path)], check=True)
    models = [
        model
        for name in MODELS
        for model in build(read(tmp_path / name, name, boundary=tmp_path), version=None, release="25.01").models
    ]
    trial = substituted(Repository("named", tuple(models)), release="25.01")
    with started(installed(trial, CACHE)) as running:

        def answer(model: str, **inputs: list[float]) -> dict[str, list[float]]:
            tensors = [
                {"name": name, "shape": [1, 3], "datatype": "FP32", "data": data} for name, data in inputs.items()
            ]
            url = f"http://{running.http_url}/v2/models/{model}/infer"
            status, text = fetch(url, json.dumps({"inputs": tensors}).encode())
            assert status == 200, text
            return {output["name"]: output["data"] for output in json.loads(text)["outputs"]}

        assert answer("positional", INPUT__0=[1, 2, 3], INPUT__1=[10, 10, 10]) == {
            "OUT__0": [11, 12, 13], "OUT__1": [-9, -8, -7],
        }  # fmt: skip
        assert answer("named", first=[1, 2, 3], second=[10, 10, 10]) == {"y": [12, 14, 16]}
        assert answer("tripled", first=[1, 2, 3]) == {"y": [3, 6, 9]}
