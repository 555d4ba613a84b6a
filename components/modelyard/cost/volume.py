"""Block storage outside of node pools: EBS volumes, instances' root volumes, claims of Kubernetes pods on any cloud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from math import ceil
from typing import Any

from modelyard.cost.bill import Bill
from modelyard.cost.cluster_region import place_of_object
from modelyard.cost.storage_price import StorageItem, azure_disk, google_disk, volume_of_ebs
from modelyard.graph import Resource
from modelyard.placement.quantity import quantity
from modelyard.placement.reading import at, items, mapping, text, whole

_STORAGE_CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
_GIB = Decimal(1024**3)
_DEFAULT_KINDS = {"aws": "gp3", "gcp": "pd-balanced", "azure": "Premium_LRS"}
_KIND_KEYS = {"ebs.csi.aws.com": "type", "pd.csi.storage.gke.io": "type", "disk.csi.azure.com": "skuName"}
_CLOUDS = {"ebs.csi.aws.com": "aws", "pd.csi.storage.gke.io": "gcp", "disk.csi.azure.com": "azure"}
_OLD_PROVISIONERS = {
    "kubernetes.io/aws-ebs": "ebs.csi.aws.com",
    "ebs.csi.eks.amazonaws.com": "ebs.csi.aws.com",
    "kubernetes.io/gce-pd": "pd.csi.storage.gke.io",
    "kubernetes.io/azure-disk": "disk.csi.azure.com",
}


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
    """Nothing where it takes a volume that is there: only a storage class makes one."""
    spec = mapping(resource.inputs.get("spec"))
    if not (spec.get("volumeName") and spec.get("storageClassName") == ""):
        _claim(bill, resource, spec, 1)


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
    cloud, region = place_of_object(resource, bill.graph)
    found = _kind(bill, resource, cloud, text(spec.get("storageClassName")))
    if isinstance(found, str):
        bill.unpriced(resource, "volume claim", found)
        return
    cloud, kind = found
    if asked is None:
        bill.unpriced(resource, "volume claim", "its size is not known before the deployment")
        return
    gib = asked / _GIB
    item = _item(cloud, kind, gib)
    amount = Decimal(count) if item.unit == "disk-month" else gib * count
    words = f"volume claim ({kind})"
    bill.item(resource, words, item.service, item.sku, item.unit, amount, region=region, cloud=cloud)


def _kind(bill: Bill, resource: Resource, cloud: str, name: str | None) -> tuple[str, str] | str:
    """Cloud and kind of the disks of a storage class; or why they have no price. Of several classes with one name that
    of the same cluster counts."""
    classes = [each for each in bill.graph.of_type(_STORAGE_CLASS) if text(at(each.inputs, "metadata", "name")) == name]
    own = [each for each in classes if each.provider == resource.provider] or classes
    if not own:
        kind = _DEFAULT_KINDS[cloud]
        named = f"EBS {kind}" if cloud == "aws" else kind
        bill.findings.note(f"storage class {name or 'by default'} is taken to be {named}")
        return cloud, kind
    provisioner = text(own[0].inputs.get("provisioner")) or "ebs.csi.aws.com"
    driver = _OLD_PROVISIONERS.get(provisioner, provisioner)
    if driver not in _CLOUDS:
        return f"the catalog has no price of volumes that {provisioner} makes"
    parameters = mapping(own[0].inputs.get("parameters"))
    kind = text(parameters.get(_KIND_KEYS[driver])) or text(parameters.get("storageaccounttype"))
    return _CLOUDS[driver], kind or _DEFAULT_KINDS[_CLOUDS[driver]]


def _item(cloud: str, kind: str, gib: Decimal) -> StorageItem:
    if cloud == "gcp":
        return google_disk(kind)
    return azure_disk(kind, ceil(gib)) if cloud == "azure" else volume_of_ebs(kind)


def _charge(bill: Bill, resource: Resource, what: str, size_gb: Any, kind: str) -> None:
    size = whole(size_gb)
    if size is None:
        bill.unpriced(resource, what, "its size is not known before the deployment")
        return
    words = f"{what} ({kind})"
    bill.item(resource, words, "EBS", f"{kind} storage", "GB-month", Decimal(size))


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
