"""How the time of placement grows with the pools of one environment.

``python -m benchmarks.placed_pools`` prints the CPU time of placing 25, 50, 100 and 200 pools with five models each, in
two ways, and beside each its ratio to what 25 pools take, over the ratio of pools: 1 is linear. At last 200 pools with
50 models each, on pools of their own, and where each model may run on every pool.
"""

from __future__ import annotations

import time
from typing import Any

from modelyard.graph import Resource, ResourceGraph
from modelyard.placement import place

COUNTS = (25, 50, 100, 200)
MODELS_OF_A_POOL = 5
MANY_MODELS_OF_A_POOL = 50
RUNS = 3


def main() -> None:
    for title, most in (("room for all", 6), ("every pool full", 2)):
        seconds = {count: min(_seconds(count, most) for _ in range(RUNS)) for count in COUNTS}
        for count, taken in seconds.items():
            growth = taken / seconds[COUNTS[0]] / (count / COUNTS[0])
            print(f"{title}: {count:3} pools, {count * MODELS_OF_A_POOL:4} models: {taken:6.3f} s, growth {growth:.2f}")
    for title, bound in (("on a pool of its own", True), ("on any pool", False)):
        taken = _seconds(COUNTS[-1], 20, MANY_MODELS_OF_A_POOL, bound=bound)
        print(f"each {title}: {COUNTS[-1]} pools, {COUNTS[-1] * MANY_MODELS_OF_A_POOL:,} models: {taken:.1f} s")


def _seconds(pools: int, most: int, models: int = MODELS_OF_A_POOL, *, bound: bool = True) -> float:
    graph = _graph(pools, most, models, bound=bound)
    start = time.process_time()
    place(graph)
    return time.process_time() - start


def _graph(pools: int, most: int, models: int, *, bound: bool) -> ResourceGraph:
    made: list[Resource] = []
    for number in range(pools):
        made.append(_pool(f"pool-{number}", most))
        made += [_model(f"model-{number}-{each}", f"pool-{number}", each, bound=bound) for each in range(models)]
    return ResourceGraph(made)


def _pool(name: str, most: int) -> Resource:
    inputs = {
        "clusterName": "main",
        "region": "us-east-1",
        "instanceTypes": ["g6.12xlarge"],
        "scalingConfig": {"desiredSize": 0, "minSize": 0, "maxSize": most},
        "labels": {"modelyard.dev/cluster": "main", "modelyard.dev/pool": name},
        "taints": [{"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}],
    }
    return _resource("aws:eks/nodeGroup:NodeGroup", name, inputs)


def _model(name: str, pool: str, number: int, *, bound: bool) -> Resource:
    limits = {"cpu": str(4 + number), "memory": f"{8 + 4 * number}Gi", "nvidia.com/gpu": 1}
    template = {
        "metadata": {"annotations": {"modelyard.dev/cluster": "main", "modelyard.dev/pool": pool}},
        "spec": {
            "nodeSelector": {"modelyard.dev/pool": pool} if bound else {},
            "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
            "containers": [{"name": "server", "resources": {"limits": limits}}],
        },
    }
    metadata = {"name": name, "namespace": "models"}
    inputs: dict[str, Any] = {"metadata": metadata, "spec": {"replicas": 2, "template": template}}
    return _resource("kubernetes:apps/v1:Deployment", name, inputs)


def _resource(kind: str, name: str, inputs: dict[str, Any]) -> Resource:
    return Resource(f"urn:pulumi:many::pools::{kind}::{name}", kind, name, inputs, "many")


if __name__ == "__main__":
    main()
