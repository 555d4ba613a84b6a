"""What NVIDIA's DRA driver publishes: its device classes, and the devices of each node.

Follows the driver's chart and ``GetDevice`` of its kubelet plugin (NVIDIA/k8s-dra-driver-gpu tag v0.4.0): one pool a
node, by the node's name; GPUs are ``gpu-<number>``, with type, product and memory; MIG instances have their profile.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelyard.placement import Pool

from .api import Api, Object, until
from .nodes import SECONDS

DRIVER = "gpu.nvidia.com"
_VERSION = "resource.k8s.io/v1"


def device_classes() -> Iterator[Object]:
    for name, kind in ((DRIVER, "gpu"), ("mig.nvidia.com", "mig")):
        expression = f"device.driver == '{DRIVER}' && device.attributes['{DRIVER}'].type == '{kind}'"
        yield {
            "apiVersion": _VERSION,
            "kind": "DeviceClass",
            "metadata": {"name": name},
            "spec": {"selectors": [{"cel": {"expression": expression}}]},
        }


def resource_slice(node: str, pool: Pool) -> Object:
    """The devices of one node of the pool."""
    assert pool.room is not None and pool.gpu_memory_mib is not None and pool.instance is not None
    devices = [_device(number, pool) for number in range(pool.room.gpus)]
    return {
        "apiVersion": _VERSION,
        "kind": "ResourceSlice",
        "metadata": {"name": f"{node}-{DRIVER}"},
        "spec": {
            "driver": DRIVER,
            "nodeName": node,
            "pool": {"name": node, "generation": 1, "resourceSliceCount": 1},
            "devices": devices,
        },
    }


def publish(api: Api, pools: list[Pool]) -> None:
    """For every node that is there and belongs to one of these pools."""
    by_name = {pool.name: pool for pool in pools}
    for node in api.list("v1", "Node"):
        pool = by_name.get(node["metadata"]["labels"].get("modelyard.dev/pool", ""))
        if pool is not None:
            api.create(resource_slice(node["metadata"]["name"], pool))


def claims(api: Api) -> list[Object]:
    return api.list(_VERSION, "ResourceClaim")


def withdraw(api: Api) -> None:
    """Every claim, slice and device class is gone. Its pods have to be gone before."""
    _delete(api, "ResourceClaimTemplate", "ResourceClaim")
    # An allocated claim is there until Kubernetes' controller has taken its finalizer.
    until(lambda: not claims(api), SECONDS, lambda: f"{len(claims(api))} claims are left")
    _delete(api, "ResourceSlice", "DeviceClass")


def _delete(api: Api, *kinds: str) -> None:
    for kind in kinds:
        for thing in api.list(_VERSION, kind):
            api.delete({"apiVersion": _VERSION, "kind": kind, **thing})


def _device(number: int, pool: Pool) -> Object:
    assert pool.instance is not None
    profile = pool.sharing.removeprefix("mig-") if pool.sharing.startswith("mig-") else None
    said = {"productName": f"NVIDIA {pool.instance.accelerator}", "type": "gpu" if profile is None else "mig"}
    if profile is not None:
        said["profile"] = profile
    name = f"gpu-{number}" if profile is None else f"gpu-0-mig-{number}"
    return {
        "name": name,
        "attributes": {key: {"string": value} for key, value in said.items()},
        "capacity": {"memory": {"value": f"{pool.gpu_memory_mib}Mi"}},
    }
