# pyright: reportMissingImports=false, reportAttributeAccessIssue=false, reportOptionalIterable=false
"""An OpenVINO model, run by openvino in place of Triton's OpenVINO backend."""

import json
import os

import openvino
from batched import Model


class TritonPythonModel:
    def initialize(self, args):
        self.model = Model(json.loads(args["model_config"]))
        parameters = self.model.parameters
        file = os.path.join(args["model_repository"], args["model_version"], parameters["substitute_file"])
        core = openvino.Core()
        settings = {"INFERENCE_NUM_THREADS": int(parameters.get("INFERENCE_NUM_THREADS", 1))}
        self.compiled = core.compile_model(core.read_model(file), "CPU", settings)

    def execute(self, requests):
        return self.model.answer(requests, self.run)

    def run(self, tensors):
        answered = self.compiled(tensors)
        return {name: answered[name] for name in self.model.outputs}
