"""What a plan knows of pods that KServe and Seldon make from the components' own objects."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from modelyard import KServeGraph, KServeService, SeldonService, TritonService
from modelyard.cost import Estimate, estimate
from modelyard.graph import ResourceGraph
from modelyard.placement import workloads
from modelyard.review.verdicts import run_policies
from pulumi import ResourceOptions

from . import seldon_program as seldon
from .kserve_program import IMAGE, canary_revision, graph_arguments, kserve_arguments, of_canary, on_cpu
from .program import graph_of, triton_arguments

BASIS = "aws/us-east-1/g6.2xlarge/on_demand"
"""0.9776 USD an hour; each pod has its one GPU."""
CPU_BASIS = "aws/us-east-1/m6i.2xlarge/on_demand"
TWO = {"min_replicas": 2, "max_replicas": 3}
TRANSFORMER = {"image": IMAGE, "cpu": 0.5, "scaling": TWO}
BY_DAY = {"days": "mon-fri", "start": "08:00", "end": "20:00", "min_replicas": 2}

Declare = Callable[[ResourceOptions], Any]
COMPONENTS: dict[str, Declare] = {
    "triton": lambda opts: KServeService("tagger", kserve_arguments(), opts),
    "transformer": lambda opts: KServeService("tagger", kserve_arguments(transformer=TRANSFORMER), opts),
    "priced transformer": lambda opts: KServeService(
        "tagger", kserve_arguments(transformer=TRANSFORMER, companion_price_basis=CPU_BASIS), opts
    ),
    "canary": lambda opts: KServeService("tagger", kserve_arguments(**of_canary()), opts),
    "knative": lambda opts: KServeService("tagger", kserve_arguments(**canary_revision()), opts),
    "cpu": lambda opts: KServeService(
        "tagger", on_cpu("sklearnserver", "sklearn", autoscaler="hpa", scaling=TWO, price_basis=CPU_BASIS), opts
    ),
    "sleeps": lambda opts: KServeService(
        "tagger", kserve_arguments(scaling={"min_replicas": 0, "max_replicas": 4, "schedules": [BY_DAY]}), opts
    ),
    "graph": lambda opts: KServeGraph("fraud", graph_arguments(price_basis=CPU_BASIS, **TWO), opts),
    "seldon": lambda opts: SeldonService("fraud", seldon.on_gpu(), opts),
    "seldon canary": lambda opts: SeldonService("fraud", seldon.on_gpu(**seldon.of_canary()), opts),
    "seldon shared": lambda opts: SeldonService(
        "fraud", seldon.seldon_arguments(shared_server="pool", eks_cluster=None), opts
    ),
}


@pytest.fixture(scope="module")
def graphs() -> Callable[[str], ResourceGraph]:
    made: dict[str, ResourceGraph] = {}

    def graph(name: str) -> ResourceGraph:
        if name not in made:
            made[name] = graph_of(COMPONENTS[name])
        return made[name]

    return graph


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("triton", [("tagger-predictor", 2, 6, "l4", BASIS)]),
        ("transformer", [("tagger-predictor", 2, 6, "l4", BASIS), ("tagger-transformer", 2, 3, None, None)]),
        ("canary", [("tagger-predictor", 2, 6, "l4", BASIS), ("tagger-canary-v2-predictor", 1, 3, "l4", BASIS)]),
        ("knative", [("tagger-predictor", 1, 6, "l4", BASIS), ("tagger-predictor-before", 1, 6, "l4", BASIS)]),
        ("cpu", [("tagger-predictor", 2, 3, None, CPU_BASIS)]),
        ("sleeps", [("tagger-predictor", 2, 4, "l4", BASIS)]),
        ("graph", [("fraud", 2, 3, None, CPU_BASIS)]),
        ("seldon", [("fraud", 2, 4, "l4", BASIS)]),
        ("seldon canary", [("fraud", 2, 4, "l4", BASIS), ("fraud-canary-v2", 1, 2, "l4", BASIS)]),
        ("seldon shared", []),
    ],
)
def test_the_pods_are_known(graphs: Callable[[str], ResourceGraph], name: str, expected: list[Any]) -> None:
    found = workloads(graphs(name))
    assert [(e.name, e.replicas_floor, e.replicas_max, e.pool, e.price_basis) for e in found] == expected
    assert {(each.cluster, each.department) for each in found} <= {("east", "shop")}
    # Every pod of a pool has the GPU that it pays for, and is let onto its nodes.
    for each in found:
        assert each.requests is not None
        assert (each.requests.gpus, bool(each.tolerations)) == ((1, True) if each.pool else (0, False))


def test_a_predictor_costs_what_our_own_deployment_does(graphs: Callable[[str], ResourceGraph]) -> None:
    """2 x 730 x 0.9776 = 1,427.296."""
    ours = estimate(graph_of(lambda opts: TritonService("tagger", triton_arguments(), opts)))
    theirs = estimate(graphs("triton"))
    assert theirs.departments == ours.departments == {"shop": Decimal("1427.30")}
    assert theirs.models == ours.models == {("shop", "tagger"): Decimal("1427.30")}
    assert theirs.at_max == ours.at_max


@pytest.mark.parametrize(
    ("name", "dollars", "unpriced"),
    [
        # A transformer asks for 2,048 of 29,197 MiB: 2 x 2048 / 29197 x 730 x 0.384 = 39.326, beside 1,427.296.
        ("priced transformer", "1466.62", []),
        # A router asks for 0.5 of 7.73 cores: 2 x 0.5 / 7.73 x 730 x 0.384 = 36.26.
        ("graph", "36.26", []),
        # Three pods: 3 x 713.648.
        ("canary", "2140.94", []),
        ("knative", "1427.30", []),
        # 2 pods for 60 of 168 hours: 2 x 713.648 x 60 / 168.
        ("sleeps", "509.75", []),
        ("seldon", "1427.30", []),
        ("seldon canary", "2140.94", []),
        (
            "seldon shared",
            None,
            ["it runs on the shared Server pool, which is not in this graph with its pods"],
        ),
        (
            "transformer",
            "1427.30",
            ["its pool is in another stack and its pods say no price basis (annotation modelyard.dev/price-basis)"],
        ),
    ],
)
def test_what_they_cost(
    graphs: Callable[[str], ResourceGraph], name: str, dollars: str | None, unpriced: list[str]
) -> None:
    found = estimate(graphs(name))
    assert found.departments.get("shop") == (None if dollars is None else Decimal(dollars))
    assert [each.reason for each in found.unpriced] == unpriced
    assert {each.department for each in found.unpriced} <= {"shop"}


@pytest.mark.parametrize("name", COMPONENTS)
def test_every_object_has_a_rule(graphs: Callable[[str], ResourceGraph], name: str) -> None:
    found: Estimate = estimate(graphs(name))
    assert [each.reason for each in found.unpriced if each.reason.startswith("no rule")] == []
    assert found.total == sum(found.departments.values(), found.shared + found.idle)


NO_CONTEXT = (
    "can't run policy 'pod-security' from policy pack 'modelyard@v0.0.1' during preview: string value at "
    ".spec.containers.0.securityContext can't be known during preview"
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("triton", []),
        ("transformer", []),
        ("canary", []),
        ("knative", ["replicas-and-disruption-budget"]),
        # No digest of KServe's own image is known, and its tag can be moved.
        ("cpu", ["image-pinned"]),
        ("sleeps", ["model-may-sleep"]),
        ("graph", []),
        # Seldon's own ServerConfig completes the container.
        ("seldon", ["pod-security"]),
        ("seldon shared", []),
    ],
)
def test_what_the_rules_of_prod_say(graphs: Callable[[str], ResourceGraph], name: str, expected: list[str]) -> None:
    found = run_policies(graphs(name))
    assert [verdict.policy for verdict in found] == expected
    if "pod-security" in expected:
        assert [(verdict.level, verdict.message) for verdict in found] == [("advisory", NO_CONTEXT)]
