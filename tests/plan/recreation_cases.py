"""For every key of a pool, on every cloud: a pool before and after its change. What follows is the tables' to say."""

from __future__ import annotations

from typing import Any, NamedTuple

Pool = dict[str, Any]
_GROUPS = (
    "/subscriptions/0a1b2c3d-4e5f-6789-abcd-ef0123456789/resourceGroups/g/providers/Microsoft.Compute/"
    "capacityReservationGroups/"
)
_NIGHT = [{"name": "night", "recurrence": "0 20 * * *", "min_nodes": 0, "desired_nodes": 0, "max_nodes": 1}]


class Case(NamedTuple):
    key: str
    before: Pool
    after: Pool


def _cases(base: Pool, changes: dict[str, Pool], pairs: dict[str, tuple[Pool, Pool]]) -> list[Case]:
    """Changes of the same pool, and of pools that first need something else."""
    return [Case(key, base, {**base, **more}) for key, more in changes.items()] + [
        Case(key, before, {**before, **more}) for key, (before, more) in pairs.items()
    ]


_T4: Pool = {"accelerator": "T4", "max_nodes": 3}
_L4: Pool = {"accelerator": "L4", "max_nodes": 3}
_A100: Pool = {"accelerator": "A100-40GB", "max_nodes": 3}
_H100: Pool = {"accelerator": "H100", "gpus_per_node": 8, "max_nodes": 2}
_EVERYWHERE: dict[str, Pool] = {
    "min_nodes": {"min_nodes": 1},
    "desired_nodes": {"desired_nodes": 2},
    "max_nodes": {"max_nodes": 5},
    "disk_gib": {"disk_gib": 300},
    "labels": {"labels": {"team": "search"}},
    "taints": {"taints": [{"key": "team", "value": "search"}]},
    "repair": {"repair": False},
    "sharing.time_slicing": {"sharing": {"time_slicing": 4}},
    "sharing.mps": {"sharing": {"mps": 4}},
    "capacity": {"capacity": "spot"},
    "update.max_unavailable": {"update": {"max_unavailable": 2}},
}
_RESERVED = {**_T4, "instance_types": ["g4dn.xlarge"], "capacity": "reservation"}
_BOTTLEROCKET = {**_T4, "image": "bottlerocket_nvidia"}
_SNAPSHOT = "snap-0a1b2c3d4e5f6789"
_KARPENTER = {**_T4, "provisioner": "karpenter"}

AWS = _cases(
    _T4,
    {
        **_EVERYWHERE,
        "accelerator": {"accelerator": "L4"},
        "gpus_per_node": {"gpus_per_node": 4},
        "instance_types": {"instance_types": ["g4dn.2xlarge"]},
        "provisioner": {"provisioner": "karpenter"},
        "zones": {"zones": ["us-east-1a"]},
        "local_ssd.use": {"local_ssd": {}},
        "image_start.by": {"image_start": {"by": "parallel_pull"}},
        "image": {"image": "bottlerocket_nvidia"},
        "schedules": {"schedules": _NIGHT},
        "dra": {"dra": True},
        "update.max_unavailable_percentage": {"update": {"max_unavailable_percentage": 20}},
        "eks.image_release": {"eks": {"image_release": "1.35.2-20260915"}},
        "eks.force_update": {"eks": {"force_update": True}},
        "eks.repair_at_once": {"eks": {"repair_at_once": 1}},
        "eks.repair_stops_at_percent": {"eks": {"repair_stops_at_percent": 10}},
    },
    {
        "spot.on_demand_floor": ({**_T4, "capacity": "spot"}, {"spot": {"on_demand_floor": 1}}),
        "reservation.id": (
            {**_RESERVED, "reservation": {"id": "cr-0a1b2c3d4e5f67890"}},
            {"reservation": {"id": "cr-0a1b2c3d4e5f67891"}},
        ),
        "reservation.affinity": (
            {**_RESERVED, "reservation": {"id": "cr-0a1b2c3d4e5f67890"}},
            {"reservation": {"id": "cr-0a1b2c3d4e5f67890", "affinity": "any"}},
        ),
        "image_start.disk": (
            {**_BOTTLEROCKET, "image_start": {"by": "preloaded", "disk": f"{_SNAPSHOT}0"}},
            {"image_start": {"by": "preloaded", "disk": f"{_SNAPSHOT}1"}},
        ),
        "image_start.volume_mib_per_second": (
            {**_T4, "image_start": {"by": "parallel_pull"}},
            {"image_start": {"by": "parallel_pull", "volume_mib_per_second": 700}},
        ),
        "sharing.mig": ({**_A100, "gpus_per_node": 8}, {"sharing": {"mig": "1g.5gb"}}),
        "sharing.neuron_cores": ({"accelerator": "Inferentia2"}, {"sharing": {"neuron_cores": True}}),
        "compact": ({**_H100, "zones": ["us-east-1a"]}, {"compact": True}),
        "fabric": (_H100, {"fabric": True}),
        "karpenter.image_release": (_KARPENTER, {"karpenter": {"image_release": "v20260915"}}),
        "karpenter.expire_hours": (_KARPENTER, {"karpenter": {"expire_hours": 10}}),
        "karpenter.consolidate": (_KARPENTER, {"karpenter": {"consolidate": "when_underused"}}),
        "karpenter.unused_minutes": (_KARPENTER, {"karpenter": {"unused_minutes": 5}}),
        "karpenter.quiet_hours": (
            _KARPENTER,
            {"karpenter": {"quiet_hours": [{"recurrence": "0 8 * * 1-5", "hours": 8}]}},
        ),
        "karpenter.weight": (_KARPENTER, {"karpenter": {"weight": 10}}),
    },
)
_IMAGES = "projects/shop-prod/global/images/"

GCP = _cases(
    _L4,
    {
        **_EVERYWHERE,
        "accelerator": {"accelerator": "T4"},
        "gpus_per_node": {"gpus_per_node": 2},
        "instance_types": {"instance_types": ["g2-standard-12"]},
        "provisioner": {"provisioner": "compute_class"},
        "zones": {"zones": ["us-central1-b"]},
        "local_ssd.count": {"local_ssd": {"count": 1}},
        "image_start.by": {"image_start": {"by": "pull"}},
        "image": {"image": "ubuntu"},
        "driver.version": {"driver": {"version": "latest"}},
        "update.max_surge": {"update": {"max_surge": 2}},
        "update.strategy": {"update": {"max_surge": 1, "strategy": "blue_green"}},
    },
    {
        "spot.on_demand_floor": ({**_L4, "capacity": "spot"}, {"spot": {"on_demand_floor": 1}}),
        "reservation.id": (
            {**_L4, "capacity": "reservation", "reservation": {"id": "gpus-2027"}},
            {"reservation": {"id": "gpus-2028"}},
        ),
        "reservation.affinity": (
            {**_L4, "capacity": "reservation", "reservation": {"id": "gpus-2027"}},
            {"reservation": {"id": "gpus-2027", "affinity": "any"}},
        ),
        "flex_start.max_run_hours": ({**_H100, "capacity": "flex_start"}, {"flex_start": {"max_run_hours": 10}}),
        "local_ssd.use": ({**_L4, "local_ssd": {"count": 1}}, {"local_ssd": {"count": 1, "use": "block"}}),
        "image_start.disk": (
            {**_L4, "image_start": {"by": "preloaded", "disk": f"{_IMAGES}one"}},
            {"image_start": {"by": "preloaded", "disk": f"{_IMAGES}two"}},
        ),
        "sharing.mig": (_A100, {"sharing": {"mig": "1g.5gb"}}),
        "compact": ({**_A100, "zones": ["us-central1-a"]}, {"compact": True}),
        "fabric": ({**_H100, "capacity": "spot"}, {"fabric": True}),
    },
)

AZURE = _cases(
    _T4,
    {
        **_EVERYWHERE,
        "accelerator": {"accelerator": "A100-80GB"},
        "gpus_per_node": {"gpus_per_node": 4},
        "instance_types": {"instance_types": ["Standard_NC8as_T4_v3"]},
        "zones": {"zones": ["1"]},
        "image": {"image": "azure_linux"},
        "update.max_surge": {"update": {"max_surge": 2}},
        "update.drain_timeout_minutes": {"update": {"max_surge": 1, "drain_timeout_minutes": 50}},
        "update.soak_minutes": {"update": {"max_surge": 1, "soak_minutes": 5}},
        "aks.encryption_at_host": {"aks": {"encryption_at_host": True}},
        "aks.fips": {"aks": {"fips": True}},
        "aks.trusted_launch": {"aks": {"trusted_launch": True}},
        "aks.ssh": {"aks": {"ssh": False}},
        "aks.undrainable": {"aks": {"undrainable": "cordon"}},
    },
    {
        "spot.on_demand_floor": ({**_T4, "capacity": "spot"}, {"spot": {"on_demand_floor": 1}}),
        "spot.eviction": ({**_T4, "capacity": "spot"}, {"spot": {"eviction": "deallocate"}}),
        "spot.max_usd_per_hour": ({**_T4, "capacity": "spot"}, {"spot": {"max_usd_per_hour": 0.5}}),
        "reservation.id": (
            {**_T4, "capacity": "reservation", "reservation": {"id": f"{_GROUPS}one"}},
            {"reservation": {"id": f"{_GROUPS}two"}},
        ),
        "local_ssd.use": ({**_T4, "disk_gib": 100}, {"local_ssd": {}}),
        "sharing.mig": ({"accelerator": "A100-80GB"}, {"sharing": {"mig": "1g.10gb"}}),
        "compact": ({**_T4, "zones": ["1"]}, {"compact": True}),
        "fabric": (_H100, {"fabric": True}),
    },
)

CASES: dict[str, list[Case]] = {"aws": AWS, "gcp": GCP, "azure": AZURE}
_KARPENTERS = ("karpenter.consolidate", "karpenter.expire_hours", "karpenter.image_release", "karpenter.quiet_hours")
ELSEWHERE: dict[str, set[str]] = {
    # Refused there, of another cloud, without effect, or of all pools of a cluster at once, which its own case changes.
    "aws": {
        *("aks.encryption_at_host", "aks.fips", "aks.ssh", "aks.trusted_launch", "aks.undrainable"),
        *("driver.by", "driver.version", "flex_start.max_run_hours", "local_ssd.count", "spot.eviction"),
        *("spot.max_usd_per_hour", "update.drain_timeout_minutes", "update.max_surge", "update.soak_minutes"),
        "update.strategy",
    },
    "gcp": {
        *("aks.encryption_at_host", "aks.fips", "aks.ssh", "aks.trusted_launch", "aks.undrainable", "dra", "driver.by"),
        *("eks.force_update", "eks.image_release", "eks.repair_at_once", "eks.repair_stops_at_percent", "schedules"),
        *("image_start.volume_mib_per_second", "karpenter.unused_minutes", "karpenter.weight", *_KARPENTERS),
        *("sharing.neuron_cores", "spot.eviction", "spot.max_usd_per_hour", "update.max_unavailable_percentage"),
        *("update.drain_timeout_minutes", "update.soak_minutes"),
    },
    "azure": {
        *("dra", "driver.by", "driver.version", "flex_start.max_run_hours", "image_start.by", "image_start.disk"),
        *("eks.force_update", "eks.image_release", "eks.repair_at_once", "eks.repair_stops_at_percent", "schedules"),
        *("image_start.volume_mib_per_second", "karpenter.unused_minutes", "karpenter.weight", *_KARPENTERS),
        *("local_ssd.count", "provisioner", "reservation.affinity", "sharing.neuron_cores", "update.strategy"),
        "update.max_unavailable_percentage",
    },
}
