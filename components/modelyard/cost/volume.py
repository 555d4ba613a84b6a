"""Block storage outside of node groups: EBS volumes, instances' root volumes, claims of Kubernetes pods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from modelyard.cost.bill import Bill
from modelyard.cost.cluster_region import region_of_object
from modelyard.graph import Resource
from modelyard.placement.quantity import quantity
from modelyard.placement.reading import at, items, mapping, text, whole

_STORAGE_CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
_GIB = Decimal(1024**3)


def charge_volume(bill: Bill, resource: Resource) -> None:
    _charge(bill, resource, "volume", resource.inputs.get("size"), text(resource.inputs.get("type")) or "gp2")


def charge_root_volume(bill: Bill, resource: Resource) -> None:
    """The root volume of an EC2 instance; its image decides the size where the program does not."""
    root = mapping(resource.inputs.get("rootBlockDevice"))
    if root:
        _charge(bill, resource, "root volume", root.get("volumeSize"), text(root.get("volumeType")) or "gp3")
    else:
        bill.unpriced(resource, "root volume", "its size is the machine image's; declare rootBlockDevice")


def charge_claim(bill: Bill, resource: Resource) -> None:
    _claim(bill, resource, mapping(resource.inputs.get("spec")), 1)


def charge_claim_templates(bill: Bill, resource: Resource) -> None:
    """A StatefulSet: one volume for each template and replica."""
    spec = mapping(resource.inputs.get("spec"))
    replicas = whole(spec.get("replicas", 1))
    for template in items(spec.get("volumeClaimTemplates")):
        if replicas is None:
            bill.unpriced(resource, "volumes of its pods", "replicas are not known before the deployment")
        else:
            _claim(bill, resource, mapping(at(template, "spec")), replicas)


def charge_chart_volumes(bill: Bill, resource: Resource) -> None:
    """Volumes that a Helm release's values ask for: one for each claim and replica."""
    for spec, replicas in _claims_in(resource.inputs.get("values"), 1):
        _claim(bill, resource, spec, replicas)


def _claim(bill: Bill, resource: Resource, spec: Mapping[str, Any], count: int) -> None:
    asked = quantity(at(spec, "resources", "requests", "storage"))
    gib = None if asked is None else asked / _GIB * count
    kind = _kind(bill, text(spec.get("storageClassName")))
    _charge(bill, resource, "volume claim", gib, kind, region=region_of_object(resource, bill.graph))


def _kind(bill: Bill, storage_class: str | None) -> str:
    for each in bill.graph.of_type(_STORAGE_CLASS):
        if text(at(each.inputs, "metadata", "name")) == storage_class:
            return text(at(each.inputs, "parameters", "type")) or "gp3"
    bill.findings.note(f"storage class {storage_class or 'by default'} is taken to be EBS gp3")
    return "gp3"


def _charge(bill: Bill, resource: Resource, what: str, size_gb: Any, kind: str, *, region: str | None = None) -> None:
    size = size_gb if isinstance(size_gb, Decimal) else whole(size_gb)
    if size is None:
        bill.unpriced(resource, what, "its size is not known before the deployment")
        return
    words = f"{what} ({kind})"
    bill.item(resource, words, "EBS", f"{kind} storage", "GB-month", Decimal(size), region=region)


def _claims_in(value: Any, replicas: int) -> Iterator[tuple[Mapping[str, Any], int]]:
    """The mappings in a chart's values that ask for a volume, and how many pods each stands for.

    Two shapes are known: a claim's own spec (``resources.requests.storage``) and the ``persistence`` block of many
    charts (``enabled``, ``size``, ``storageClass``). Pods are counted by the nearest ``replicas`` above.
    """
    if isinstance(value, Mapping):
        replicas = max(1, whole(value.get("replicas")) or replicas)
        if at(value, "resources", "requests", "storage") is not None:
            yield value, replicas
            return
        if value.get("enabled") is True and isinstance(value.get("size"), str) and quantity(value["size"]) is not None:
            name = value.get("storageClass") or value.get("storageClassName")
            yield {"resources": {"requests": {"storage": value["size"]}}, "storageClassName": name}, replicas
        for each in value.values():
            yield from _claims_in(each, replicas)
    else:
        for each in items(value):
            yield from _claims_in(each, replicas)
