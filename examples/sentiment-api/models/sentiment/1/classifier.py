"""The classifier: a logistic regression over words and pairs of words. Training and server run this one file."""

from __future__ import annotations

import json
import math
import re
from itertools import pairwise
from pathlib import Path

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


def features(text: str) -> set[str]:
    """Words and pairs of neighbours, so that "not good" is not "good"."""
    words = _WORD.findall(text.lower().replace("’", "'"))
    return {*words, *(f"{first} {second}" for first, second in pairwise(words))}


class Classifier:
    """Weights by feature; what was never seen weighs nothing."""

    def __init__(self, bias: float, weights: dict[str, float]) -> None:
        self._bias, self._weights = bias, weights

    @classmethod
    def read(cls, file: Path) -> Classifier:
        content = json.loads(file.read_text(encoding="utf-8"))
        return cls(content["bias"], content["weights"])

    def score(self, text: str) -> float:
        """Probability that a text is positive; 0.5 or a little beside it where nothing in it was ever seen."""
        weights = self._weights
        # In one order, so that every machine adds up the same.
        total = self._bias + math.fsum(weights.get(feature, 0.0) for feature in sorted(features(text)))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def label(score: float) -> str:
    return "positive" if score >= 0.5 else "negative"
