# pyright: reportMissingImports=false, reportAttributeAccessIssue=false, reportOptionalIterable=false
"""An ONNX model, run by onnxruntime in place of Triton's ONNX Runtime backend."""

import json
import os

import numpy
import onnxruntime
from batched import Model


class TritonPythonModel:
    def initialize(self, args):
        self.model = Model(json.loads(args["model_config"]))
        options = onnxruntime.SessionOptions()
        for name in ("intra_op_num_threads", "inter_op_num_threads"):
            setattr(options, name, int(self.model.parameters.get(name, 1)))
        file = os.path.join(args["model_repository"], args["model_version"], self.model.parameters["substitute_file"])
        self.session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])

    def execute(self, requests):
        return self.model.answer(requests, self.run)

    def run(self, tensors):
        given = {name: _texts(array) for name, array in tensors.items()}
        answered = self.session.run(self.model.outputs, given)
        return {name: _bytes(array) for name, array in zip(self.model.outputs, answered, strict=True)}


def _texts(array):
    """Triton's texts are bytes, onnxruntime's are str."""
    if array.dtype != object:
        return array
    return numpy.array([each.decode() for each in array.ravel()], dtype=object).reshape(array.shape)


def _bytes(array):
    if array.dtype != object:
        return array
    return numpy.array([str(each).encode() for each in array.ravel()], dtype=object).reshape(array.shape)
