"""Asks the model, wherever it is served, the requests of golden.json, as `modelyard smoke` does: the client by example.

    python smoke.py outputs.json                 # pulumi stack output --json > outputs.json
    python smoke.py outputs.json --variant v2    # one version, past the weights

The exit code is 0 where every answer is right, 3 where one is wrong, 1 where there is none.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from modelyard.serving.client import Client, Endpoint, NotAnswered, Tensor

GOLDEN = Path(__file__).resolve().parent / "models" / "sentiment" / "golden.json"
TOLERANCE = 1e-5


def main() -> int:
    parser = argparse.ArgumentParser(description="Ask the model what is known.")
    parser.add_argument("where", help="URL of a server, or a file that pulumi stack output --json wrote")
    parser.add_argument("--region", help="where the stack serves the model in several places: a region, or a cluster")
    parser.add_argument("--variant", help="v1 at SageMaker and Azure ML, stable or canary at a gateway")
    arguments = parser.parse_args()
    try:
        wrong = mistakes(Client(endpoint_of(arguments.where, arguments.region)), arguments.variant)
    except (NotAnswered, OSError, ValueError) as error:
        print(f"{arguments.where}: {error}", file=sys.stderr)
        return 1
    for sentence in wrong:
        print(sentence)
    print("every answer is right" if not wrong else f"answers that are wrong: {len(wrong)}")
    return 3 if wrong else 0


def endpoint_of(where: str, region: str | None) -> Endpoint:
    """Of an address, or of a file with a stack's outputs."""
    if where.startswith(("http://", "https://")):
        return Endpoint.at(where, "sentiment")
    return Endpoint.of_outputs(json.loads(Path(where).read_text(encoding="utf-8")), "sentiment", region)


def mistakes(client: Client, variant: str | None) -> list[str]:
    """A sentence for each answer that is not the known one.

    Raises:
        NotAnswered: why there is no answer.
    """
    found = []
    for case in json.loads(GOLDEN.read_text(encoding="utf-8"))["cases"]:
        (known_label,), (known_score,) = (case["outputs"][name]["data"][0] for name in ("label", "score"))
        answer = client.infer([Tensor.of("text", "BYTES", case["inputs"]["text"]["data"])], variant=variant)
        (label,), (score,) = answer["label"], answer["score"]
        if label != known_label or abs(score - known_score) > TOLERANCE:
            found.append(f"{case['name']!r} is {label} ({score:.6f}), and was {known_label} ({known_score:.6f})")
    return found


if __name__ == "__main__":
    sys.exit(main())
