"""Kubernetes resource quantities: ``500m``, ``1.5``, ``4Gi``, ``1e3``.

Follows https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/. Fractions round up, as the
scheduler does: a pod never needs less than it says.
"""

from __future__ import annotations

import re
from decimal import Decimal
from math import ceil
from typing import Any

_FORM = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E))?")
_BINARY = {unit: Decimal(1024) ** (power + 1) for power, unit in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"))}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_FACTORS = _BINARY | {unit: Decimal(10) ** power for unit, power in _DECIMAL.items()}


def millicores(value: Any) -> int | None:
    """CPU in thousandths of a core; None where the quantity is unknown or not one."""
    amount = quantity(value)
    return None if amount is None else ceil(amount * 1000)


def mebibytes(value: Any) -> int | None:
    """Memory or storage in MiB; None where the quantity is unknown or not one."""
    amount = quantity(value)
    return None if amount is None else ceil(amount / 1024**2)


def quantity(value: Any) -> Decimal | None:
    """The quantity as a number of its base unit (cores, bytes, devices), or None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return Decimal(str(value)) if value == value and abs(value) != float("inf") else None
    found = _FORM.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        return None
    number, exponent, unit = found.groups()
    return Decimal(number + (exponent or "")) * _FACTORS.get(unit or "", Decimal(1))
