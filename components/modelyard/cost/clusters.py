"""Control planes of GKE and AKS: the fee of the cluster itself."""

from __future__ import annotations

from modelyard.cost.bill import Bill
from modelyard.graph import Resource
from modelyard.placement.gke_node_pool import gke_region
from modelyard.placement.reading import at, text
from modelyard.placement.region import region_of


def charge_gke_cluster(bill: Bill, resource: Resource) -> None:
    """The management fee, which all modes and sizes have in common; an Autopilot cluster's pods come on top."""
    region = gke_region(region_of(resource, bill.graph))
    sku = "cluster management fee (zonal, regional or Autopilot)"
    bill.item(resource, "cluster management fee", "GKE", sku, "hour", bill.hours, region=region)
    bill.findings.note("the free tier of GKE, a credit for one cluster of a billing account, is left out")
    if resource.inputs.get("enableAutopilot") is True:
        bill.unpriced(resource, "pods", "Autopilot charges what pods request, which its own classes decide")


def charge_aks_cluster(bill: Bill, resource: Resource) -> None:
    """The fee of its tier; the tier Free has none."""
    tier = text(at(resource.inputs, "sku", "tier")) or "Free"
    if tier == "Free":
        return
    words = "cluster uptime SLA (Standard tier)" if tier == "Standard" else f"{tier} tier"
    bill.hourly(resource, f"cluster management, tier {tier}", "AKS", words)
