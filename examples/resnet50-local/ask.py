"""Asks the server over REST about one image of noise, and prints the five likeliest classes. Needs nothing but Python.

python ask.py [URL of the server] [version, or label of one]
"""

from __future__ import annotations

import json
import random
import sys
from urllib.request import Request, urlopen

SIZE = 224


def main() -> None:
    url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8501"
    which = sys.argv[2] if len(sys.argv) > 2 else "stable"
    below = f"{url}/v1/models/resnet50/{'versions' if which.isdecimal() else 'labels'}/{which}"
    noise = random.Random(7)
    image = [[[noise.randrange(256) for _ in range(3)] for _ in range(SIZE)] for _ in range(SIZE)]
    body = json.dumps({"inputs": {"image": [image]}}).encode()
    request = Request(f"{below}:predict", data=body, headers={"content-type": "application/json"})
    with urlopen(request, timeout=60) as answer:
        scores = json.load(answer)["outputs"][0]
    for place, score in sorted(enumerate(scores), key=lambda one: -one[1])[:5]:
        print(f"class {place:4}  {score:.4f}")


if __name__ == "__main__":
    main()
