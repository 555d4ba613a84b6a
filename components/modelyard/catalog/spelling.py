"""The nearest known name to a mistyped one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """The choice most like ``name``, or None where none is near.

    Upper and lower case, hyphens, underscores and spaces are the same, and a name that is the beginning of a choice
    is near to it (``A100`` to ``A100-40GB``). Two neighbouring letters exchanged (not
    digits: those say a version) go before other mistakes.
    """
    by_key: dict[str, str] = {}
    for choice in choices:
        by_key.setdefault(_key(choice), choice)
    wanted = _key(name)
    if wanted in by_key:
        return by_key[wanted]
    if len(wanted) >= 2:
        for key in sorted(by_key):
            if key.startswith(wanted):
                return by_key[key]
    swapped = next((key for key in sorted(by_key) if _swapped(key, wanted)), None)
    if swapped is not None:
        return by_key[swapped]
    found = difflib.get_close_matches(wanted, by_key, n=1, cutoff=0.6)
    return by_key[found[0]] if found else None


def _swapped(one: str, other: str) -> bool:
    differing = [index for index, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]]
    if len(one) != len(other) or len(differing) != 2 or differing[1] - differing[0] != 1:
        return False
    first, second = differing
    pair = one[first] + one[second]
    return pair.isalpha() and pair == other[second] + other[first]


def _key(name: str) -> str:
    return name.casefold().replace("-", "").replace("_", "").replace(" ", "")
