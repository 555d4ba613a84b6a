"""Makes weights.json and golden.json of sentences.csv; needs nothing but Python, and gives the same bytes every time.

python training/train.py
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MODEL = HERE.parent / "models" / "sentiment"
sys.path.insert(0, str(MODEL / "1"))

from classifier import Classifier, features, label  # noqa: E402

ROUNDS = 400
STEP = 0.5
SHRINK = 0.002
"""Pull towards zero in each round, so that rare words do not decide alone."""
DIGITS = 3
FOLDS = 10
GOLDEN = (
    "I love this shop",
    "The worst service ever",
    "It is not good",
    "Not bad at all",
    "Delivery was fast and the staff friendly",
    "My order arrived broken and nobody answered",
)


def trained(sentences: list[tuple[int, str]]) -> dict[str, object]:
    """Bias and weights by plain gradient descent on the mean of the log loss."""
    examples = [(wanted, sorted(features(text))) for wanted, text in sentences]
    bias, weights = 0.0, {name: 0.0 for name in sorted({each for _, names in examples for each in names})}
    for _ in range(ROUNDS):
        at, slopes, slope = Classifier(bias, weights), dict.fromkeys(weights, 0.0), 0.0
        for (wanted, names), (_, text) in zip(examples, sentences, strict=True):
            wrong = at.score(text) - wanted
            slope += wrong
            for name in names:
                slopes[name] += wrong
        bias -= STEP * slope / len(examples)
        for name in weights:
            weights[name] -= STEP * (slopes[name] / len(examples) + SHRINK * weights[name])
    kept = {name: round(weight, DIGITS) for name, weight in weights.items() if round(weight, DIGITS)}
    return {"bias": round(bias, DIGITS), "weights": kept}


def golden(classifier: Classifier) -> dict[str, object]:
    """Requests with known answers, for ``modelyard try``."""
    cases = []
    for text in GOLDEN:
        score = classifier.score(text)
        outputs = {"label": {"data": [[label(score)]]}, "score": {"data": [[round(score, 7)]]}}
        cases.append({"name": text, "inputs": {"text": {"data": [[text]]}}, "outputs": outputs})
    return {"cases": cases}


def unseen(sentences: list[tuple[int, str]]) -> int:
    """How many are judged rightly by a model that is trained on the other nine tenths."""
    right = 0
    for fold in range(FOLDS):
        model: Any = trained([each for number, each in enumerate(sentences) if number % FOLDS != fold])
        classifier = Classifier(model["bias"], model["weights"])
        right += sum((classifier.score(text) >= 0.5) == bool(wanted) for wanted, text in sentences[fold::FOLDS])
    return right


def main() -> None:
    with (HERE / "sentences.csv").open(encoding="utf-8", newline="") as file:
        sentences = [(int(row["label"]), row["text"]) for row in csv.DictReader(file)]
    weights = MODEL / "1" / "weights.json"
    weights.write_text(json.dumps(trained(sentences), indent=0) + "\n", encoding="utf-8")
    classifier = Classifier.read(weights)
    (MODEL / "golden.json").write_text(json.dumps(golden(classifier), indent=2) + "\n", encoding="utf-8")
    print(f"{unseen(sentences)} of {len(sentences)} sentences are judged rightly by a model that never saw them")


if __name__ == "__main__":
    main()
