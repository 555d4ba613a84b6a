"""Golden cases: transactions that meet every rule, and how they are judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from decision import REASONS, Judgement, Policy
from numpy.typing import NDArray
from transactions import Transactions, generate

SEED = 4102
CASES_A_REASON = 4
ROWS_TOGETHER = 8

Judge = Callable[[NDArray[np.float32], NDArray[np.int64]], Judgement]


def golden(judge: Judge, policy: Policy) -> dict[str, Any]:
    """The content of golden.json: a few cases for each reason with one transaction each, and one with eight."""
    given = provoked(generate(4000, SEED), policy)
    judged = judge(given.measures, given.codes)
    reason = judged[1][:, 0]
    rows = np.concatenate([np.flatnonzero(reason == code)[:CASES_A_REASON] for code in REASONS])
    together = rows[:: len(rows) // ROWS_TOGETHER][:ROWS_TOGETHER]
    cases = [(f"{REASONS[int(reason[row])]}, transaction {row}", np.array([row])) for row in rows]
    return {"cases": [_case(name, each, given, judged) for name, each in (*cases, ("eight together", together))]}


def provoked(given: Transactions, policy: Policy) -> Transactions:
    """The same transactions, with some of them changed so that every rule has something to say."""
    measures, codes = given.measures.copy(), given.codes.copy()
    codes[::101, 0] = policy.blocked_cards[0]
    codes[1::103, 1] = policy.blocked_merchants[0]
    codes[2::107, 3] = policy.blocked_countries[0]
    measures[3::109, 5:7] = policy.most_per_hour + 2
    measures[4::113, 9] = policy.most_declined_per_day + 2
    measures[5::127, 3] = policy.new_device_days / 2
    measures[5::127, 0] = measures[5::127, 8] = policy.large_amount * 1.5
    measures[6::131, 3] = -1
    return Transactions(measures, codes, given.fraud)


def _case(name: str, rows: NDArray[np.int64], given: Transactions, judged: Judgement) -> dict[str, Any]:
    outputs = dict(zip(("decision", "reason", "score"), judged, strict=True))
    return {
        "name": name,
        "inputs": {"measures": _tensor(given.measures[rows]), "codes": _tensor(given.codes[rows])},
        "outputs": {name: _tensor(values[rows]) for name, values in outputs.items()},
        "tolerance": {"absolute": 1e-5, "relative": 1e-5},
    }


def _tensor(values: NDArray[Any]) -> dict[str, Any]:
    """Floats as the shortest decimals that are these single-precision numbers again."""
    if values.dtype == np.float32:
        return {"data": [[float(str(each)) for each in row] for row in values]}
    return {"data": values.tolist()}
