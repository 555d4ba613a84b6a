"""Triton's Python backend around :mod:`decision`: all requests of a batch in one pass."""

from pathlib import Path

import numpy as np
import triton_python_backend_utils as pb_utils
from decision import Policy, decide

INPUTS = ("measures", "codes", "probability")
OUTPUTS = ("decision", "reason", "score")


class TritonPythonModel:
    def initialize(self, args: dict[str, str]) -> None:
        self._policy = Policy.read(Path(__file__).with_name("policy.json"))

    def execute(self, requests: list) -> list:
        tensors = [
            [pb_utils.get_input_tensor_by_name(request, name).as_numpy() for name in INPUTS] for request in requests
        ]
        measures, codes, probability = (np.concatenate(column) for column in zip(*tensors, strict=True))
        judged = decide(measures, codes, probability, self._policy)
        responses, start = [], 0
        for its_measures, *_ in tensors:
            end = start + len(its_measures)
            answers = [pb_utils.Tensor(name, column[start:end]) for name, column in zip(OUTPUTS, judged, strict=True)]
            responses.append(pb_utils.InferenceResponse(answers))
            start = end
        return responses
