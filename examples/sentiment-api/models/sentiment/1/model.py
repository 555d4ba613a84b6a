"""Triton's Python backend around :mod:`classifier`."""

from pathlib import Path

import numpy as np
import triton_python_backend_utils as pb_utils
from classifier import Classifier, label


class TritonPythonModel:
    def initialize(self, args: dict[str, str]) -> None:
        self._classifier = Classifier.read(Path(__file__).with_name("weights.json"))

    def execute(self, requests: list) -> list:
        return [self._answer(pb_utils.get_input_tensor_by_name(request, "text").as_numpy()) for request in requests]

    def _answer(self, texts: np.ndarray) -> "pb_utils.InferenceResponse":
        scores = [self._classifier.score(text.decode(errors="replace")) for text in texts[:, 0]]
        labels = np.array([[label(score).encode()] for score in scores], dtype=np.object_)
        answers = [
            pb_utils.Tensor("label", labels),
            pb_utils.Tensor("score", np.array(scores, dtype=np.float32).reshape(-1, 1)),
        ]
        return pb_utils.InferenceResponse(answers)
