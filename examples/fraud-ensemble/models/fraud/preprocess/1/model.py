"""Triton's Python backend around :mod:`features`: all requests of a batch in one pass."""

from pathlib import Path

import numpy as np
import triton_python_backend_utils as pb_utils
from features import Encoder, refusal


class TritonPythonModel:
    def initialize(self, args: dict[str, str]) -> None:
        self._encoder = Encoder.read(Path(__file__).with_name("encoding.json"))

    def execute(self, requests: list) -> list:
        measures = [pb_utils.get_input_tensor_by_name(request, "measures").as_numpy() for request in requests]
        codes = [pb_utils.get_input_tensor_by_name(request, "codes").as_numpy() for request in requests]
        all_measures, all_codes = np.concatenate(measures), np.concatenate(codes)
        wrong = refusal(all_measures, all_codes) is not None
        features = self._encoder.encode(all_measures, all_codes)
        responses, start = [], 0
        for its_measures, its_codes in zip(measures, codes, strict=True):
            end = start + len(its_measures)
            reason = refusal(its_measures, its_codes) if wrong else None
            if reason is None:
                response = pb_utils.InferenceResponse([pb_utils.Tensor("features", features[start:end])])
            else:
                response = pb_utils.InferenceResponse(error=pb_utils.TritonError(reason))
            responses.append(response)
            start = end
        return responses
