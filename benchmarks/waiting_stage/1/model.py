# pyright: reportMissingImports=false
"""Sleeps as long as an accelerator would take, and gives back what it got."""

import time

import triton_python_backend_utils as pb_utils

FIXED_S = 0.010
ROW_S = 0.001


class TritonPythonModel:
    def execute(self, requests):
        tensors = [pb_utils.get_input_tensor_by_name(request, "x").as_numpy() for request in requests]
        time.sleep(FIXED_S + ROW_S * sum(len(tensor) for tensor in tensors))
        return [pb_utils.InferenceResponse([pb_utils.Tensor("y", tensor)]) for tensor in tensors]
