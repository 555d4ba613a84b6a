# pyright: reportMissingImports=false, reportOptionalSubscript=false, reportOptionalIterable=false
"""A TorchScript model, run by torch in place of Triton's PyTorch backend.

Tensors are matched as that backend does: names that end with ``__<number>`` by position, others by the names of
forward's arguments, or of a dictionary that it returns.
"""

import json
import os
import re

import numpy
import torch
from batched import Model


class TritonPythonModel:
    def initialize(self, args):
        self.model = Model(json.loads(args["model_config"]))
        torch.set_num_threads(int(self.model.parameters.get("INTRA_OP_THREAD_COUNT", 1)))
        file = os.path.join(args["model_repository"], args["model_version"], self.model.parameters["substitute_file"])
        self.module = torch.jit.load(file, map_location="cpu").eval()
        self.inputs = _by_position(self.model.inputs)
        self.outputs = _by_position(self.model.outputs)
        if self.inputs is None:
            arguments = [each.name for each in self.module.forward.schema.arguments[1:]]
            unknown = sorted(set(self.model.inputs) - set(arguments))
            if unknown:
                raise ValueError(f"forward takes {', '.join(arguments)}; it has no argument {', '.join(unknown)}")
            self.inputs = [name for name in arguments if name in self.model.inputs]

    def execute(self, requests):
        return self.model.answer(requests, self.run)

    def run(self, tensors):
        given = [torch.from_numpy(numpy.array(tensors[name])) for name in self.inputs]
        with torch.inference_mode():
            answered = self.module(*given)
        if isinstance(answered, dict):
            return {name: answered[name].numpy() for name in self.model.outputs}
        several = answered if isinstance(answered, (tuple, list)) else [answered]
        return {name: each.numpy() for name, each in zip(self.outputs or self.model.outputs, several, strict=True)}


def _by_position(names):
    """The names by their numbers; None where one has no number."""
    numbers = [re.search(r"__(\d+)$", name) for name in names]
    if not all(numbers):
        return None
    return [name for _, name in sorted((int(number[1]), name) for number, name in zip(numbers, names, strict=True))]
