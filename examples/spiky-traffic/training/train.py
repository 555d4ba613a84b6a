"""Makes ``models/ticket-demand/1/weights.json`` and ``golden.json``: the same bytes every time, in a second.

The events are made up by a seed: demand that falls with the price and with the days that are left, and rises with the
announcement, the weekend and what was sold an hour ago. ``python training/train.py``; nothing but numpy.
"""

import json
from pathlib import Path

import numpy as np

MODEL = Path(__file__).parents[1] / "models" / "ticket-demand"
FEATURES = (
    "days_left_of_100",
    "price_of_100_usd",
    "weekend",
    "announced",
    "sold_last_hour_of_1000",
    "seats_left_share",
)
TRUE = np.array([-0.8, -0.9, 0.35, 1.2, 1.6, 0.5])
BIAS = 3.0
ROUNDED = 6


def main() -> None:
    rng = np.random.default_rng(5200)
    events = _events(rng, 4000)
    tickets = np.exp(events @ TRUE + BIAS + rng.normal(0, 0.2, len(events)))
    inputs = np.hstack([events, np.ones((len(events), 1))])
    half = len(events) // 2
    solved = np.linalg.lstsq(inputs[:half], np.log(tickets[:half]), rcond=None)[0].round(ROUNDED)
    told = inputs[half:] @ solved
    error = float(np.median(np.abs(np.exp(told) / tickets[half:] - 1)))
    _write(MODEL / "1" / "weights.json", {"features": FEATURES, "weights": list(solved[:-1]), "bias": solved[-1]})
    asked = _events(rng, 3).astype(np.float32)
    answered = np.exp(asked.astype(np.float64) @ solved[:-1] + solved[-1]).astype(np.float32)
    _write(MODEL / "golden.json", _golden(asked, answered))
    print(f"half of the events that it never saw are within {error:.0%}")


def _events(rng: np.random.Generator, count: int) -> np.ndarray:
    flags = rng.integers(0, 2, (count, 2))
    return np.column_stack([rng.random((count, 2)), flags, rng.random((count, 2))])


def _golden(asked: np.ndarray, answered: np.ndarray) -> dict:
    """Requests with the answers that the server must give."""
    return {
        "cases": [
            {
                "name": f"event {number + 1}",
                "inputs": {"event": {"data": [[float(f"{value:.8g}") for value in event]]}},
                "outputs": {"tickets": {"data": [[float(f"{tickets:.8g}")]]}},
            }
            for number, (event, tickets) in enumerate(zip(asked, answered, strict=True))
        ]
    }


def _write(file: Path, content: object) -> None:
    file.write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
