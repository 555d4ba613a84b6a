"""From a transaction to the features that the classifier was trained on: derived, encoded, scaled.

Training, the server and the in-process pipeline all run this file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MEASURES, CODES = 10, 6
"""Columns of a request's two tensors."""
FEATURES = (
    "amount", "amount_over_mean", "hour_sine", "hour_cosine", "night", "distance", "device_age", "device_unknown",
    "account_age", "count_1h", "count_24h", "amount_24h", "share_of_day", "declined_24h", "abroad", "category_risk",
    "country_risk", "manual", "contactless", "online", "magnetic_stripe",
)  # fmt: skip

_ENTRY_MODES = (1, 7, 81, 90)
_LEAST = np.array([0, 0, 0, -1, 0, 0, 0, 0, 0, 0], dtype=np.float32)


class Encoder:
    """Turns rows into features with what training learned.

    Args:
        learned: ``category_risk`` and ``country_risk`` (a code to the fraud rate in training, ``other`` for codes that
            training did not see), ``centre`` and ``spread`` (one number a feature).
    """

    def __init__(self, learned: dict[str, Any]) -> None:
        self._category = _Table(learned["category_risk"])
        self._country = _Table(learned["country_risk"])
        self._centre = np.array(learned["centre"])
        self._spread = np.array(learned["spread"])

    @classmethod
    def read(cls, file: Path) -> Encoder:
        return cls(json.loads(file.read_text(encoding="utf-8")))

    def encode(self, measures: NDArray[np.float32], codes: NDArray[np.int64]) -> NDArray[np.float32]:
        """(rows, 10) and (rows, 6) to (rows, 21). An unknown device's age is NaN, which XGBoost takes as missing."""
        derived = derive(measures, codes, self._category.of(codes[:, 2]), self._country.of(codes[:, 3]))
        return ((derived - self._centre) / self._spread).astype(np.float32)


def derive(
    measures: NDArray[np.float32],
    codes: NDArray[np.int64],
    category_risk: NDArray[np.float64],
    country_risk: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Unscaled features (rows, 21), in double precision: rounded once at the end, the last digit of a logarithm
    then hardly ever depends on the machine."""
    rows = measures.astype(np.float64)
    amount, hour, distance, device, account, last_hour, last_day, spent, usual, declined = rows.T
    features = np.empty((len(rows), len(FEATURES)))
    logarithms = np.log1p(np.stack([amount, distance, account, spent, usual, np.where(device < 0, np.nan, device)]))
    features[:, 0] = logarithms[0]
    features[:, 1] = logarithms[0] - logarithms[4]
    angle = hour * (np.pi / 12)
    features[:, 2] = np.sin(angle)
    features[:, 3] = np.cos(angle)
    features[:, 4] = (hour < 6) | (hour >= 23)
    features[:, 5] = logarithms[1]
    features[:, 6] = logarithms[5]
    features[:, 7] = device < 0
    features[:, 8] = logarithms[2]
    features[:, 9] = last_hour
    features[:, 10] = last_day
    features[:, 11] = logarithms[3]
    features[:, 12] = amount / (spent + 1)
    features[:, 13] = declined
    features[:, 14] = codes[:, 3] != codes[:, 4]
    features[:, 15] = category_risk
    features[:, 16] = country_risk
    features[:, 17:] = codes[:, 5:6] == _ENTRY_MODES
    return features


def refusal(measures: NDArray[np.float32], codes: NDArray[np.int64]) -> str | None:
    """Why a request's rows cannot be judged, or None."""
    if not np.isfinite(measures).all():
        return "measures: every number must be finite; device_age_days is -1 where no device is known"
    if (measures < _LEAST).any():
        return "measures: amounts, counts, distances and ages must not be negative; only device_age_days may be -1"
    if (measures[:, 1] > 24).any():
        return f"measures: hour {measures[:, 1].max():g} is not within 0 to 24"
    return None


class _Table:
    """A code to a number, looked up for a whole column at once."""

    def __init__(self, risks: dict[str, float]) -> None:
        known = sorted((int(code), risk) for code, risk in risks.items() if code != "other")
        self._codes = np.array([code for code, _ in known])
        self._risks = np.array([*(risk for _, risk in known), risks["other"]])

    def of(self, codes: NDArray[np.int64]) -> NDArray[np.float64]:
        places = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        return self._risks[np.where(self._codes[places] == codes, places, len(self._codes))]
