"""What a ServingCluster makes on GKE, and how an existing cluster of GKE is reached."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pulumi_gcp as gcp
import pytest
from modelyard.capacity.existing_cluster import ExistingCluster
from modelyard.capacity.serving_cluster import ServingCluster
from modelyard.graph import ResourceGraph
from modelyard.offline import Run, run
from recorded_graph import one, waits_for

from .gke_program import CLUSTER, PLATFORM, POOL, REGION, cluster, graph_of, planned, refusal

ACCOUNT = "gcp:serviceaccount/account:Account"
GRANT = "gcp:projects/iAMMember:IAMMember"
KEY = "projects/shop-keys/locations/us-central1/keyRings/clusters/cryptoKeys/secrets"
TOPIC = "projects/shop-prod/topics/cluster-news"
EMAIL = "prod-central-nodes@shop-prod.iam.gserviceaccount.com"


def cluster_of(**args: Any) -> dict[str, Any]:
    return dict(one(graph_of(cluster(**args)), CLUSTER).inputs)


def test_the_cluster_is_regional_private_and_its_nodes_prove_who_they_are() -> None:
    made = cluster_of()
    assert (made["name"], made["location"], made["project"]) == ("prod-central", REGION, "shop-prod")
    assert made["privateClusterConfig"] == {"enablePrivateNodes": True, "enablePrivateEndpoint": True}
    assert made["masterAuthorizedNetworksConfig"] == {"cidrBlocks": [], "gcpPublicCidrsAccessEnabled": False}
    assert made["datapathProvider"] == "ADVANCED_DATAPATH"
    assert made["workloadIdentityConfig"] == {"workloadPool": "shop-prod.svc.id.goog"}
    assert made["enableShieldedNodes"] is True
    assert made["masterAuth"] == {"clientCertificateConfig": {"issueClientCertificate": False}}
    assert made["securityPostureConfig"]["mode"] == "BASIC"
    assert made["nodePoolDefaults"]["nodeConfigDefaults"]["insecureKubeletReadonlyPortEnabled"] == "FALSE"
    assert made["removeDefaultNodePool"] is True
    assert made["resourceLabels"] == PLATFORM.gcp_labels()


def test_pods_and_services_have_ranges_of_the_subnetwork() -> None:
    made = cluster_of()
    assert (made["network"], made["subnetwork"], made["networkingMode"]) == ("prod-net", "prod-nodes", "VPC_NATIVE")
    assert made["ipAllocationPolicy"] == {
        "clusterSecondaryRangeName": "pods",
        "servicesSecondaryRangeName": "services",
    }


def test_zones_are_those_of_the_cluster_and_of_its_system_nodes() -> None:
    zones = [f"{REGION}-a", f"{REGION}-f"]
    graph = graph_of(cluster(zones=zones, system_nodes={"min_nodes": 4, "max_nodes": 6}))
    assert one(graph, CLUSTER).inputs["nodeLocations"] == zones
    system = one(graph, POOL, "prod-central-system").inputs
    assert system["nodeLocations"] == zones
    assert system["initialNodeCount"] == 2


def test_a_cluster_that_names_no_project_is_in_its_providers() -> None:
    def program() -> None:
        arguments: Any = {"cloud": "gcp", "name": "central", "region": REGION, "ownership": PLATFORM.args()}
        provider = gcp.Provider("google", project="shop-dev", region=REGION)
        ServingCluster("prod-central", arguments, pulumi.ResourceOptions(provider=provider))

    made = one(run(program, project="modelyard", stack="prod", mode="up").graph, CLUSTER).inputs
    assert "project" not in made
    assert made["workloadIdentityConfig"] == {"workloadPool": "shop-dev.svc.id.goog"}


def test_a_shared_network_is_named_with_its_project() -> None:
    made = cluster_of(network_project="shop-net")
    assert made["network"] == "projects/shop-net/global/networks/prod-net"
    assert made["subnetwork"] == f"projects/shop-net/regions/{REGION}/subnetworks/prod-nodes"


@pytest.mark.parametrize(
    ("gke", "property_", "expected"),
    [
        ({"release_channel": "stable"}, "releaseChannel", {"channel": "STABLE"}),
        ({"release_channel": "extended"}, "releaseChannel", {"channel": "EXTENDED"}),
        ({"maintenance_start": "22:30"}, "maintenancePolicy", {"dailyMaintenanceWindow": {"startTime": "22:30"}}),
        (
            {"dns_endpoint": False},
            "controlPlaneEndpointsConfig",
            {"dnsEndpointConfig": {"allowExternalTraffic": False}},
        ),
        ({}, "binaryAuthorization", {"evaluationMode": "DISABLED"}),
        (
            {"binary_authorization": True},
            "binaryAuthorization",
            {"evaluationMode": "PROJECT_SINGLETON_POLICY_ENFORCE"},
        ),
        ({"cost_allocation": False}, "costManagementConfig", {"enabled": False}),
        (
            {"maintenance_hours": 6, "maintenance_start": "22:30"},
            "maintenancePolicy",
            {
                "recurringWindow": {
                    "startTime": "2026-01-01T22:30:00Z",
                    "endTime": "2026-01-02T04:30:00Z",
                    "recurrence": "FREQ=DAILY",
                }
            },
        ),
        (
            {"maintenance_days": ["saturday", "sunday"], "maintenance_hours": 6},
            "maintenancePolicy",
            {
                "recurringWindow": {
                    "startTime": "2026-01-01T03:00:00Z",
                    "endTime": "2026-01-01T09:00:00Z",
                    "recurrence": "FREQ=WEEKLY;BYDAY=SA,SU",
                }
            },
        ),
        (
            {"maintenance_exclusions": [{"name": "sale", "first_day": "2026-11-20", "last_day": "2026-11-30"}]},
            "maintenancePolicy",
            {
                "dailyMaintenanceWindow": {"startTime": "03:00"},
                "maintenanceExclusions": [
                    {
                        "exclusionName": "sale",
                        "startTime": "2026-11-20T00:00:00Z",
                        "endTime": "2026-12-01T00:00:00Z",
                        "exclusionOptions": {"scope": "NO_UPGRADES"},
                    }
                ],
            },
        ),
        ({"notification_topic": TOPIC}, "notificationConfig", {"pubsub": {"enabled": True, "topic": TOPIC}}),
        ({"kms_key": KEY}, "databaseEncryption", {"state": "ENCRYPTED", "keyName": KEY}),
    ],
)
def test_settings_of_gke(gke: dict[str, Any], property_: str, expected: dict[str, Any]) -> None:
    assert cluster_of(gke=gke)[property_] == expected


@pytest.mark.parametrize("streams", [True, False])
def test_image_streaming_holds_for_every_pool(streams: bool) -> None:
    defaults = cluster_of(gke={"image_streaming": streams})["nodePoolDefaults"]["nodeConfigDefaults"]
    assert defaults["gcfsConfig"] == {"enabled": streams}


@pytest.mark.parametrize("managed", [True, False])
def test_googles_own_collectors_run_where_they_are_wanted(managed: bool) -> None:
    made = cluster_of(gke={"managed_prometheus": managed})["monitoringConfig"]
    assert made["managedPrometheus"] == {"enabled": managed}
    assert "DCGM" not in made["enableComponents"]


def test_versions_logs_and_protection() -> None:
    made = cluster_of(
        kubernetes_version="1.34",
        control_plane_logs=["api", "audit", "scheduler", "controllerManager"],
        deletion_protection=True,
    )
    assert made["minMasterVersion"] == "1.34"
    assert made["loggingConfig"]["enableComponents"] == [
        "SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER", "SCHEDULER", "CONTROLLER_MANAGER",
    ]  # fmt: skip
    assert made["deletionProtection"] is True


def test_named_ranges_alone_reach_a_public_address() -> None:
    made = cluster_of(api_access={"public_cidrs": ["203.0.113.0/24"]})
    assert made["privateClusterConfig"]["enablePrivateEndpoint"] is False
    assert made["masterAuthorizedNetworksConfig"]["cidrBlocks"] == [{"cidrBlock": "203.0.113.0/24"}]


def test_admins_have_all_rights_in_this_cluster_alone() -> None:
    members = ["group:ml-platform@retail.example", "user:ada@retail.example"]
    graph = graph_of(cluster(api_access={"admins": members}))
    grants = [one(graph, GRANT, f"prod-central-admin-{member}").inputs for member in members]
    assert [grant["member"] for grant in grants] == members
    for grant in grants:
        assert grant["role"] == "roles/container.admin"
        named = f"projects/shop-prod/locations/{REGION}/clusters/prod-central"
        # A cluster whose name only begins so is another.
        wanted = f'resource.name == "{named}" || resource.name.startsWith("{named}/")'
        assert grant["condition"]["expression"] == wanted


def test_nodes_have_an_account_of_their_own_with_two_roles() -> None:
    graph = graph_of(cluster())
    assert one(graph, ACCOUNT).inputs["accountId"] == "prod-central-nodes"
    assert {grant.inputs["role"] for grant in graph.of_type(GRANT)} == {
        "roles/container.defaultNodeServiceAccount",
        "roles/artifactregistry.reader",
    }
    assert {grant.inputs["member"] for grant in graph.of_type(GRANT)} == {f"serviceAccount:{EMAIL}"}


def test_the_account_of_a_cluster_with_a_long_name_fits() -> None:
    name = str(one(graph_of(cluster(name="central-for-infer-eu")), ACCOUNT).inputs["accountId"])
    assert 6 <= len(name) <= 30
    assert name.startswith("prod-central-for")


def test_system_nodes_come_after_the_rights_of_their_account() -> None:
    graph = graph_of(cluster(system_nodes={"min_nodes": 3, "max_nodes": 9, "instance_types": ["n2-standard-8"]}))
    system = one(graph, POOL, "prod-central-system")
    config = system.inputs["nodeConfig"]
    assert config["machineType"] == "n2-standard-8"
    assert config["serviceAccount"] == EMAIL
    assert config["labels"] == {"modelyard.dev/cluster": "central", "modelyard.dev/pool": "system"}
    assert config["resourceLabels"] == PLATFORM.gcp_labels()
    assert system.inputs["initialNodeCount"] == 1
    assert [system.inputs["autoscaling"][key] for key in ("totalMinNodeCount", "totalMaxNodeCount")] == [3, 9]
    assert all(waits_for(graph, system, grant) for grant in graph.of_type(GRANT))


def test_the_control_plane_calls_webhooks_from_inside_the_cluster() -> None:
    """Private Service Connect, which a cluster has that names no range for its control plane."""
    assert "masterIpv4CidrBlock" not in cluster_of()["privateClusterConfig"]


def kubeconfig_of(made: Run) -> dict[str, Any]:
    return json.loads(made.outputs["kubeconfig"])


def test_the_kubeconfig_names_the_plugin_and_the_dns_name_and_holds_no_secret() -> None:
    made = planned(cluster(), "up")
    config = kubeconfig_of(made)
    (named,) = config["clusters"]
    assert named["cluster"].keys() == {"server"}
    assert named["cluster"]["server"].endswith(f".{REGION}.gke.goog")
    (user,) = config["users"]
    assert user["user"]["exec"]["command"] == "gke-gcloud-auth-plugin"
    assert config["current-context"] == "prod-central"
    assert made.outputs["identity_issuer"] == "shop-prod.svc.id.goog"
    assert made.outputs["service_account"] == EMAIL


def test_without_the_dns_name_the_address_is_reached_by_the_clusters_own_authority() -> None:
    made = planned(cluster(gke={"dns_endpoint": False}), "up")
    (named,) = kubeconfig_of(made)["clusters"]
    assert named["cluster"]["server"] == made.outputs["endpoint"] == "https://10.0.0.2"
    assert named["cluster"]["certificate-authority-data"]


def existing(**args: Any) -> Run:
    arguments: Any = {
        "cloud": "gcp",
        "region": REGION,
        "name": "theirs",
        "location": REGION,
        "project": "shop-prod",
        "ownership": PLATFORM.args(),
        **args,
    }

    def program() -> None:
        made = ExistingCluster("prod-theirs", arguments)
        pulumi.export("kubeconfig", made.kubeconfig)
        pulumi.export("nodes", made.nodes)
        pulumi.export("identity_issuer", made.identity_issuer)

    return run(program, project="modelyard", stack="prod", mode="up")


def test_an_existing_cluster_is_reached_and_gets_an_account_for_more_nodes() -> None:
    made = existing(location=f"{REGION}-a")
    assert kubeconfig_of(made)["clusters"][0]["cluster"]["server"].endswith(f".{REGION}-a.gke.goog")
    assert made.outputs["nodes"] == {
        "service_account": "theirs-nodes@shop-prod.iam.gserviceaccount.com",
        "project": "shop-prod",
        "location": f"{REGION}-a",
    }
    # What the cluster says of itself.
    assert made.outputs["identity_issuer"] == "simulated-project.svc.id.goog"
    assert made.graph.of_type(CLUSTER) == []


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"region": "us-centrall"}, "us-centrall"),
        ({"gke": {"release_channel": "weekly"}}, "gke.release_channel: 'weekly'"),
        ({"gke": {"maintenance_start": "3am"}}, "gke.maintenance_start: '3am' must be a time of day"),
        ({"node_autoscaler": "none"}, "node_autoscaler: none is not for GKE"),
        (
            {"gke": {"maintenance_exclusions": [{"name": "a", "first_day": "2026-11-31", "last_day": "2026-12-01"}]}},
            "'2026-11-31' is no day of the calendar; write one such as 2026-11-27",
        ),
        (
            {"gke": {"maintenance_exclusions": [{"name": "a", "first_day": "2026-11-02", "last_day": "2026-11-01"}]}},
            "last_day 2026-11-01 is before first_day 2026-11-02; exchange them",
        ),
        (
            {"gke": {"maintenance_exclusions": [{"name": "a", "first_day": "2026-11-01", "last_day": "2027-01-30"}]}},
            "no_upgrades for 91 days, and GKE wants 48 hours in every 92 days; make it 90 days at most, or set scope "
            "to no_minor_or_node_upgrades",
        ),
        (
            {
                "gke": {
                    "maintenance_exclusions": [
                        {"name": name, "first_day": "2026-11-01", "last_day": "2026-11-01"} for name in "abca"
                    ]
                }
            },
            "maintenance_exclusions has 4 with scope no_upgrades, and GKE allows 3: a, b, c, a; delete some, or set "
            "another scope; and two maintenance_exclusions are named 'a'; rename one",
        ),
        ({"gke": {"notification_topic": "news"}}, "'news' must be a Pub/Sub topic: projects/<project>/topics/<topic>"),
        ({"gke": {"kms_key": "my-key"}}, "gke.kms_key: 'my-key' must be a Cloud KMS key"),
        ({"system_nodes": {"instance_types": ["e2-standart-4"]}}, "did you mean 'e2-standard-4'"),
        ({"system_nodes": {"instance_types": ["g2-standard-4"]}}, "'g2-standard-4' carries L4"),
        ({"vpc_id": "vpc-0123456789abcdef0"}, "vpc_id: is for EKS, and cloud is gcp; delete it"),
        ({"api_access": {"bastion": True}}, "use gke.dns_endpoint or api_access.public_cidrs"),
        (
            {"api_access": {"admins": ["arn:aws:iam::123456789012:role/admin"]}},
            "must be a member of Google Cloud's IAM",
        ),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_made(args: dict[str, Any], expected: str) -> None:
    assert expected in refusal(cluster(**args))


def all_labelled(graph: ResourceGraph) -> list[str]:
    """Names of what can carry labels and has none."""
    return [
        each.name
        for each in graph
        if (each.type == CLUSTER and each.inputs.get("resourceLabels") != PLATFORM.gcp_labels())
        or (each.type == POOL and each.inputs["nodeConfig"].get("resourceLabels") != PLATFORM.gcp_labels())
    ]


def test_everything_that_can_carries_who_pays() -> None:
    assert all_labelled(graph_of(cluster())) == []
