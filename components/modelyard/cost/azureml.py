"""Online deployments of Azure Machine Learning: virtual machines by the hour, without a charge beside them."""

from __future__ import annotations

from decimal import Decimal

from modelyard.catalog.managed_instances import compute_cluster_price
from modelyard.cost.average_replicas import with_average
from modelyard.cost.bill import Bill
from modelyard.cost.floor_steps import autoscale_profiles, average_floor
from modelyard.cost.owner import owner_of
from modelyard.cost.price import NoPrice, Price
from modelyard.graph import Resource
from modelyard.placement.reading import at, text, whole
from modelyard.placement.region import region_of

DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
_SETTING = "azure-native:monitor:AutoscaleSetting"


def charge_deployment(bill: Bill, resource: Resource) -> None:
    """The guaranteed instances of a managed deployment; one on an Arc cluster runs on somebody's own nodes."""
    properties = resource.inputs.get("onlineDeploymentProperties", resource.inputs.get("properties"))
    if at(properties, "endpointComputeType") == "Kubernetes":
        bill.unpriced(resource, "pods", "they run on a cluster of one's own, whose nodes are not in this graph")
        return
    if at(properties, "dataCollector") is not None:
        bill.findings.note("collected requests and answers are charged with the storage account that they are put into")
    instance_type = text(at(properties, "instanceType"))
    count = whole(at(resource.inputs, "sku", "capacity"))
    setting = _setting_of(bill, resource)
    most, floor = count, None if count is None else Decimal(count)
    if setting is not None:
        least, highest, steps = autoscale_profiles(setting.inputs.get("profiles"))
        most = highest if highest is not None else most
        if least is not None:
            floor = average_floor(least, steps)
        if steps:
            bill.findings.note("instances that are guaranteed at some hours are priced by their hours of a week")
    if instance_type is None or floor is None:
        bill.unpriced(resource, "instances", "its instance type or their number is not known before the deployment")
        return
    region = region_of(resource, bill.graph)
    price = _hour(bill, region, instance_type)
    if isinstance(price, NoPrice):
        bill.unpriced(resource, f"instances ({instance_type})", price)
        return
    owner = owner_of(resource, bill.graph)
    floor, words = with_average(bill, resource, owner, floor)
    bill.charge(resource, f"instances ({instance_type})", owner, bill.hours * floor, price, region, assumed=words)
    if most is not None and most > floor:
        bill.growth(bill.hours * (most - floor), price)


def _hour(bill: Bill, region: str | None, instance_type: str) -> Price | NoPrice:
    """Of the virtual machine; where that has no row, of Azure ML's own."""
    price = bill.book.node_hour(region, instance_type, spot=False, cloud="azure")
    if isinstance(price, Price) or region is None:
        return price
    known = compute_cluster_price(region, instance_type)
    if known is not None:
        return Price(known.usd, known.unit, known.source, known.source_date)
    return price


def charge_registry(bill: Bill, resource: Resource) -> None:
    """A container registry, by the day and its tier; images beyond its quota are not counted."""
    tier = text(at(resource.inputs, "sku", "name"))
    if tier is None:
        bill.unpriced(resource, "container registry", "its tier is not known before the deployment")
        return
    bill.item(resource, "container registry", "Container Registry", f"{tier} registry", "day", bill.hours / 24)


def charge_registry_replica(bill: Bill, resource: Resource) -> None:
    """A further location of a registry costs what a Premium registry does there ("Container Registry pricing")."""
    bill.item(resource, "registry replica", "Container Registry", "Premium registry", "day", bill.hours / 24)


def _setting_of(bill: Bill, resource: Resource) -> Resource | None:
    """What moves the number of instances: it names the deployment, by its id or as what its value came from."""
    own_id = text(resource.outputs.get("id"))
    for each in bill.graph.of_type(_SETTING):
        target = text(each.inputs.get("targetResourceUri"))
        if resource.urn in each.property_dependencies.get("targetResourceUri", ()) or (target and target == own_id):
            return each
    return None
