"""Weights that pods of KServe read through a file driver: the claim of each cloud, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from modelyard.serving.kserve.service import KServeService

from .kserve_program import SERVERS, canary_revision, kserve_arguments, on_cpu
from .program import graph_of, one, refusal
from .test_streamed_weights import AKS, FOLDER, GCS, STREAM, WHOLE, without_nothing
from .triton import stored

CLAIMED = "kserve-pvc-source"
"""What KServe calls the volume of a ``pvc://`` URL, and mounts by itself where nobody else does."""
CLOUDS: dict[str, dict[str, Any]] = {
    "EKS": {"stored": WHOLE},
    "GKE": without_nothing(GCS),
    "AKS": without_nothing(AKS),
}


def service(arguments: Any) -> Callable[[pulumi.ResourceOptions], KServeService]:
    return lambda opts: KServeService("prod-east-tagger", arguments, opts)


def predictor(graph: Any) -> Any:
    return one(graph, "InferenceService").inputs["spec"]["predictor"]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_pods_mount_the_claim_where_the_server_looks(cloud: str) -> None:
    graph = graph_of(service(kserve_arguments(**CLOUDS[cloud], weights=STREAM)))
    made, claim = predictor(graph), one(graph, "PersistentVolumeClaim").inputs
    assert made["model"]["storageUri"] == f"pvc://{claim['metadata']['name']}"
    assert not {"initContainers", "storageContainerName"} & made.keys()
    assert made["volumes"][0] == {
        "name": CLAIMED,
        "persistentVolumeClaim": {"claimName": claim["metadata"]["name"], "readOnly": True},
    }
    assert made["model"]["volumeMounts"][0] == {"name": CLAIMED, "mountPath": "/models", "readOnly": True}
    container = one(graph, "ServingRuntime").inputs["spec"]["containers"][0]
    assert "--model-repository=/models" in container["args"]
    volume = one(graph, "PersistentVolume").inputs["spec"]
    assert (volume["accessModes"], volume["claimRef"]["name"]) == (["ReadOnlyMany"], claim["metadata"]["name"])


def test_on_gke_the_volume_is_the_bucket_and_shows_one_folder_of_it() -> None:
    weights = {"by": "stream", "cache_gib": 23}
    graph = graph_of(service(kserve_arguments(**CLOUDS["GKE"], weights=weights)))
    volume, made = one(graph, "PersistentVolume").inputs["spec"], predictor(graph)
    assert volume["csi"] == {
        "driver": "gcsfuse.csi.storage.gke.io",
        "volumeHandle": "retail-prod-models-us-east-1",
        "readOnly": True,
        "volumeAttributes": {"fileCacheCapacity": "23Gi", "skipCSIBucketAccessCheck": "true"},
    }
    assert "only-dir=shop/tagger/0123456789abcdef" in volume["mountOptions"]
    assert made["annotations"]["gke-gcsfuse/volumes"] == "true"
    assert {"name": "gke-gcsfuse-cache", "emptyDir": {"sizeLimit": "23Gi"}} in made["volumes"]


@pytest.mark.parametrize(("server", "format"), SERVERS)
def test_every_server_reads_the_folder_where_it_reads_a_copy(server: str, format: str) -> None:
    copied, streamed = (
        one(graph_of(service(on_cpu(server, format, stored=WHOLE, weights={"by": by}))), "ServingRuntime").inputs
        for by in ("copy", "stream")
    )
    assert streamed["spec"]["containers"][0].get("args") == copied["spec"]["containers"][0].get("args")


def test_pods_read_by_the_identity_that_they_had() -> None:
    graph = graph_of(service(kserve_arguments(stored=WHOLE, weights=STREAM)))
    (association,) = [each.inputs for each in graph if each.type.endswith(":PodIdentityAssociation")]
    assert association["serviceAccount"] == predictor(graph)["serviceAccountName"] == "tagger"
    labels = predictor(graph_of(service(kserve_arguments(**CLOUDS["AKS"], weights=STREAM))))["labels"]
    assert labels["azure.workload.identity/use"] == "true"


def test_with_node_cache_the_readers_of_every_node_share_the_pods_volume() -> None:
    graph = graph_of(service(kserve_arguments(stored=WHOLE, weights={"by": "node_cache"})))
    readers, made = one(graph, "DaemonSet").inputs["spec"]["template"]["spec"], predictor(graph)
    (claimed,) = [each["persistentVolumeClaim"] for each in readers["volumes"]]
    assert claimed == made["volumes"][0]["persistentVolumeClaim"]
    # By these Mountpoint tells whether pods of one node may share a process and its cache.
    assert readers["serviceAccountName"] == made["serviceAccountName"]
    assert readers["securityContext"]["fsGroup"] == made["securityContext"]["fsGroup"]


def test_of_somebody_elses_folder_pods_see_what_they_serve() -> None:
    arguments = kserve_arguments(stored=stored(**FOLDER), weights=STREAM, versions=[2, 3], version=2)
    seen = {
        each["mountPath"]: each["subPath"]
        for each in predictor(graph_of(service(arguments)))["model"]["volumeMounts"]
        if each["name"] == CLAIMED
    }
    assert seen == {
        "/models/tagger/config.pbtxt": "config.pbtxt",
        "/models/tagger/2": "2",
        "/models/tagger/3": "3",
    }


def test_a_canary_reads_its_own_folder() -> None:
    other = {**WHOLE, "prefix": "shop/tagger/fedcba9876543210", "digest": "e" * 64}
    changes = {"rollout": {"stable": 1, "canary": 2, "percent": 10}, "canary": {"stored": other}}
    graph = graph_of(service(kserve_arguments(stored=WHOLE, weights=STREAM, **changes)))
    shown = {
        each.inputs["spec"]["claimRef"]["name"]: next(
            option for option in each.inputs["spec"]["mountOptions"] if option.startswith("prefix")
        )
        for each in graph
        if each.type == "kubernetes:core/v1:PersistentVolume"
    }
    read = {
        each.inputs["metadata"]["name"]: shown[
            each.inputs["spec"]["predictor"]["model"]["storageUri"].removeprefix("pvc://")
        ]
        for each in graph
        if each.type.endswith(":InferenceService")
    }
    assert read == {
        "tagger": "prefix shop/tagger/0123456789abcdef/",
        "tagger-canary-v2": "prefix shop/tagger/fedcba9876543210/",
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            kserve_arguments(**{**canary_revision(), "rollout": None, "canary": None}, weights=STREAM),
            "weights.by is stream, and in mode knative revisions of earlier versions would lose the volume that they "
            "read; take mode standard, or write copy",
        ),
        (
            kserve_arguments(
                stored=WHOLE, weights={"by": "node_cache"}, model_cache={"node_groups": ["l4"], "size_gib": 20}
            ),
            "weights.by is node_cache, and model_cache has KServe download the model to the nodes; keep one",
        ),
        (
            on_cpu("torchserve", "torch_mar", stored=stored(**FOLDER), weights=STREAM),
            "weights.by is stream, and torchserve reads an archive beside the folders of versions; store a folder that "
            "holds <model>.mar, and write layout: repository",
        ),
        (kserve_arguments(weights=STREAM), "stored lists files with checksums, and a file driver shows a folder as it"),
        (
            kserve_arguments(**CLOUDS["GKE"], weights={"by": "node_cache"}),
            "weights.by is node_cache, and outside EKS every pod mounts its store by itself and keeps nothing for the "
            "next; write stream",
        ),
    ],
)
def test_what_cannot_be_streamed_is_refused(arguments: Any, words: str) -> None:
    assert words in refusal(service(arguments))
