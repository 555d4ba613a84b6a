"""Instances of an autoscaled endpoint that are paid for on average, where its traffic is known."""

from __future__ import annotations

from decimal import Decimal

from modelyard.cost.bill import Bill
from modelyard.cost.charge import Owner
from modelyard.graph import Resource


def with_average(bill: Bill, resource: Resource, owner: Owner, floor: Decimal) -> tuple[Decimal, str | None]:
    """The average that is assumed of the owner's model, and the words that say so; else the floor, and None. What is
    guaranteed is paid for, so the average is never below it."""
    average = bill.assumptions.average(owner.department, owner.model)
    if average is None or average <= floor:
        return floor, None
    words = f"average_replicas: {average:.4g} by the model's traffic"
    bill.findings.note(f"{words}, for endpoint {resource.name}")
    return average, words
