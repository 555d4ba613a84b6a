"""Karpenter's own controller beside the control plane, with simulated machines of the catalogue.

Its core starts, counts and ends machines; what a cloud adds is here its own simulation (KWOK): a machine is a Node
object. Machines, prices and the room that they leave to pods are those of the catalogue, so that the controller
decides on what a plan decided.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from modelyard.catalog import InstanceType, UnknownName, accelerators, allocatable, instances
from modelyard.resolve.pool_machines import architecture_of

from .api import Api, Object, until
from .build import built
from .control_plane import ControlPlane
from .definitions import install, things

REGION = "us-east-1"
ZONES = tuple(f"{REGION}{letter}" for letter in "abc")
POOL_LABEL = "karpenter.sh/nodepool"
TYPE_LABEL = "node.kubernetes.io/instance-type"
CAPACITY_LABEL = "karpenter.sh/capacity-type"
RESERVED = {"p5.48xlarge": 1}
"""Machines that are reserved, and how many."""

_NAME = "karpenter"
_CLASS = {"group": "karpenter.kwok.sh", "kind": "KWOKNodeClass"}
_OVERHEAD_MILLICORES, _OVERHEAD_MIB = 100, 10
"""What the simulation takes off every machine."""
_RESERVATION_LABEL = "karpenter.k8s.aws/capacity-reservation-id"
_RESERVATION = "cr-0a1b2c3d4e5f67890"
_ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}
_UNPRICED = 1000.0


def start_karpenter(plane: ControlPlane, api: Api) -> None:
    """The controller, with its definition of a node class."""
    install(api, things("karpenter", "crds"))
    machines = plane.folder / "machines.json"
    machines.write_text(json.dumps([_machine(each) for each in instances("aws", REGION)]))
    tool = built("karpenter")
    assert tool is not None
    plane.start(
        _NAME,
        [str(tool / "bin" / "kwok")],
        {
            "KUBECONFIG": str(plane.folder / "kubeconfig-inside"),
            "INSTANCE_TYPES_FILE_PATH": str(machines),
            "DISABLE_LEADER_ELECTION": "true",
            "SYSTEM_NAMESPACE": "kube-system",
        },
    )
    until(lambda: _works(plane), 180, lambda: plane.log(_NAME)[-3000:])


def node_pool(planned: Object) -> tuple[Object, Object]:
    """A node class of the simulation, and the planned NodePool with nothing changed but the class that it names."""
    pool = copy.deepcopy(planned)
    name = pool["metadata"]["name"]
    pool["spec"]["template"]["spec"]["nodeClassRef"] = {**_CLASS, "name": name}
    machines = {"apiVersion": f"{_CLASS['group']}/v1alpha1", "kind": _CLASS["kind"], "metadata": {"name": name}}
    return machines, pool


def is_ready(pool: Object) -> bool:
    """Whether the controller has taken a NodePool."""
    return any(each["type"] == "Ready" and each["status"] == "True" for each in _conditions(pool))


def told(pool: Object) -> str:
    return json.dumps(_conditions(pool), indent=1)


def refused_pods(plane: ControlPlane) -> set[str]:
    """Names of pods for which it has found no machine, at any time."""
    whole = plane.log(_NAME).rpartition("\n")[0].splitlines()
    lines = [json.loads(line) for line in whole if "could not schedule pod" in line]
    return {line["Pod"]["name"] for line in lines if "Pod" in line}


def _conditions(pool: Object) -> list[Object]:
    return pool.get("status", {}).get("conditions", [])


def _works(plane: ControlPlane) -> bool:
    plane.check()
    return '"provisioner"' in plane.log(_NAME)


def _machine(machine: InstanceType) -> dict[str, Any]:
    room = allocatable(machine)
    resources = {
        "cpu": f"{room.cpu_millicores + _OVERHEAD_MILLICORES}m",
        "memory": f"{room.memory_mib + _OVERHEAD_MIB}Mi",
        "pods": str(room.pods),
        "ephemeral-storage": "200Gi",
    }
    if machine.accelerator is not None:
        resources[_device(machine.accelerator)] = str(machine.accelerator_count)
    on_demand = float(machine.usd_per_hour_on_demand or _UNPRICED)
    prices = {"on-demand": on_demand, "spot": float(machine.usd_per_hour_spot or on_demand)}
    offerings = [_offering(price, kind, zone) for kind, price in prices.items() for zone in ZONES]
    if machine.name in RESERVED:
        reserved = _offering(0.0, "reserved", ZONES[0], {_RESERVATION_LABEL: _RESERVATION})
        offerings.append({**reserved, "ReservationCapacity": RESERVED[machine.name]})
    return {
        "name": machine.name,
        "architecture": _ARCHITECTURES[architecture_of(machine.name)],
        "operatingSystems": ["linux"],
        "resources": resources,
        "offerings": offerings,
    }


def _device(accelerator: str) -> str:
    try:
        return accelerators.get(accelerator).resource
    except UnknownName:
        return "example.com/unknown"


def _offering(price: float, kind: str, zone: str, more: dict[str, str] | None = None) -> dict[str, Any]:
    wanted = {CAPACITY_LABEL: kind, "topology.kubernetes.io/zone": zone, **(more or {})}
    requirements = [{"key": key, "operator": "In", "values": [value]} for key, value in wanted.items()]
    return {"Price": price, "Available": True, "Requirements": requirements}
