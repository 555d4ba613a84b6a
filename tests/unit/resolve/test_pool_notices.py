"""What a pool brings with it is said in the plan."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.environment.cluster import Cluster
from modelyard.resolve.cluster import decide_cluster
from modelyard.resolve.cluster_notices import cluster_notices

UUID = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
ACCOUNTS: dict[str, dict[str, Any]] = {
    "aws": {"region": "us-east-1", "api_access": {"bastion": True}},
    "gcp": {"region": "us-central1", "gke": {"project": "acme-ml"}},
    "azure": {"region": "eastus", "aks": {"subscription_id": UUID, "tenant_id": UUID, "resource_group": "ml"}},
}


def told(cloud: str, pool: dict[str, Any] | None = None, **declared: Any) -> list[str]:
    data = {"name": "east", "cloud": cloud, **ACCOUNTS[cloud], "gpu_pools": [pool] if pool else [], **declared}
    decided, findings = decide_cluster(Cluster.model_validate(data), environment="prod")
    assert findings == []
    return list(cluster_notices(decided, "prod", {"gpu"}, []))


@pytest.mark.parametrize(
    ("cloud", "pool", "notices"),
    [
        ("aws", {"accelerator": "L4"}, []),
        (
            "aws",
            {"accelerator": "L4", "sharing": {"time_slicing": 4}},
            [
                "4 pods take turns on each device of pool 'gpu' of cluster 'east', and nothing keeps one from the "
                "memory of the others; each is counted with 5722 MiB"
            ],
        ),
        ("aws", {"accelerator": "H100", "gpus_per_node": 8, "fabric": True}, []),
        (
            "aws",
            {"accelerator": "L4", "provisioner": "karpenter"},
            [
                "pool 'gpu' of cluster 'east' takes each machine image on the day of its release, and Karpenter "
                "exchanges its nodes then; name a release in karpenter.image_release"
            ],
        ),
        ("aws", {"accelerator": "L4", "provisioner": "karpenter", "karpenter": {"image_release": "v20260915"}}, []),
        (
            "gcp",
            {"accelerator": "H100", "gpus_per_node": 8, "instance_types": ["a3-megagpu-8g"], "fabric": True},
            [
                "GKE makes the networks of pool 'gpu' of cluster 'east' with its nodes, and NCCL's plugin for "
                "GPUDirect, which pods that span nodes load, is not installed"
            ],
        ),
        (
            "azure",
            {"accelerator": "H100", "gpus_per_node": 8, "fabric": True},
            [
                "machines of pool 'gpu' of cluster 'east' have InfiniBand, and nothing announces it to pods: NVIDIA's "
                "network operator, which brings its driver and devices, is not installed"
            ],
        ),
        (
            "gcp",
            {"accelerator": "L4", "capacity": "flex_start"},
            [
                "nodes of pool 'gpu' of cluster 'east' are priced as on demand; Dynamic Workload Scheduler has prices "
                "of its own, of which the catalogue has none"
            ],
        ),
        (
            "aws",
            {"accelerator": "L4", "capacity": "reservation", "compact": True, "reservation": {"id": "cr-0a1b2c3d"}},
            [
                "pool 'gpu' of cluster 'east' is not told to stand close together: its reservation says where nodes "
                "stand",
                "the reservation of pool 'gpu' of cluster 'east' is paid for whether its nodes run or not; the "
                "estimate counts the nodes",
            ],
        ),
        (
            "gcp",
            {"accelerator": "L4", "capacity": "spot", "max_nodes": 4, "spot": {"on_demand_floor": 1}},
            [
                "the spot pool 'gpu' of cluster 'east' has one instance type, g2-standard-4; when that has no capacity "
                "the pool has its floor of 1 alone"
            ],
        ),
    ],
)
def test_what_a_pool_brings_with_it(cloud: str, pool: dict[str, Any], notices: list[str]) -> None:
    beside = ("reach its API", "has no price in the catalogue")
    autoscaler = {"node_autoscaler": "karpenter"} if pool.get("provisioner") == "karpenter" else {}
    found = told(cloud, {"name": "gpu", **pool}, **autoscaler)
    assert [each for each in found if not any(other in each for other in beside)] == notices


@pytest.mark.parametrize(
    ("cloud", "declared", "notices"),
    [
        (
            "azure",
            {},
            [
                "nobody outside the network of cluster 'east' can reach its API: it has no public endpoint, so pulumi "
                "up must run inside; set api_access.public_cidrs"
            ],
        ),
        ("azure", {"api_access": {"public_cidrs": ["192.0.2.0/24"]}}, []),
        ("gcp", {}, []),
        (
            "gcp",
            {"gke": {"project": "acme-ml", "dns_endpoint": False}},
            [
                "nobody outside the network of cluster 'east' can reach its API: it has no public endpoint, so pulumi "
                "up must run inside; set gke.dns_endpoint or api_access.public_cidrs"
            ],
        ),
    ],
)
def test_who_can_reach_the_api(cloud: str, declared: dict[str, Any], notices: list[str]) -> None:
    assert told(cloud, **declared) == notices


@pytest.mark.parametrize(
    ("pool", "needed"),
    [
        ({"accelerator": "L4"}, []),
        (
            {"accelerator": "H100", "gpus_per_node": 8, "fabric": True, "dra": True},
            [
                "pool 'gpu' needs NVIDIA's DRA driver, on nodes labelled modelyard.dev/gpu-allocation=claim, and AWS's "
                "EFA device plugin on cluster 'east', which exists already"
            ],
        ),
        (
            {"accelerator": "L4", "dra": True},
            [
                "pool 'gpu' needs NVIDIA's DRA driver, on nodes labelled modelyard.dev/gpu-allocation=claim on cluster "
                "'east', which exists already"
            ],
        ),
    ],
)
def test_what_a_cluster_that_exists_needs_besides(pool: dict[str, Any], needed: list[str]) -> None:
    existing = {
        "existing": {"name": "theirs"},
        "network": {"vpc_id": "vpc-0a1b2c3d4e5f60718", "private_subnet_ids": ["subnet-0a1b2c3d", "subnet-1a1b2c3d"]},
        "api_access": {},
    }
    found = told("aws", {"name": "gpu", **pool}, **existing)
    assert [each for each in found if " needs " in each] == needed


@pytest.mark.parametrize(("images", "count"), [(["registry:shop/tagger"], 1), ([], 0)])
def test_who_reads_the_model_store_on_a_cluster_by_kubeconfig_is_its_owners_to_say(
    images: list[str], count: int
) -> None:
    existing = {"kubeconfig": {"config": "premises"}}
    cluster = Cluster.model_validate({"name": "east", "cloud": "gcp", "region": "us-central1", "existing": existing})
    decided, findings = decide_cluster(cluster, environment="prod")
    assert findings == []
    sentence = (
        "cluster 'east' is reached by a kubeconfig: its owner lets the service accounts of models, which bear their "
        "names, read the model store"
    )
    assert list(cluster_notices(decided, "prod", set(), images)).count(sentence) == count


@pytest.mark.parametrize(
    ("repair", "others", "said"), [(False, True, True), (False, False, False), (True, False, False)]
)
def test_karpenter_repairs_all_nodes_or_none(repair: bool, others: bool, said: bool) -> None:
    pool = {"name": "gpu", "accelerator": "L4", "provisioner": "karpenter", "repair": repair}
    other = {"name": "cpu", "instance_types": ["m6i.xlarge"], "repair": others}
    found = told("aws", pool, node_autoscaler="karpenter", cpu_pools=[other])
    sentence = "Karpenter replaces nodes that are found broken in all its pools, whatever repair of 'gpu' says"
    assert (sentence in found) == said


@pytest.mark.parametrize(
    ("pool", "nobody"),
    [
        ({"max_nodes": 3}, True),
        ({"min_nodes": 2, "max_nodes": 2}, False),
        ({"max_nodes": 3, "provisioner": "auto_mode"}, False),
    ],
)
def test_auto_mode_scales_its_own_nodes_alone(pool: dict[str, Any], nobody: bool) -> None:
    sentence = (
        "nobody changes the number of nodes of pool 'gpu': cluster 'east' has EKS Auto Mode, which scales its own "
        "nodes alone; write provisioner: auto_mode"
    )
    found = told("aws", {"name": "gpu", "accelerator": "L4", **pool}, eks={"auto_mode": True})
    assert (sentence in found) == nobody


@pytest.mark.parametrize(
    ("declared", "has"),
    [
        ({"node_autoscaler": "none"}, "no node autoscaler; write node_autoscaler: cluster_autoscaler"),
        (
            {"node_autoscaler": "karpenter"},
            "Karpenter, which scales its own nodes alone; write provisioner: karpenter",
        ),
        ({}, None),
        ({"existing": {"name": "theirs"}, "node_autoscaler": "none"}, None),
    ],
)
def test_a_managed_pool_that_nobody_scales_is_named(declared: dict[str, Any], has: str | None) -> None:
    network = {"vpc_id": "vpc-0123456789abcdef0", "private_subnet_ids": ["subnet-0123456789abcdef0", "subnet-1a2b3c4d"]}
    found = told("aws", {"name": "gpu", "accelerator": "L4", "max_nodes": 3}, network=network, **declared)
    said = [notice for notice in found if notice.startswith("nobody changes the number of nodes")]
    assert said == (
        [] if has is None else [f"nobody changes the number of nodes of pool 'gpu': cluster 'east' has {has}"]
    )


@pytest.mark.parametrize(
    ("declared", "named"),
    [
        (
            {"deletion_protection": True, "system_nodes": {"min_nodes": 4}, "eks": {"support": "extended"}},
            "system_nodes, deletion_protection, eks.support",
        ),
        ({"api_access": {}, "eks": {"auto_mode": True}}, None),
        ({"existing": {"kubeconfig": {"config": "premises"}}, "eks": {"auto_mode": True}}, "eks.auto_mode"),
    ],
)
def test_settings_without_effect_on_a_cluster_that_exists_are_named(
    declared: dict[str, Any], named: str | None
) -> None:
    found = told("aws", **{"existing": {"name": "theirs"}, "api_access": {}, **declared})
    sentence = "without effect on cluster 'east', which exists already and belongs to somebody else: "
    said = [notice for notice in found if notice.startswith("without effect")]
    assert said == ([] if named is None else [sentence + named])


@pytest.mark.parametrize(
    ("repair", "addon", "comes_with"),
    [
        (True, "eks-node-monitoring-agent", None),
        (False, "eks-node-monitoring-agent", "a pool with repair"),
        (True, "aws-mountpoint-s3-csi-driver", "a model that streams its weights"),
        (False, "coredns", None),
    ],
)
def test_a_version_of_an_addon_that_does_not_come_is_told(repair: bool, addon: str, comes_with: str | None) -> None:
    eks = {"addon_versions": {addon: "v1.2.3-eksbuild.1"}}
    found = told("aws", {"name": "gpu", "accelerator": "L4", "repair": repair}, eks=eks)
    said = [notice for notice in found if notice.startswith("eks.addon_versions")]
    sentence = f"eks.addon_versions of cluster 'east' names {addon}, which comes with {comes_with} and is not installed"
    assert said == ([] if comes_with is None else [sentence])


L4 = {"accelerator": "L4", "max_nodes": 2}


@pytest.mark.parametrize(
    ("pools", "labels", "said"),
    [
        ([{**L4, "name": "gpu"}], ["team"], []),
        (
            [{**L4, "name": "gpu", "sharing": {"mps": 2}}, {**L4, "name": "own", "dra": True}],
            ["team"],
            [
                "gpu_software.pod_labels of cluster 'east' reach no metric of pools whose GPUs pods share or claim "
                "(gpu, own): pod, namespace and container are named there",
                "metrics of GPUs that pods claim in pool 'own' of cluster 'east' name no pod, as pods share those of "
                "pool 'gpu', for which the exporter looks at devices alone; keep the two in two clusters",
            ],
        ),
        ([{**L4, "name": "gpu", "dra": True}], [], []),
    ],
)
def test_what_metrics_of_gpus_do_not_name(pools: list[dict[str, Any]], labels: list[str], said: list[str]) -> None:
    found = told("aws", **{"gpu_pools": pools, "gpu_software": {"pod_labels": labels}})
    assert [each for each in found if "metric" in each] == said


def test_a_key_for_disks_has_to_let_those_who_start_machines_use_it() -> None:
    key = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-4e5f-6789-abcd-ef0123456789"
    assert told("aws", eks={"disk_kms_key": key}) == [
        f"disks of nodes of cluster 'east' are encrypted with {key}, whose own policy has to let "
        "AWSServiceRoleForAutoScaling use it; otherwise machines of managed groups end while they start"
    ]


@pytest.mark.parametrize(("version", "said"), [("1.34", True), ("1.35", False)])
def test_whose_autoscaler_looks_at_claims(version: str, said: bool) -> None:
    pool = {"name": "gpu", "accelerator": "T4", "dra": True}
    sentence = (
        "the node autoscaler of cluster 'east' is AKS' own, which nothing says looks at claims before Kubernetes 1.35: "
        "pool 'gpu' may keep the nodes that it has; set kubernetes_version, or min_nodes"
    )
    assert (sentence in told("azure", pool, kubernetes_version=version)) is said


@pytest.mark.parametrize("autoscaler", ["karpenter", "cluster_autoscaler"])
def test_what_karpenter_needs_of_a_cluster_that_exists(autoscaler: str) -> None:
    sentence = (
        "Karpenter on cluster 'east' needs the add-on eks-pod-identity-agent there, and authentication by access "
        "entries, which let its nodes join"
    )
    found = told("aws", existing={"name": "theirs"}, api_access={}, node_autoscaler=autoscaler)
    assert (sentence in found) == (autoscaler == "karpenter")
