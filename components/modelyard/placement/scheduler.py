"""Where the Kubernetes scheduler puts pods when every node is there and they arrive one after the other.

The filters are those of kube-scheduler's default profile (v1.34, ``pkg/scheduler/framework/plugins``): resources,
node selector and affinity, taints, and topology spread that must hold. Pods go by priority, then in the order given,
and nobody is evicted for them. Volumes, ports and affinity between pods have no part in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from modelyard.placement.pool import Pool
from modelyard.placement.scheduler_nodes import Crowd, Site, sites
from modelyard.placement.scheduler_scores import Candidate, scores
from modelyard.placement.scheduling import preference, refusals, selects, unwelcome
from modelyard.placement.workload import HOSTNAME, Spread, Workload

Draw: TypeAlias = Callable[[int], int]
"""Which of so many equally good kinds of nodes to take: the scheduler draws lots."""


class TooMany(Exception):
    """There are more pods and kinds of nodes to compare than the caller allows."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """What became of the pods."""

    waiting: dict[tuple[str, str], int]
    """Replicas without a node, by the key of their workload; a workload that has all of its own is left out."""
    spread: frozenset[tuple[str, str]]
    """Of those, the keys of workloads for which nodes have room, but none where their spread allows one more pod."""
    drawn: bool
    """Whether the scheduler drew lots between nodes that differ: another time the outcome may be another."""


def schedule(
    pools: Sequence[Pool],
    pods: Iterable[tuple[Workload, int]],
    *,
    draw: Draw = lambda choices: 0,
    comparisons_at_most: int | None = None,
) -> Scheduled:
    """Put so many replicas of each workload on the pools' nodes, of which all are there (``max_size``).

    A pool whose size or room is not known has no node here. Nodes stand in the pool's zones in turn.

    Args:
        pools: of one cluster.
        pods: workloads with replicas, in the order in which they arrive; one workload may come several times.
        draw: breaks ties. Default: the first.
        comparisons_at_most: of one pod with nodes that are alike.

    Raises:
        TooMany: more comparisons than that are needed.
    """
    cluster = _Cluster(pools, draw, comparisons_at_most)
    waiting: dict[tuple[str, str], int] = {}
    for workload, replicas in sorted(pods, key=lambda each: -each[0].priority):
        left = cluster.put(workload, replicas)
        if left:
            waiting[workload.key] = waiting.get(workload.key, 0) + left
    return Scheduled(waiting, frozenset(cluster.spread), cluster.drawn)


@dataclass(frozen=True, slots=True)
class _Usable:
    """Nodes that have what a workload asks for in labels, and taints that it tolerates."""

    site: Site
    preferred: int
    unwelcome: int


class _Cluster:
    def __init__(self, pools: Sequence[Pool], draw: Draw, comparisons_at_most: int | None) -> None:
        self.drawn = False
        self.spread: set[tuple[str, str]] = set()
        self._draw = draw
        self._comparisons_left = comparisons_at_most
        self._sites = [site for pool in pools for site in sites(pool)]
        self._workloads: list[Workload] = []
        self._numbers: dict[tuple[str, str], int] = {}
        self._usable: list[list[_Usable]] = []
        self._selected: list[list[Site]] = []
        self._matching: dict[tuple[int, Spread], frozenset[int]] = {}

    def put(self, workload: Workload, replicas: int) -> int:
        """How many found no node."""
        number = self._number(workload)
        for done in range(replicas):
            if not self._put(number):
                if self._has_room(number):
                    self.spread.add(workload.key)
                return replicas - done
        return 0

    def _number(self, workload: Workload) -> int:
        known = self._numbers.get(workload.key)
        if known is not None:
            return known
        number = self._numbers[workload.key] = len(self._workloads)
        self._workloads.append(workload)
        self._matching.clear()
        self._selected.append([site for site in self._sites if selects(workload, site.pool, site.zone)])
        self._usable.append(
            [
                _Usable(site, preference(workload, site.pool, site.zone), unwelcome(workload, site.pool))
                for site in self._selected[number]
                if not refusals(workload, site.pool)
            ]
        )
        return number

    def _put(self, number: int) -> bool:
        found = list(self._candidates(number))
        if not found:
            return False
        marks = scores(self._workloads[number], found) if len(found) > 1 else [0]
        best = max(marks)
        choices = [candidate for candidate, mark in zip(found, marks, strict=True) if mark == best]
        chosen = 0
        if len(choices) > 1:
            self.drawn = True
            chosen = self._draw(len(choices))
        choices[chosen].site.add(choices[chosen].crowd, number, self._workloads[number])
        return True

    def _has_room(self, number: int) -> bool:
        workload = self._workloads[number]
        return any(crowd.takes(workload, each.site.pool) for each in self._usable[number] for crowd in each.site.crowds)

    def _candidates(self, number: int) -> Iterator[Candidate]:
        workload = self._workloads[number]
        allowed = self._allowed(number)
        apart = [(spread, self._matched(number, spread)) for spread in workload.spread if not spread.required]
        in_zone = {
            zone: tuple(
                sum(site.count(matching) for site in self._selected[number] if site.domain(spread.key) == zone)
                for spread, matching in apart
                if spread.key != HOSTNAME
            )
            for zone in ({each.site.zone for each in self._usable[number]} if apart else ())
        }
        for each in self._usable[number]:
            for crowd, nodes in each.site.crowds.items():
                self._compare()
                if not crowd.takes(workload, each.site.pool) or not allowed(each.site, crowd):
                    continue
                if workload.apart and crowd.count((number,)):
                    continue
                beside = iter(in_zone.get(each.site.zone, ()))
                counts = tuple(
                    crowd.count(matching) if spread.key == HOSTNAME else next(beside) for spread, matching in apart
                )
                yield Candidate(each.site, crowd, nodes, each.preferred, each.unwelcome, counts)

    def _allowed(self, number: int) -> Callable[[Site, Crowd], bool]:
        """Whether one more pod on such a node keeps to the spread that must hold (podtopologyspread/filtering.go)."""
        required = [spread for spread in self._workloads[number].spread if spread.required]
        limits = [self._limit(number, spread) for spread in required]

        def allowed(site: Site, crowd: Crowd) -> bool:
            return all(
                (crowd.count(matching) if spread.key == HOSTNAME else in_domain[site.domain(spread.key)]) + self_match
                <= most
                for spread, (matching, in_domain, self_match, most) in zip(required, limits, strict=True)
            )

        return allowed

    def _limit(self, number: int, spread: Spread) -> tuple[frozenset[int], dict[str, int], int, int]:
        matching = self._matched(number, spread)
        in_domain: dict[str, int] = {}
        fewest: list[int] = []
        for site in self._selected[number]:
            if spread.key == HOSTNAME:
                fewest.extend(crowd.count(matching) for crowd in site.crowds)
            else:
                domain = site.domain(spread.key)
                in_domain[domain] = in_domain.get(domain, 0) + site.count(matching)
        least = min(fewest or list(in_domain.values()) or [0])
        return matching, in_domain, int(number in matching), least + spread.max_skew

    def _matched(self, number: int, spread: Spread) -> frozenset[int]:
        """Numbers of the workloads that the constraint counts."""
        if (number, spread) not in self._matching:
            namespace = self._workloads[number].namespace
            self._matching[number, spread] = frozenset(
                other
                for other, each in enumerate(self._workloads)
                if each.namespace == namespace and spread.counts(each.labels)
            )
        return self._matching[number, spread]

    def _compare(self) -> None:
        if self._comparisons_left is None:
            return
        if self._comparisons_left == 0:
            raise TooMany
        self._comparisons_left -= 1
