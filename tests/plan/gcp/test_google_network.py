"""What a GoogleNetwork makes."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from component_arguments import mirrors, usable_elsewhere
from modelyard.environment import network as declaration
from modelyard.network.google_network import GoogleNetwork
from modelyard.network.google_network_args import ExistingGoogleNetworkArgs, GoogleNetworkArgs
from modelyard.offline import Run, run
from modelyard.offline.simulated.replacement import replacing_paths
from recorded_graph import one, refused

from .gke_program import PLATFORM, REGION

SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
NAT = "gcp:compute/routerNat:RouterNat"
THEIRS = {"network": "shared", "subnetwork": "gpu", "pods_range": "gpu-pods", "services_range": "gpu-services"}


def planned(**args: Any) -> Run:
    arguments: Any = {"region": REGION, "ownership": PLATFORM.args(), **args}

    def program() -> None:
        made = GoogleNetwork("prod-central", arguments)
        for output in ("network_name", "subnetwork_name", "pods_range", "services_range"):
            pulumi.export(output, getattr(made, output))

    return run(program, project="modelyard", stack="prod", mode="up")


def test_a_subnetwork_has_ranges_for_nodes_pods_and_services_and_one_way_out() -> None:
    made = planned(project="shop-prod")
    subnetwork = one(made.graph, SUBNETWORK).inputs
    assert subnetwork["ipCidrRange"] == "10.0.0.0/16"
    assert subnetwork["secondaryIpRanges"] == [
        {"rangeName": "pods", "ipCidrRange": "10.4.0.0/14"},
        {"rangeName": "services", "ipCidrRange": "10.8.0.0/20"},
    ]
    assert subnetwork["privateIpGoogleAccess"] is True
    assert subnetwork["logConfig"]["flowSampling"] == 1
    assert subnetwork["project"] == "shop-prod"
    assert one(made.graph, "gcp:compute/network:Network").inputs["autoCreateSubnetworks"] is False
    nat = one(made.graph, NAT).inputs
    assert nat["natIpAllocateOption"] == "AUTO_ONLY"
    named = f"projects/shop-prod/regions/{REGION}/subnetworks/{subnetwork['name']}"
    assert nat["subnetworks"] == [{"name": named, "sourceIpRangesToNats": ["ALL_IP_RANGES"]}]
    assert made.outputs["pods_range"] == "pods"
    assert made.outputs["services_range"] == "services"


def test_another_owner_changes_nothing_since_a_description_would_replace_the_network() -> None:
    before, after = planned().graph, planned(ownership={**PLATFORM.args(), "cost_center": "CC-2000"}).graph
    assert [dict(each.inputs) for each in before] == [dict(each.inputs) for each in after]
    assert ("description",) in replacing_paths("gcp:compute/network:Network")


def test_logs_and_the_way_out_can_be_left_away() -> None:
    graph = planned(nat="none", flow_logs=None).graph
    assert "logConfig" not in one(graph, SUBNETWORK).inputs
    assert graph.of_type(NAT) == []


def test_an_existing_network_is_handed_on_and_nothing_is_made() -> None:
    made = planned(existing=THEIRS)
    assert [each.type for each in made.graph if each.type.startswith("gcp:")] == []
    assert made.outputs == {
        "network_name": "shared",
        "subnetwork_name": "gpu",
        "pods_range": "gpu-pods",
        "services_range": "gpu-services",
    }


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        pytest.param(
            {"pods_cidr": "10.0.128.0/17"},
            "GoogleNetwork prod-central: pods_cidr: 10.0.128.0/17 overlaps cidr 10.0.0.0/16; the ranges of a VPC "
            "network are apart: choose another",
            id="pods in the nodes' range",
        ),
        pytest.param(
            {"services_cidr": "10.5.0.0/20"},
            "GoogleNetwork prod-central: services_cidr: 10.5.0.0/20 overlaps pods_cidr 10.4.0.0/14; the ranges of a "
            "VPC network are apart: choose another",
            id="services in the pods' range",
        ),
        pytest.param(
            {"pods_cidr": "10.64.0.0/24"},
            "GoogleNetwork prod-central: pods_cidr: 10.64.0.0/24 must be a /9 to /21 on GKE",
            id="pods without room",
        ),
        pytest.param(
            {"existing": THEIRS, "cidr": "10.0.0.0/16"},
            "GoogleNetwork prod-central: cidr: has no effect with existing, which names a network that nothing is "
            "changed in",
            id="range of an existing network",
        ),
        pytest.param(
            {"existing": {**THEIRS, "network": "Shared"}},
            None,
            id="name of an existing network",
        ),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_made(args: dict[str, Any], expected: str | None) -> None:
    said = refused(lambda: planned(**args))
    if expected is None:
        assert "GoogleNetwork prod-central existing: network: 'Shared'" in said
    else:
        assert said == expected


def test_arguments_say_what_the_declaration_says() -> None:
    usable_elsewhere([GoogleNetwork])
    mirrors(
        declaration.Network,
        GoogleNetworkArgs,
        elsewhere={"zones", "endpoints"},
        own={"region", "project", "existing", "ownership"},
    )
    assert set(ExistingGoogleNetworkArgs.__annotations__) == set(declaration.ExistingGoogleNetwork.model_fields)
