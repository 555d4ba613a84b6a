"""The ensemble without a server: the same files in one process. What the server answers is held to this.

``python pipeline.py`` judges a few transactions; it needs training/requirements.txt.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import xgboost
from numpy.typing import NDArray

MODELS = Path(__file__).resolve().parent / "models" / "fraud"
sys.path += [str(MODELS / "preprocess" / "1"), str(MODELS / "rules" / "1")]

from decision import Judgement, Policy, decide  # noqa: E402
from features import Encoder  # noqa: E402


class Pipeline:
    """Preprocessing, classifier and rules, as the server runs them."""

    def __init__(self) -> None:
        self._encoder = Encoder.read(MODELS / "preprocess" / "1" / "encoding.json")
        self._booster = xgboost.Booster({"nthread": 1}, model_file=str(MODELS / "classifier" / "1" / "xgboost.json"))
        self._policy = Policy.read(MODELS / "rules" / "1" / "policy.json")

    def judge(self, measures: NDArray[np.float32], codes: NDArray[np.int64]) -> Judgement:
        """Decision, reason and score, each (rows, 1), of (rows, 10) measures and (rows, 6) codes."""
        features = self._encoder.encode(measures, codes)
        probability = self._booster.inplace_predict(features).astype(np.float32).reshape(-1, 1)
        return decide(measures, codes, probability, self._policy)


def main() -> None:
    sys.path.append(str(Path(__file__).resolve().parent / "training"))
    from decision import REASONS
    from transactions import generate

    given = generate(20, seed=7)
    judged = Pipeline().judge(given.measures, given.codes)
    for amount, decision, reason, score in zip(given.measures[:, 0], *(column[:, 0] for column in judged), strict=True):
        print(f"{amount:9.2f}  {('approve', 'review', 'decline')[decision]:8} {score:6.3f}  {REASONS[int(reason)]}")


if __name__ == "__main__":
    main()
