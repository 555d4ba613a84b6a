"""What rules say of Google Cloud and of Azure. That the right settings are let through is half of each table."""

from __future__ import annotations

import json
from typing import Any

import pytest
from modelyard.graph import UNKNOWN, Resource
from modelyard_policies.ownership import azure_taggable_types, labels_of_google_types

from .recorded import TAGS, deployment, messages, resource

GKE = "gcp:container/cluster:Cluster"
GKE_POOL = "gcp:container/nodePool:NodePool"
AKS = "azure-native:containerservice:ManagedCluster"
AKS_POOL = "azure-native:containerservice:AgentPool"
DIAGNOSTICS = "azure-native:monitor:DiagnosticSetting"
ACCOUNT = "azure-native:storage:StorageAccount"
CONTAINER = "azure-native:storage:BlobContainer"
BLOB_SERVICE = "azure-native:storage:BlobServiceProperties"
BUCKET = "gcp:storage/bucket:Bucket"
IMAGES = "gcp:artifactregistry/repository:Repository"
TAINT = {"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}
CLOSED = {"publicAccessPrevention": "enforced", "uniformBucketLevelAccess": True, "versioning": {"enabled": True}}


@pytest.mark.parametrize(
    ("rule", "type_token", "inputs", "words"),
    [
        ("cluster-endpoint-not-open", GKE, {"privateClusterConfig": {"enablePrivateEndpoint": True}}, None),
        (
            "cluster-endpoint-not-open",
            GKE,
            {"masterAuthorizedNetworksConfig": {"cidrBlocks": [{"cidrBlock": "203.0.113.0/24"}]}},
            None,
        ),
        (
            "cluster-endpoint-not-open",
            GKE,
            {"controlPlaneEndpointsConfig": {"ipEndpointsConfig": {"enabled": False}}},
            None,
        ),
        ("cluster-endpoint-not-open", GKE, {}, "masterAuthorizedNetworksConfig is not set, which opens the API"),
        (
            "cluster-endpoint-not-open",
            GKE,
            {"masterAuthorizedNetworksConfig": {"cidrBlocks": [{"cidrBlock": "0.0.0.0/0"}]}},
            "masterAuthorizedNetworksConfig.cidrBlocks holds '0.0.0.0/0', which opens the API to the internet",
        ),
        ("cluster-endpoint-not-open", AKS, {"apiServerAccessProfile": {"enablePrivateCluster": True}}, None),
        (
            "cluster-endpoint-not-open",
            AKS,
            {"apiServerAccessProfile": {"authorizedIPRanges": ["203.0.113.0/24"]}},
            None,
        ),
        ("cluster-endpoint-not-open", AKS, {}, "apiServerAccessProfile.authorizedIPRanges is not set"),
        (
            "cluster-endpoint-not-open",
            AKS,
            {"apiServerAccessProfile": {"authorizedIPRanges": ["0.0.0.0/0"]}},
            "apiServerAccessProfile.authorizedIPRanges holds '0.0.0.0/0'",
        ),
        ("cluster-secrets-encrypted", GKE, {"databaseEncryption": {"state": "ENCRYPTED"}}, None),
        ("cluster-secrets-encrypted", GKE, {}, "databaseEncryption.state is not set, so a copy of etcd"),
        ("cluster-secrets-encrypted", AKS, {"securityProfile": {"azureKeyVaultKms": {"enabled": True}}}, None),
        ("cluster-secrets-encrypted", AKS, {}, "securityProfile.azureKeyVaultKms.enabled is not set"),
        ("cluster-logging", GKE, {"loggingConfig": {"enableComponents": ["APISERVER", "SYSTEM_COMPONENTS"]}}, None),
        ("cluster-logging", GKE, {"loggingConfig": {"enableComponents": UNKNOWN}}, None),
        (
            "cluster-logging",
            GKE,
            {"loggingConfig": {"enableComponents": ["SYSTEM_COMPONENTS"]}},
            "loggingConfig.enableComponents is 'SYSTEM_COMPONENTS' and lacks 'APISERVER'",
        ),
        ("cluster-logging", AKS, {}, "the cluster has no DiagnosticSetting"),
        ("network-policy-enforced", GKE, {"datapathProvider": "ADVANCED_DATAPATH"}, None),
        ("network-policy-enforced", GKE, {"networkPolicy": {"enabled": True}}, None),
        ("network-policy-enforced", GKE, {}, "so nothing enforces the cluster's NetworkPolicies"),
        ("network-policy-enforced", AKS, {"networkProfile": {"networkPolicy": "cilium"}}, None),
        ("network-policy-enforced", AKS, {}, "networkProfile.networkPolicy is not set"),
        ("imds-v2", GKE_POOL, {"nodeConfig": {"workloadMetadataConfig": {"mode": "GKE_METADATA"}}}, None),
        ("imds-v2", GKE_POOL, {}, "nodeConfig.workloadMetadataConfig.mode is not set"),
        ("node-pool-limits", GKE_POOL, {"autoscaling": {"totalMaxNodeCount": 100}}, None),
        ("node-pool-limits", GKE_POOL, {"nodeCount": 3}, None),
        (
            "node-pool-limits",
            GKE_POOL,
            {"autoscaling": {"totalMaxNodeCount": 101}},
            "autoscaling.totalMaxNodeCount is 101; at most 100",
        ),
        ("node-pool-limits", GKE_POOL, {"autoscaling": {}}, "autoscaling.maxNodeCount is not set; at most 100"),
        (
            "node-pool-limits",
            GKE_POOL,
            {"nodeCount": 1, "nodeConfig": {"guestAccelerators": [{"type": "nvidia-l4"}], "taints": [TAINT]}},
            None,
        ),
        (
            "node-pool-limits",
            GKE_POOL,
            {"nodeCount": 1, "nodeConfig": {"guestAccelerators": [{"type": "nvidia-l4"}]}},
            "the pool has GPUs and nodeConfig.taints is not set",
        ),
        ("node-pool-limits", AKS_POOL, {"enableAutoScaling": True, "maxCount": 9}, None),
        ("node-pool-limits", AKS_POOL, {"enableAutoScaling": True}, "maxCount is not set; at most 100"),
        ("node-pool-limits", AKS_POOL, {"count": 101}, "count is 101; at most 100"),
        (
            "node-pool-limits",
            AKS_POOL,
            {"count": 1, "nodeLabels": {"nvidia.com/gpu.present": "true"}},
            "the pool has GPUs and nodeTaints is not set",
        ),
        (
            "node-pool-limits",
            AKS,
            {"agentPoolProfiles": [{"enableAutoScaling": True, "maxCount": 101}]},
            "agentPoolProfiles[0].maxCount is 101; at most 100",
        ),
        ("registry-immutable", IMAGES, {"format": "DOCKER", "dockerConfig": {"immutableTags": True}}, None),
        ("registry-immutable", IMAGES, {"format": "DOCKER", "mode": "REMOTE_REPOSITORY"}, None),
        ("registry-immutable", IMAGES, {"format": "PYTHON"}, None),
        ("registry-immutable", IMAGES, {"format": "DOCKER"}, "dockerConfig.immutableTags is not set"),
        ("registry-scan-on-push", IMAGES, {"format": "DOCKER"}, None),
        (
            "registry-scan-on-push",
            IMAGES,
            {"format": "DOCKER", "vulnerabilityScanningConfig": {"enablementConfig": "DISABLED"}},
            "vulnerabilityScanningConfig.enablementConfig is 'DISABLED'",
        ),
        ("bucket-encrypted-versioned-private", BUCKET, CLOSED, None),
        (
            "bucket-encrypted-versioned-private",
            BUCKET,
            {**CLOSED, "publicAccessPrevention": "inherited"},
            "publicAccessPrevention is 'inherited', so a role or an ACL can make the bucket public",
        ),
        ("bucket-encrypted-versioned-private", BUCKET, {**CLOSED, "versioning": None}, "versioning.enabled is not set"),
        (
            "bucket-encrypted-versioned-private",
            BUCKET,
            {**CLOSED, "uniformBucketLevelAccess": False},
            "uniformBucketLevelAccess is false",
        ),
        ("bucket-encrypted-versioned-private", ACCOUNT, {"allowBlobPublicAccess": False}, None),
        ("bucket-encrypted-versioned-private", ACCOUNT, {}, "allowBlobPublicAccess is not set"),
        ("bucket-encrypted-versioned-private", CONTAINER, {"publicAccess": "None"}, None),
        ("bucket-encrypted-versioned-private", CONTAINER, {"publicAccess": "Blob"}, "publicAccess is 'Blob'"),
        ("kms-key-rotation", "gcp:kms/cryptoKey:CryptoKey", {"rotationPeriod": "7776000s"}, None),
        ("kms-key-rotation", "gcp:kms/cryptoKey:CryptoKey", {"purpose": "ASYMMETRIC_SIGN"}, None),
        ("kms-key-rotation", "gcp:kms/cryptoKey:CryptoKey", {}, "rotationPeriod is not set"),
        ("iam-not-administrator", "gcp:projects/iAMMember:IAMMember", {"role": "roles/storage.objectViewer"}, None),
        ("iam-not-administrator", "gcp:projects/iAMMember:IAMMember", {"role": "roles/owner"}, "role is 'roles/owner'"),
        (
            "iam-not-administrator",
            "azure-native:authorization:RoleAssignment",
            {"roleDefinitionId": "/x/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"},
            "roleDefinitionId is that of Owner",
        ),
        ("iam-not-administrator", "azure-native:authorization:RoleAssignment", {"roleDefinitionId": UNKNOWN}, None),
        ("department-tag", BUCKET, {"labels": TAGS}, None),
        ("department-tag", BUCKET, {}, "the resource's labels have no 'department'"),
        ("department-tag", GKE, {}, "the resource's resourceLabels have no 'department'"),
        ("department-tag", GKE_POOL, {"nodeConfig": {"resourceLabels": TAGS}}, None),
        ("department-tag", GKE_POOL, {}, "the nodes' nodeConfig.resourceLabels have no 'department'"),
        ("department-tag", "gcp:compute/router:Router", {}, None),
        ("department-tag", AKS_POOL, {"tags": TAGS}, None),
        ("department-tag", AKS_POOL, {}, "the resource's tags have no 'department'"),
        (
            "ownership-tags",
            AKS,
            {"tags": TAGS, "agentPoolProfiles": [{"tags": {}}]},
            "the nodes' agentPoolProfiles[0].tags lack 'cost-center', 'environment', 'managed-by'",
        ),
    ],
)
def test_what_a_rule_says(rule: str, type_token: str, inputs: dict[str, Any], words: str | None) -> None:
    found = messages(rule, resource(type_token, inputs))
    assert len(found) == (words is not None)
    assert words is None or found[0].startswith(words) or words in found[0]


def test_labels_of_the_provider_count() -> None:
    provider = resource("pulumi:providers:gcp", {"defaultLabels": json.dumps(TAGS)}, "gcp", provider="")
    assert messages("department-tag", provider, resource(BUCKET, {}, provider=provider.urn)) == []


def diagnostics(cluster: Resource, *categories: str) -> Resource:
    logs = [{"category": each, "enabled": True} for each in categories]
    return resource(DIAGNOSTICS, {"logs": logs, "resourceUri": UNKNOWN}, sources={"resourceUri": (cluster.urn,)})


def test_the_diagnostic_setting_of_a_cluster_says_what_is_kept() -> None:
    cluster = resource(AKS, {})
    assert messages("cluster-logging", cluster, diagnostics(cluster, "kube-apiserver", "kube-audit", "guard")) == []
    assert messages("cluster-logging", cluster, diagnostics(cluster, "kube-apiserver", "guard")) == [
        "logs is 'kube-apiserver', 'guard' and lacks 'kube-audit-admin'; enable at least 'kube-apiserver', "
        "'kube-audit-admin', 'guard'."
    ]


@pytest.mark.parametrize("versioned", [True, False, None])
def test_an_account_with_containers_keeps_versions(versioned: bool | None) -> None:
    account = resource(ACCOUNT, {"allowBlobPublicAccess": False})
    of = {"accountName": (account.urn,)}
    found = [account, resource(CONTAINER, {}, sources=of)]
    if versioned is not None:
        found.append(resource(BLOB_SERVICE, {"isVersioningEnabled": versioned}, sources=of))
    said = {False: "false", None: "not set"}
    expected = (
        []
        if versioned
        else [
            f"isVersioningEnabled of the account's BlobServiceProperties is {said[versioned]}, so an overwritten model "
            "is gone; set it to true."
        ]
    )
    assert messages("bucket-encrypted-versioned-private", *found) == expected


def test_the_account_of_a_workspace_need_keep_no_versions() -> None:
    account = resource(ACCOUNT, {"allowBlobPublicAccess": False})
    container = resource(CONTAINER, {}, sources={"accountName": (account.urn,)})
    workspace = resource(
        "azure-native:machinelearningservices:Workspace", {}, sources={"storageAccount": (account.urn,)}
    )
    assert messages("bucket-encrypted-versioned-private", account, container, workspace) == []


def test_keys_of_ones_own_are_asked_for_where_the_setting_says_so() -> None:
    wanted = {"customer_keys": True}
    rule = "bucket-encrypted-versioned-private"
    assert messages(rule, resource(BUCKET, CLOSED), settings=wanted) == [
        "encryption.defaultKmsKeyName is not set; name a key of Cloud KMS."
    ]
    with_key = {**CLOSED, "encryption": {"defaultKmsKeyName": "projects/a/locations/b/keyRings/c/cryptoKeys/d"}}
    assert messages(rule, resource(BUCKET, with_key), settings=wanted) == []


def gke_pool(name: str, *, spot: bool) -> Resource:
    labels = {"modelyard.dev/pool": "gpu"}
    return resource(GKE_POOL, {"nodeConfig": {"spot": spot, "labels": labels}}, name)


def aks_pool(name: str, *, spot: bool) -> Resource:
    labels = {"modelyard.dev/pool": "gpu"}
    return resource(AKS_POOL, {"scaleSetPriority": "Spot" if spot else "Regular", "nodeLabels": labels}, name)


def karpenter_pool(name: str, *, spot: bool) -> Resource:
    wanted = {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["spot" if spot else "on-demand"]}
    template = {"metadata": {"labels": {"modelyard.dev/pool": "gpu"}}, "spec": {"requirements": [wanted]}}
    return resource("kubernetes:karpenter.sh/v1:NodePool", {"spec": {"template": template}}, name)


@pytest.mark.parametrize("pool", [gke_pool, aks_pool, karpenter_pool])
def test_a_spot_pool_with_a_floor_on_demand_is_not_spot_alone(pool: Any) -> None:
    pods = deployment(pod={"nodeSelector": {"modelyard.dev/pool": "gpu"}})
    assert messages("spot-not-alone", pool("gpu", spot=True), pods) == [
        "the pods run only on pool 'gpu', which is spot capacity, so all replicas can be gone at once; give the "
        "guaranteed replicas an on-demand pool and keep spot for the overflow."
    ]
    assert messages("spot-not-alone", pool("gpu", spot=True), pool("gpu-floor", spot=False), pods) == []


def test_a_cluster_of_spot_pools_alone_is_told() -> None:
    cluster = resource(GKE, {"name": "iowa"})
    pool = resource(GKE_POOL, {"cluster": "iowa", "nodeConfig": {"spot": True}})
    assert messages("spot-not-alone", cluster, pool)[0].startswith("all 1 node groups of the cluster are spot capacity")


def test_the_lists_of_types_hold_what_the_platform_makes() -> None:
    google = labels_of_google_types()
    assert google["gcp:container/cluster:Cluster"] == "resourceLabels"
    assert {google[each] for each in (BUCKET, IMAGES, "gcp:kms/cryptoKey:CryptoKey")} == {"labels"}
    assert {AKS, AKS_POOL, ACCOUNT, "azure-native:network:NatGateway"} <= azure_taggable_types()
    assert CONTAINER not in azure_taggable_types()
