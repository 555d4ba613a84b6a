"""One environment whose model streams its weights on EKS, GKE and AKS: what is made, placed, priced and told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from modelyard.review.build import plan
from modelyard.review.plan import PlanDocument
from modelyard.review.plan_json import to_json

from .managed_project import of_type
from .tagging_project import write_tagging
from .test_clusters_of_three_clouds import CLUSTERS, PLATFORM, SHOP

GIB = 1024**3
_DIGITS = 16
POOL = {"name": "gpu", "accelerator": "T4", "min_nodes": 2, "max_nodes": 4}


def planned(root: Path, model: dict[str, Any], *, size_gib: int = 0) -> PlanDocument:
    """The plan with these keys of the model; its weights are so large, and hold nothing."""
    clusters = [{**each, "gpu_pools": [POOL]} for each in CLUSTERS]
    (declared,) = SHOP["models"]
    shop = {**SHOP, "models": [{**declared, **model}]}
    stacks = write_tagging(root, {**PLATFORM, "clusters": clusters}, shop)
    if size_gib:
        with (stacks / "models" / "product-tagging" / "1" / "more.bin").open("wb") as sparse:
            sparse.truncate(size_gib * GIB)
    return plan(stacks / "prod", stacks)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> PlanDocument:
    return planned(tmp_path_factory.mktemp("streamed"), {"weights": {"by": "stream"}})


def test_the_store_holds_a_folder_as_servers_read_it(document: PlanDocument) -> None:
    keys = {each.inputs["key"] for each in of_type(document, "aws:s3/bucketObjectv2:BucketObjectv2")}
    folders = {key.split("/")[2] for key in keys}
    (digest,) = folders
    assert len(digest) == _DIGITS
    assert {key.split("/", 3)[3] for key in keys} == {"tagging/config.pbtxt", "tagging/1/model.onnx"}


def test_every_clouds_driver_reads_that_folder_alone(document: PlanDocument) -> None:
    key = of_type(document, "aws:s3/bucketObjectv2:BucketObjectv2")[0].inputs["key"]
    prefix = "/".join(key.split("/")[:3])
    volumes = {each.inputs["spec"]["csi"]["driver"]: each.inputs["spec"]["mountOptions"]
               for each in of_type(document, "kubernetes:core/v1:PersistentVolume")}  # fmt: skip
    assert f"prefix {prefix}/" in volumes["s3.csi.aws.com"]
    assert f"--subdirectory={prefix}" in volumes["blob.csi.azure.com"]
    (pod,) = [each.inputs["spec"]["template"]["spec"] for each in of_type(document, "kubernetes:apps/v1:Deployment")
              if each.name == "prod-iowa-tagging"]  # fmt: skip
    (fuse,) = [each["csi"] for each in pod["volumes"] if "csi" in each]
    assert f"only-dir={prefix}" in fuse["volumeAttributes"]["mountOptions"].split(",")


def test_pods_fetch_nothing_and_read_by_the_rights_that_they_had(document: PlanDocument) -> None:
    for each in of_type(document, "kubernetes:apps/v1:Deployment"):
        assert "initContainers" not in each.inputs["spec"]["template"]["spec"], each.name
    (google,) = [each for each in of_type(document, "gcp:storage/bucketIAMMember:BucketIAMMember")
                 if each.stack == "prod-shop"]  # fmt: skip
    assert google.inputs["role"] == "roles/storage.objectViewer"
    associations = [each.inputs for each in of_type(document, "aws:eks/podIdentityAssociation:PodIdentityAssociation")]
    assert [each["serviceAccount"] for each in associations if each["namespace"] == "shop"] == ["tagging"]


def test_only_eks_has_to_be_given_its_driver(document: PlanDocument) -> None:
    addons = [each.inputs for each in of_type(document, "aws:eks/addon:Addon")]
    (driver,) = [each for each in addons if each["addonName"] == "aws-mountpoint-s3-csi-driver"]
    assert driver["configurationValues"] == '{"node": {"tolerateAllTaints": true}}'
    assert "podIdentityAssociations" not in driver, "what it may read is the pods' to say"


def test_everything_has_its_place_and_no_volume_is_taken_for_a_disk(document: PlanDocument) -> None:
    assert not document.placement.misfits
    claims = {each.urn for each in of_type(document, "kubernetes:core/v1:PersistentVolumeClaim")}
    assert len(claims) == 2
    assert not [each for each in (*document.costs.lines, *document.costs.unpriced) if each.urn in claims]


def test_a_plan_says_what_streaming_spares_a_model_of_many_gigabytes(tmp_path: Path) -> None:
    model = {"clusters": ["east"], "resources": {"gpus": 1, "gpu_memory_gib": 4, "cpu": 1, "memory_gib": 4}}
    copied = planned(tmp_path / "copied", model, size_gib=1)
    assert (
        "model 'tagging' of department 'shop': every pod that starts on cluster 'east' copies its weights first, 8 to "
        "60 s; with weights: {by: stream} the server would read them while it loads, 1 to 6 s (1 GiB at 0.155 to 1.16 "
        "GiB/s)"
    ) in [notice for notice in copied.notices if "copies its weights" in notice]
    streamed = planned(tmp_path / "streamed", {**model, "weights": {"by": "stream"}}, size_gib=1)
    assert not [notice for notice in streamed.notices if "copies its weights" in notice]
    (before, after) = (each.models[0].places[0].cold_start for each in (copied, streamed))
    assert before is not None and after is not None
    assert before.high_seconds - after.high_seconds > 50
    names = {each["name"] for each in to_json(streamed)["cold_start_assumptions"]}
    assert "stream_gib_per_second" in names


def test_pods_of_kserve_read_their_claims_on_every_cloud(tmp_path: Path) -> None:
    model = {"runtime": "kserve", "kserve": {"server": "triton"}, "weights": {"by": "stream"}}
    document = planned(tmp_path, model, size_gib=1)
    volumes = {each.inputs["spec"]["claimRef"]["name"]: each.inputs["spec"]["csi"]["driver"]
               for each in of_type(document, "kubernetes:core/v1:PersistentVolume")}  # fmt: skip
    services = of_type(document, "kubernetes:serving.kserve.io/v1beta1:InferenceService")
    predictors = [each.inputs["spec"]["predictor"] for each in services]
    read = {volumes[each["model"]["storageUri"].removeprefix("pvc://")] for each in predictors}
    assert read == {"s3.csi.aws.com", "gcsfuse.csi.storage.gke.io", "blob.csi.azure.com"}
    assert not any("initContainers" in each for each in predictors)
    assert not document.placement.misfits
    told = [notice for notice in document.notices if "compares no checksums" in notice]
    assert told == ["model 'tagging' is read by a file driver, which compares no checksums as a copy does: the store's "
                    "versions and locks guard them"]  # fmt: skip
    assert not [notice for notice in document.notices if "copies its weights" in notice]
    addons = [each.inputs["addonName"] for each in of_type(document, "aws:eks/addon:Addon")]
    assert "aws-mountpoint-s3-csi-driver" in addons
    starts = [each.cold_start for each in document.models[0].places if each.cold_start is not None]
    assert starts and all(part.high_seconds == 0 for start in starts for part in start.parts if part.name == "weights")
