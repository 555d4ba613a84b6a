"""How weights come to pods: what is refused and told, and how much a node keeps."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelyard.environment.gpu_pool import GpuPool
from modelyard.environment.weights import Weights
from modelyard.resolve.weights import decided_weights, unkept_model

from .world import PLATFORM, TOYS, lines, resolved, write

GIB = 1024**3
STREAM = TOYS + "    weights: {by: stream}\n"
NODE_CACHE = TOYS + "    weights: {by: node_cache}\n"
GKE = (
    PLATFORM.replace("region: us-east-1", "cloud: gcp\n    gke: {project: northwind-prod}\n    region: us-central1")
    .replace("    api_access: {bastion: true}\n", "")
    .replace("        instance_types: [g6.2xlarge]\n", "")
    .replace("        instance_types: [g6.2xlarge, g6.4xlarge]\n", "")
)
KUBECONFIG = """\
environment: prod
tier: prod
organization: northwind
owner: ml@example.com
cost_center: CC-1000
gateway:
  domain: models.example.com
clusters:
  - name: east
    region: us-east-1
    existing: {kubeconfig: {config: kubeconfig}}
"""
FOREIGN = TOYS.replace("source: ../models/tagging", "source: s3://their-bucket/models/tagging")


@pytest.mark.parametrize(
    ("platform", "toys", "told"),
    [
        (
            GKE,
            NODE_CACHE,
            "weights.by: node_cache is for EKS: on GKE every pod reads through a Cloud Storage FUSE of its own, which "
            "keeps nothing for the next (cluster 'east'); write stream (model 'tagging')",
        ),
        (
            PLATFORM,
            TOYS + "    weights: {by: stream, cache_gib: 150}\n",
            "weights.cache_gib: 150 is more than half of disk_gib 200 of pool 'l4', which images and logs need too; "
            "raise disk_gib, give the pool local_ssd: {use: ephemeral}, or lower it (model 'tagging')",
        ),
        (
            PLATFORM,
            TOYS.replace("    pool: l4\n    overflow_pool: l4-spot\n", "    weights: {by: stream, cache_gib: 150}\n"),
            "weights.cache_gib: 150 is more than half of disk_gib 200 of pool 'l4', which images and logs need too; "
            "raise disk_gib, give the pool local_ssd: {use: ephemeral}, or lower it (model 'tagging')",
        ),
        (
            PLATFORM,
            FOREIGN + "    weights: {by: node_cache}\n",
            "weights.cache_gib: is missing, and nobody knows how large s3://their-bucket/models/tagging is; write how "
            "many GiB node_cache keeps (model 'tagging')",
        ),
        (
            PLATFORM,
            TOYS + "    runtime: kserve\n    kserve: {server: triton, mode: knative}\n    weights: {by: stream}\n",
            "weights.by is stream, and in mode knative revisions of earlier versions would lose the volume that they "
            "read; take mode standard, or write copy (model 'tagging')",
        ),
        (
            PLATFORM,
            TOYS + "    runtime: kserve\n    kserve: {server: triton, model_cache: {node_groups: [l4], size_gib: 1}}\n"
            "    weights: {by: stream}\n",
            "weights.by is stream, and model_cache has KServe download the model to the nodes; keep one (model "
            "'tagging')",
        ),
        (
            GKE,
            NODE_CACHE + "    runtime: kserve\n    kserve: {server: triton}\n",
            "weights.by: node_cache is for EKS: on GKE every pod reads through a Cloud Storage FUSE of its own, which "
            "keeps nothing for the next (cluster 'east'); write stream, or delete it and name kserve: {model_cache: "
            "...} (model 'tagging')",
        ),
        (
            PLATFORM,
            TOYS + "    runtime: seldon\n    seldon: {server: triton}\n    weights: {by: stream}\n",
            "weights.by is stream, and the agent of Seldon Core 2 copies every model into its Server's own volume, "
            'from a volume with the bucket too (Seldon Core 2.9, "Kubernetes Server with PVC"); delete weights (model '
            "'tagging')",
        ),
        (
            PLATFORM,
            TOYS.replace("    pool: l4\n    overflow_pool: l4-spot\n", "    resources: {gpus: 0}\n")
            + "    weights: {by: node_cache}\n",
            "weights.by: node_cache reads on the nodes of a pool, and the model may run on any node without GPUs; name "
            "a CPU pool in pool, or write stream (model 'tagging')",
        ),
        (
            KUBECONFIG,
            TOYS.replace("    pool: l4\n    overflow_pool: l4-spot\n", "    resources: {gpus: 0}\n")
            + "    weights: {by: stream}\n",
            "weights.by: stream reads by the file driver and the identities of a cloud, and cluster 'east' is known by "
            "its kubeconfig alone; write copy, or keep the model off it in clusters (model 'tagging')",
        ),
    ],
)
def test_what_a_clusters_driver_cannot_do_is_refused(tmp_path: Path, platform: str, toys: str, told: str) -> None:
    found = lines(write(tmp_path, platform, toys))
    assert any(told in line for line in found), found


def test_a_plan_says_that_nothing_compares_checksums(tmp_path: Path) -> None:
    notices = resolved(write(tmp_path, toys=STREAM)).notices
    assert (
        "model 'tagging' is read by a file driver, which compares no checksums as a copy does: the store's versions "
        "and locks guard them" in notices
    )


def test_of_somebody_elses_folder_a_plan_says_what_pods_see(tmp_path: Path) -> None:
    notices = resolved(write(tmp_path, toys=FOREIGN + "    weights: {by: stream}\n")).notices
    assert (
        "model 'tagging' is streamed: of the S3 folder, pods see config.pbtxt and the version folders that are served, "
        "and nothing beside them" in notices
    )


@pytest.mark.parametrize(
    ("pool", "declared", "decided"),
    [
        ("", "{by: copy}", Weights()),
        ("", "{by: stream}", Weights(by="stream")),
        ("", "{by: node_cache}", Weights(by="node_cache", cache_gib=1)),
        ("        local_ssd: {use: ephemeral}\n", "{by: stream}", Weights(by="stream", cache_gib=1)),
        ("        local_ssd: {use: ephemeral}\n", "{by: stream, cache_gib: 0}", Weights(by="stream", cache_gib=0)),
    ],
)
def test_a_node_keeps_the_model_where_that_is_asked_for_or_costs_nothing(
    tmp_path: Path, pool: str, declared: str, decided: Weights
) -> None:
    platform = PLATFORM.replace("        max_nodes: 4\n", f"        max_nodes: 4\n{pool}")
    resolution = resolved(write(tmp_path, platform, TOYS + f"    weights: {declared}\n"))
    (model,) = resolution.models
    assert decided_weights(model, "aws") == decided
    assert resolution.clusters[0].streams_weights == (not decided.are_copied)


def test_a_plan_says_which_images_a_pool_cannot_stream_and_that_nobody_looks_into_a_disk(tmp_path: Path) -> None:
    streaming = GKE.replace("        max_nodes: 4\n", "        max_nodes: 4\n        image_start: {by: streaming}\n")
    (told,) = [each for each in resolved(write(tmp_path, streaming)).notices if "streams images" in each]
    assert told.startswith(
        "pool 'l4' of cluster 'east' streams images of Artifact Registry alone, and pulls nvcr.io/nvidia/tritonserver"
    )
    own = TOYS + "    image: toys/tagging:v1\n"
    assert not [each for each in resolved(write(tmp_path, streaming, own)).notices if "streams images" in each]
    disk = "projects/northwind-prod/global/images/serving"
    preloaded = streaming.replace("{by: streaming}", f"{{by: preloaded, disk: {disk}}}")
    notices = resolved(write(tmp_path, preloaded)).notices
    assert (
        f"nodes of pool 'l4' of cluster 'east' start with what is on {disk}: nobody has looked whether the images of "
        "its models are there, and a new release of one needs a new disk" in notices
    )


@pytest.mark.parametrize(
    ("weights", "size", "pool", "told"),
    [
        (Weights(by="node_cache"), 90 * GIB, {}, []),
        (
            Weights(by="node_cache"),
            92 * GIB,
            {},
            [
                "node_cache keeps 102 GiB of the model, more than half of disk_gib 200 of pool 'l4', which images and "
                "logs need too; raise disk_gib, give the pool local_ssd: {use: ephemeral}, or write stream"
            ],
        ),
        (Weights(by="node_cache"), 92 * GIB, {"local_ssd": {"use": "ephemeral"}}, []),
        (Weights(by="node_cache", cache_gib=50), 92 * GIB, {}, []),
        (Weights(by="stream"), 92 * GIB, {}, []),
        (Weights(by="node_cache"), None, {}, []),
    ],
)
def test_a_model_that_no_disk_keeps_is_refused(
    weights: Weights, size: int | None, pool: dict[str, object], told: list[str]
) -> None:
    nodes = GpuPool.model_validate({"name": "l4", "accelerator": "L4", **pool})
    assert [each.message for each in unkept_model(weights, size, [nodes])] == told
