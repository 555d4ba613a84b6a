"""How Envoy Gateway treats the pods of both sides, and what keeps a caller on one of them."""

from __future__ import annotations

from typing import Any

from ...environment.rollout import Sticky
from ..workload.traffic_policy import backend_traffic_policy
from .split import Split

_SECONDS_PER_HOUR = 3600


def split_policy(split: Split) -> dict[str, Any]:
    """The ``BackendTrafficPolicy`` of a workload, on the route of a split.

    Sticky callers are told apart by a consistent hash (``ConsistentHash`` of ``gateway.envoyproxy.io/v1alpha1``). Since
    release 1.9 Envoy Gateway lets the hash decide between weighted backends too: the side is ``hash modulo 100``,
    against the stable side's weight. It depends on the caller alone and on no proxy, no pod and no memory, and a caller
    who has got the canary keeps it at every greater share. The hash picks the pod as well, in place of the one with the
    fewest requests. A session (``sessionPersistence`` of Gateway API) would not do: it holds a pod, and its caller
    loses the side with it.
    """
    policy = backend_traffic_policy(split)
    assert policy is not None
    if split.sticky is not None:
        policy["spec"]["loadBalancer"] = {"type": "ConsistentHash", "consistentHash": _hash(split.sticky)}
    return policy


def _hash(sticky: Sticky) -> dict[str, Any]:
    if sticky.header is not None:
        return {"type": "Headers", "headers": [{"name": sticky.header}]}
    lifetime = f"{sticky.cookie_hours * _SECONDS_PER_HOUR}s"
    return {"type": "Cookie", "cookie": {"name": sticky.cookie, "ttl": lifetime}}
