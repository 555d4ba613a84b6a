"""What every cluster runs, on EKS with and without Auto Mode, on GKE and on AKS."""

from __future__ import annotations

from functools import cache
from typing import Any

import pulumi
import pytest
from modelyard.capacity.software.cluster_software import ClusterSoftware
from modelyard.graph import ResourceGraph

from .program import PLATFORM, graph_of, one, refusal

EKS: dict[str, Any] = {"cloud": "aws", "region": "us-east-1", "eks_cluster": "prod-east"}
WHERE: dict[str, dict[str, Any]] = {
    "eks": EKS,
    "auto_mode": {**EKS, "auto_mode": True},
    "karpenter": {**EKS, "node_autoscaler": "karpenter"},
    "gke": {"cloud": "gcp", "region": "europe-west4"},
    "aks": {"cloud": "azure", "region": "westeurope"},
}
EVERYWHERE = ["kube-prometheus-stack", "prometheus-adapter", "gateway-helm", "cert-manager"]
TAGS = "department=platform,cost-center=CC-1000,environment=prod,managed-by=modelyard"
AWS = "service.beta.kubernetes.io/aws-load-balancer"


def software(**changes: Any) -> Any:
    arguments: Any = {
        "ownership": PLATFORM.args(),
        "cluster": "east",
        "kubernetes_version": "1.34",
        "domain": "ml.example.org",
        "system_nodes": {"modelyard.dev/pool": "system"},
        **changes,
    }

    def declare(opts: pulumi.ResourceOptions) -> None:
        ClusterSoftware("prod-east", arguments, opts)

    return declare


@cache
def planned(where: str, reach: str = "internal", **changes: Any) -> ResourceGraph:
    return graph_of(software(**WHERE[where], reach=reach, **changes))


@pytest.mark.parametrize("where", WHERE)
def test_only_eks_with_node_groups_gets_a_node_autoscaler_and_a_role_for_it(where: str) -> None:
    releases = planned(where).of_type("kubernetes:helm.sh/v3:Release")
    own = ["cluster-autoscaler"] if where == "eks" else []
    assert sorted(each.inputs["name"] for each in releases) == sorted([*EVERYWHERE, *own])
    assert any(each.type.startswith("aws:iam/") for each in planned(where)) is (where == "eks")


SERVICES = {
    ("eks", "internal"): {
        f"{AWS}-type": "nlb",
        f"{AWS}-cross-zone-load-balancing-enabled": "true",
        f"{AWS}-additional-resource-tags": TAGS,
        f"{AWS}-internal": "true",
    },
    ("auto_mode", "internal"): {
        f"{AWS}-scheme": "internal",
        f"{AWS}-attributes": "load_balancing.cross_zone.enabled=true",
        f"{AWS}-additional-resource-tags": TAGS,
    },
    ("auto_mode", "internet"): {
        f"{AWS}-scheme": "internet-facing",
        f"{AWS}-attributes": "load_balancing.cross_zone.enabled=true",
        f"{AWS}-additional-resource-tags": TAGS,
    },
    ("gke", "internal"): {"networking.gke.io/load-balancer-type": "Internal"},
    ("gke", "internet"): {"cloud.google.com/l4-rbs": "enabled"},
    ("aks", "internal"): {"service.beta.kubernetes.io/azure-load-balancer-internal": "true"},
    ("aks", "internet"): {"service.beta.kubernetes.io/azure-pip-tags": TAGS},
}


@pytest.mark.parametrize(("where", "reach"), SERVICES, ids=str)
def test_the_gateway_asks_its_cloud_for_the_load_balancer_that_was_declared(where: str, reach: str) -> None:
    service = one(planned(where, reach), "EnvoyProxy").inputs["spec"]["provider"]["kubernetes"]["envoyService"]
    assert service["annotations"] == SERVICES[where, reach]
    assert service.get("loadBalancerClass") == ("eks.amazonaws.com/nlb" if where == "auto_mode" else None)
    assert (service["type"], service["externalTrafficPolicy"]) == ("LoadBalancer", "Local")


VOLUMES = {
    "eks": ("modelyard-gp3", "ebs.csi.aws.com", {"type": "gp3", "encrypted": "true"}),
    "auto_mode": ("modelyard-gp3", "ebs.csi.aws.com", {"type": "gp3", "encrypted": "true"}),
    "gke": (
        "modelyard-pd-balanced",
        "pd.csi.storage.gke.io",
        {
            "type": "pd-balanced",
            "labels": "department=platform,cost-center=cc-1000,environment=prod,managed-by=modelyard",
        },
    ),
    "aks": ("modelyard-premium-ssd", "disk.csi.azure.com", {"skuName": "Premium_LRS", "tags": TAGS}),
}


@pytest.mark.parametrize("where", VOLUMES)
def test_prometheus_keeps_its_metrics_on_volumes_of_its_cloud_with_the_owner_on_them(where: str) -> None:
    name, provisioner, parameters = VOLUMES[where]
    storage = one(planned(where), "StorageClass", name).inputs
    tagged = {key: value for key, value in storage["parameters"].items() if key.startswith("tagSpecification_")}
    assert (storage["metadata"]["name"], storage["provisioner"]) == (name, provisioner)
    assert storage["parameters"] == {**parameters, **tagged}
    assert ",".join(tagged.values()) == (TAGS if where in ("eks", "auto_mode") else "")
    values = one(planned(where), "Release", "kube-prometheus-stack").inputs["values"]
    claim = values["prometheus"]["prometheusSpec"]["storageSpec"]["volumeClaimTemplate"]["spec"]
    assert claim["storageClassName"] == name


def test_pods_on_nodes_of_auto_mode_have_a_class_of_their_own() -> None:
    """EKS user guide, "Create a storage class": its driver reaches its own nodes alone."""
    storage = one(planned("auto_mode"), "StorageClass", "modelyard-gp3-auto-mode").inputs
    assert storage["provisioner"] == "ebs.csi.eks.amazonaws.com"
    (nodes,) = storage["allowedTopologies"]
    assert nodes["matchLabelExpressions"] == [{"key": "eks.amazonaws.com/compute-type", "values": ["auto"]}]
    assert storage["parameters"]["encrypted"] == "true"
    assert storage["parameters"]["tagSpecification_1"] == "department=platform"


@pytest.mark.parametrize(
    ("machine", "volumes"),
    [("e2-standard-4", "pd-balanced"), ("n2-standard-8", "pd-balanced"), ("n4-standard-4", "hyperdisk-balanced")],
)
def test_machines_of_google_cloud_without_persistent_disks_get_hyperdisk(machine: str, volumes: str) -> None:
    storage = one(planned("gke", system_machine=machine), "StorageClass").inputs
    assert (storage["parameters"]["type"], storage["metadata"]["name"]) == (volumes, f"modelyard-{volumes}")


def test_volumes_of_azure_are_encrypted_by_the_owners_key_where_there_is_one() -> None:
    key = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/diskEncryptionSets/ours"
    parameters = one(planned("aks", disk_encryption_set_id=key), "StorageClass").inputs["parameters"]
    assert parameters["diskEncryptionSetID"] == key


GUARDS = {
    "eks": ("AWS_CONTAINER_CREDENTIALS_FULL_URI", {"modelyard.dev/needs-aws-identity": "true"}),
    "aks": ("AZURE_FEDERATED_TOKEN_FILE", {"azure.workload.identity/use": "true"}),
}


@pytest.mark.parametrize("where", ["eks", "gke", "aks"])
def test_pods_wait_for_their_identity_where_it_is_put_into_them(where: str) -> None:
    kind = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy"
    found = [each.inputs["spec"] for each in planned(where).of_type(kind)]
    if where == "gke":
        assert found == []
        return
    (policy,), (variable, pods) = found, GUARDS[where]
    assert policy["matchConstraints"]["objectSelector"] == {"matchLabels": pods}
    assert f"e.name == '{variable}'" in policy["validations"][0]["expression"]


def test_volumes_of_google_cloud_have_the_key_that_is_named() -> None:
    key = "projects/shop-keys/locations/us-central1/keyRings/clusters/cryptoKeys/volumes"
    parameters = one(planned("gke", volume_kms_key=key), "StorageClass").inputs["parameters"]
    assert parameters["disk-encryption-kms-key"] == key
    assert "disk-encryption-kms-key" not in one(planned("gke"), "StorageClass").inputs["parameters"]


@pytest.mark.parametrize(("where", "off"), [("eks", False), ("gke", True), ("aks", False)])
def test_core_dns_is_not_scraped_where_there_is_none(where: str, off: bool) -> None:
    values = one(planned(where), "Release", "kube-prometheus-stack").inputs["values"]
    assert (values.get("coreDns") == {"enabled": False}) is off


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {**WHERE["gke"], "eks_cluster": "prod-east"},
            "eks_cluster is for cloud: aws, and cloud is gcp; delete it",
        ),
        (
            {**WHERE["aks"], "auto_mode": True, "node_autoscaler": "karpenter"},
            "auto_mode is for cloud: aws, and cloud is azure; delete it; and node_autoscaler karpenter is for cloud: "
            "aws, and cloud is azure; delete it",
        ),
        (
            {**WHERE["gke"], "disk_encryption_set_id": "/subscriptions/s"},
            "disk_encryption_set_id is for cloud: azure, and cloud is gcp; delete it",
        ),
        (
            {**WHERE["aks"], "volume_kms_key": "projects/p/locations/l/keyRings/r/cryptoKeys/k"},
            "volume_kms_key is for cloud: gcp, and cloud is azure; delete it",
        ),
        ({**EKS, "cloud": "azur"}, "did you mean 'azure'?"),
    ],
)
def test_what_another_cloud_has_is_refused(changes: dict[str, Any], said: str) -> None:
    assert said in refusal(software(**changes))
