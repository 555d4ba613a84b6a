"""Weights that a server reads through a file driver: the volume of each cloud, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.serving.torchserve.service import TorchServeService

from .program import graph_of, one, refusal, triton_arguments
from .triton import AZURE, pod, service, stored

GIB = 1024**3
FOLDER: dict[str, Any] = {"files": None, "prefix": "shop/tagger/0123456789abcdef", "readable": "shop/tagger"}
WHOLE = stored(**FOLDER, layout="repository", size_bytes=20 * GIB)
GCS = {"stored": {**WHOLE, "store": "gcs", "region": None}, "eks_cluster": None}
AKS = {"stored": {**WHOLE, **AZURE}, "eks_cluster": None, "azure_client_id": "b6e0a6ab"}
STREAM = {"by": "stream"}


def kinds(graph: Any) -> list[str]:
    return sorted(each.type.rpartition(":")[2] for each in graph if each.type.startswith("kubernetes:core/v1:Persist"))


def without_nothing(arguments: dict[str, Any]) -> dict[str, Any]:
    """Where the model lies, without keys that are None."""
    return {**arguments, "stored": {key: value for key, value in arguments["stored"].items() if value is not None}}


def test_a_model_that_says_nothing_is_copied_as_before() -> None:
    graph = graph_of(service())
    assert [each["name"] for each in pod(one(graph, "Deployment"))["initContainers"]] == ["model"]
    assert kinds(graph) == []


def test_on_eks_mountpoint_shows_the_folder_by_the_pods_identity() -> None:
    graph = graph_of(service(stored=WHOLE, weights=STREAM))
    spec = pod(one(graph, "Deployment"))
    assert "initContainers" not in spec
    (claim,) = [each["persistentVolumeClaim"] for each in spec["volumes"] if each["name"] == "models"]
    (container,) = spec["containers"]
    assert {"name": "models", "mountPath": "/models", "readOnly": True} in container["volumeMounts"]
    volume, bound = one(graph, "PersistentVolume").inputs, one(graph, "PersistentVolumeClaim").inputs
    assert claim == {"claimName": bound["metadata"]["name"], "readOnly": True}
    assert bound["spec"]["volumeName"] == volume["metadata"]["name"] == f"shop-{claim['claimName']}"
    assert volume["spec"]["claimRef"]["name"] == claim["claimName"]
    assert volume["spec"]["accessModes"] == bound["spec"]["accessModes"] == ["ReadOnlyMany"]
    assert volume["spec"]["mountOptions"] == [
        "region us-east-1",
        "prefix shop/tagger/0123456789abcdef/",
        "read-only",
        "allow-other",
        "uid 1000",
        "gid 1000",
        "file-mode 0444",
        "dir-mode 0555",
        "metadata-ttl indefinite",
    ]
    assert volume["spec"]["csi"] == {
        "driver": "s3.csi.aws.com",
        "volumeHandle": volume["metadata"]["name"],
        "volumeAttributes": {"bucketName": "retail-prod-models-us-east-1", "authenticationSource": "pod"},
    }


def test_on_gke_cloud_storage_fuse_does_and_its_sidecar_is_counted() -> None:
    graph = graph_of(service(**without_nothing(GCS), weights={"by": "stream", "cache_gib": 23}))
    template = one(graph, "Deployment").inputs["spec"]["template"]
    annotations, volumes = template["metadata"]["annotations"], template["spec"]["volumes"]
    assert annotations["gke-gcsfuse/volumes"] == "true"
    assert (annotations["gke-gcsfuse/cpu-request"], annotations["gke-gcsfuse/memory-request"]) == ("250m", "256Mi")
    (csi,) = [each["csi"] for each in volumes if each["name"] == "models"]
    assert (csi["driver"], csi["readOnly"]) == ("gcsfuse.csi.storage.gke.io", True)
    assert csi["volumeAttributes"] == {
        "bucketName": "retail-prod-models-us-east-1",
        "mountOptions": "implicit-dirs,only-dir=shop/tagger/0123456789abcdef,uid=1000,gid=1000,file-mode=444,"
        "dir-mode=555,metadata-cache:ttl-secs:-1,file-cache:enable-parallel-downloads:true",
        "fileCacheCapacity": "23Gi",
        "skipCSIBucketAccessCheck": "true",
    }
    assert {"name": "gke-gcsfuse-cache", "emptyDir": {"sizeLimit": "23Gi"}} in volumes
    assert kinds(graph) == []


def test_on_aks_blobfuse_does_with_a_token_and_never_the_accounts_key() -> None:
    graph = graph_of(service(**without_nothing(AKS), weights=STREAM))
    volume = one(graph, "PersistentVolume").inputs["spec"]
    assert volume["csi"]["volumeAttributes"] == {
        "protocol": "fuse2",
        "storageAccount": "retailmodels",
        "containerName": "models",
        "clientID": "b6e0a6ab",
        "mountWithWorkloadIdentityToken": "true",
    }
    assert "--subdirectory=shop/tagger/0123456789abcdef" in volume["mountOptions"]
    # Of its own accord it would take most of the node's free memory.
    assert "--block-cache-pool-size=1024" in volume["mountOptions"]


def test_with_node_cache_every_node_of_the_pools_reads_in_advance() -> None:
    graph = graph_of(service(stored=WHOLE, weights={"by": "node_cache"}, overflow_pool="l4-spot"))
    volume, readers = one(graph, "PersistentVolume").inputs["spec"], one(graph, "DaemonSet").inputs["spec"]["template"]
    kept = volume["csi"]["volumeAttributes"]
    assert (kept["cache"], kept["cacheEmptyDirSizeLimit"]) == ("emptyDir", "22Gi")
    spec, server = readers["spec"], pod(one(graph, "Deployment"))
    # By these Mountpoint tells whether pods of one node may share a process and its cache.
    assert spec["serviceAccountName"] == server["serviceAccountName"] == "tagger"
    assert spec["securityContext"]["fsGroup"] == server["securityContext"]["fsGroup"]
    assert spec["volumes"] == [each for each in server["volumes"] if each["name"] == "models"]
    (term,) = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert term["matchExpressions"][0]["values"] == ["l4", "l4-spot"]
    selector = one(graph, "Service").inputs["spec"]["selector"]
    assert not selector.items() <= readers["metadata"]["labels"].items()
    assert all("hostPath" not in each for each in spec["volumes"])


def test_of_somebody_elses_folder_pods_see_what_they_serve() -> None:
    graph = graph_of(service(stored=stored(**FOLDER), weights=STREAM, versions=[2, 3], version=2))
    (container,) = pod(one(graph, "Deployment"))["containers"]
    seen = {each["mountPath"]: each["subPath"] for each in container["volumeMounts"] if each["name"] == "models"}
    assert seen == {
        "/models/tagger/config.pbtxt": "config.pbtxt",
        "/models/tagger/2": "2",
        "/models/tagger/3": "3",
    }


def test_another_content_is_another_volume() -> None:
    names = {
        one(graph_of(service(stored={**WHOLE, "digest": digest}, weights=STREAM)), "PersistentVolume").name
        for digest in ("a" * 64, "b" * 64)
    }
    assert len(names) == 2


def test_a_canary_reads_its_own_folder_and_the_stable_version_keeps_its() -> None:
    other = {**WHOLE, "prefix": "shop/tagger/fedcba9876543210", "digest": "e" * 64}
    for by in ("gateway", "argo_rollouts", "flagger"):
        changes: Any = {
            "rollout": {"stable": 1, "canary": 2, "by": by, "percent": 10},
            "canary": {"stored": other},
        }
        if by != "gateway":
            changes["rollout"] = {"stable": 1, "canary": 2, "by": by}
        graph = graph_of(service(stored=WHOLE, weights=STREAM, **changes))
        volumes = [each.inputs["spec"] for each in graph if each.type == "kubernetes:core/v1:PersistentVolume"]
        prefixes = sorted(option for each in volumes for option in each["mountOptions"] if option.startswith("prefix"))
        assert prefixes == ["prefix shop/tagger/0123456789abcdef/", "prefix shop/tagger/fedcba9876543210/"], by


REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {"weights": {"cache_gib": 5}},
        "weights: cache_gib is for weights that are streamed; write by: stream, or delete it",
    ),
    (
        {"weights": {"by": "node_cache", "cache_gib": 0}},
        "weights: cache_gib 0 leaves node_cache nothing to keep files in; delete it, or write by: stream",
    ),
    ({"weights": {"by": "strem"}}, "weights.by: 'strem' is not an allowed value; did you mean 'stream'?"),
    (
        {"weights": STREAM},
        "stored lists files with checksums, and a file driver shows a folder as it lies without asking for any; name a "
        "folder as it shall be served, and no files; or write weights.by: copy",
    ),
    (
        {"weights": STREAM, "stored": {**WHOLE, "prefix": "", "readable": ""}},
        "stored.prefix is empty, and streamed weights are one",
    ),
    (
        {"weights": STREAM, "stored": {**WHOLE, "prefix": "a model,b", "readable": "a model,b"}},
        "stored.prefix 'a model,b' holds ' ' and ',', which the options of file drivers cannot say",
    ),
    (
        {"weights": STREAM, "stored": WHOLE, "eks_cluster": None},
        "weights.by is stream, and eks_cluster is missing, whose pods the file driver acts for",
    ),
    (
        {**without_nothing(AKS), "weights": {"by": "stream", "cache_gib": 5}},
        "weights.cache_gib is 5, and on AKS every pod reads through a BlobFuse of its own, whose files no other may "
        "share; delete it",
    ),
    (
        {**without_nothing(GCS), "weights": {"by": "node_cache"}},
        "weights.by is node_cache, and outside EKS every pod mounts its store by itself and keeps nothing for the "
        "next; write stream",
    ),
    (
        {"weights": {"by": "node_cache"}, "stored": WHOLE, "pool": None, "resources": {"gpus": 0}},
        "weights.by is node_cache, and no pool is named whose nodes read in advance; name it",
    ),
    (
        {"weights": {"by": "node_cache"}, "stored": stored(**FOLDER)},
        "weights.cache_gib is missing, and stored does not say its size_bytes; add either",
    ),
]


@pytest.mark.parametrize(("changes", "words"), REFUSED, ids=[words[:60] for _, words in REFUSED])
def test_what_cannot_be_streamed_is_refused(changes: dict[str, Any], words: str) -> None:
    assert words in refusal(service(**changes))


def test_torchserve_reads_its_archives_from_the_folder_too() -> None:
    arguments = triton_arguments(stored=WHOLE, weights=STREAM, archives=[{"file": "tagger-v1.mar"}])
    graph = graph_of(lambda opts: TorchServeService("prod-east-tagger", arguments, opts))
    (container,) = pod(one(graph, "Deployment"))["containers"]
    assert {"name": "models", "mountPath": "/models", "readOnly": True} in container["volumeMounts"]
