"""EKS control planes: standard or extended support."""

from __future__ import annotations

from datetime import date

from modelyard.catalog import UnknownName, eks_versions
from modelyard.cost.bill import Bill
from modelyard.graph import Resource
from modelyard.placement.reading import at, text


def charge_control_plane(bill: Bill, resource: Resource) -> None:
    version = text(resource.inputs.get("version"))
    extended = text(at(resource.inputs, "upgradePolicy", "supportType")) != "STANDARD" and _is_extended(bill, version)
    support = "extended support (total)" if extended else "standard support"
    what = f"control plane, Kubernetes {version or 'of the default version'}"
    bill.hourly(resource, what, "EKS", f"cluster control plane, {support}")


def _is_extended(bill: Bill, version: str | None) -> bool:
    if version is None:
        bill.findings.note("a control plane without a declared version is taken to be in standard support")
        return False
    try:
        terms = eks_versions.get(version)
    except UnknownName:
        bill.findings.note(f"Kubernetes {version}: no support dates are known; taken to be in standard support")
        return False
    day = bill.assumptions.as_of or date.fromisoformat(terms.source_date)
    extended = day >= terms.end_of_standard_support
    bill.findings.note(
        f"Kubernetes {version}: {'extended' if extended else 'standard'} support on {day} "
        f"(standard support ends {terms.end_of_standard_support})"
    )
    return extended
