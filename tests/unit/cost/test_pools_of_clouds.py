"""Pools of GKE, AKS and Karpenter, and what their clusters cost besides; computed beside each case for 730 hours."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from modelyard.cost import Assumptions, Estimate, PriceOverride, estimate
from modelyard.graph import UNKNOWN, Resource

from ..placement.clouds import aks_cluster, aks_pool, compute_class, gke_cluster, gke_pool, karpenter_pool
from ..placement.plan import aws, deployment, graph, kubernetes, node_group, resource
from .figures import conserved, usd

L4 = {"guestAccelerators": [{"type": "nvidia-l4", "count": 1}], "diskSizeGb": 100, "diskType": "pd-ssd"}
GCP = resource("pulumi:providers:gcp", "gcp", {"region": "us-central1", "project": "northwind"})


def priced(*overrides: tuple[str, str, str]) -> Assumptions:
    found = (PriceOverride(match, Decimal(price), unit, "as agreed") for match, price, unit in overrides)
    return Assumptions(price_overrides=tuple(found))


def reasons(found: Estimate) -> list[str]:
    return [each.reason for each in found.unpriced]


def test_a_pool_of_gke_is_split_as_one_of_eks_and_its_cluster_is_shared() -> None:
    """g2-standard-8 at 0.853624 USD an hour with its L4: 623.15 a month; 100 GB pd-ssd at 0.17 a GB: 17.00.

    Three zones begin with a node each: two are asked for, one is idle. The fee is 73.00.
    """
    pool = gke_pool(config=L4, initialNodeCount=1, nodeLocations=["us-central1-a", "us-central1-b", "us-central1-c"])
    found = estimate(
        graph(
            gke_cluster(removeDefaultNodePool=True),
            pool,
            deployment("tagging", replicas=2, department="merchandising", model="tagging"),
        )
    )
    assert found.departments == {"merchandising": usd("1280.29")}
    assert found.idle == usd("640.15")
    assert found.shared == usd("73.00")
    # Three more nodes at the maximum.
    assert found.at_max == usd("3913.87")
    assert found.unpriced == []
    conserved(found)


def test_local_ssds_of_a_pool_are_charged_by_the_node() -> None:
    config = {**L4, "ephemeralStorageLocalSsdConfig": {"localSsdCount": 2}}
    found = estimate(
        graph(gke_pool(config=config, nodeLocations=["us-central1-a"], initialNodeCount=1)),
        priced(("gcp/us-central1/Persistent Disk/local SSD", "0.08", "GB-month")),
    )
    disks = [line for line in found.lines if "local SSDs" in line.what]
    assert [(round(line.quantity), line.usd) for line in disks] == [(750, usd("60.00"))]


def test_pools_of_aks_and_the_profile_of_the_system() -> None:
    """Standard_NC24ads_A100_v4 costs what the catalogue says; disks and tier what the overrides say."""
    system = {"name": "system", "vmSize": "Standard_D4s_v5", "count": 2, "osDiskType": "Ephemeral", "mode": "System"}
    cluster = aks_cluster(system)
    inputs = {**cluster.inputs, "sku": {"tier": "Standard"}}
    found = estimate(
        graph(
            resource(cluster.type, "main", inputs),
            aks_pool(location="westeurope", osDiskSizeGB=200, osDiskType="Managed"),
            deployment("tagging", department="merchandising", model="tagging"),
        ),
        priced(
            ("azure/westeurope/Standard_NC24ads_A100_v4/on_demand", "4", "hour"),
            ("azure/westeurope/Standard_D4s_v5/on_demand", "0.2", "hour"),
            ("azure/westeurope/Managed Disks/Premium SSD P15 LRS", "35", "disk-month"),
            ("azure/westeurope/AKS", "0.1", "hour"),
        ),
    )
    assert found.departments == {"merchandising": usd("2955.00")}
    assert found.shared == usd("292.00") + usd("73.00")
    assert found.unpriced == []
    conserved(found)


@pytest.mark.parametrize(("tier", "expected"), [(None, []), ("Free", []), ("Premium", ["Premium tier"])])
def test_the_tier_of_a_cluster_of_aks(tier: str | None, expected: list[str]) -> None:
    cluster = aks_cluster()
    inputs = {**cluster.inputs, **({"sku": {"tier": tier}} if tier else {})}
    found = estimate(graph(resource(cluster.type, "main", inputs)))
    assert len(found.unpriced) == len(expected)
    assert all(words in reason for words, reason in zip(expected, reasons(found), strict=True))


def test_nodes_of_karpenter_are_those_that_pods_need() -> None:
    """g6.xlarge at 0.8048 USD an hour: two nodes for two guaranteed replicas, three at the limit of three GPUs."""
    found = estimate(
        graph(
            aws(),
            karpenter_pool(zone=("us-east-1a",)),
            deployment("tagging", replicas=2, department="merchandising", model="tagging"),
        )
    )
    assert found.departments == {"merchandising": usd("1175.01")}
    assert (found.idle, found.at_max) == (usd("0.00"), usd("1762.51"))
    assert reasons(found) == ["node class by default does not say their size"]


@pytest.mark.parametrize("monitored", [True, False])
def test_detailed_monitoring_of_karpenters_nodes_is_counted(monitored: bool) -> None:
    pool = karpenter_pool(zone=("us-east-1a",))
    reference = {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "gpu"}
    pool.inputs["spec"]["template"]["spec"]["nodeClassRef"] = reference
    disks = [{"deviceName": "/dev/xvda", "ebs": {"volumeSize": "100Gi", "volumeType": "gp3"}}]
    made = resource(
        "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass",
        "gpu",
        {"metadata": {"name": "gpu"}, "spec": {"blockDeviceMappings": disks, "detailedMonitoring": monitored}},
    )
    found = estimate(graph(aws(), pool, made, deployment("tagging", department="merchandising")))
    assert any("detailed monitoring of pool gpu" in line.what for line in found.lines) == monitored
    assert reasons(found) == []


def test_a_compute_class_is_counted_as_its_first_machine() -> None:
    """g2-standard-8 at 0.853624 USD an hour with its L4: 623.15 a month; 100 GB pd-ssd at 0.17 a GB: 17.00. A node for
    each of two guaranteed replicas, and five at the maximum that its annotation says."""
    made = compute_class(storage={"bootDiskType": "pd-ssd", "bootDiskSize": 100})
    made.inputs["spec"]["priorities"].append({"machineType": "g2-standard-12"})
    pods = deployment("tagging", replicas=2, department="merchandising", model="tagging")
    pods.inputs["spec"]["template"]["spec"]["nodeSelector"] = {"cloud.google.com/compute-class": "gpu"}
    found = estimate(graph(gke_cluster(removeDefaultNodePool=True), made, pods))
    assert found.departments == {"merchandising": usd("1280.29")}
    assert (found.idle, found.shared) == (usd("0.00"), usd("73.00"))
    assert found.at_max == usd("3273.73")
    assert found.unpriced == []
    assert (
        "the ComputeClass gpu is counted as its first machine, g2-standard-8; where GKE has none it takes "
        "g2-standard-12"
    ) in found.assumptions
    conserved(found)


def test_a_compute_class_has_the_region_of_the_cluster_that_its_provider_reaches() -> None:
    here, there = gke_cluster(removeDefaultNodePool=True), gke_cluster(location="europe-west4")
    there = replace(there, urn=f"{there.urn}-there", inputs={**there.inputs, "removeDefaultNodePool": True})
    provider = resource("pulumi:providers:kubernetes", "main", {"kubeconfig": UNKNOWN})
    provider = replace(provider, property_dependencies={"kubeconfig": (here.urn,)})
    made = replace(compute_class(), provider=provider.urn)
    found = estimate(graph(here, there, provider, made, deployment("tagging", department="merchandising")))
    assert {line.region for line in found.lines if "pool gpu" in line.what} == {"us-central1"}


@pytest.mark.parametrize(("days", "total"), [(30, "5.00"), (90, "5.13"), (365, "5.18")])
def test_a_log_bucket_costs_by_what_arrives_and_by_what_is_older_than_a_month(days: int, total: str) -> None:
    """10 GB at 0.50 USD; of 20 GB that are kept for 90 days two thirds at 0.01 USD a month."""
    bucket = resource("gcp:logging/projectBucketConfig:ProjectBucketConfig", "main", {"retentionDays": days})
    usage = Assumptions(log_gb_per_month=Decimal(10), log_stored_gb=Decimal(20))
    found = estimate(graph(replace(bucket, inputs={**bucket.inputs, "location": "us-central1"})), usage)
    assert found.total == usd(total)
    assert found.unpriced == []


def test_a_key_of_cloud_kms_is_a_version_and_says_that_there_will_be_more() -> None:
    inputs = {"keyRing": "ring", "rotationPeriod": "7776000s"}
    found = estimate(graph(GCP, resource("gcp:kms/cryptoKey:CryptoKey", "main", inputs, provider=GCP.urn)))
    assert found.total == usd("0.06")
    assert any("keeps its versions" in each for each in found.assumptions)


def test_auto_mode_has_a_fee_that_the_catalogue_lacks() -> None:
    pool = karpenter_pool(zone=("us-east-1a",))
    template = pool.inputs["spec"]["template"]["spec"]
    template["nodeClassRef"] = {"group": "eks.amazonaws.com", "kind": "NodeClass", "name": "gpu"}
    node_class = resource(
        "kubernetes:eks.amazonaws.com/v1:NodeClass",
        "gpu",
        {"metadata": {"name": "gpu"}, "spec": {"ephemeralStorage": {"size": "100Gi"}}},
    )
    found = estimate(graph(aws(), pool, node_class, deployment("tagging", department="merchandising")))
    assert [line.usd for line in found.lines if "root volumes" in line.what] == [usd("8.00")]
    assert (
        "the catalog has no price of EKS Auto Mode (g6.xlarge) in us-east-1; price_regions can take that of "
        "ap-northeast-1, or a price override of 'aws/us-east-1/EKS Auto Mode/g6.xlarge' by the hour can declare one"
    ) in reasons(found)


RESERVED = {"capacityReservationTarget": {"capacityReservationId": "cr-1"}}
TEMPLATE = resource("aws:ec2/launchTemplate:LaunchTemplate", "gpu", {"capacityReservationSpecification": RESERVED})

RESERVED_GROUP = replace(node_group("gpu"), dependencies=(TEMPLATE.urn,))


@pytest.mark.parametrize(
    ("resources", "item"),
    [
        (
            [gke_pool(config={**L4, "reservationAffinity": {"consumeReservationType": "SPECIFIC_RESERVATION"}})],
            "gcp/us-central1/g2-standard-8/reserved",
        ),
        (
            [aws(), TEMPLATE, replace(node_group("gpu"), dependencies=(TEMPLATE.urn,))],
            "aws/us-east-1/g6.xlarge/reserved",
        ),
    ],
)
def test_a_reservation_is_said_to_be_paid_used_or_not(resources: list[Resource], item: str) -> None:
    found = estimate(graph(*resources, deployment("tagging", department="merchandising")))
    words = f"{item} is priced as on demand, and for its nodes alone: a reservation is paid, used or not"
    assert words in found.assumptions


@pytest.mark.parametrize(
    ("pool", "reason"),
    [
        (
            gke_pool(config={**L4, "flexStart": True}),
            "the catalog has no price of flex start capacity; a price override of "
            "'gcp/us-central1/g2-standard-8/flex_start' by the hour can declare one",
        ),
        (
            node_group("gpu", "p5.48xlarge", capacityType="CAPACITY_BLOCK"),
            "the catalog has no price of a capacity block; a price override of 'aws/us-east-1/p5.48xlarge/reserved' by "
            "the hour can declare one",
        ),
        (
            aks_pool(location="westeurope", size="Standard_Huge"),
            "the catalog has no instance type Standard_Huge; a price override of "
            "'azure/westeurope/Standard_Huge/on_demand' by the hour can declare one",
        ),
    ],
)
def test_nodes_without_a_price_say_which_override_declares_it(pool: Resource, reason: str) -> None:
    assert reason in reasons(estimate(graph(aws(), pool)))


@pytest.mark.parametrize(
    ("basis", "expected"),
    [
        ("gcp/us-central1/e2-standard-4/on_demand", "97.84"),
        ("azure/northeurope/Standard_D4s_v5/on_demand", "156.22"),
        ("gcp/us-central1/e2-standard-4/reserved", "97.84"),
    ],
)
def test_pods_of_another_stacks_system_nodes_have_their_price(basis: str, expected: str) -> None:
    """A pod that asks for more than a node is charged a whole one."""
    pods = deployment("tagging", gpus=0, cpu="8", department="merchandising", cluster="elsewhere", basis=basis)
    assert estimate(graph(pods)).departments == {"merchandising": usd(expected)}


CLASSES = {
    "gcp": ("pd.csi.storage.gke.io", {"type": "pd-ssd"}),
    "azure": ("disk.csi.azure.com", {"skuName": "Premium_LRS"}),
    "aws": ("ebs.csi.aws.com", {"type": "gp3"}),
}


def cluster_of(cloud: str) -> Resource:
    if cloud == "gcp":
        return gke_cluster(removeDefaultNodePool=True)
    if cloud == "azure":
        return aks_cluster()
    return resource("aws:eks/cluster:Cluster", "main", {"name": "main", "region": "us-east-1", "version": "1.35"})


@pytest.mark.parametrize(
    ("cloud", "words"),
    [("aws", "volume claim (gp3)"), ("gcp", "volume claim (pd-ssd)"), ("azure", "volume claim (Premium_LRS)")],
)
def test_a_claim_is_priced_by_the_storage_class_of_its_own_cluster(cloud: str, words: str) -> None:
    """100 GiB: 8.00 as gp3, 17.00 as pd-ssd, a P10 for 20 by the override. All clusters name their class alike."""
    found: list[Resource] = []
    for each, (provisioner, parameters) in CLASSES.items():
        cluster = cluster_of(each)
        provider = kubernetes(each, dependencies=(cluster.urn,))
        inputs = {"metadata": {"name": "disks"}, "provisioner": provisioner, "parameters": parameters}
        storage = resource("kubernetes:storage.k8s.io/v1:StorageClass", each, inputs, provider=provider.urn)
        found += [cluster, provider, storage]
    of = next(each.urn for each in found if each.name == f"modelyard-{cloud}")
    spec = {"storageClassName": "disks", "resources": {"requests": {"storage": "100Gi"}}}
    claim = resource("kubernetes:core/v1:PersistentVolumeClaim", "data", {"spec": spec}, provider=of)
    price = priced(("azure/westeurope/Managed Disks/Premium SSD P10 LRS", "20", "disk-month"))
    lines = [line for line in estimate(graph(*found, claim), price).lines if line.urn == claim.urn]
    expected = {"aws": usd("8.00"), "gcp": usd("17.00"), "azure": usd("20.00")}[cloud]
    assert [(line.what, line.usd) for line in lines] == [(words, expected)]


def test_a_claim_of_a_volume_that_is_there_makes_no_disk() -> None:
    """So pods read weights from a store: the volume is a folder of a bucket."""
    spec = {"storageClassName": "", "volumeName": "weights", "resources": {"requests": {"storage": "100Gi"}}}
    cluster = cluster_of("aws")
    provider = kubernetes("aws", dependencies=(cluster.urn,))
    claim = resource("kubernetes:core/v1:PersistentVolumeClaim", "weights", {"spec": spec}, provider=provider.urn)
    found = estimate(graph(cluster, provider, claim), priced())
    assert not [each for each in (*found.lines, *found.unpriced) if each.urn == claim.urn]


@pytest.mark.parametrize(
    ("cloud", "annotations", "words"),
    [
        (
            "gcp",
            {"networking.gke.io/load-balancer-type": "Internal"},
            ["forwarding rule of its internal load balancer"],
        ),
        ("gcp", {}, ["forwarding rule of its external load balancer"]),
        ("azure", {"service.beta.kubernetes.io/azure-load-balancer-internal": "true"}, ["internal load balancer"]),
        ("azure", {}, ["public load balancer", "public address"]),
    ],
)
def test_a_load_balancer_is_that_of_its_clusters_cloud(
    cloud: str, annotations: dict[str, Any], words: list[str]
) -> None:
    cluster = cluster_of(cloud)
    provider = kubernetes(cloud, dependencies=(cluster.urn,))
    inputs = {"metadata": {"annotations": annotations}, "spec": {"type": "LoadBalancer"}}
    service = resource("kubernetes:core/v1:Service", "edge", inputs, provider=provider.urn)
    prices = priced(("gcp/us-central1/Cloud Load Balancing", "0.025", "hour"), ("azure/westeurope", "0.02", "hour"))
    found = estimate(graph(cluster, provider, service), prices)
    assert [line.what for line in found.lines if line.urn == service.urn] == words
    gap = [each.reason for each in found.unpriced if each.urn == service.urn]
    assert gap == ["it depends on use; declare the assumption load_balancer_gb_per_month to price it"]


def test_cloud_nat_costs_by_the_nodes_behind_it_and_no_more_than_for_32() -> None:
    nat = resource("gcp:compute/routerNat:RouterNat", "nat", {"region": "us-central1"})
    for nodes, hours in ((3, 3 * 730), (40, 32 * 730)):
        pool = gke_pool(config=L4, nodeLocations=["us-central1-a"], initialNodeCount=nodes)
        sizes = {**pool.inputs, "autoscaling": {"totalMinNodeCount": 0, "totalMaxNodeCount": 40}}
        found = estimate(graph(resource(pool.type, "gpu", sizes), nat))
        assert [line.quantity for line in found.lines if line.urn == nat.urn] == [Decimal(hours)]


@pytest.mark.parametrize("location", ["US-CENTRAL1", "us-central1"])
def test_a_buckets_location_is_read_in_either_spelling(location: str) -> None:
    bucket = resource("gcp:storage/bucket:Bucket", "models", {"location": location})
    found = estimate(graph(bucket), Assumptions(model_store_gb=Decimal(100)))
    assert (found.total, found.unpriced) == (usd("2.00"), [])


def test_labels_of_the_provider_say_who_pays() -> None:
    provider = resource("pulumi:providers:gcp", "gcp", {"defaultLabels": '{"department": "merchandising"}'})
    bucket = resource("gcp:storage/bucket:Bucket", "m", {"location": "us-central1"}, provider=provider.urn)
    found = estimate(graph(provider, bucket), Assumptions(model_store_gb=Decimal(100)))
    assert found.departments == {"merchandising": usd("2.00")}
