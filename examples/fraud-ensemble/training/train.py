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

from decision import DECLINE, REASONS, REVIEW, Policy, decide  # noqa: E402
from features import Encoder, derive  # noqa: E402
from transactions import Transactions, generate  # noqa: E402

TRAINING_SEED, TEST_SEED, GOLDEN_SEED = 4100, 4101, 4102
ROWS, TEST_ROWS, GOLDEN_CASES = 60_000, 30_000, 40
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
    write(out / "preprocess" / "1" / "encoding.json", learned, indent=2)
    classifier = out / "classifier" / "1" / "xgboost.json"
    classifier.parent.mkdir(parents=True, exist_ok=True)
    booster.save_model(classifier)
    policy = Policy.read(MODEL / "rules" / "1" / "policy.json")
    write(out / "golden.json", golden(encoder, booster, policy))
    report(encoder, booster, policy)


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


def golden(encoder: Encoder, booster: xgboost.Booster, policy: Policy) -> dict[str, Any]:
    """Cases with every reason that transactions of this seed have, one transaction each; the last has eight."""
    given = generate(20_000, GOLDEN_SEED)
    with_blocked = given.codes.copy()
    for row, (column, blocked) in enumerate(
        ((0, policy.blocked_cards), (1, policy.blocked_merchants), (3, policy.blocked_countries))
    ):
        with_blocked[row, column] = blocked[0]
    measures, codes = given.measures, with_blocked
    decision, reason, score = judged(encoder, booster, policy, measures, codes)
    found = [np.flatnonzero(reason[:, 0] == code)[: GOLDEN_CASES // len(REASONS)] for code in REASONS]
    rows = np.concatenate(found)
    cases = [[int(row)] for row in rows] + [[int(row) for row in rows[:: max(1, len(rows) // 8)][:8]]]
    return {
        "cases": [
            {
                "inputs": {
                    "measures": {"data": [[exact(each) for each in measures[row]] for row in case]},
                    "codes": {"data": codes[case].tolist()},
                },
                "outputs": {
                    "decision": {"data": decision[case].tolist()},
                    "reason": {"data": reason[case].tolist()},
                    "score": {"data": [[exact(each) for each in score[row]] for row in case]},
                },
                "tolerance": {"absolute": 1e-5, "relative": 1e-5},
            }
            for case in cases
        ]
    }


def judged(
    encoder: Encoder,
    booster: xgboost.Booster,
    policy: Policy,
    measures: NDArray[np.float32],
    codes: NDArray[np.int64],
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
    probability = booster.inplace_predict(encoder.encode(measures, codes)).astype(np.float32).reshape(-1, 1)
    return decide(measures, codes, probability, policy)


def exact(number: np.float32) -> float:
    """The shortest decimal that is this single-precision number again."""
    return float(str(number))


def report(encoder: Encoder, booster: xgboost.Booster, policy: Policy) -> None:
    test = generate(TEST_ROWS, TEST_SEED)
    decision, _, score = judged(encoder, booster, policy, test.measures, test.codes)
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


def write(file: Path, content: dict[str, Any], indent: int | None = None) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    if indent is None:
        text = '{"cases": [\n' + ",\n".join(json.dumps(case) for case in content["cases"]) + "\n]}"
    else:
        text = json.dumps(content, indent=indent)
    file.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
