"""The StorageClass of the platform's own volumes, on each cloud.

Follows "StorageClass parameters" of the EBS CSI driver's documentation and "Create a storage class" of EKS Auto Mode's
user guide, "StorageClass parameters" of the Compute Engine persistent disk CSI driver, and "Driver parameters" of the
Azure Disk CSI driver.
"""

from __future__ import annotations

from typing import Any

import pulumi

from ...environment.target import Cloud
from ...governance.ownership import Ownership

_HYPERDISK_ALONE = ("a4", "a4x", "c4", "c4a", "c4d", "m4", "n4", "n4a", "n4d", "x4")
"""Machine series of Google Cloud that take no persistent disk (Compute Engine documentation, "Hyperdisk", support by
machine series)."""
_NAMES: dict[str, str] = {
    "gp3": "modelyard-gp3",
    "pd-balanced": "modelyard-pd-balanced",
    "hyperdisk-balanced": "modelyard-hyperdisk-balanced",
    "Premium_LRS": "modelyard-premium-ssd",
}


def volume_type(cloud: Cloud, machine: str | None = None) -> str:
    """Of volumes that the system nodes can have, as the cloud names it: solid-state, and not the dearest.

    Args:
        cloud: whose volumes they are.
        machine: instance type of the system nodes; None: one of the default series.
    """
    if cloud == "gcp":
        series = (machine or "").partition("-")[0]
        return "hyperdisk-balanced" if series in _HYPERDISK_ALONE else "pd-balanced"
    return "gp3" if cloud == "aws" else "Premium_LRS"


def storage_class_name(volumes: str) -> str:
    """Of the class for volumes of this type."""
    return _NAMES[volumes]


def storage_class(
    ownership: Ownership,
    *,
    cloud: Cloud = "aws",
    volumes: str = "gp3",
    auto_mode: bool = False,
    disk_encryption_set_id: str | None = None,
    kms_key: pulumi.Input[str] | None = None,
) -> dict[str, Any]:
    """Encrypted volumes in the zone where the pod lands, with the owner's tags or labels.

    Nodes of EKS Auto Mode have a driver of their own, and neither driver reaches the other's nodes: the platform's pods
    run on system nodes, a managed group, so that ``auto_mode`` gives a second class, for pods on nodes of Auto Mode.

    Args:
        ownership: whose volumes they are.
        cloud: whose volumes they are.
        volumes: their type, by :func:`volume_type`.
        auto_mode: whether pods on nodes of EKS Auto Mode use them.
        disk_encryption_set_id: resource id, on Azure. Default: Microsoft's own key.
        kms_key: of Cloud KMS, on Google Cloud. Default: Google's own key.
    """
    if cloud == "gcp":
        provisioner = "pd.csi.storage.gke.io"
        labels = ",".join(f"{key}={value}" for key, value in ownership.gcp_labels().items())
        google_key = {} if kms_key is None else {"disk-encryption-kms-key": kms_key}
        parameters = {"type": volumes, "labels": labels, **google_key}
    elif cloud == "azure":
        provisioner = "disk.csi.azure.com"
        tags = ",".join(f"{key}={value}" for key, value in ownership.aws_tags().items())
        key = {} if disk_encryption_set_id is None else {"diskEncryptionSetID": disk_encryption_set_id}
        parameters = {"skuName": volumes, "tags": tags, **key}
    else:
        provisioner = "ebs.csi.eks.amazonaws.com" if auto_mode else "ebs.csi.aws.com"
        numbered = enumerate(ownership.aws_tags().items(), start=1)
        tagged = {f"tagSpecification_{number}": f"{key}={value}" for number, (key, value) in numbered}
        parameters = {"type": volumes, "encrypted": "true", **tagged}
    on_auto_mode = {"matchLabelExpressions": [{"key": "eks.amazonaws.com/compute-type", "values": ["auto"]}]}
    name = f"{storage_class_name(volumes)}-auto-mode" if auto_mode else storage_class_name(volumes)
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name, "labels": ownership.kubernetes_labels()},
        "provisioner": provisioner,
        **({"allowedTopologies": [on_auto_mode]} if auto_mode else {}),
        "parameters": parameters,
        "volumeBindingMode": "WaitForFirstConsumer",
        "allowVolumeExpansion": True,
        "reclaimPolicy": "Delete",
    }
