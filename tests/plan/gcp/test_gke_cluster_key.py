"""The key of a GKE cluster: its own, or one that is named; who may use it, and what it encrypts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from modelyard.offline import run
from modelyard.offline.simulated import answering_providers
from recorded_graph import one, waits_for

from .gke_program import CLUSTER, PLATFORM, POOL, REGION, cluster, graph_of, planned

KEY_RING = "gcp:kms/keyRing:KeyRing"
OWN_KEY = "gcp:kms/cryptoKey:CryptoKey"
KEY_GRANT = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
KEY = "projects/shop-keys/locations/us-central1/keyRings/clusters/cryptoKeys/secrets"


def test_a_cluster_has_a_key_of_its_own_that_is_rotated_and_outlives_a_mistake() -> None:
    graph = graph_of(cluster())
    key = one(graph, OWN_KEY).inputs
    assert one(graph, "gcp:kms/keyRing:KeyRing").inputs["location"] == REGION
    assert (key["purpose"], key["rotationPeriod"]) == ("ENCRYPT_DECRYPT", "7776000s")
    assert key["destroyScheduledDuration"] == "2592000s"
    assert key["labels"] == PLATFORM.gcp_labels()
    assert one(graph, CLUSTER).inputs["databaseEncryption"]["state"] == "ENCRYPTED"
    assert waits_for(graph, one(graph, CLUSTER), one(graph, KEY_GRANT))


def test_ring_and_key_are_autonamed_since_google_cloud_deletes_neither() -> None:
    graph = planned(cluster(), "up").graph
    for type_ in (KEY_RING, OWN_KEY):
        assert re.fullmatch("prod-central-[0-9a-f]{7}", str(one(graph, type_).outputs["name"]))


def test_a_named_key_is_the_only_one() -> None:
    graph = graph_of(cluster(gke={"kms_key": KEY}))
    assert not graph.of_type(OWN_KEY)
    assert [each.inputs["cryptoKeyId"] for each in graph.of_type(KEY_GRANT)] == [KEY]


@pytest.mark.parametrize("gke", [{"kms_key": KEY}, {}])
def test_disks_of_nodes_have_the_same_key_where_that_is_wanted(gke: dict[str, Any]) -> None:
    graph = planned(cluster(gke={**gke, "encrypt_disks": True}), "up").graph
    key = KEY if gke else one(graph, CLUSTER).inputs["databaseEncryption"]["keyName"]
    grant = one(graph, KEY_GRANT, "prod-central-disks-key")
    assert grant.inputs["member"].endswith("@compute-system.iam.gserviceaccount.com")
    system = one(graph, POOL, "prod-central-system")
    assert system.inputs["nodeConfig"]["bootDiskKmsKey"] == key
    assert one(graph, CLUSTER).inputs["nodeConfig"]["bootDiskKmsKey"] == key
    assert waits_for(graph, system, grant)
    assert "bootDiskKmsKey" not in one(graph_of(cluster()), POOL).inputs["nodeConfig"]


def test_the_key_of_secrets_is_gkes_to_use_before_the_cluster_is_made() -> None:
    graph = run(
        lambda: (cluster(gke={"kms_key": KEY})(), None)[1],
        project="modelyard",
        stack="prod",
        providers=answering_providers(),
    ).graph
    grant = one(graph, KEY_GRANT)
    assert grant.inputs["cryptoKeyId"] == KEY
    assert grant.inputs["member"] == (
        "serviceAccount:service-123456789012@container-engine-robot.iam.gserviceaccount.com"
    )
    assert waits_for(graph, one(graph, CLUSTER), grant)
