"""Synthetic card transactions: seeded, imbalanced, and labelled with mistakes, as real ones are.

``codes`` follow the standards that an authorisation message carries: merchant categories of ISO 18245, countries of
ISO 3166-1 numeric, and the entry modes of ISO 8583 field 22.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MEASURES = (
    "amount", "hour", "distance_km", "device_age_days", "account_age_days",
    "count_1h", "count_24h", "amount_24h", "mean_amount_30d", "declined_24h",
)  # fmt: skip
"""Columns of ``measures``. Amounts in the card's currency; hour is local, 0 to 24; -1 where no device is known."""
CODES = ("card", "merchant", "merchant_category", "country", "card_country", "entry_mode")
"""Columns of ``codes``. ``country`` is the merchant's."""

FRAUD_RATE = 0.02
MISSED = 0.06
"""Share of fraud that nobody reported: labelled as honest."""
FALSE_ALARMS = 0.0005
"""Share of honest transactions that a cardholder disputed: labelled as fraud."""

_CATEGORIES = np.array([5411, 5812, 5541, 5999, 5732, 5944, 4829, 7995, 6051, 4511, 5816, 5912])
_HONEST_CATEGORIES = np.array([0.30, 0.20, 0.12, 0.09, 0.05, 0.01, 0.01, 0.01, 0.005, 0.03, 0.055, 0.12])
_STOLEN_CATEGORIES = np.array([0.06, 0.03, 0.05, 0.10, 0.24, 0.18, 0.08, 0.05, 0.06, 0.07, 0.05, 0.03])
_TESTING_CATEGORIES = np.array([0.02, 0.03, 0.05, 0.25, 0.03, 0.00, 0.02, 0.05, 0.05, 0.00, 0.45, 0.05])
_COUNTRIES = np.array([840, 826, 276, 250, 392, 76, 566, 643, 360, 604])
_HOME = np.array([0.45, 0.15, 0.10, 0.08, 0.07, 0.06, 0.02, 0.03, 0.02, 0.02])
_AWAY = np.array([0.12, 0.10, 0.08, 0.08, 0.05, 0.12, 0.15, 0.14, 0.10, 0.06])
_ENTRY_MODES = np.array([1, 5, 7, 81, 90])
_HONEST_MODES = np.array([0.01, 0.32, 0.40, 0.25, 0.02])
_STOLEN_MODES = np.array([0.08, 0.08, 0.14, 0.58, 0.12])
_TESTING_MODES = np.array([0.15, 0.00, 0.00, 0.85, 0.00])


@dataclass(frozen=True, slots=True)
class Transactions:
    """Rows of three arrays that belong together."""

    measures: NDArray[np.float32]
    """(rows, 10), columns of MEASURES."""
    codes: NDArray[np.int64]
    """(rows, 6), columns of CODES."""
    fraud: NDArray[np.bool_]
    """(rows,): what was reported, mistakes included."""


def generate(rows: int, seed: int) -> Transactions:
    """The same transactions for the same arguments and numpy release.

    One in fifty is a fraud of one of two kinds: a stolen card (far from home, large amounts, a new device), or cards
    being tested by a machine (small amounts, many in an hour).
    """
    rng = np.random.default_rng(seed)
    fraud = rng.random(rows) < FRAUD_RATE
    testing = fraud & (rng.random(rows) < 0.35)
    stolen = fraud & ~testing
    card_country = rng.choice(_COUNTRIES, rows, p=_HOME)
    abroad = rng.random(rows) < _by_kind(0.05, 0.45, 0.35, stolen, testing)
    country = np.where(abroad, rng.choice(_COUNTRIES, rows, p=_AWAY), card_country)
    codes = np.column_stack(
        [
            rng.integers(400_000, 900_000, rows),
            rng.integers(10_000, 60_000, rows),
            _choice(rng, _CATEGORIES, (_HONEST_CATEGORIES, _STOLEN_CATEGORIES, _TESTING_CATEGORIES), stolen, testing),
            country,
            card_country,
            _choice(rng, _ENTRY_MODES, (_HONEST_MODES, _STOLEN_MODES, _TESTING_MODES), stolen, testing),
        ]
    ).astype(np.int64)
    mistaken = np.where(fraud, rng.random(rows) < MISSED, rng.random(rows) < FALSE_ALARMS)
    return Transactions(_measures(rng, rows, stolen, testing, country != card_country), codes, fraud ^ mistaken)


def _measures(
    rng: np.random.Generator,
    rows: int,
    stolen: NDArray[np.bool_],
    testing: NDArray[np.bool_],
    abroad: NDArray[np.bool_],
) -> NDArray[np.float32]:
    usual = rng.lognormal(3.6, 0.7, rows)
    amount = usual * rng.lognormal(_by_kind(-0.1, 1.3, -2.2, stolen, testing), _by_kind(0.7, 0.8, 0.5, stolen, testing))
    hour = (rng.normal(_by_kind(14.5, 23.5, 3.0, stolen, testing), _by_kind(4.5, 5.0, 4.0, stolen, testing))) % 24
    distance = rng.exponential(_by_kind(8.0, 220.0, 60.0, stolen, testing)) + abroad * rng.exponential(1800.0, rows)
    device = rng.exponential(_by_kind(300.0, 25.0, 6.0, stolen, testing))
    device = np.where(rng.random(rows) < 0.04, -1.0, device)
    account = rng.exponential(_by_kind(1400.0, 700.0, 900.0, stolen, testing))
    last_hour = 1 + rng.poisson(_by_kind(0.25, 1.1, 5.5, stolen, testing))
    last_day = last_hour + rng.poisson(_by_kind(1.8, 3.0, 6.0, stolen, testing))
    spent = amount + (last_day - 1) * usual * rng.lognormal(-0.2, 0.6, rows)
    declined = rng.poisson(_by_kind(0.03, 0.45, 1.6, stolen, testing))
    columns = [amount, hour, distance, device, account, last_hour, last_day, spent, usual, declined]
    return np.round(np.column_stack(columns), 2).astype(np.float32)


def _by_kind(
    honest: float, of_stolen: float, of_testing: float, stolen: NDArray[np.bool_], testing: NDArray[np.bool_]
) -> NDArray[np.float64]:
    return np.where(stolen, of_stolen, np.where(testing, of_testing, honest))


def _choice(
    rng: np.random.Generator,
    values: NDArray[np.int64],
    shares: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    stolen: NDArray[np.bool_],
    testing: NDArray[np.bool_],
) -> NDArray[np.int64]:
    honest, of_stolen, of_testing = (rng.choice(values, len(stolen), p=share / share.sum()) for share in shares)
    return np.where(stolen, of_stolen, np.where(testing, of_testing, honest))
