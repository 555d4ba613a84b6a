"""By what item of which service a cloud sells a disk."""

from __future__ import annotations

from dataclasses import dataclass

_TIERS = (4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32767)
_NAMES = (1, 2, 3, 4, 6, 10, 15, 20, 30, 40, 50, 60, 70, 80)
"""https://learn.microsoft.com/en-us/azure/virtual-machines/disks-types: a disk is billed as the next larger size."""
_LETTERS = {"Premium SSD": "P", "Standard SSD": "E", "Standard HDD": "S"}
_AZURE_SKUS = {"Premium": "Premium SSD", "StandardSSD": "Standard SSD", "Standard": "Standard HDD"}


@dataclass(frozen=True, slots=True)
class StorageItem:
    cloud: str
    service: str
    sku: str
    unit: str


def volume_of_ebs(kind: str) -> StorageItem:
    return StorageItem("aws", "EBS", f"{kind} storage", "GB-month")


def google_disk(kind: str) -> StorageItem:
    """``pd-balanced``, ``hyperdisk-balanced``, ``local SSD`` ..."""
    return StorageItem("gcp", "Persistent Disk", kind, "GB-month")


def azure_disk(kind: str, gb: int) -> StorageItem:
    """Of a kind in words, or of a ``skuName`` (``Premium_LRS``). Sold by the disk, in steps of size; what is sold by
    the GB, as Premium SSD v2 is, by the GB-month."""
    name, _, copies = kind.partition("_")
    words = _AZURE_SKUS.get(name, name)
    if words not in _LETTERS:
        return StorageItem("azure", "Managed Disks", kind, "GB-month")
    number = next((label for tier, label in zip(_TIERS, _NAMES, strict=True) if gb <= tier), _NAMES[-1])
    sku = f"{words} {_LETTERS[words]}{number} {copies or 'LRS'}"
    return StorageItem("azure", "Managed Disks", sku, "disk-month")
