"""Log buckets of Cloud Logging: what arrives, and what is kept longer than the first 30 days.

Follows the pricing page of Google Cloud Observability: storage is charged once and holds 30 days, retention after that
by the month.
"""

from __future__ import annotations

from decimal import Decimal

from modelyard.cost.bill import Bill
from modelyard.graph import Resource
from modelyard.placement.reading import whole

_INCLUDED_DAYS = 30


def charge_log_bucket(bill: Bill, resource: Resource) -> None:
    """By use. Of a bucket that is filled evenly, what is older than 30 days is that share of its retention."""
    service = "Cloud Logging"
    bill.usage(resource, "log ingestion", service, "ingestion", "GB", "log_gb_per_month", Decimal(1))
    bill.findings.note("the first 50 GiB of logs of each Google Cloud project, which are free, are left out")
    days = whole(resource.inputs.get("retentionDays")) or _INCLUDED_DAYS
    if days > _INCLUDED_DAYS:
        older = Decimal(days - _INCLUDED_DAYS) / days
        sku = "retention after 30 days"
        bill.usage(resource, "log retention", service, sku, "GB-month", "log_stored_gb", Decimal(1), times=older)
