"""How addresses are divided."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from modelyard.network.subnet_plan import subnet_plan


@pytest.mark.parametrize("cidr", ["10.0.0.0/16", "10.8.0.0/18", "192.168.16.0/20"])
@pytest.mark.parametrize("zones", range(2, 7))
def test_subnets_lie_inside_and_apart(cidr: str, zones: int) -> None:
    whole = IPv4Network(cidr)
    plan = subnet_plan(whole, [f"z{n}" for n in range(zones)])
    ranges = [IPv4Network(one) for slot in plan for one in (slot.private_cidr, slot.public_cidr)]
    assert len(ranges) == 2 * zones
    assert all(one.subnet_of(whole) for one in ranges)
    assert not any(a.overlaps(b) for n, a in enumerate(ranges) for b in ranges[:n])


def test_sizes() -> None:
    (first, *_) = subnet_plan(IPv4Network("10.40.0.0/16"), ["a", "b", "c"])
    assert (first.private_cidr, first.public_cidr) == ("10.40.0.0/19", "10.40.224.0/22")


def test_another_zone_moves_no_subnet() -> None:
    whole = IPv4Network("10.0.0.0/16")
    assert subnet_plan(whole, ["a", "b", "c", "d"])[:3] == subnet_plan(whole, ["a", "b", "c"])


@pytest.mark.parametrize(
    ("cidr", "zones", "message"),
    [
        ("10.0.0.0/16", 7, "7 zones, but the address plan has room for 6"),
        ("10.0.0.0/21", 2, "cidr 10.0.0.0/21 must be a /20 or larger"),
    ],
)
def test_what_does_not_fit_is_refused(cidr: str, zones: int, message: str) -> None:
    with pytest.raises(ValueError) as refused:
        subnet_plan(IPv4Network(cidr), [str(n) for n in range(zones)])
    assert str(refused.value) == message
