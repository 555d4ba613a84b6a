"""Keys of Cloud KMS: each version that still decrypts something."""

from __future__ import annotations

from modelyard.cost.bill import Bill
from modelyard.graph import Resource
from modelyard.placement.reading import at, text


def charge_google_key(bill: Bill, resource: Resource) -> None:
    """The first version; what it encrypts and decrypts costs by the 10,000 operations, and is too little to count."""
    level = text(at(resource.inputs, "versionTemplate", "protectionLevel")) or "SOFTWARE"
    sku = f"{'software' if level == 'SOFTWARE' else level} key version"
    bill.item(resource, "key", "Cloud KMS", sku, "key-month", 1)
    if resource.inputs.get("rotationPeriod") is not None:
        bill.findings.note(
            "a key of Cloud KMS that is rotated keeps its versions, each at the same price; the first alone is counted"
        )
