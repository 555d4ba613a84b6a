"""Disks of nodes: how much of which storage one node of a pool has, on each cloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from modelyard.cost.bill import Bill
from modelyard.cost.storage_price import StorageItem, azure_disk, google_disk, volume_of_ebs
from modelyard.graph import Resource
from modelyard.placement.aks_agent_pool import AGENT_POOL, MANAGED_CLUSTER
from modelyard.placement.eks_node_group import NODE_GROUP, launch_template
from modelyard.placement.gke_compute_class import COMPUTE_CLASS
from modelyard.placement.gke_node_pool import CLUSTER, NODE_POOL
from modelyard.placement.karpenter_node_pool import NODE_POOL as KARPENTER_NODE_POOL
from modelyard.placement.pool import Pool
from modelyard.placement.quantity import quantity
from modelyard.placement.reading import at, items, mapping, text, whole

_EKS_DEFAULT_GB = 20
"""https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html, ``diskSize`` of Linux nodes."""
_GP3_IOPS, _GP3_MIB_PER_SECOND = 3000, 125
"""https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html: what every volume has."""
_GKE_DEFAULT_GB = 100
"""https://cloud.google.com/kubernetes-engine/docs/how-to/custom-boot-disks: boot disks of 100 GB, pd-balanced."""
_LOCAL_SSD_GB = 375
"""https://cloud.google.com/compute/docs/disks/local-ssd: each disk has 375 GiB."""
_AKS_DEFAULT_GB = ((7, 128), (15, 256), (63, 512))
"""Up to so many vCPUs, so large ("Default OS disk sizing", AKS documentation)."""
_AKS_LARGEST_DEFAULT_GB = 1024
_GIB = Decimal(1024**3)


@dataclass(frozen=True, slots=True)
class NodeDisk:
    """What the disks of one kind cost, for one node."""

    what: str
    """Size and kind, in words: ``100 GB gp3``."""
    item: StorageItem
    quantity: Decimal
    """Units a month for each node: GB, or disks."""


def node_disks(bill: Bill, resource: Resource, pool: Pool) -> list[NodeDisk]:
    """Disks of one node of the pool. What is not known is noted as unpriced, by the way."""
    return _READERS[resource.type](bill, resource, pool)


def _of_node_group(bill: Bill, resource: Resource, _: Pool) -> list[NodeDisk]:
    template = launch_template(resource, bill.graph)
    declared = template.inputs.get("blockDeviceMappings") if template else None
    if not declared:
        return _ebs({"gp3": Decimal(whole(resource.inputs.get("diskSize")) or _EKS_DEFAULT_GB)})
    return _block_devices(bill, resource, declared)


def node_class(bill: Bill, resource: Resource) -> Mapping[str, Any]:
    """What the node class of a NodePool says; empty where the program declares none of its name."""
    reference = at(resource.inputs, "spec", "template", "spec", "nodeClassRef")
    kind, name = text(at(reference, "kind")), text(at(reference, "name"))
    found = next(
        (
            each
            for each in bill.graph
            if each.type.endswith(f":{kind}")
            and each.provider == resource.provider
            and text(at(each.inputs, "metadata", "name")) == name
        ),
        None,
    )
    return mapping(found.inputs.get("spec")) if found is not None else {}


def _of_karpenter(bill: Bill, resource: Resource, _: Pool) -> list[NodeDisk]:
    """What its node class says; a class of EKS Auto Mode has one size for all."""
    spec = node_class(bill, resource)
    auto = quantity(at(spec, "ephemeralStorage", "size"))
    if auto is not None:
        return _ebs({"gp3": (auto / _GIB)})
    if not spec.get("blockDeviceMappings"):
        name = text(at(resource.inputs, "spec", "template", "spec", "nodeClassRef", "name"))
        bill.unpriced(resource, "volumes of its nodes", f"node class {name or 'by default'} does not say their size")
        return []
    return _block_devices(bill, resource, spec["blockDeviceMappings"])


def _block_devices(bill: Bill, resource: Resource, declared: Any) -> list[NodeDisk]:
    """Of a launch template, or of a node class, which writes sizes as Kubernetes does."""
    found: dict[str, Decimal] = {}
    faster: list[NodeDisk] = []
    for each in items(declared):
        ebs = mapping(at(each, "ebs"))
        asked = ebs.get("volumeSize")
        amount = quantity(asked) if isinstance(asked, str) and not asked.isdigit() else None
        size = amount / _GIB if amount is not None else whole(asked)
        kind = text(ebs.get("volumeType")) or "gp3"
        if size is None:
            known = "volumeSize" in ebs
            why = "its size is not known before the deployment" if known else "its size is the machine image's own"
            bill.unpriced(resource, f"volume {text(at(each, 'deviceName')) or ''} of its nodes", why)
            continue
        found[kind] = found.get(kind, Decimal(0)) + Decimal(size)
        iops, throughput = whole(ebs.get("iops")), whole(ebs.get("throughput"))
        if kind == "gp3":
            faster += _above_base(iops or 0, throughput or 0)
    return [*_ebs(found), *faster]


def _above_base(iops: int, mib_per_second: int) -> list[NodeDisk]:
    """What a gp3 volume costs beside its size: 3,000 IOPS and 125 MiB/s are in its price (Amazon EBS pricing)."""
    found: list[NodeDisk] = []
    if mib_per_second > _GP3_MIB_PER_SECOND:
        extra = mib_per_second - _GP3_MIB_PER_SECOND
        item = StorageItem("aws", "EBS", "gp3 throughput", "MiBps-month")
        found.append(NodeDisk(f"{extra} MiB/s of gp3", item, Decimal(extra)))
    if iops > _GP3_IOPS:
        item = StorageItem("aws", "EBS", "gp3 IOPS", "IOPS-month")
        found.append(NodeDisk(f"{iops - _GP3_IOPS} IOPS of gp3", item, Decimal(iops - _GP3_IOPS)))
    return found


def _ebs(gb: Mapping[str, Decimal]) -> list[NodeDisk]:
    return [NodeDisk(f"{_plain(size)} GB {kind}", volume_of_ebs(kind), size) for kind, size in gb.items()]


def _of_google(bill: Bill, resource: Resource, pool: Pool) -> list[NodeDisk]:
    """The boot disk, and the local SSDs that the pool asks for."""
    config = mapping(resource.inputs.get("nodeConfig"))
    boot = mapping(config.get("bootDisk"))
    size = whole(boot.get("sizeGb", config.get("diskSizeGb", _GKE_DEFAULT_GB)))
    kind = text(boot.get("diskType")) or text(config.get("diskType")) or "pd-balanced"
    count = sum(
        whole(at(config, key, "localSsdCount")) or 0
        for key in ("ephemeralStorageLocalSsdConfig", "localNvmeSsdBlockConfig")
    ) + (whole(config.get("localSsdCount")) or 0)
    return _google_disks(bill, resource, size, kind, count)


def _google_disks(bill: Bill, resource: Resource, size: int | None, kind: str, count: int) -> list[NodeDisk]:
    """A boot disk of so many GB, and so many local SSDs."""
    found = []
    if size is None:
        bill.unpriced(resource, "boot disks of its nodes", "their size is not known before the deployment")
    else:
        found.append(NodeDisk(f"{size} GB {kind}", google_disk(kind), Decimal(size)))
    if count:
        gb = Decimal(_LOCAL_SSD_GB * count)
        found.append(NodeDisk(f"{count} local SSDs of {_LOCAL_SSD_GB} GB", google_disk("local SSD"), gb))
    return found


def _of_compute_class(bill: Bill, resource: Resource, pool: Pool) -> list[NodeDisk]:
    """Of the first machine that it names."""
    priority = next((mapping(each) for each in items(at(resource.inputs, "spec", "priorities"))), {})
    storage = mapping(priority.get("storage"))
    size, kind = whole(storage.get("bootDiskSize", _GKE_DEFAULT_GB)), text(storage.get("bootDiskType")) or "pd-balanced"
    return _google_disks(bill, resource, size, kind, whole(storage.get("localSSDCount")) or 0)


def _of_azure(bill: Bill, resource: Resource, pool: Pool) -> list[NodeDisk]:
    """The OS disk. One that is ephemeral stands on the machine's own disk, which its price has in it."""
    inputs = resource.inputs
    if resource.type == MANAGED_CLUSTER:
        named = (mapping(each) for each in items(inputs.get("agentPoolProfiles")))
        profiles = [each for each in named if pool.labels.get("kubernetes.azure.com/agentpool") == each.get("name")]
        inputs = profiles[0] if profiles else {}
    if text(inputs.get("osDiskType")) == "Ephemeral":
        return []
    if inputs.get("osDiskType") is None:
        bill.findings.note(f"pool {pool.name}: its OS disks are counted as managed ones; AKS may make them ephemeral")
    size = whole(inputs.get("osDiskSizeGB")) or _aks_default_gb(pool)
    if size is None:
        bill.unpriced(resource, f"OS disks of pool {pool.name}", "their size is the machine's, which is not known")
        return []
    item = azure_disk("Premium SSD", size)
    return [NodeDisk(f"{size} GB Premium SSD", item, Decimal(1))]


def _aks_default_gb(pool: Pool) -> int | None:
    if pool.instance is None:
        return None
    return next((gb for vcpu, gb in _AKS_DEFAULT_GB if pool.instance.vcpu <= vcpu), _AKS_LARGEST_DEFAULT_GB)


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


_READERS: dict[str, Callable[[Bill, Resource, Pool], list[NodeDisk]]] = {
    NODE_GROUP: _of_node_group,
    KARPENTER_NODE_POOL: _of_karpenter,
    NODE_POOL: _of_google,
    CLUSTER: _of_google,
    COMPUTE_CLASS: _of_compute_class,
    AGENT_POOL: _of_azure,
    MANAGED_CLUSTER: _of_azure,
}
