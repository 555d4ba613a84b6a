"""Ids, names and addresses that a program hands to a component, refused before anything is made where no cloud takes
them."""

from __future__ import annotations

from typing import Any

import modelyard
import pulumi
import pytest
from modelyard.graph import ResourceGraph
from modelyard.offline import run
from recorded_graph import refused

OWNER = {"department": "platform", "cost_center": "CC-1", "environment": "prod", "owner": "ml@shop.example"}
EKS: dict[str, Any] = {
    "region": "us-east-1",
    "cluster": "east",
    "cluster_name": "prod-east",
    "node_role_arn": "arn:aws:iam::123456789012:role/node",
    "subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    "name": "cpu",
    "instance_types": ["m6i.xlarge"],
}
GKE: dict[str, Any] = {
    "cloud": "gcp",
    "region": "us-central1",
    "cluster": "central",
    "cluster_name": "prod-central",
    "name": "cpu",
    "instance_types": ["e2-standard-8"],
}
AKS_NODES: dict[str, Any] = {
    "cloud": "azure",
    "region": "westeurope",
    "cluster": "west",
    "cluster_name": "prod-west",
    "resource_group": "ml",
    "name": "cpu",
    "instance_types": ["Standard_D4s_v5"],
}
EKS_GPUS: dict[str, Any] = {**{key: EKS[key] for key in EKS if key != "instance_types"}, "accelerator": "L4"}
GKE_GPUS: dict[str, Any] = {**{key: GKE[key] for key in GKE if key != "instance_types"}, "accelerator": "L4"}
CLUSTER: dict[str, Any] = {
    "name": "east",
    "region": "us-east-1",
    "vpc_id": "vpc-0123456789abcdef0",
    "private_subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
}
AKS: dict[str, Any] = {
    "name": "west", "cloud": "azure", "region": "westeurope", "aks": {"resource_group": "ml"}
}  # fmt: skip
BY_KUBECONFIG: dict[str, Any] = {"kubeconfig": "{}", "region": "us-east-1"}
STORE: dict[str, Any] = {"organization": "shop", "region": "us-east-1"}
ARC: dict[str, Any] = {
    "cluster_name": "plant", "resource_group": "ml", "location": "westeurope", "agent_public_key": "QUJD"
}  # fmt: skip


def made(component: str, args: dict[str, Any], name: str = "it") -> ResourceGraph:
    def declare() -> None:
        getattr(modelyard, component)(name, {**args, "ownership": OWNER})

    return run(declare, project="shop", stack="prod", mode="preview").graph


@pytest.mark.parametrize(
    ("component", "args", "message"),
    [
        ("CpuNodePool", {**EKS, "region": "us-eats-1"}, "region: 'us-eats-1' is not a region of AWS; did you mean"),
        ("CpuNodePool", {**EKS, "cloud": ""}, "cloud: '' is not a cloud; allowed: aws, gcp, azure"),
        ("CpuNodePool", {**EKS, "cluster": "ost küste"}, "cluster: 'ost küste' must be a Kubernetes label value"),
        ("CpuNodePool", {**EKS, "cluster": "x" * 64}, "has 64 characters; at most 63 are allowed"),
        ("CpuNodePool", {**EKS, "subnet_ids": []}, "subnet_ids: is an empty list; name at least one"),
        ("CpuNodePool", {**EKS, "subnet_ids": ["vpc-1"]}, "subnet_ids[0]: 'vpc-1' must be the id of a subnet"),
        ("CpuNodePool", {**EKS, "node_role_arn": "node"}, "node_role_arn: 'node' must be the ARN of an IAM role"),
        ("CpuNodePool", {**EKS, "kubernetes_version": "latest"}, "'latest' must be a version of Kubernetes, such as"),
        (
            "CpuNodePool",
            {**GKE, "location": "us-east1-b"},
            "location: 'us-east1-b' is not a zone of us-central1; zones are named us-central1-a, us-central1-b, ...; "
            "write the region or a zone of it",
        ),
        ("CpuNodePool", {**GKE, "project": ""}, "project: is empty; write it, or delete the key"),
        (
            "GpuNodePool",
            {**GKE_GPUS, "dra": True, "kubernetes_version": "1.35.2-gke.100"},
            "dra: takes the place of GKE's device plugin, which also installs the driver; delete it",
        ),
        (
            "GpuNodePool",
            {**EKS_GPUS, "dra": True, "kubernetes_version": "1.33"},
            "dra: needs Kubernetes 1.34 or later, whose resource.k8s.io/v1 is generally available, and the cluster has "
            "1.33; raise kubernetes_version, or delete it",
        ),
        (
            "GpuNodePool",
            {**EKS_GPUS, "accelerator": "Inferentia2", "dra": True},
            "dra: is for NVIDIA GPUs, and the pool has Inferentia2; delete it",
        ),
        (
            "CpuNodePool",
            {**AKS_NODES, "max_nodes": 1001},
            "max_nodes: is 1001, and a pool of AKS has 1000 nodes at most; lower it",
        ),
        ("ServingCluster", {**CLUSTER, "region": "us-eats-1"}, "'us-eats-1' is not a region of AWS; did you mean"),
        (
            "ServingCluster",
            {**CLUSTER, "private_subnet_ids": ["subnet-0123456789abcdef0"]},
            "private_subnet_ids: holds one subnet, and EKS needs them in at least two zones; name another",
        ),
        (
            "ServingCluster",
            {**CLUSTER, "services_cidr": "10.2.0.0"},
            "services_cidr: '10.2.0.0/32' must be a /12 to /24 (EKS user guide, serviceIpv4Cidr)",
        ),
        (
            "ServingCluster",
            {**CLUSTER, "services_cidr": "ten"},
            "services_cidr: 'ten' is not a range of IPv4 addresses such as 10.2.0.0/16",
        ),
        (
            "ServingCluster",
            {**AKS, "egress": "nat"},
            "egress: 'nat' is not a way out; did you mean 'nat_gateway'? Allowed: load_balancer, nat_gateway, routes",
        ),
        ("ServingCluster", {**AKS, "zones": ["westeurope-1"]}, "zones[0]: 'westeurope-1' is not a zone of westeurope"),
        (
            "ServingCluster",
            {**AKS, "pods_cidr": "10.2.0.0/16"},
            "services_cidr: 10.2.0.0/16 and the pods' 10.2.0.0/16 have addresses in common; move one of both",
        ),
        (
            "ExistingCluster",
            {**BY_KUBECONFIG, "karpenter": True},
            "karpenter: belongs to a cluster by its name, and a kubeconfig is given; delete it",
        ),
        ("ExistingCluster", {"name": "", "region": "us-east-1"}, "name: '' must be letters, digits, hyphens"),
        (
            "Karpenter",
            {"region": "us-east-1", "cluster_name": "a", "node_role_arn": EKS["node_role_arn"], "replicas": 0},
            "replicas: must be from 1 to 10, not 0",
        ),
        ("ModelStore", {**STORE, "organization": "Shop"}, "organization: 'Shop' must be lower-case letters, digits"),
        (
            "ModelStore",
            {**STORE, "cloud": "azure", "region": "westeurope", "resource_group": None},
            "resource_group: is missing, and Azure Blob Storage needs it; add it",
        ),
        ("ArcConnection", {**ARC, "resource_group": "a/b"}, "resource_group: 'a/b' must be the name of a resource"),
        (
            "GpuSoftware",
            {"neuron_monitor": 7},
            "neuron_monitor: must be text or an Output of it, not 7",
        ),
    ],
)  # fmt: skip
def test_what_no_cloud_takes_is_refused(component: str, args: dict[str, Any], message: str) -> None:
    said = refused(lambda: made(component, args))
    assert said.startswith(f"{component} it: ") and message in said and "\n" not in said


def test_a_cluster_of_azure_lies_where_its_provider_says() -> None:
    (cluster,) = made("ServingCluster", AKS).of_type("azure-native:containerservice:ManagedCluster")
    assert cluster.inputs["resourceGroupName"] == "ml"
    said = refused(lambda: made("ServingCluster", {**AKS, "aks": {}}))
    assert said == "ServingCluster it: aks.resource_group: is missing, and AKS needs it; add it"


def test_the_group_of_a_connection_may_come_of_another_resource() -> None:
    graph = made("ArcConnection", {**ARC, "resource_group": pulumi.Output.from_input("ml")})
    (record,) = graph.of_type("azure-native:kubernetes:ConnectedCluster")
    assert record.inputs["resourceGroupName"] == "ml"


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        (
            "gpu pool",
            EKS,
            "'gpu pool' begins the name of its nodes on EKS, and must be letters, digits, hyphens and underscores, "
            "beginning with a letter or digit; rename it",
        ),
        ("x" * 101, EKS, "its name has 101 characters; at most 100 are allowed"),
        (
            "gpuPool",
            GKE,
            "'gpuPool' begins the name of its nodes on GKE, and must be lower-case letters, digits and hyphens, "
            "beginning with a letter and not ending with a hyphen; rename it",
        ),
    ],
)
def test_a_components_name_begins_that_of_its_nodes(name: str, args: dict[str, Any], message: str) -> None:
    assert refused(lambda: made("CpuNodePool", args, name)) == f"CpuNodePool {name}: {message}"


@pytest.mark.parametrize(("name", "args"), [("gpuPool_1", EKS), ("gpu-pool", GKE), ("Größe 1", AKS_NODES)])
def test_names_that_clouds_take_are_taken(name: str, args: dict[str, Any]) -> None:
    assert made("CpuNodePool", args, name)
