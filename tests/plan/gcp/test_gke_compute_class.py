"""Pools of GKE that a ComputeClass brings."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.environment.gpu_pool import GpuPool
from modelyard.placement import pools
from modelyard.resolve.gpu_pool import resolve_gpu_pool
from modelyard.resolve.node_labels import GKE_CLASS
from modelyard.serving.triton.service import TritonService
from recorded_graph import one

from plan.kubernetes import program as kubernetes

from .gke_program import NODES, POOL, REGION, Declare, cpu_pool, gpu_pool, graph_of, refusal

COMPUTE_CLASS = "kubernetes:cloud.google.com/v1:ComputeClass"


def class_of(declare: Declare) -> dict[str, Any]:
    graph = graph_of(declare)
    assert graph.of_type(POOL) == []
    return dict(one(graph, COMPUTE_CLASS).inputs)


def rules_of(**args: Any) -> list[dict[str, Any]]:
    return class_of(gpu_pool(provisioner="compute_class", **args))["spec"]["priorities"]


def test_gke_makes_the_node_pools_of_a_class_and_no_other_machines() -> None:
    made = class_of(gpu_pool(provisioner="compute_class", max_nodes=5, taints=[{"key": "team"}], disk_gib=300))
    assert made["apiVersion"] == "cloud.google.com/v1"
    assert made["metadata"]["name"] == "l4"
    assert made["metadata"]["annotations"] == {"modelyard.dev/max-nodes": "5", "modelyard.dev/region": REGION}
    assert made["metadata"]["labels"]["modelyard.dev/department"] == "platform"
    spec = made["spec"]
    assert spec["nodePoolAutoCreation"] == {"enabled": True}
    assert spec["whenUnsatisfiable"] == "DoNotScaleUp"
    config = spec["nodePoolConfig"]
    assert (config["imageType"], config["serviceAccount"]) == ("cos_containerd", NODES)
    assert {"modelyard.dev/pool": "l4", "modelyard.dev/accelerator": "L4"}.items() <= config["nodeLabels"].items()
    assert config["taints"] == [
        {"key": "nvidia.com/gpu", "effect": "NoSchedule", "value": "present"},
        {"key": "team", "effect": "NoSchedule"},
    ]
    assert spec["priorities"][0]["storage"] == {"bootDiskType": "pd-balanced", "bootDiskSize": 300}


def test_boot_disks_have_the_clusters_key_where_it_encrypts_them() -> None:
    key = "projects/shop-keys/locations/us-central1/keyRings/clusters/cryptoKeys/secrets"
    assert {rule["storage"]["bootDiskKMSKey"] for rule in rules_of(boot_disk_kms_key=key)} == {key}
    made = class_of(cpu_pool(provisioner="compute_class", boot_disk_kms_key=key))
    assert made["spec"]["priorities"][0]["storage"]["bootDiskKMSKey"] == key


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({}, None),
        ({"sharing": {"time_slicing": 4}}, {"sharingStrategy": "TIME_SHARING", "maxSharedClientsPerGPU": 4}),
        ({"sharing": {"mps": 2}}, {"sharingStrategy": "MPS", "maxSharedClientsPerGPU": 2}),
        ({"accelerator": "A100-40GB", "sharing": {"mig": "1g.5gb"}}, {"gpuPartitionSize": "1g.5gb"}),
    ],
)
def test_gpus_of_a_class_are_cut_and_shared_as_those_of_a_pool(
    args: dict[str, Any], expected: dict[str, Any] | None
) -> None:
    rules = rules_of(**args)
    assert [rule["gpu"].get("gpuSharing") for rule in rules] == [expected] * len(rules)


def test_several_machines_are_tried_in_their_order() -> None:
    rules = rules_of(instance_types=["g2-standard-8", "g2-standard-4"])
    assert [(rule["machineType"], rule["gpu"]["type"]) for rule in rules] == [
        ("g2-standard-8", "nvidia-l4"),
        ("g2-standard-4", "nvidia-l4"),
    ]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"capacity": "spot"}, {"spot": True}),
        (
            {"capacity": "flex_start", "flex_start": {"max_run_hours": 2}},
            {"flexStart": {"enabled": True}, "maxRunDurationSeconds": 7200},
        ),
        (
            {"capacity": "reservation", "reservation": {"id": "gpus-2027"}},
            {"reservations": {"affinity": "Specific", "specific": [{"name": "gpus-2027"}]}},
        ),
        (
            {"capacity": "reservation", "reservation": {"id": "projects/shop-gpus/reservations/gpus-2027"}},
            {"reservations": {"affinity": "Specific", "specific": [{"name": "gpus-2027", "project": "shop-gpus"}]}},
        ),
        (
            {"capacity": "reservation", "reservation": {"id": "gpus-2027", "affinity": "any"}},
            {"reservations": {"affinity": "AnyBestEffort"}},
        ),
        ({"driver": {"version": "latest"}}, {"gpu": {"type": "nvidia-l4", "count": 1, "driverVersion": "latest"}}),
        ({"zones": [f"{REGION}-a"]}, {"location": {"locationPolicy": "BALANCED", "zones": [f"{REGION}-a"]}}),
    ],
)
def test_how_its_machines_are_bought_and_placed(args: dict[str, Any], expected: dict[str, Any]) -> None:
    (rule,) = rules_of(**{"instance_types": ["g2-standard-8"], **args})
    assert expected.items() <= rule.items()


def test_the_network_of_gpus_and_local_disks() -> None:
    args: dict[str, Any] = {"accelerator": "H100", "gpus_per_node": 8, "instance_types": ["a3-highgpu-8g"]}
    (rule,) = rules_of(**args, fabric=True, local_ssd={})
    assert rule["acceleratorNetworkProfile"] == "auto"
    assert rule["storage"]["localSSDCount"] == 16


def test_its_nodes_start_with_the_images_of_a_disk() -> None:
    disk = "projects/shop-prod/global/images/serving"
    (rule,) = rules_of(instance_types=["g2-standard-8"], image_start={"by": "preloaded", "disk": disk})
    assert rule["storage"]["secondaryBootDisks"] == [
        {"diskImageName": "serving", "project": "shop-prod", "mode": "CONTAINER_IMAGE_CACHE"}
    ]


def test_a_class_without_gpus() -> None:
    made = class_of(cpu_pool(provisioner="compute_class", instance_types=["n2-standard-8", "e2-standard-8"]))
    assert [rule["machineType"] for rule in made["spec"]["priorities"]] == ["n2-standard-8", "e2-standard-8"]
    assert "taints" not in made["spec"]["nodePoolConfig"]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"min_nodes": 1}, "compute_class brings nodes when pods ask for them and keeps none"),
        ({"compact": True}, "is a placement group of a node group, which compute_class has not"),
    ],
)
def test_what_a_class_cannot_do_is_said(args: dict[str, Any], expected: str) -> None:
    assert expected in refusal(gpu_pool(provisioner="compute_class", **args))


def test_pods_of_the_pool_ask_for_its_class_or_gke_starts_no_node() -> None:
    pool = resolve_gpu_pool(
        GpuPool(name="l4", accelerator="L4", provisioner="compute_class"),
        cluster="central",
        region=REGION,
        cloud="gcp",
    )
    assert pool.cloud_taints == ((GKE_CLASS, "l4", "NoSchedule"),)
    tolerations: Any = [
        {"key": key, "value": value, "effect": effect} for key, value, effect in (*pool.taints, *pool.cloud_taints)
    ]
    arguments = kubernetes.triton_arguments(pool="l4", tolerations=tolerations)
    graph = kubernetes.graph_of(lambda opts: TritonService("tagger", arguments, opts))
    pod = kubernetes.one(graph, "Deployment").inputs["spec"]["template"]["spec"]
    assert pod["nodeSelector"] == {"modelyard.dev/pool": "l4", GKE_CLASS: "l4"}
    assert {"key": GKE_CLASS, "operator": "Equal", "value": "l4", "effect": "NoSchedule"} in pod["tolerations"]


def test_a_tpu_is_asked_for_by_its_kind_count_and_topology() -> None:
    (rule,) = rules_of(accelerator="TPU-v6e", gpus_per_node=4, capacity="flex_start", zones=[f"{REGION}-b"])
    assert rule["tpu"] == {"type": "tpu-v6e-slice", "count": 4, "topology": "2x2"}
    assert not {"gpu", "machineType"} & set(rule)
    assert rule["flexStart"] == {"enabled": True}
    assert rule["storage"]["bootDiskType"] == "hyperdisk-balanced"
    made = graph_of(gpu_pool(provisioner="compute_class", accelerator="TPU-v6e", gpus_per_node=4))
    (pool,) = pools(made)
    assert (pool.instance_type, pool.device, pool.devices("google.com/tpu")) == (
        "ct6e-standard-4t",
        "google.com/tpu",
        4,
    )
    assert pool.labels["cloud.google.com/gke-tpu-topology"] == "2x2"
