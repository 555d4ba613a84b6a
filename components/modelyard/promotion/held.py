"""For how long a share has been held, by what the gateway counted.

Nothing on a cluster says when a weight was changed, but the requests do: each of a minute's requests went to the
stable set of the route's rules, to the split's stable or canary side, or to the canary's set
(:mod:`~modelyard.serving.rollout.split_route`). Going back from now, the minutes speak for the declared share until
they speak for another one: the change is where the sum of the logarithms of their likelihood ratios has fallen by
:data:`_EVIDENCE` from its highest (Page's cumulative sum, 1954).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log

_EVIDENCE = 9.0
"""Natural logarithm of how much likelier another share has to be: about eight thousand times."""
_STRAY = 0.05
"""Of the requests, those that name a side or a version themselves and so pass a share by."""
_MOST_SLICES = 120
_BEFORE = 5
"""Slices before the pause, so that a share that was given just then is seen."""
_PLACE = re.compile(r"/rule/(\d+)(?:/backend/(\d+))?$")


@dataclass(frozen=True, slots=True)
class Slice:
    """Requests of some minutes, by where they went."""

    stable_set: float = 0.0
    split_stable: float = 0.0
    split_canary: float = 0.0
    canary_set: float = 0.0

    @property
    def requests(self) -> float:
        return self.stable_set + self.split_stable + self.split_canary + self.canary_set

    @property
    def canary(self) -> float:
        return self.split_canary + self.canary_set


def slices_of(pause_minutes: int) -> tuple[int, int]:
    """How many slices to ask for, and the minutes of each."""
    minutes = max(1, ceil(pause_minutes / _MOST_SLICES))
    return ceil(pause_minutes / minutes) + _BEFORE, minutes


def requests_query(metric: str, counted: str, minutes: int) -> str:
    """PromQL: requests of a slice by the gateway's cluster."""
    return f'sum by (envoy_cluster_name) (increase({metric}{{envoy_cluster_name=~"{counted}"}}[{minutes}m]))'


def slice_of(counts: Mapping[str, float], routes: int) -> Slice:
    """A slice from counts by the gateway's clusters.

    Args:
        counts: by ``httproute/<namespace>/<route>/rule/<number>``, with ``/backend/<number>`` below it.
        routes: rules of each set.
    """
    sums = [0.0] * 4
    for name, count in counts.items():
        found = _PLACE.search(name)
        if found is None:
            continue
        kind = int(found[1]) // routes
        of_split = 2 if int(found[2] or 0) else 1
        sums[{0: 0, 1: of_split}.get(kind, 3)] += count
    return Slice(*sums)


def held_slices(newest_first: Sequence[Slice], percent: int, steps: Iterable[int]) -> int:
    """For how many slices the requests have gone as ``percent`` says; 0 where they do not, or where there were none.

    Args:
        newest_first: what was counted.
        percent: the share that is declared.
        steps: the other shares that it may have had.
    """
    counted = [place for place, one in enumerate(newest_first) if one.requests > 0]
    held = counted[-1] + 1 if counted else 0
    for other in {0, *steps} - {percent}:
        held = min(held, _until_change(newest_first, percent, other))
    return held


def _until_change(newest_first: Sequence[Slice], percent: int, other: int) -> int:
    total = highest = 0.0
    at = 0
    for place, one in enumerate(newest_first, start=1):
        total += _likelihood(one, percent) - _likelihood(one, other)
        if total >= highest:
            highest, at = total, place
        elif highest - total > _EVIDENCE:
            return at
    return len(newest_first)


def _likelihood(one: Slice, percent: int) -> float:
    """Logarithm of how likely these requests are at this share."""
    straying = _STRAY / 3
    sets = {"stable_set": straying, "split": straying, "canary_set": straying}
    sets["stable_set" if percent == 0 else "canary_set" if percent == 100 else "split"] = 1 - 2 * straying
    share = percent / 100 if 0 < percent < 100 else 0.5
    return (
        one.stable_set * log(sets["stable_set"])
        + one.split_stable * log(sets["split"] * (1 - share))
        + one.split_canary * log(sets["split"] * share)
        + one.canary_set * log(sets["canary_set"])
    )
