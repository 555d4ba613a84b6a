"""Models on pools of every kind: without GPUs, shared, with a floor."""

from __future__ import annotations

from pathlib import Path

from .world import PLATFORM, TOYS, lines, only_model, resolved, write

ON_CPU = TOYS.replace("    pool: l4\n    overflow_pool: l4-spot\n", "    resources: {gpus: 0, cpu: 8, memory_gib: 8}\n")
CPU_POOL = "    cpu_pools: [{name: cpu, instance_types: [m6i.4xlarge], max_nodes: 4%s}]\n    gpu_pools:\n"
L4 = "        instance_types: [g6.2xlarge]\n        max_nodes: 4\n"


def with_cpu_pool(more: str = "") -> str:
    return PLATFORM.replace("    gpu_pools:\n", CPU_POOL % more)


def test_a_model_without_gpus_runs_in_the_cpu_pool_that_it_names(tmp_path: Path) -> None:
    taint = ", taints: [{key: example.com/only, value: models}]"
    model = only_model(
        write(tmp_path, with_cpu_pool(taint), ON_CPU.replace("    resources", "    pool: cpu\n    resources"))
    )
    assert model.pool is None
    assert model.cpu_pool is not None
    assert model.cpu_pool.name == "cpu"
    assert model.price_basis == "aws/us-east-1/m6i.4xlarge/on_demand"
    assert model.tolerated == (("example.com/only", "models", "NoSchedule"),)


def test_a_model_too_large_for_system_nodes_finds_a_pool_that_nothing_keeps_it_from(tmp_path: Path) -> None:
    too_large = "8 cores do not fit: a system node of cluster 'east'"
    assert too_large in lines(write(tmp_path / "without", PLATFORM, ON_CPU))[0]
    assert lines(write(tmp_path / "open", with_cpu_pool(), ON_CPU)) == []
    closed = with_cpu_pool(", taints: [{key: example.com/only}]")
    assert too_large in lines(write(tmp_path / "closed", closed, ON_CPU))[0]


def test_shared_gpus_hold_as_many_replicas_as_shares(tmp_path: Path) -> None:
    many = TOYS.replace("    overflow_pool: l4-spot\n", "    scaling: {min_replicas: 4, max_replicas: 4}\n") + (
        "    resources: {gpus: 1, cpu: 1, memory_gib: 4}\n"
    )
    whole = PLATFORM.replace(L4, L4.replace("4\n", "1\n"))
    assert "need 4 nodes of g6.2xlarge, and max_nodes is 1" in lines(write(tmp_path / "whole", whole, many))[0]
    shared = PLATFORM.replace(L4, L4.replace("4\n", "1\n") + "        sharing: {mps: 4}\n")
    found = resolved(write(tmp_path / "shared", shared, many))
    pool = found.clusters[0].gpu_pools[0]
    assert (pool.gpus_per_node, pool.gpu_devices_per_node, pool.gpu_memory_mib) == (1, 4, 22888 // 4)


def test_a_floor_and_its_spot_nodes_are_one_pool_to_models(tmp_path: Path) -> None:
    floor = PLATFORM.replace(
        "        capacity: spot\n        max_nodes: 2\n",
        ("        capacity: spot\n        spot: {on_demand_floor: 2}\n        min_nodes: 3\n        max_nodes: 6\n"),
    )
    on_spot = TOYS.replace(
        "    pool: l4\n    overflow_pool: l4-spot\n",
        ("    pool: l4-spot\n    scaling: {min_replicas: 6, max_replicas: 6}\n"),
    )
    found = resolved(write(tmp_path, floor, on_spot))
    pool = found.clusters[0].gpu_pools[1]
    assert [(group.name, group.capacity, group.min_nodes, group.max_nodes) for group in pool.node_groups] == [
        ("l4-spot", "spot", 1, 4),
        ("l4-spot-floor", "on_demand", 2, 2),
    ]
    assert {group.labels["modelyard.dev/pool"] for group in pool.node_groups} == {"l4-spot"}
    assert (pool.first_nodes, pool.most_nodes) == (3, 6)


def test_karpenter_brings_nodes_to_its_own_pools_alone(tmp_path: Path) -> None:
    karpenter = PLATFORM.replace("    gpu_pools:\n", "    node_autoscaler: karpenter\n    gpu_pools:\n")
    told = lines(write(tmp_path / "managed", karpenter))
    assert "and as Karpenter leaves node groups alone desired_nodes is 0; raise it or lower min_replicas" in told[0]
    own = karpenter.replace("        accelerator: L4\n", "        accelerator: L4\n        provisioner: karpenter\n")
    assert lines(write(tmp_path / "own", own)) == []


def test_auto_mode_brings_nodes_to_its_own_pools_alone(tmp_path: Path) -> None:
    auto = PLATFORM.replace("    gpu_pools:\n", "    eks: {auto_mode: true}\n    gpu_pools:\n")
    told = lines(write(tmp_path / "managed", auto))
    assert "and as EKS Auto Mode leaves node groups alone desired_nodes is 0; raise it or lower min_replicas" in told[0]
    own = auto.replace("        accelerator: L4\n", "        accelerator: L4\n        provisioner: auto_mode\n")
    assert lines(write(tmp_path / "own", own)) == []


def test_a_pod_asks_for_one_class_of_gke_and_overflows_into_no_other_pool(tmp_path: Path) -> None:
    gke = (
        PLATFORM.replace("region: us-east-1", "cloud: gcp\n    gke: {project: acme-ml}\n    region: us-central1")
        .replace("    api_access: {bastion: true}\n", "")
        .replace("g6.2xlarge, g6.4xlarge", "g2-standard-8")
        .replace("g6.2xlarge", "g2-standard-8")
        .replace("        accelerator: L4\n", "        accelerator: L4\n        provisioner: compute_class\n", 1)
    )
    told = (
        "'l4' is a ComputeClass of GKE, which pods ask for alone; delete overflow_pool, and name further machines in "
        "instance_types of the class"
    )
    (line,) = lines(write(tmp_path, gke))
    assert line.endswith(f"models[0].overflow_pool: {told} (model 'tagging')")
