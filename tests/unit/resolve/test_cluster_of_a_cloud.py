"""A cluster says of its cloud what that cloud knows: region, account, network, admins; and nothing of another."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.environment.cluster import Cluster
from modelyard.environment.managed import Managed
from modelyard.resolve.cluster import decide_cluster
from modelyard.resolve.cluster_cloud import CloudAccount, cloud_account

UUID = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
OTHER = "1a1b2c3d-4e5f-6789-abcd-ef0123456789"
MANAGED = Managed.model_validate(
    {
        "gcp": {"project": "acme-ml", "regions": ["us-central1"]},
        "azure": {"subscription_id": UUID, "tenant_id": UUID, "resource_group": "ml", "regions": ["eastus"]},
    }
)
REGIONS = {"aws": "us-east-1", "gcp": "us-central1", "azure": "eastus"}
VPC = {
    "vpc_id": "vpc-0a1b2c3d4e5f67890",
    "private_subnet_ids": ["subnet-0a1b2c3d4e5f67890", "subnet-0a1b2c3d4e5f67891"],
}
THEIRS = {"existing": {"name": "ml"}, "network": VPC}
GOOGLE_NETWORK = {"network": "ml", "subnetwork": "ml", "pods_range": "pods", "services_range": "services"}


def found(cloud: str, managed: Managed | None = MANAGED, **declared: Any) -> list[str]:
    """Path and sentence of everything that is wrong."""
    data = {"name": "east", "cloud": cloud, "region": REGIONS[cloud], **declared}
    _, findings = decide_cluster(Cluster.model_validate(data), environment="prod", managed=managed)
    return [f"{'.'.join(map(str, steps))}: {message}" for steps, message in findings]


@pytest.mark.parametrize(
    ("existing", "autoscaler", "provisioner"),
    [
        ({"node_role_arn": "arn:aws:iam::123456789012:role/nodes"}, "cluster_autoscaler", "karpenter"),
        ({}, "karpenter", "karpenter"),
        ({"auto_mode_role_arn": "arn:aws:iam::123456789012:role/auto"}, "cluster_autoscaler", "auto_mode"),
    ],
)
def test_an_existing_cluster_of_eks_takes_pools_of_every_kind(
    existing: dict[str, str], autoscaler: str, provisioner: str
) -> None:
    pool = {"name": "l4", "accelerator": "L4", "provisioner": provisioner}
    theirs = {"existing": {"name": "ml", **existing}, "network": VPC}
    assert found("aws", **theirs, node_autoscaler=autoscaler, gpu_pools=[pool]) == []


@pytest.mark.parametrize("cloud", REGIONS)
def test_a_cluster_on_each_cloud_needs_no_more_than_its_account(cloud: str) -> None:
    assert found(cloud) == []


@pytest.mark.parametrize(
    ("cloud", "declared", "told"),
    [
        (
            "azure",
            {"existing": {"kubeconfig": {"config": "kubeconfig"}}},
            "existing.identity_issuer: is missing, and pods reach Azure Blob Storage by a managed identity alone; add "
            "it (with Azure Arc: az connectedk8s show --query oidcIssuerProfile.issuerUrl)",
        ),
        (
            "aws",
            {"existing": {"kubeconfig": {"config": "kubeconfig"}, "identity_issuer": "https://issuer.example"}},
            "existing.identity_issuer: is for cloud: azure, and cloud is aws; delete it",
        ),
        (
            "gcp",
            {"network": VPC},
            "network: is no network of GKE, and cloud is gcp; write {network: <network>, subnetwork: <subnetwork>, "
            "pods_range: <range>, services_range: <range>}",
        ),
        (
            "azure",
            {"network": GOOGLE_NETWORK},
            "network: is no network of AKS, and cloud is azure; write {subnet_id: <resource id of the subnet>}",
        ),
        (
            "aws",
            {"network": GOOGLE_NETWORK},
            "network: is no network of EKS, and cloud is aws; write {vpc_id: <VPC>, private_subnet_ids: [<subnet>, "
            "...]}",
        ),
        (
            "gcp",
            {"existing": {"name": "ml"}},
            "existing: names no cluster of GKE, and cloud is gcp; write {name: <GKE cluster>, location: <region or "
            "zone>}",
        ),
        (
            "azure",
            {"existing": {"name": "ml", "location": "us-central1"}},
            "existing: names no cluster of AKS, and cloud is azure; write {name: <AKS cluster>, resource_group: "
            "<group>}",
        ),
        (
            "aws",
            {"existing": {"name": "ml", "resource_group": "ml"}},
            "existing: names no cluster of EKS, and cloud is aws; write {name: <EKS cluster>}",
        ),
        ("gcp", {"aks": {"tier": "free"}}, "aks: is for cloud: azure, and cloud is gcp; delete it"),
        ("azure", {"eks": {"auto_mode": True}}, "eks: is for cloud: aws, and cloud is azure; delete it"),
        ("aws", {"gke": {"dns_endpoint": False}}, "gke: is for cloud: gcp, and cloud is aws; delete it"),
        (
            "gcp",
            {"api_access": {"admins": ["arn:aws:iam::123456789012:role/ml"]}},
            "api_access.admins.0: 'arn:aws:iam::123456789012:role/ml' must be a member of Google Cloud's IAM, such as "
            "group:ml-platform@example.com; cloud is gcp",
        ),
        (
            "azure",
            {"api_access": {"admins": ["group:ml@example.com"]}},
            "api_access.admins.0: 'group:ml@example.com' must be a UUID in lower case, such as "
            "0a1b2c3d-4e5f-6789-abcd-ef0123456789; cloud is azure",
        ),
        (
            "gcp",
            {"api_access": {"bastion": True}},
            "api_access.bastion: is a machine of AWS Systems Manager, and cloud is gcp; delete it, and use "
            "gke.dns_endpoint or api_access.public_cidrs",
        ),
        (
            "azure",
            {"api_access": {"tunnel_port": 8443}},
            "api_access.tunnel_port: is a machine of AWS Systems Manager, and cloud is azure; delete it, and use "
            "api_access.public_cidrs",
        ),
        (
            "gcp",
            {"node_autoscaler": "karpenter"},
            "node_autoscaler: karpenter is for EKS, and cloud is gcp; GKE has a node autoscaler of its own: write "
            "cluster_autoscaler",
        ),
        (
            "gcp",
            {
                "gke": {
                    "project": "acme-ml",
                    "kms_key": "projects/acme-keys/locations/global/keyRings/clusters/cryptoKeys/secrets",
                }
            },
            "gke.kms_key: is a key of global, and GKE takes one of the cluster's region; name one of us-central1",
        ),
        (
            "gcp",
            {
                "existing": {"name": "theirs", "location": "us-central1"},
                "gke": {"project": "acme-ml", "encrypt_disks": True},
            },
            "gke.encrypt_disks: is of clusters that Modelyard makes, and this one exists already; delete it",
        ),
        (
            "gcp",
            {"existing": {"name": "theirs", "location": "europe-west4-a"}, "gke": {"project": "acme-ml"}},
            "existing.location: is 'europe-west4-a', and region is 'us-central1'; write us-central1 or a zone of it, "
            "or the cluster's own region",
        ),
        (
            "gcp",
            {"network": {"flow_logs": {"traffic": "REJECT"}}},
            "network.flow_logs.traffic: is not what VPC flow logs of Google Cloud have, which hold every connection "
            "and stay as long as the project's log bucket keeps them; delete it",
        ),
        (
            "gcp",
            {"gpu_pools": [{"name": "l4", "accelerator": "L4", "zones": ["us-central1-a", "us-central1-a"]}]},
            "gpu_pools.0.zones.1: 'us-central1-a' is named twice; delete one (pool 'l4')",
        ),
        (
            "gcp",
            {
                "cpu_pools": [
                    {
                        "name": "cpu",
                        "instance_types": ["e2-standard-8"],
                        "provisioner": "compute_class",
                        "update": {"max_surge": 1},
                    }
                ]
            },
            "cpu_pools.0.update: is of a node pool, and a ComputeClass has GKE update its own; delete it, or write "
            "provisioner: managed (pool 'cpu')",
        ),
        (
            "gcp",
            {"node_autoscaler": "none"},
            "node_autoscaler: none is not for GKE, which keeps each node pool between min_nodes and max_nodes by "
            "itself; write cluster_autoscaler, and the same number for both where a pool is to keep its size",
        ),
        (
            "aws",
            {"network": {"pods_cidr": "10.64.0.0/14"}},
            "network.pods_cidr: is 10.64.0.0/14, and EKS gives pods addresses of the VPC; delete it",
        ),
        (
            "gcp",
            {"network": {"endpoints": ["s3"]}},
            "network.endpoints: are those of a VPC of AWS, and cloud is gcp; delete them",
        ),
        (
            "gcp",
            {"network": {"pods_cidr": "10.64.0.0/24"}},
            "network.pods_cidr: '10.64.0.0/24' must be a /9 to /21 (GKE documentation, VPC-native clusters)",
        ),
        (
            "azure",
            {"network": {"services_cidr": "10.64.0.0/12"}},
            "network.services_cidr: '10.64.0.0/12' must be a /13 to /27 (AKS documentation: smaller than /12)",
        ),
        (
            "azure",
            {"network": {"zones": ["1", "4"]}},
            "network.zones.1: '4' is not a zone of eastus; zones are named 1, 2 and 3",
        ),
        (
            "gcp",
            {"network": {"zones": ["us-central1-a", "us-central1b"]}},
            "network.zones.1: 'us-central1b' is not a zone of us-central1; zones are named us-central1-a, "
            "us-central1-b, ...",
        ),
        (
            "gcp",
            {"system_nodes": {"instance_types": ["e2-standard-4", "e2-standard-8"]}},
            "system_nodes.instance_types.1: 'e2-standard-8' is a second machine type; a pool of GKE has one: keep one",
        ),
        (
            "gcp",
            {"system_nodes": {"instance_types": ["g2-standard-4"]}},
            "system_nodes.instance_types.0: 'g2-standard-4' carries L4; system nodes run what needs no GPU",
        ),
        (
            "azure",
            {"cpu_pools": [{"name": "cpu", "instance_types": ["Standard_D8s_v5"], "image": "al2023"}]},
            "cpu_pools.0.image: 'al2023' is not an image of AKS for nodes without GPUs; allowed: ubuntu, azure_linux "
            "(pool 'cpu')",
        ),
        (
            "aws",
            {"gpu_pools": [{"name": "l4", "accelerator": "L4", "provisioner": "karpenter"}]},
            "gpu_pools.0.provisioner: karpenter needs node_autoscaler: karpenter, and it is cluster_autoscaler (pool "
            "'l4')",
        ),
        (
            "aws",
            {"cpu_pools": [{"name": "cpu", "instance_types": ["m6i.xlarge"], "provisioner": "auto_mode"}]},
            "cpu_pools.0.provisioner: auto_mode needs eks: {auto_mode: true} (pool 'cpu')",
        ),
        (
            "aws",
            {**THEIRS, "gpu_pools": [{"name": "l4", "accelerator": "L4", "provisioner": "karpenter"}]},
            "gpu_pools.0.provisioner: karpenter needs existing.node_role_arn, the role that the cluster's own "
            "Karpenter gives its nodes; or write node_autoscaler: karpenter, which installs one (pool 'l4')",
        ),
        (
            "aws",
            {**THEIRS, "gpu_pools": [{"name": "l4", "accelerator": "L4", "provisioner": "auto_mode"}]},
            "gpu_pools.0.provisioner: auto_mode needs existing.auto_mode_role_arn, the role of the nodes that EKS Auto "
            "Mode starts there (pool 'l4')",
        ),
        (
            "aws",
            {"existing": {"kubeconfig": {"config": "kubeconfig"}}, "node_autoscaler": "karpenter"},
            "node_autoscaler: karpenter needs a role and a queue beside a cluster of EKS, and existing names none; "
            "write existing: {name: <EKS cluster>}, or cluster_autoscaler",
        ),
        (
            "aws",
            {"network": {"nat": "none"}, "node_autoscaler": "karpenter"},
            "node_autoscaler: karpenter asks IAM and the list of prices, which have no VPC endpoint, and network.nat "
            "is none; write cluster_autoscaler, or give the network a NAT gateway",
        ),
        (
            "gcp",
            {"gpu_pools": [{"name": "inf", "accelerator": "Inferentia2"}]},
            "gpu_pools.0.accelerator: GKE has no nodes with 'Inferentia2'; the nodes of a GPU pool need an NVIDIA GPU "
            "such as L4, or a TPU such as TPU-v5e (pool 'inf')",
        ),
        (
            "aws",
            {"gpu_pools": [{"name": "tpu", "accelerator": "TPU-v5e"}]},
            "gpu_pools.0.accelerator: EKS has no nodes with 'TPU-v5e'; the nodes of a GPU pool need an NVIDIA GPU such "
            "as L4, Inferentia2 or Trainium1 (pool 'tpu')",
        ),
        (
            "azure",
            {"gpu_pools": [{"name": "tpu", "accelerator": "TPU-v6e"}]},
            "gpu_pools.0.accelerator: AKS has no nodes with 'TPU-v6e'; the nodes of a GPU pool need an NVIDIA GPU such "
            "as L4 (pool 'tpu')",
        ),
        (
            "azure",
            {"gpu_pools": [{"name": "inf", "accelerator": "Inferentia2"}]},
            "gpu_pools.0.accelerator: AKS has no nodes with 'Inferentia2'; the nodes of a GPU pool need an NVIDIA GPU "
            "such as L4 (pool 'inf')",
        ),
    ],
)
def test_what_belongs_to_another_cloud_is_told(cloud: str, declared: dict[str, Any], told: str) -> None:
    assert found(cloud, **declared) == [told]


@pytest.mark.parametrize(
    ("cloud", "region", "nearest"),
    [("aws", "us-esat-1", "us-east-1"), ("gcp", "us-centrall1", "us-central1"), ("azure", "eastus3", "eastus")],
)
def test_an_unknown_region_is_told_once_with_the_nearest(cloud: str, region: str, nearest: str) -> None:
    (told,) = found(cloud, region=region, gpu_pools=[{"name": "l4", "accelerator": "L4"}])
    assert told.startswith(f"region: {region!r} is not a ")
    assert f"; did you mean {nearest!r}? Allowed: " in told


@pytest.mark.parametrize(
    ("cloud", "told"),
    [
        ("gcp", ["gke.project: is missing, and GKE needs a project; add it, or managed.gcp.project"]),
        (
            "azure",
            [
                f"aks.{key}: is missing, and AKS needs it; add it, or managed.azure.{key}"
                for key in ("subscription_id", "tenant_id", "resource_group")
            ],
        ),
    ],
)
def test_an_account_that_nobody_names_is_told(cloud: str, told: list[str]) -> None:
    assert found(cloud, managed=None) == told


@pytest.mark.parametrize(
    ("cloud", "declared", "account"),
    [
        ("aws", {}, CloudAccount()),
        ("gcp", {}, CloudAccount(project="acme-ml")),
        ("gcp", {"gke": {"project": "acme-serving"}}, CloudAccount(project="acme-serving")),
        (
            "gcp",
            {"gke": {"project": "acme-serving"}, "existing": {"name": "ml", "location": "x", "project": "acme-old"}},
            CloudAccount(project="acme-old"),
        ),
        ("azure", {}, CloudAccount(subscription_id=UUID, tenant_id=UUID, resource_group="ml")),
        (
            "azure",
            {"aks": {"resource_group": "serving", "subscription_id": OTHER}},
            CloudAccount(subscription_id=OTHER, tenant_id=UUID, resource_group="serving"),
        ),
    ],
)
def test_the_account_is_the_nearest_that_is_named(cloud: str, declared: dict[str, Any], account: CloudAccount) -> None:
    cluster = Cluster.model_validate({"name": "east", "cloud": cloud, "region": REGIONS[cloud], **declared})
    assert cloud_account(cluster, MANAGED) == account


@pytest.mark.parametrize(
    ("accelerator", "zones"),
    # us-central1-b has T4, and no A100 with 80 GB.
    [("T4", ("us-central1-b",)), ("A100-80GB", ("us-central1-a", "us-central1-c"))],
)
def test_pools_of_a_zonal_cluster_that_exists_lie_in_its_zone_where_that_has_the_machine(
    accelerator: str, zones: tuple[str, ...]
) -> None:
    theirs = {"existing": {"name": "theirs", "location": "us-central1-b", "project": "acme-ml"}}
    pools = [{"name": "gpu", "accelerator": accelerator}]
    declared = {"name": "east", "cloud": "gcp", "region": "us-central1", **theirs, "gpu_pools": pools}
    cluster, findings = decide_cluster(Cluster.model_validate(declared), environment="prod")
    assert findings == []
    assert cluster.gpu_pools[0].zones == zones
