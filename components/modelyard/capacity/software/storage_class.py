"""The StorageClass of the platform's own volumes."""

from __future__ import annotations

from typing import Any

from ...governance.ownership import Ownership

NAME = "modelyard-gp3"


def storage_class(ownership: Ownership) -> dict[str, Any]:
    """Encrypted gp3 volumes of the EBS CSI driver, in the zone where the pod lands, with the owner's tags (driver
    documentation, "StorageClass parameters")."""
    tags = {
        f"tagSpecification_{number}": f"{key}={value}"
        for number, (key, value) in enumerate(ownership.aws_tags().items(), start=1)
    }
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": NAME, "labels": ownership.kubernetes_labels()},
        "provisioner": "ebs.csi.aws.com",
        "parameters": {"type": "gp3", "encrypted": "true", **tags},
        "volumeBindingMode": "WaitForFirstConsumer",
        "allowVolumeExpansion": True,
        "reclaimPolicy": "Delete",
    }
