"""What a change of a GKE pool or cluster does by the reviewed table: in place, or anew, and then the new one first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from modelyard.graph import Resource
from modelyard.offline.simulated import SimulatedGcp
from modelyard.offline.simulated.provider import Difference

from .gke_program import CLUSTER, PLATFORM, POOL, REGION, Declare, cluster, gpu_pool, graph_of

A100 = {"accelerator": "A100-40GB"}
RESERVED = {"capacity": "reservation", "reservation": {"id": "gpus-2027"}}
THEIRS = {**PLATFORM.args(), "cost_center": "CC-2000"}
LOG_BUCKET = "gcp:logging/projectBucketConfig:ProjectBucketConfig"
KEY = "projects/shop-keys/locations/us-central1/keyRings/clusters/cryptoKeys/secrets"
DISK = "projects/shop-prod/global/images/serving-2026"


def difference(
    type_: str, declare: Callable[..., Declare], before: dict[str, Any], after: dict[str, Any]
) -> Difference:
    old, new = (_only(type_, declare(**args)) for args in (before, after))
    left_alone = set(new.ignore_changes)
    given = {name: value for name, value in new.inputs.items() if name not in left_alone}
    held = {name: value for name, value in old.inputs.items() if name not in left_alone}
    return SimulatedGcp({"project": "shop-prod"}).diff(type_, new.urn, given, held)


def _only(type_: str, declare: Declare) -> Resource:
    found = graph_of(declare).of_type(type_)
    return next(each for each in found if not each.name.endswith("-floor"))


@pytest.mark.parametrize(
    ("before", "after", "anew"),
    [
        # hashicorp/terraform-provider-google#23248
        pytest.param({}, {"driver": {"version": "latest"}}, True, id="driver's version"),
        pytest.param({}, {"sharing": {"time_slicing": 4}}, True, id="sharing"),
        pytest.param({"sharing": {"time_slicing": 4}}, {"sharing": {"time_slicing": 8}}, True, id="clients"),
        pytest.param({"sharing": {"time_slicing": 4}}, {"sharing": {"mps": 4}}, True, id="MPS"),
        pytest.param(A100, {**A100, "sharing": {"mig": "1g.5gb"}}, True, id="MIG"),
        pytest.param({}, {"accelerator": "T4"}, True, id="accelerator"),
        pytest.param({}, {"gpus_per_node": 2}, True, id="GPUs of a node"),
        pytest.param({}, {"capacity": "spot"}, True, id="spot"),
        pytest.param({}, {"capacity": "flex_start"}, True, id="flex start"),
        pytest.param(
            {"capacity": "flex_start"},
            {"capacity": "flex_start", "flex_start": {"max_run_hours": 24}},
            True,
            id="hours of flex start",
        ),
        pytest.param({}, {"capacity": "queued", "max_nodes": 1}, True, id="queued"),
        pytest.param({}, RESERVED, True, id="reservation"),
        pytest.param(RESERVED, {**RESERVED, "reservation": {"id": "gpus-2028"}}, True, id="another reservation"),
        pytest.param(A100, {**A100, "local_ssd": {"count": 1}}, True, id="local SSD"),
        pytest.param({}, {"image_start": {"by": "preloaded", "disk": DISK}}, True, id="images on a disk"),
        pytest.param({}, {"image_start": {"by": "streaming"}}, False, id="streamed images"),
        pytest.param({"zones": [f"{REGION}-a"]}, {"zones": [f"{REGION}-a"], "compact": True}, True, id="compact"),
        pytest.param({}, {"service_account": "other@shop-prod.iam.gserviceaccount.com"}, True, id="service account"),
        pytest.param({}, {"instance_types": ["g2-standard-16"]}, False, id="machine"),
        pytest.param({}, {"image": "ubuntu"}, False, id="image"),
        pytest.param({}, {"disk_gib": 300}, False, id="disk"),
        pytest.param({}, {"labels": {"example.com/kind": "vision"}}, False, id="labels"),
        pytest.param({}, {"taints": [{"key": "team"}]}, False, id="taints"),
        pytest.param({}, {"zones": [f"{REGION}-a"]}, False, id="zones"),
        pytest.param({}, {"max_nodes": 9}, False, id="limits"),
        pytest.param({}, {"update": {"max_surge": 2}}, False, id="surge"),
        pytest.param({}, {"update": {"max_unavailable": 1, "strategy": "blue_green"}}, False, id="blue and green"),
        pytest.param({}, {"update": {"max_unavailable": 1, "drain_timeout_minutes": 9}}, False, id="time to leave"),
        pytest.param({}, {"repair": False}, False, id="repair"),
        pytest.param({}, {"boot_disk_kms_key": KEY}, True, id="key of disks"),
        pytest.param({}, {"ownership": THEIRS}, False, id="owner"),
    ],
)
def test_a_pool(before: dict[str, Any], after: dict[str, Any], anew: bool) -> None:
    found = difference(POOL, gpu_pool, before, after)
    assert found.changed
    assert bool(found.replace) is anew
    assert not found.delete_first


@pytest.mark.parametrize("after", [{"min_nodes": 1}, {"desired_nodes": 4}, {"kubernetes_version": "1.35"}])
def test_what_the_autoscaler_and_the_channel_own_makes_no_pool_anew(after: dict[str, Any]) -> None:
    assert not difference(POOL, gpu_pool, {"max_nodes": 6}, {"max_nodes": 6, **after}).replace


@pytest.mark.parametrize(
    ("before", "after", "anew"),
    [
        pytest.param({}, {"subnetwork_name": "other"}, True, id="subnetwork"),
        pytest.param({}, {"pods_range": "other"}, True, id="pods"),
        pytest.param({}, {"name": "west"}, True, id="name"),
        pytest.param({}, {"kubernetes_version": "1.34"}, False, id="version"),
        pytest.param({}, {"gke": {"release_channel": "stable"}}, False, id="channel"),
        pytest.param({}, {"gke": {"kms_key": KEY}}, False, id="key of secrets"),
        pytest.param({}, {"gke": {"maintenance_start": "01:00"}}, False, id="maintenance"),
        pytest.param({}, {"gke": {"notification_topic": "projects/shop-prod/topics/news"}}, False, id="notification"),
        pytest.param({}, {"gke": {"managed_prometheus": True}}, False, id="managed Prometheus"),
        pytest.param({}, {"gke": {"dns_endpoint": False}}, False, id="DNS name"),
        pytest.param({}, {"gke": {"image_streaming": False}}, False, id="image streaming"),
        pytest.param({}, {"api_access": {"public_cidrs": ["203.0.113.0/24"]}}, False, id="public address"),
        pytest.param({}, {"control_plane_logs": ["api", "scheduler"]}, False, id="logs"),
        pytest.param({}, {"deletion_protection": True}, False, id="protection"),
        pytest.param({}, {"ownership": THEIRS}, False, id="owner"),
    ],
)
def test_a_cluster(before: dict[str, Any], after: dict[str, Any], anew: bool) -> None:
    found = difference(CLUSTER, cluster, before, after)
    assert found.changed
    assert bool(found.replace) is anew


@pytest.mark.parametrize(
    ("type_", "after", "anew"),
    [
        pytest.param("gcp:kms/cryptoKey:CryptoKey", {"ownership": THEIRS}, False, id="owner of the key"),
        pytest.param(LOG_BUCKET, {"log_retention_days": 365}, False, id="retention"),
        pytest.param(LOG_BUCKET, {"name": "west"}, True, id="bucket of another cluster"),
        pytest.param("gcp:logging/projectSink:ProjectSink", {"log_retention_days": 545}, False, id="filter of logs"),
    ],
)
def test_what_a_cluster_has_beside_it(type_: str, after: dict[str, Any], anew: bool) -> None:
    found = difference(type_, cluster, {}, after)
    assert found.changed
    assert bool(found.replace) is anew
