"""Pools of every cloud are read alike: which cluster, how many nodes, what each offers and keeps away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from modelyard.graph import UNKNOWN, Resource
from modelyard.placement import Pool, place, pools

from .clouds import aks_cluster, aks_pool, compute_class, gke_cluster, gke_pool, karpenter_pool, shared
from .plan import deployment, graph, node_group, resource

GPU = "nvidia.com/gpu"
SPOT_TAINT = "kubernetes.azure.com/scalesetpriority=spot:NoSchedule"


def only(*resources: Resource) -> Pool:
    (found,) = pools(graph(*resources))
    return found


@pytest.mark.parametrize(
    ("made", "region", "instance_type", "sizes"),
    [
        (gke_pool(), "us-central1", "g2-standard-8", (1, 1, 6)),
        # Counts of a zone are for each of its three, and a zonal pool has one.
        (gke_pool(autoscaling={"minNodeCount": 1, "maxNodeCount": 2}), "us-central1", "g2-standard-8", (3, 3, 6)),
        (
            gke_pool(
                autoscaling={"minNodeCount": 1, "maxNodeCount": 2},
                initialNodeCount=1,
                nodeLocations=["us-central1-a", "us-central1-b"],
            ),
            "us-central1",
            "g2-standard-8",
            (2, 2, 4),
        ),
        (
            gke_pool(location="us-central1-a", autoscaling=None, initialNodeCount=2),
            "us-central1",
            "g2-standard-8",
            (2, 2, 2),
        ),
        (
            gke_pool(
                machine="n1-standard-8",
                config={"guestAccelerators": [{"type": "nvidia-tesla-t4", "count": 1}]},
            ),
            "us-central1",
            "n1-standard-8+1xT4",
            (1, 1, 6),
        ),
        (aks_pool(), None, "Standard_NC24ads_A100_v4", (1, 1, 4)),
        (aks_pool(enableAutoScaling=False, count=3), None, "Standard_NC24ads_A100_v4", (3, 3, 3)),
        (karpenter_pool(), None, "g6.xlarge", (0, 0, 3)),
        (karpenter_pool(zone=("eu-west-1a",), limits={"cpu": "17", GPU: "9"}), "eu-west-1", "g6.xlarge", (0, 0, 4)),
        (karpenter_pool(limits={"nodes": 7, "memory": "1Ti"}), None, "g6.xlarge", (0, 0, 7)),
        (karpenter_pool(types=("p4d.24xlarge",), limits={"nodes": "9", GPU: "16"}), None, "p4d.24xlarge", (0, 0, 2)),
        (
            karpenter_pool(types=("inf2.24xlarge",), limits={"aws.amazon.com/neuroncore": "24"}),
            None,
            "inf2.24xlarge",
            (0, 0, 2),
        ),
        (karpenter_pool(limits={}), None, "g6.xlarge", (0, 0, None)),
        (compute_class(), None, "g2-standard-8", (0, 0, 5)),
    ],
)
def test_where_and_how_many(made: Resource, region: str | None, instance_type: str, sizes: tuple[Any, ...]) -> None:
    pool = only(made)
    assert (pool.cluster, pool.name) == ("main", "gpu")
    assert (pool.region, pool.instance_type) == (region, instance_type)
    assert (pool.min_size, pool.desired_size, pool.max_size) == sizes
    assert pool.room is not None and pool.room.cpu_millicores > 0


def test_a_pool_has_its_clusters_region_and_zones() -> None:
    on_aks = aks_pool(availabilityZones=["2", "1"])
    on_gke = gke_pool()
    first, _ = pools(graph(on_aks, aks_cluster({"name": "system", "vmSize": "Standard_D4ds_v5", "count": 2})))
    assert (first.region, first.zones) == ("westeurope", ("westeurope-1", "westeurope-2"))
    found = only(on_gke, gke_cluster(removeDefaultNodePool=True, nodeLocations=["us-central1-b", "us-central1-a"]))
    assert found.zones == ("us-central1-a", "us-central1-b")
    subnet = resource("aws:ec2/subnet:Subnet", "a", {"availabilityZone": "us-east-1a"})
    group = node_group("gpu")
    group.property_dependencies["subnetIds"] = (subnet.urn,)
    assert only(subnet, group).zones == ("us-east-1a",)
    subnet.inputs["availabilityZone"] = UNKNOWN
    assert only(subnet, group).zones == ()


@pytest.mark.parametrize(
    ("made", "offered", "sharing", "memory_mib"),
    [
        (node_group("gpu", "p4d.24xlarge"), 8, "", 40960),
        (node_group("gpu", "p4d.24xlarge", labels=shared("gpu", 56, "mig-1g.5gb")), 56, "mig-1g.5gb", 4864),
        (node_group("gpu", labels=shared("gpu", 4, "time-slicing-4")), 4, "time-slicing-4", 5722),
        (karpenter_pool(), 1, "", 22888),
        (
            gke_pool(
                machine="a2-highgpu-1g",
                config={"guestAccelerators": [{"type": "nvidia-tesla-a100", "count": 1, "gpuPartitionSize": "1g.5gb"}]},
            ),
            7,
            "mig-1g.5gb",
            None,
        ),
        (
            gke_pool(
                config={
                    "guestAccelerators": [
                        {
                            "type": "nvidia-l4",
                            "count": 1,
                            "gpuSharingConfig": {"gpuSharingStrategy": "MPS", "maxSharedClientsPerGpu": 3},
                        }
                    ]
                }
            ),
            3,
            "mps-3",
            None,
        ),
        (aks_pool(gpuInstanceProfile="MIG1g"), 7, "mig-1g.10gb", None),
        (aks_pool(gpuInstanceProfile="MIG3g"), 2, "mig-3g.40gb", None),
        (aks_pool(nodeLabels=shared("gpu", 8, "mps-8")), 8, "mps-8", None),
        (
            compute_class(gpu={"type": "nvidia-l4", "count": 1, "gpuSharing": {"maxSharedClientsPerGPU": 1}}),
            1,
            "",
            None,
        ),
        (
            compute_class(
                gpu={
                    "type": "nvidia-l4",
                    "count": 1,
                    "gpuSharing": {"maxSharedClientsPerGPU": 4, "sharingStrategy": "MPS"},
                }
            ),
            4,
            "mps-4",
            None,
        ),
    ],
)
def test_gpus_that_are_cut_or_shared_count_as_what_pods_ask_for(
    made: Resource, offered: int, sharing: str, memory_mib: int | None
) -> None:
    pool = only(made)
    assert (pool.devices(GPU), pool.sharing) == (offered, sharing)
    assert pool.devices("nvidia.com/mig-1g.5gb") == 0
    if memory_mib is not None:
        assert pool.gpu_memory_mib == memory_mib


@pytest.mark.parametrize(
    ("made", "capacity", "spot", "taints"),
    [
        (node_group("gpu", capacityType="CAPACITY_BLOCK"), "reserved", False, [f"{GPU}=present:NoSchedule"]),
        (gke_pool(config={"spot": True}), "spot", True, [f"{GPU}=present:NoSchedule"]),
        (gke_pool(config={"flexStart": True}), "flex_start", False, [f"{GPU}=present:NoSchedule"]),
        (gke_pool(queuedProvisioning={"enabled": True}), "queued", False, [f"{GPU}=present:NoSchedule"]),
        (
            gke_pool(config={"reservationAffinity": {"consumeReservationType": "SPECIFIC_RESERVATION"}}),
            "reserved",
            False,
            [f"{GPU}=present:NoSchedule"],
        ),
        (aks_pool(scaleSetPriority="Spot"), "spot", True, [f"{GPU}=present:NoSchedule", SPOT_TAINT]),
        (aks_pool(scaleSetPriority="Spot", nodeTaints=[SPOT_TAINT]), "spot", True, [SPOT_TAINT]),
        (aks_pool(capacityReservationGroupID="id"), "reserved", False, [f"{GPU}=present:NoSchedule"]),
        (karpenter_pool(capacity_type=("spot", "on-demand")), "spot", True, [f"{GPU}=present:NoSchedule"]),
        (karpenter_pool(capacity_type=("reserved", "on-demand")), "reserved", False, [f"{GPU}=present:NoSchedule"]),
        (compute_class(spot=True), "spot", True, []),
    ],
)
def test_how_nodes_are_bought_and_what_they_keep_away(
    made: Resource, capacity: str, spot: bool, taints: list[str]
) -> None:
    pool = only(made)
    assert (pool.capacity, pool.spot, [str(taint) for taint in pool.taints]) == (capacity, spot, taints)


@pytest.mark.parametrize(
    ("said", "capacity"),
    [
        ({"capacityReservationTarget": {"capacityReservationId": "cr-0a1b2c3d4e5f67890"}}, "reserved"),
        ({"capacityReservationPreference": "open"}, "on_demand"),
    ],
)
def test_a_reservation_of_eks_is_in_the_launch_template(said: dict[str, Any], capacity: str) -> None:
    template = resource("aws:ec2/launchTemplate:LaunchTemplate", "gpu", {"capacityReservationSpecification": said})
    group = replace(node_group("gpu"), dependencies=(template.urn,))
    assert [pool.capacity for pool in pools(graph(template, group))] == [capacity]


def test_pools_that_a_cluster_declares_itself_are_kept_apart() -> None:
    profiles = [{"name": name, "vmSize": "Standard_D4ds_v5", "count": 2, "mode": "System"} for name in ("one", "two")]
    placed = place(graph(aks_cluster(*profiles), deployment("a", pool=None, gpus=0, cluster="prod-main", replicas=4)))
    assert [(each.pool.name, each.pool.max_size) for each in placed.pools] == [("one", 2), ("two", 2)]
    assert placed.misfits == ()
    assert len({each.pool.key for each in placed.pools}) == 2
    assert pools(graph(gke_cluster(removeDefaultNodePool=True), gke_cluster(enableAutopilot=True))) == []
    assert only(gke_cluster(initialNodeCount=1)).max_size == 3


def test_spot_nodes_and_their_floor_are_one_pool_of_two_groups() -> None:
    spot = node_group("gpu", spot=True, most=3)
    floor = node_group("gpu-floor", most=1, desired=1, least=1, labels=spot.inputs["labels"])
    placed = place(graph(spot, floor, deployment("a", replicas=4)))
    assert {(each.pool.name, each.pool.capacity, each.nodes_at_floor) for each in placed.pools} == {
        ("gpu", "on_demand", 1),
        ("gpu", "spot", 3),
    }
    assert placed.misfits == placed.waiting == ()


@pytest.mark.parametrize(
    ("made", "part"),
    [
        (made, part)
        for made in (gke_pool(), aks_pool(), karpenter_pool(), compute_class(), node_group("gpu"))
        for part in made.inputs
    ],
)
def test_what_is_not_known_yet_breaks_nothing(made: Resource, part: str) -> None:
    unknown = Resource(made.urn, made.type, made.name, {**made.inputs, part: UNKNOWN}, made.stack)
    placed = place(graph(unknown, deployment("a", cluster=None)))
    assert len(placed.pools) == 1


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (
            node_group("gpu", "p4d.24xlarge", labels=shared("gpu", 56, "mig-1g.5gb")),
            "gpu: asks for 60 GPU, a p4d.24xlarge node offers 56 (mig-1g.5gb)",
        ),
        (node_group("gpu", "inf2.xlarge"), "gpu: asks for 60 GPU, a inf2.xlarge node offers 0"),
    ],
)
def test_more_devices_than_a_node_offers(made: Resource, reason: str) -> None:
    placed = place(graph(made, deployment("a", gpus=60, cpu="100m", memory="100Mi")))
    assert placed.misfits[0].reasons == (reason,)


def test_other_accelerators_are_counted_by_their_own_resource() -> None:
    neuron = deployment("a", gpus=0, replicas=6, tolerations=[{"operator": "Exists"}])
    limits = neuron.inputs["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]
    limits["aws.amazon.com/neuron"] = 1
    placed = place(graph(node_group("gpu", "inf2.24xlarge", most=1), neuron))
    assert placed.misfits == ()
    assert placed.pools[0].fill_at_floor is not None and placed.pools[0].fill_at_floor.gpu == 1
    limits["aws.amazon.com/neuron"] = 7
    placed = place(graph(node_group("gpu", "inf2.24xlarge", most=1), neuron))
    assert placed.misfits[0].reasons == ("gpu: asks for 7 aws.amazon.com/neuron, a inf2.24xlarge node offers 6",)
    del limits["aws.amazon.com/neuron"]
    limits["nvidia.com/mig-1g.5gb"] = 1
    placed = place(graph(node_group("gpu", "p4d.24xlarge"), neuron))
    assert placed.misfits[0].reasons == ("gpu: asks for 1 nvidia.com/mig-1g.5gb, a p4d.24xlarge node offers 0",)
