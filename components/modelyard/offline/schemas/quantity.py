"""Checks of Kubernetes resource quantities, which the SDK types as text and the API server also takes as numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .fault import Fault, Faults, Key, inside, wrong_type

QUANTITY = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?")
"""https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/"""


class Quantity:
    expected = 'a quantity such as "500m" or "8Gi"'

    def __call__(self, value: Any) -> Faults:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return None
        if not isinstance(value, str) or not QUANTITY.fullmatch(value):
            return [wrong_type(self.expected, value)]
        return None


class Amounts:
    """Requests and limits by resource name. Devices are whole: nothing serves half of ``nvidia.com/gpu``."""

    expected = "an object from resource names to quantities"

    def __call__(self, value: Any) -> Faults:
        if not isinstance(value, Mapping):
            return [wrong_type(self.expected, value)]
        found: list[Fault] = []
        for name, amount in value.items():
            check = WHOLE if "/" in name and "kubernetes.io/" not in name else QUANTITIES
            if faults := inside(check, amount):
                found += [f.under(Key(name)) for f in faults]
        return found or None


class WholeQuantity:
    expected = "a whole number of devices"

    def __call__(self, value: Any) -> Faults:
        if isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1:
            return None
        return None if isinstance(value, str) and re.fullmatch(r"\d+k?", value) else [wrong_type(self.expected, value)]


WHOLE = WholeQuantity()
QUANTITIES = Quantity()
