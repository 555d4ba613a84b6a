"""Endpoints of SageMaker: instances by the hour, serverless ones by the time of requests."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from modelyard.catalog.managed_instances import HOSTING
from modelyard.cost.average_replicas import with_average
from modelyard.cost.bill import Bill
from modelyard.cost.floor_steps import Step, average_floor, scheduled_actions
from modelyard.cost.owner import owner_of
from modelyard.cost.price import NoPrice
from modelyard.cost.recurrence import UnsupportedRecurrence
from modelyard.cost.remedy import Remedy
from modelyard.graph import Resource
from modelyard.placement.reading import at, items, mapping, text, whole
from modelyard.placement.region import region_of

SERVERLESS = "SageMaker Serverless Inference"
_TARGET = "aws:appautoscaling/target:Target"
_ACTION = "aws:appautoscaling/scheduledAction:ScheduledAction"
_VARIANT = "sagemaker:variant:DesiredInstanceCount"


def charge_endpoint_configuration(bill: Bill, resource: Resource) -> None:
    """Every variant of an endpoint configuration, shadows too: they answer, though nobody listens."""
    variants = [
        mapping(each)
        for key in ("productionVariants", "shadowProductionVariants")
        for each in items(resource.inputs.get(key))
    ]
    if not variants:
        bill.unpriced(resource, "endpoint instances", "its variants are not known before the deployment")
    for variant in variants:
        name = text(variant.get("variantName")) or "a variant"
        serverless = variant.get("serverlessConfig")
        if serverless is not None:
            _serverless(bill, resource, name, mapping(serverless), _weight(variant, variants))
        else:
            _instances(bill, resource, name, variant)
    if at(resource.inputs, "dataCaptureConfig", "enableCapture") is True:
        bill.findings.note("captured requests and answers are charged with the bucket that they are put into")


def _instances(bill: Bill, resource: Resource, name: str, variant: Mapping[str, Any]) -> None:
    instance_type = text(variant.get("instanceType"))
    what = f"instances of {name}"
    if instance_type is None:
        bill.unpriced(resource, what, "its instance type is not known before the deployment")
        return
    floor, most = _counts(bill, resource, name, variant)
    if floor is None:
        bill.unpriced(resource, what, "the number of its instances is not known before the deployment")
        return
    region = region_of(resource, bill.graph)
    price = bill.book.service(region, HOSTING, instance_type, "hour", resource.type)
    if isinstance(price, NoPrice):
        bill.unpriced(resource, what, price)
        return
    owner = owner_of(resource, bill.graph)
    floor, words = with_average(bill, resource, owner, floor)
    bill.charge(resource, f"{what} ({instance_type})", owner, bill.hours * floor, price, region, assumed=words)
    if most is not None and most > floor:
        bill.growth(bill.hours * (most - floor), price)
    volume_gib = whole(variant.get("volumeSizeInGb"))
    if volume_gib and floor:
        bill.item(resource, f"volumes of {name}", HOSTING, "endpoint ML storage", "GB-month", volume_gib * floor)


def _counts(
    bill: Bill, resource: Resource, name: str, variant: Mapping[str, Any]
) -> tuple[Decimal | None, Decimal | None]:
    """Instances that are guaranteed on average, and the most that there may be."""
    managed = mapping(variant.get("managedInstanceScaling"))
    if managed.get("status") == "ENABLED":
        least, most = whole(managed.get("minInstanceCount")), whole(managed.get("maxInstanceCount"))
        _note_sleep(bill, resource, least)
        return _decimal(least), _decimal(most)
    target = _target_of(bill, resource, name)
    if target is None:
        count = whole(variant.get("initialInstanceCount"))
        return _decimal(count), _decimal(count)
    least, most = whole(target.inputs.get("minCapacity")), whole(target.inputs.get("maxCapacity"))
    if least is None:
        return None, None
    _note_sleep(bill, resource, least)
    return average_floor(least, _steps(bill, resource, target)), _decimal(most)


def _steps(bill: Bill, resource: Resource, target: Resource) -> list[Step]:
    actions = [
        each
        for each in bill.graph.of_type(_ACTION)
        if target.urn in each.property_dependencies.get("resourceId", ()) or _siblings(each, target)
    ]
    try:
        found = scheduled_actions(each.inputs for each in actions)
    except UnsupportedRecurrence as error:
        bill.findings.note(f"schedules of {resource.name}: {error} The lowest floor is taken for every hour.")
        return []
    if found:
        bill.findings.note("instances that are guaranteed at some hours are priced by their hours of a week")
    return found


def _siblings(action: Resource, target: Resource) -> bool:
    """Where nothing says whose an action is: one of the same component, named after the target."""
    known = action.property_dependencies.get("resourceId")
    return not known and action.parent == target.parent and action.name.startswith(f"{target.name}-")


def _target_of(bill: Bill, resource: Resource, variant: str) -> Resource | None:
    """What moves the number of a variant's instances: a target of the same component."""
    found = [
        each
        for each in bill.graph.of_type(_TARGET)
        if each.parent == resource.parent
        and each.stack == resource.stack
        and text(each.inputs.get("scalableDimension")) == _VARIANT
    ]
    own = [
        each
        for each in found
        if (text(each.inputs.get("resourceId")) or "").endswith(f"/variant/{variant}")
        or each.name.endswith(f"-{variant}")
    ]
    if own:
        return own[0]
    variants = len(list(items(resource.inputs.get("productionVariants"))))
    return found[0] if resource.parent is not None and variants == 1 and len(found) == 1 else None


def _weight(variant: Mapping[str, Any], variants: list[Mapping[str, Any]]) -> Decimal:
    """Share of the requests that a variant answers."""
    weights = [_number(each.get("initialVariantWeight", 1)) for each in variants]
    whole_weight = sum(weights, Decimal(0))
    return _number(variant.get("initialVariantWeight", 1)) / whole_weight if whole_weight else Decimal(1)


def _number(value: Any) -> Decimal:
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else Decimal(1)


def _serverless(bill: Bill, resource: Resource, name: str, declared: Mapping[str, Any], share: Decimal) -> None:
    memory_mib = whole(declared.get("memorySizeInMb"))
    if memory_mib is None:
        bill.unpriced(resource, f"requests of {name}", "its memory is not known before the deployment")
        return
    sku = f"memory {memory_mib} MB"
    seconds = bill.assumptions.serverless_seconds(owner_of(resource, bill.graph).model)
    what = f"requests of {name}"
    if seconds is None:
        reason = "it depends on use; declare the assumption serverless_seconds_per_month to price it"
        bill.unpriced(resource, what, reason, remedies=(Remedy("serverless_seconds_per_month"),))
    else:
        words = f"serverless_seconds_per_month: {seconds:f}"
        bill.findings.note(f"{words} for endpoint {resource.name}")
        bill.item(resource, what, SERVERLESS, sku, "second", seconds * share, assumed=words)
    kept = whole(declared.get("provisionedConcurrency"))
    if kept:
        bill.item(
            resource,
            f"provisioned concurrency of {name}",
            SERVERLESS,
            f"provisioned concurrency, {sku}",
            "second",
            bill.hours * 3600 * kept,
        )


def _note_sleep(bill: Bill, resource: Resource, least: int | None) -> None:
    if least == 0:
        bill.findings.note(
            f"endpoint {resource.name} may be at no instance and is priced so; the hours for which requests wake it "
            "come on top"
        )


def _decimal(count: int | None) -> Decimal | None:
    return None if count is None else Decimal(count)
