"""What GpuNodePool and CpuNodePool make on GKE."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.resolve.gke_first_nodes import nodes_per_zone

from .gke_program import NODES, PLATFORM, POOL, REGION, cpu_pool, gpu_pool, graph_of, node_pool_of, refusal

ZONE = f"{REGION}-a"
NO_RESERVATION = {"consumeReservationType": "NO_RESERVATION"}


def config_of(**args: Any) -> dict[str, Any]:
    return dict(node_pool_of(gpu_pool(**args))["nodeConfig"])


def accelerator_of(**args: Any) -> dict[str, Any]:
    (accelerator,) = config_of(**args)["guestAccelerators"]
    return dict(accelerator)


@pytest.mark.parametrize(
    ("args", "machine", "type_", "count"),
    [
        ({"accelerator": "T4"}, "n1-standard-4", "nvidia-tesla-t4", 1),
        ({"accelerator": "T4", "instance_types": ["n1-standard-16"]}, "n1-standard-16", "nvidia-tesla-t4", 1),
        ({"accelerator": "L4"}, "g2-standard-4", "nvidia-l4", 1),
        ({"accelerator": "L4", "gpus_per_node": 4}, "g2-standard-48", "nvidia-l4", 4),
        ({"accelerator": "A100-40GB"}, "a2-highgpu-1g", "nvidia-tesla-a100", 1),
        ({"accelerator": "A100-80GB"}, "a2-ultragpu-1g", "nvidia-a100-80gb", 1),
        ({"accelerator": "H100", "gpus_per_node": 8}, "a3-highgpu-8g", "nvidia-h100-80gb", 8),
        (
            {"accelerator": "H100", "gpus_per_node": 8, "instance_types": ["a3-megagpu-8g"]},
            "a3-megagpu-8g",
            "nvidia-h100-mega-80gb",
            8,
        ),
    ],
)
def test_an_accelerator_is_a_machine_and_what_gke_calls_it(
    args: dict[str, Any], machine: str, type_: str, count: int
) -> None:
    config = config_of(**args)
    assert config["machineType"] == machine
    assert [(one["type"], one["count"]) for one in config["guestAccelerators"]] == [(type_, count)]


@pytest.mark.parametrize(
    ("driver", "version"),
    [
        ({}, "DEFAULT"),
        ({"by": "cloud", "version": "latest"}, "LATEST"),
        ({"by": "gpu_operator"}, "INSTALLATION_DISABLED"),
    ],
)
def test_who_installs_the_driver(driver: dict[str, str], version: str) -> None:
    config = config_of(driver=driver, image="ubuntu")
    assert config["guestAccelerators"][0]["gpuDriverInstallationConfig"] == {"gpuDriverVersion": version}
    keeps_away = config["labels"].get("gke-no-default-nvidia-gpu-device-plugin")
    assert keeps_away == ("true" if driver.get("by") == "gpu_operator" else None)


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({}, {}),
        (
            {"sharing": {"time_slicing": 4}},
            {"gpuSharingConfig": {"gpuSharingStrategy": "TIME_SHARING", "maxSharedClientsPerGpu": 4}},
        ),
        (
            {"sharing": {"mps": 3}},
            {"gpuSharingConfig": {"gpuSharingStrategy": "MPS", "maxSharedClientsPerGpu": 3}},
        ),
        ({"accelerator": "A100-40GB", "sharing": {"mig": "1g.5gb"}}, {"gpuPartitionSize": "1g.5gb"}),
        (
            {"accelerator": "A100-40GB", "sharing": {"mig": "3g.20gb", "time_slicing": 2}},
            {
                "gpuPartitionSize": "3g.20gb",
                "gpuSharingConfig": {"gpuSharingStrategy": "TIME_SHARING", "maxSharedClientsPerGpu": 2},
            },
        ),
    ],
)
def test_sharing(args: dict[str, Any], expected: dict[str, Any]) -> None:
    made = accelerator_of(**args)
    assert {key: made[key] for key in ("gpuPartitionSize", "gpuSharingConfig") if key in made} == expected


@pytest.mark.parametrize(
    ("args", "config", "policy", "repair"),
    [
        ({}, {}, "BALANCED", True),
        ({"capacity": "spot"}, {"spot": True}, "ANY", True),
        (
            {"capacity": "reservation", "reservation": {"id": "gpus-2027"}},
            {
                "reservationAffinity": {
                    "consumeReservationType": "SPECIFIC_RESERVATION",
                    "key": "compute.googleapis.com/reservation-name",
                    "values": ["gpus-2027"],
                }
            },
            "ANY",
            True,
        ),
        (
            {"capacity": "reservation", "reservation": {"id": "gpus-2027", "affinity": "any"}},
            {"reservationAffinity": {"consumeReservationType": "ANY_RESERVATION"}},
            "ANY",
            True,
        ),
        (
            {"capacity": "flex_start"},
            {"reservationAffinity": NO_RESERVATION, "flexStart": True, "maxRunDuration": "604800s"},
            "ANY",
            False,
        ),
        (
            {"capacity": "flex_start", "flex_start": {"max_run_hours": 12}},
            {"reservationAffinity": NO_RESERVATION, "flexStart": True, "maxRunDuration": "43200s"},
            "ANY",
            False,
        ),
        ({"capacity": "queued", "max_nodes": 4}, {"reservationAffinity": NO_RESERVATION}, "ANY", False),
    ],
)
def test_how_nodes_are_bought(args: dict[str, Any], config: dict[str, Any], policy: str, repair: bool) -> None:
    made = node_pool_of(gpu_pool(**args))
    bought = ("spot", "reservationAffinity", "flexStart", "maxRunDuration")
    assert {key: made["nodeConfig"][key] for key in bought if key in made["nodeConfig"]} == config
    assert made["autoscaling"]["locationPolicy"] == policy
    assert made["management"] == {"autoRepair": repair, "autoUpgrade": True}
    # Of nodes that end by themselves GKE chooses the upgrade strategy.
    assert ("upgradeSettings" in made) == (args.get("capacity") not in ("queued", "flex_start"))
    assert made.get("queuedProvisioning") == ({"enabled": True} if args.get("capacity") == "queued" else None)


def test_a_floor_on_demand_is_a_second_pool_that_pods_take_for_the_same() -> None:
    declared = gpu_pool(capacity="spot", spot={"on_demand_floor": 2}, max_nodes=6)
    spot = node_pool_of(declared, "prod-central-l4")
    floor = node_pool_of(declared, "prod-central-l4-floor")
    assert spot["nodeConfig"]["spot"] is True
    assert "spot" not in floor["nodeConfig"]
    counts = ("totalMinNodeCount", "totalMaxNodeCount")
    assert [spot["autoscaling"][key] for key in counts] == [0, 4]
    assert [floor["autoscaling"][key] for key in counts] == [2, 2]
    assert {pool["nodeConfig"]["labels"]["modelyard.dev/pool"] for pool in (spot, floor)} == {"l4"}


def test_compact_placement_is_asked_for_and_never_beside_a_reservation() -> None:
    compact: dict[str, Any] = {"compact": True, "zones": [ZONE]}
    assert node_pool_of(gpu_pool(**compact))["placementPolicy"] == {"type": "COMPACT"}
    reserved = {**compact, "capacity": "reservation", "reservation": {"id": "gpus-2027"}}
    assert "placementPolicy" not in node_pool_of(gpu_pool(**reserved))


@pytest.mark.parametrize(
    ("args", "strategy"),
    [
        ({"accelerator": "H100", "instance_types": ["a3-highgpu-8g"]}, None),
        ({"accelerator": "H100", "instance_types": ["a3-megagpu-8g"]}, None),
        ({"accelerator": "H200", "instance_types": ["a3-ultragpu-8g"]}, "RDMA"),
    ],
)
def test_the_network_of_gpus_is_gkes_to_make(args: dict[str, Any], strategy: str | None) -> None:
    made = node_pool_of(gpu_pool(gpus_per_node=8, fabric=True, **args))
    assert made["networkConfig"] == {"acceleratorNetworkProfile": "auto"}
    assert made["nodeConfig"]["gvnic"] == {"enabled": True}
    assert made["nodeConfig"].get("gpudirectStrategy") == strategy


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (
            {"accelerator": "A100-40GB", "local_ssd": {"count": 2}},
            {"ephemeralStorageLocalSsdConfig": {"localSsdCount": 2}},
        ),
        (
            {"accelerator": "A100-40GB", "local_ssd": {"use": "block", "count": 4}},
            {"localNvmeSsdBlockConfig": {"localSsdCount": 4}},
        ),
        (
            {"accelerator": "A100-80GB", "gpus_per_node": 2, "local_ssd": {}},
            {"ephemeralStorageLocalSsdConfig": {"localSsdCount": 2}},
        ),
    ],
)
def test_local_disks(args: dict[str, Any], expected: dict[str, Any]) -> None:
    config = config_of(**args)
    keys = ("ephemeralStorageLocalSsdConfig", "localNvmeSsdBlockConfig")
    assert {key: config[key] for key in keys if key in config} == expected


@pytest.mark.parametrize(
    ("args", "streamed", "disks"),
    [
        ({}, None, None),
        ({"image_start": {"by": "pull"}}, {"enabled": False}, None),
        ({"image_start": {"by": "streaming"}}, {"enabled": True}, None),
        (
            {"image_start": {"by": "preloaded", "disk": "projects/shop-prod/global/images/serving"}},
            {"enabled": True},
            [{"diskImage": "projects/shop-prod/global/images/serving", "mode": "CONTAINER_IMAGE_CACHE"}],
        ),
    ],
)
def test_how_images_come_to_its_nodes(args: dict[str, Any], streamed: Any, disks: Any) -> None:
    config = config_of(**args)
    assert (config.get("gcfsConfig"), config.get("secondaryBootDisks")) == (streamed, disks)


@pytest.mark.parametrize(
    ("args", "disk"),
    [
        ({"disk_gib": 300}, ("pd-balanced", 300)),
        (
            {"accelerator": "H200", "gpus_per_node": 8, "instance_types": ["a3-ultragpu-8g"]},
            ("hyperdisk-balanced", 200),
        ),
        ({"accelerator": "RTX-PRO-6000"}, ("hyperdisk-balanced", 200)),
    ],
)
def test_boot_disks_are_of_a_kind_that_the_machine_takes(args: dict[str, Any], disk: tuple[str, int]) -> None:
    config = config_of(**args)
    assert (config["diskType"], config["diskSizeGb"]) == disk


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        ({}, {"strategy": "SURGE", "maxSurge": 0, "maxUnavailable": 1}),
        ({"max_surge": 2}, {"strategy": "SURGE", "maxSurge": 2, "maxUnavailable": 0}),
        (
            {"max_unavailable": 2, "strategy": "blue_green", "soak_minutes": 30},
            {
                "strategy": "BLUE_GREEN",
                "blueGreenSettings": {
                    "nodePoolSoakDuration": "1800s",
                    "standardRolloutPolicy": {"batchNodeCount": 2},
                },
            },
        ),
    ],
)
def test_updates(update: dict[str, Any], expected: dict[str, Any]) -> None:
    made = node_pool_of(gpu_pool(**({"update": update} if update else {})))
    assert made["upgradeSettings"] == expected
    assert "nodeDrainConfigs" not in made


def test_pods_have_as_long_to_leave_as_is_declared() -> None:
    made = node_pool_of(gpu_pool(update={"max_unavailable": 1, "drain_timeout_minutes": 45}))
    assert made["nodeDrainConfigs"] == [
        {
            "graceTerminationDuration": "2700s",
            "pdbTimeoutDuration": "2700s",
            "respectPdbDuringNodePoolDeletion": True,
        }
    ]


def test_pods_find_the_nodes_by_label_and_others_stay_off() -> None:
    taints = [{"key": "team", "value": "vision", "effect": "PreferNoSchedule"}]
    config = config_of(labels={"example.com/kind": "vision"}, taints=taints)
    expected = {
        "modelyard.dev/cluster": "central",
        "modelyard.dev/pool": "l4",
        "modelyard.dev/accelerator": "L4",
        "nvidia.com/gpu.present": "true",
        "example.com/kind": "vision",
    }
    assert expected.items() <= config["labels"].items()
    assert config["taints"] == [
        {"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"},
        {"key": "team", "value": "vision", "effect": "PREFER_NO_SCHEDULE"},
    ]


@pytest.mark.parametrize("declared", [gpu_pool(), cpu_pool()], ids=["gpu", "cpu"])
def test_machines_and_disks_carry_who_pays_and_nodes_have_no_more_rights_than_their_account(declared: Any) -> None:
    config = node_pool_of(declared)["nodeConfig"]
    assert config["resourceLabels"] == PLATFORM.gcp_labels()
    assert config["serviceAccount"] == NODES
    assert config["workloadMetadataConfig"] == {"mode": "GKE_METADATA"}
    assert config["shieldedInstanceConfig"]["enableIntegrityMonitoring"] is True


def test_zones_and_place() -> None:
    made = node_pool_of(gpu_pool(zones=[ZONE, f"{REGION}-b"]))
    assert made["nodeLocations"] == [ZONE, f"{REGION}-b"]
    assert made["location"] == REGION
    assert node_pool_of(gpu_pool(location=ZONE))["location"] == ZONE


@pytest.mark.parametrize(
    ("location", "zones", "counts", "expected"),
    [
        # location, zones, (min, desired, max), nodes of each zone
        (REGION, (), (0, 0, 4), 0),
        (REGION, (), (0, 2, 4), 0),
        (REGION, (), (0, 7, 9), 2),
        (REGION, (), (2, 2, 6), 1),
        (REGION, (), (2, 2, 2), 0),
        (REGION, (ZONE,), (2, 2, 2), 2),
        (ZONE, (), (1, 3, 4), 3),
    ],
)
def test_the_first_nodes_of_each_zone(
    location: str, zones: tuple[str, ...], counts: tuple[int, int, int], expected: int
) -> None:
    assert nodes_per_zone(location, zones, *counts) == expected


def test_counts_belong_to_the_autoscaler_and_versions_to_the_release_channel() -> None:
    (pool,) = graph_of(gpu_pool(max_nodes=6, desired_nodes=3, kubernetes_version="1.35")).of_type(POOL)
    assert sorted(pool.ignore_changes) == ["initialNodeCount", "version"]


def test_names_leave_room_for_the_suffix_of_a_pool_that_replaces_another() -> None:
    name = node_pool_of(gpu_pool("production-europe-central-inference-l4-gpus-of-vision"))["name"]
    assert len(name) <= 40


def test_a_cpu_pool_is_a_plain_node_pool() -> None:
    made = node_pool_of(cpu_pool(capacity="spot", max_nodes=5))
    config = made["nodeConfig"]
    assert config["machineType"] == "e2-standard-8"
    assert config["spot"] is True
    assert config["shieldedInstanceConfig"] == {"enableSecureBoot": True, "enableIntegrityMonitoring": True}
    assert "guestAccelerators" not in config
    assert "taints" not in config
    assert made["autoscaling"]["totalMaxNodeCount"] == 5


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        pytest.param(
            {"sharing": {"mig": "1g.5gb"}},
            "sharing.mig: L4 cannot be cut into MIG instances",
            id="MIG on an L4",
        ),
        pytest.param(
            {"capacity": "flex_start", "min_nodes": 1},
            "min_nodes: is 1, and nodes of flex_start come when Dynamic Workload Scheduler has them",
            id="flex start with a minimum",
        ),
        pytest.param(
            {"accelerator": "A10G"},
            "accelerator: 'A10G' is not known to be offered in us-central1",
            id="GPU of another cloud",
        ),
        pytest.param(
            {"fabric": True},
            "fabric: g2-standard-4 has no GPUDirect",
            id="GPUDirect on a machine without it",
        ),
        pytest.param(
            {"capacity": "capacity_block", "reservation": {"id": "cr-0123456789abcdef0"}},
            "capacity: capacity_block is of EC2, and this cluster is of GKE",
            id="capacity block",
        ),
        pytest.param(
            {"accelerator": "Inferentia2"},
            "GKE has no nodes with 'Inferentia2'",
            id="accelerator of another cloud",
        ),
        pytest.param(
            {"node_role_arn": "arn:aws:iam::123456789012:role/node"},
            "node_role_arn: is for EKS, and cloud is gcp; delete it",
            id="argument of another cloud",
        ),
    ],
)
def test_what_gke_refuses_is_said_before_anything_is_made(args: dict[str, Any], expected: str) -> None:
    assert expected in refusal(gpu_pool(**args))


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"capacity": "spot"}, {"spot": True}),
        ({"capacity": "flex_start"}, {"flexStart": True, "maxRunDuration": "604800s"}),
        (
            {"capacity": "reservation", "reservation": {"id": "tpu-block"}},
            {
                "reservationAffinity": {
                    "consumeReservationType": "SPECIFIC_RESERVATION",
                    "key": "compute.googleapis.com/reservation-name",
                    "values": ["tpu-block"],
                }
            },
        ),
        ({"gpus_per_node": 8}, {"machineType": "ct5lp-hightpu-8t"}),
        ({"accelerator": "TPU-v5p", "gpus_per_node": 4}, {"machineType": "ct5p-hightpu-4t", "diskType": "pd-balanced"}),
        ({"accelerator": "TPU-v6e"}, {"machineType": "ct6e-standard-1t", "diskType": "hyperdisk-balanced"}),
    ],
)
def test_tpus_are_bought_like_gpus_and_told_by_their_machine(args: dict[str, Any], expected: dict[str, Any]) -> None:
    config = config_of(**{"accelerator": "TPU-v5e", **args})
    assert {key: config[key] for key in expected} == expected
    assert config["taints"] == [{"key": "google.com/tpu", "value": "present", "effect": "NO_SCHEDULE"}]
    assert "guestAccelerators" not in config


def test_spot_tpus_may_stand_on_a_floor() -> None:
    graph = graph_of(
        gpu_pool(accelerator="TPU-v5e", capacity="spot", spot={"on_demand_floor": 1}, max_nodes=3, zones=[ZONE])
    )
    found = {each.name: each.inputs["nodeConfig"].get("spot", False) for each in graph.of_type(POOL)}
    assert found == {"prod-central-l4": True, "prod-central-l4-floor": False}
