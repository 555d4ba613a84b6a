"""Trains the classifier and writes every file that is learned, in seconds: the same bytes for the same versions.

``python training/train.py [--out FOLDER]`` writes, below the model's folder, ``preprocess/1/encoding.json`` (risk of
merchant categories and countries, centre and spread of each feature), ``classifier/1/xgboost.json`` and
``golden.json`` (transactions and their judgement, which ``modelyard try`` holds the server to). It needs
``requirements.txt`` beside it.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import xgboost
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
MODEL = HERE.parent / "models" / "fraud"
sys.path += [str(MODEL / "preprocess" / "1"), str(MODEL / "rules" / "1")]

from decision import DECLINE, REVIEW, Judgement, Policy, decide  # noqa: E402
from features import Encoder, derive  # noqa: E402
from golden import Judge, golden  # noqa: E402
from transactions import Transactions, generate  # noqa: E402

TRAINING_SEED, TEST_SEED = 4100, 4101
ROWS, TEST_ROWS = 60_000, 30_000
SMOOTHING = 200
"""A code's risk is drawn to the overall rate as if it had been seen this many times more."""
PARAMETERS: dict[str, Any] = {
    "objective": "binary:logistic",
    "tree_method": "hist",
    "max_depth": 5,
    "eta": 0.15,
    "min_child_weight": 5,
    "subsample": 0.8,
    "colsample_bytree": 0.8,
    "max_bin": 64,
    "seed": TRAINING_SEED,
    "nthread": 1,
}
TREES = 120


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the fraud classifier.")
    parser.add_argument("--out", type=Path, default=MODEL, metavar="FOLDER", help="default: the model's own folder")
    out = parser.parse_args().out
    training = generate(ROWS, TRAINING_SEED)
    learned = encoding(training)
    encoder = Encoder(learned)
    features = xgboost.DMatrix(encoder.encode(training.measures, training.codes), label=training.fraud)
    booster = xgboost.train(PARAMETERS, features, TREES)
    policy = Policy.read(MODEL / "rules" / "1" / "policy.json")

    def judge(measures: NDArray[np.float32], codes: NDArray[np.int64]) -> Judgement:
        scores = booster.inplace_predict(encoder.encode(measures, codes)).astype(np.float32).reshape(-1, 1)
        return decide(measures, codes, scores, policy)

    for name in ("preprocess", "classifier"):
        (out / name / "1").mkdir(parents=True, exist_ok=True)
    (out / "preprocess" / "1" / "encoding.json").write_text(json.dumps(learned, indent=2) + "\n", encoding="utf-8")
    booster.save_model(out / "classifier" / "1" / "xgboost.json")
    cases = ",\n".join(json.dumps(case) for case in golden(judge, policy)["cases"])
    (out / "golden.json").write_text(f'{{"cases": [\n{cases}\n]}}\n', encoding="utf-8")
    report(judge)


def encoding(training: Transactions) -> dict[str, Any]:
    """What :class:`features.Encoder` needs."""
    category = risks(training.codes[:, 2], training.fraud)
    country = risks(training.codes[:, 3], training.fraud)
    unscaled = derive(
        training.measures,
        training.codes,
        np.array([category[str(code)] for code in training.codes[:, 2]]),
        np.array([country[str(code)] for code in training.codes[:, 3]]),
    )
    return {
        "category_risk": category,
        "country_risk": country,
        "centre": rounded(np.nanmean(unscaled, axis=0)),
        "spread": rounded(np.nanstd(unscaled, axis=0)),
    }


def risks(codes: NDArray[np.int64], fraud: NDArray[np.bool_]) -> dict[str, float]:
    """Fraud rate by code; ``other`` is the rate of all."""
    overall = float(fraud.mean())
    seen = {
        str(code): (fraud[codes == code].sum() + overall * SMOOTHING) / ((codes == code).sum() + SMOOTHING)
        for code in np.unique(codes)
    }
    return {name: round(float(rate), 6) for name, rate in {**seen, "other": overall}.items()}


def rounded(numbers: NDArray[np.float64]) -> list[float]:
    return [round(float(number), 6) for number in numbers]


def report(judge: Judge) -> None:
    """How good it is, on transactions that it has not seen."""
    test = generate(TEST_ROWS, TEST_SEED)
    decision, _, score = judge(test.measures, test.codes)
    print(f"area under the ROC curve, {TEST_ROWS} unseen transactions: {area_under_curve(score[:, 0], test.fraud):.4f}")
    for name, least in (("declined", DECLINE), ("declined or reviewed", REVIEW)):
        flagged = decision[:, 0] >= least
        print(
            f"{name}: {flagged.mean():.2%} of all, {test.fraud[flagged].mean():.1%} of them fraud, "
            f"{flagged[test.fraud].mean():.1%} of the fraud"
        )


def area_under_curve(score: NDArray[np.float32], fraud: NDArray[np.bool_]) -> float:
    """The chance that a fraud scores above an honest transaction (Mann-Whitney), ties by rank of the sort."""
    ranks = np.empty(len(score))
    ranks[np.argsort(score, kind="stable")] = np.arange(1, len(score) + 1)
    frauds = int(fraud.sum())
    return float((ranks[fraud].sum() - frauds * (frauds + 1) / 2) / (frauds * (len(fraud) - frauds)))


if __name__ == "__main__":
    main()
