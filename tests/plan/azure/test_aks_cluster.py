"""What ServingCluster makes on AKS, and how an existing cluster of AKS is reached."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest
from modelyard.capacity.existing_cluster import ExistingCluster
from modelyard.capacity.gpu_node_pool import GpuNodePool
from modelyard.capacity.serving_cluster import ServingCluster
from modelyard.governance.ownership import Ownership
from modelyard.graph import ResourceGraph
from modelyard.resolve.names import disk_encryption_set_id

from .program import GROUP_ID, SUBSCRIPTION, azure_resources, graph_of, one, refusal, run_program, waits_for

PLATFORM = Ownership("platform", "CC-1000", "prod", "ml-platform@retail.example")
CLUSTER = "azure-native:containerservice:ManagedCluster"
GRANT = "azure-native:authorization:RoleAssignment"
IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"
MONITOR = "azure-native:monitor"
WINDOW = "azure-native:containerservice:MaintenanceConfiguration"
SUBNET = f"{GROUP_ID}/providers/Microsoft.Network/virtualNetworks/v/subnets/nodes"
VAULT = f"{GROUP_ID}/providers/Microsoft.KeyVault/vaults/keys"
KEY = f"https://keys.vault.azure.net/keys/etcd/{'0' * 32}"
ZONE = f"{GROUP_ID}/providers/Microsoft.Network/privateDnsZones/privatelink.westeurope.azmk8s.io"
API_SUBNET = f"{GROUP_ID}/providers/Microsoft.Network/virtualNetworks/v/subnets/api"
DISKS = f"{GROUP_ID}/providers/Microsoft.Compute/diskEncryptionSets/disks"
TENANT = "11111111-2222-4333-8444-555555555555"
GROUP = "99999999-2222-4333-8444-555555555555"
AKS: dict[str, Any] = {"subscription_id": SUBSCRIPTION, "tenant_id": TENANT, "resource_group": "ml"}


def declared(aks: dict[str, Any] | None = None, /, **args: Any) -> Any:
    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {
            "cloud": "azure",
            "name": "west",
            "region": "westeurope",
            "subnet_id": SUBNET,
            "aks": {**AKS, **(aks or {})},
            "ownership": PLATFORM.args(),
            **args,
        }
        ServingCluster("prod-west", arguments, opts)

    return declare


def cluster(aks: dict[str, Any] | None = None, /, **args: Any) -> Any:
    """Inputs of the cluster."""
    return one(graph_of(declared(aks, **args)), CLUSTER).inputs


def roles(graph: ResourceGraph) -> dict[str, tuple[str, str]]:
    """By name of the assignment, the last digits of the role and the last part of the scope."""
    return {
        each.name: (each.inputs["roleDefinitionId"][-12:], each.inputs["scope"].rpartition("/")[2])
        for each in graph.of_type(GRANT)
    }


def test_a_cluster_is_private_and_entered_through_microsoft_entra_alone() -> None:
    made = cluster()
    assert made["apiServerAccessProfile"] == {
        "disableRunCommand": True,
        "enablePrivateCluster": True,
        "enablePrivateClusterPublicFQDN": False,
        "privateDNSZone": "system",
    }
    assert made["aadProfile"] == {"managed": True, "enableAzureRBAC": True, "tenantID": TENANT}
    assert (made["enableRBAC"], made["disableLocalAccounts"]) == (True, True)
    assert (
        made["securityProfile"].items()
        >= {
            "workloadIdentity": {"enabled": True},
            "imageCleaner": {"enabled": True, "intervalHours": 168},
        }.items()
    )
    assert made["oidcIssuerProfile"] == {"enabled": True}


def test_a_public_endpoint_lets_in_declared_ranges_and_the_nodes_themselves() -> None:
    made = cluster(
        api_access={"public_cidrs": ["203.0.113.0/24"]}, egress="nat_gateway", egress_addresses=["198.51.100.7"]
    )
    assert made["apiServerAccessProfile"] == {
        "disableRunCommand": True,
        "enablePrivateCluster": False,
        "authorizedIPRanges": ["203.0.113.0/24", "198.51.100.7/32"],
    }
    assert made["networkProfile"]["outboundType"] == "userAssignedNATGateway"


def test_pods_have_an_overlay_on_cilium() -> None:
    assert cluster(pods_cidr="10.64.0.0/14", services_cidr="10.9.0.0/20")["networkProfile"] == {
        "networkPlugin": "azure",
        "networkPluginMode": "overlay",
        "networkDataplane": "cilium",
        "networkPolicy": "cilium",
        "loadBalancerSku": "standard",
        "outboundType": "loadBalancer",
        "podCidr": "10.64.0.0/14",
        "serviceCidr": "10.9.0.0/20",
        "dnsServiceIP": "10.9.0.10",
    }


@pytest.mark.parametrize(
    ("aks", "inputs"),
    [
        ({"tier": "free"}, {"sku": {"name": "Base", "tier": "Free"}, "supportPlan": "KubernetesOfficial",
                            "metricsProfile": {"costAnalysis": {"enabled": False}}}),
        ({}, {"sku": {"name": "Base", "tier": "Standard"}, "metricsProfile": {"costAnalysis": {"enabled": True}}}),
        ({"tier": "premium"}, {"sku": {"name": "Base", "tier": "Premium"}, "supportPlan": "AKSLongTermSupport"}),
        ({"cost_analysis": False}, {"metricsProfile": {"costAnalysis": {"enabled": False}}}),
        ({}, {"autoUpgradeProfile": {"upgradeChannel": "patch", "nodeOSUpgradeChannel": "NodeImage"}}),
        ({"upgrade_channel": "node_image"},
         {"autoUpgradeProfile": {"upgradeChannel": "node-image", "nodeOSUpgradeChannel": "NodeImage"}}),
        ({"upgrade_channel": "none", "node_os_upgrade_channel": "security_patch"},
         {"autoUpgradeProfile": {"upgradeChannel": "none", "nodeOSUpgradeChannel": "SecurityPatch"}}),
        ({"disk_encryption_set_id": DISKS}, {"diskEncryptionSetID": DISKS}),
        ({}, {"nodeResourceGroup": "prod-west-nodes", "nodeResourceGroupProfile": {"restrictionLevel": "ReadOnly"}}),
        ({}, {"storageProfile": {driver: {"enabled": True} for driver in
                                 ("diskCSIDriver", "fileCSIDriver", "blobCSIDriver", "snapshotController")}}),
        ({"image_cleaner_hours": None, "encrypt_secrets": False},
         {"securityProfile": {"workloadIdentity": {"enabled": True}, "imageCleaner": {"enabled": False}}}),
        ({"kms_key": KEY, "key_vault_id": VAULT, "image_cleaner_hours": 24},
         {"securityProfile": {"workloadIdentity": {"enabled": True},
                              "imageCleaner": {"enabled": True, "intervalHours": 24},
                              "azureKeyVaultKms": {"enabled": True, "keyId": KEY,
                                                   "keyVaultNetworkAccess": "Public"}}}),
        ({"private_dns_zone_id": ZONE},
         {"apiServerAccessProfile": {"disableRunCommand": True, "enablePrivateCluster": True,
                                     "enablePrivateClusterPublicFQDN": False, "privateDNSZone": ZONE}}),
        ({"api_server_subnet_id": API_SUBNET},
         {"apiServerAccessProfile": {"disableRunCommand": True, "enablePrivateCluster": True,
                                     "enablePrivateClusterPublicFQDN": False, "privateDNSZone": "system",
                                     "enableVnetIntegration": True, "subnetId": API_SUBNET}}),
    ],
)  # fmt: skip
def test_each_setting_of_aks_is_an_input(aks: dict[str, Any], inputs: dict[str, Any]) -> None:
    made = cluster(aks)
    assert {key: made.get(key) for key in inputs} == inputs


def test_system_nodes_come_with_the_cluster() -> None:
    [nodes] = cluster(system_nodes={"min_nodes": 2, "desired_nodes": 3, "max_nodes": 5})["agentPoolProfiles"]
    assert nodes == {
        "name": "system",
        "mode": "System",
        "type": "VirtualMachineScaleSets",
        "osType": "Linux",
        "osSKU": "Ubuntu",
        "vmSize": "Standard_D4s_v5",
        "osDiskSizeGB": 80,
        "osDiskType": "Managed",
        "enableNodePublicIP": False,
        "enableAutoScaling": True,
        "minCount": 2,
        "maxCount": 5,
        "count": 3,
        "availabilityZones": ["1", "2", "3"],
        "vnetSubnetID": SUBNET,
        "nodeLabels": {"modelyard.dev/cluster": "west", "modelyard.dev/pool": "system"},
        "upgradeSettings": {"maxSurge": "1"},
        "tags": PLATFORM.aws_tags(),
    }


@pytest.mark.parametrize(("args", "more"), [({"zones": []}, {}), ({"zones": ["2"]}, {"availabilityZones": ["2"]})])
def test_a_location_without_zones_is_said_to_have_none(args: dict[str, Any], more: dict[str, Any]) -> None:
    [nodes] = cluster(**args)["agentPoolProfiles"]
    assert nodes.get("availabilityZones") == more.get("availabilityZones")


def test_without_a_node_autoscaler_the_number_is_the_declared_one() -> None:
    [nodes] = cluster(node_autoscaler="none")["agentPoolProfiles"]
    assert (nodes["enableAutoScaling"], nodes["count"]) == (False, 2)
    assert not {"minCount", "maxCount"} & nodes.keys()


@pytest.mark.parametrize(
    ("channel", "left_alone"),
    [
        ("patch", ("agentPoolProfiles[0].count",)),
        ("stable", ("agentPoolProfiles[0].count", "kubernetesVersion")),
        ("rapid", ("agentPoolProfiles[0].count", "kubernetesVersion")),
    ],
)
def test_what_aks_moves_by_itself_is_left_alone(channel: str, left_alone: tuple[str, ...]) -> None:
    assert one(graph_of(declared({"upgrade_channel": channel})), CLUSTER).ignore_changes == left_alone


def test_two_identities_with_no_more_rights_than_they_need() -> None:
    graph = graph_of(declared({"kms_key": KEY, "key_vault_id": VAULT, "disk_encryption_set_id": DISKS},
                              api_access={"admins": [GROUP]}))  # fmt: skip
    kubelet = one(graph, IDENTITY, "prod-west-kubelet")
    made = one(graph, CLUSTER)
    found = roles(graph)
    kubelet_scope = found.pop("prod-west-kubelet")
    assert kubelet_scope[0] == "7a7467783830"
    assert found == {
        "prod-west-subnet": ("c67834d212e7", "nodes"),
        "prod-west-key": ("57ae8d297424", "keys"),
        "prod-west-disks": ("f606fba81ae7", "disks"),
        "prod-west-creator": ("8693973ce19b", "prod-west"),
        f"prod-west-admin-{GROUP}": ("8693973ce19b", "prod-west"),
    }
    for name in ("kubelet", "subnet", "key", "disks"):
        assert waits_for(graph, made, one(graph, GRANT, f"prod-west-{name}"))
    assert made.inputs["identityProfile"]["kubeletidentity"]["resourceId"].endswith(kubelet.inputs["resourceName"])
    assert made.inputs["identity"]["type"] == "UserAssigned"


def test_secrets_are_encrypted_with_a_key_in_a_vault_of_the_clusters_own() -> None:
    graph = graph_of(declared())
    vault, key = one(graph, "azure-native:keyvault:Vault"), one(graph, "azure-native:keyvault:Key")
    made = one(graph, CLUSTER)
    assert vault.inputs["vaultName"].startswith("prodwest") and len(vault.inputs["vaultName"]) == 24
    properties = vault.inputs["properties"]
    assert (properties["enableRbacAuthorization"], properties["enablePurgeProtection"]) == (True, True)
    assert (properties["enableSoftDelete"], properties["softDeleteRetentionInDays"]) == (True, 90)
    assert properties["tenantId"] == TENANT
    assert (key.inputs["keyName"], key.inputs["vaultName"]) == ("secrets-1", vault.inputs["vaultName"])
    assert made.inputs["securityProfile"]["azureKeyVaultKms"] == {
        "enabled": True,
        "keyId": key.outputs["keyUriWithVersion"],
        "keyVaultNetworkAccess": "Public",
    }
    grant = one(graph, GRANT, "prod-west-key")
    assert roles(graph)["prod-west-key"] == ("57ae8d297424", vault.inputs["vaultName"])
    assert waits_for(graph, made, grant) and waits_for(graph, made, key)


def test_the_key_outlives_what_the_program_makes_of_it() -> None:
    """AKS reads with the key before this one too, and no key is deleted but with its vault."""
    kept: dict[str, bool] = {}

    def see(args: pulumi.ResourceTransformArgs) -> None:
        if "azure-native:keyvault" in args.type_:
            kept[args.type_.rpartition(":")[2]] = bool(args.opts.retain_on_delete)

    def program(opts: pulumi.ResourceOptions) -> None:
        pulumi.runtime.register_resource_transform(see)
        declared({"key_generation": 2})(opts)

    assert one(graph_of(program), "azure-native:keyvault:Key").inputs["keyName"] == "secrets-2"
    assert kept == {"Vault": False, "Key": True}
    assert one(graph_of(declared(deletion_protection=True)), "azure-native:keyvault:Vault").protect is True


def test_disks_have_a_key_beside_that_of_the_secrets() -> None:
    graph = graph_of(declared({"encrypt_disks": True}))
    disks = one(graph, "azure-native:compute:DiskEncryptionSet")
    key = one(graph, "azure-native:keyvault:Key", "prod-west-disks")
    made, vault = one(graph, CLUSTER), one(graph, "azure-native:keyvault:Vault")
    assert key.inputs["vaultName"] == vault.inputs["vaultName"]
    assert key.inputs["properties"]["rotationPolicy"]["lifetimeActions"] == [
        {"action": {"type": "rotate"}, "trigger": {"timeAfterCreate": "P365D"}}
    ]
    assert (disks.inputs["diskEncryptionSetName"], disks.ignore_changes) == ("prod-west", ("activeKey.keyUrl",))
    assert disks.inputs["activeKey"]["keyUrl"] == key.outputs["keyUriWithVersion"]
    assert made.inputs["diskEncryptionSetID"] == disk_encryption_set_id(SUBSCRIPTION, "ml", "prod-west")
    found = roles(graph)
    assert found["prod-west-disk-key"] == ("b22465e65bf6", vault.inputs["vaultName"])
    assert found["prod-west-disks"] == ("f606fba81ae7", "prod-west")
    for name in ("disk-key", "disks"):
        assert waits_for(graph, made, one(graph, GRANT, f"prod-west-{name}"))
    assert disks.inputs["tags"] == key.inputs["tags"] == PLATFORM.aws_tags()


def test_two_clusters_whose_names_begin_alike_have_vaults_of_their_own() -> None:
    def two(opts: pulumi.ResourceOptions) -> None:
        for name in ("west-one", "west-two"):
            arguments: Any = {"cloud": "azure", "name": name, "region": "westeurope", "aks": AKS,
                              "ownership": PLATFORM.args()}  # fmt: skip
            ServingCluster(f"prod-{name}", arguments, opts)

    vaults = list(graph_of(two).of_type("azure-native:keyvault:Vault"))
    assert len({each.name for each in vaults}) == len({each.urn for each in vaults}) == 2


def test_a_vault_without_a_public_address_is_linked_to_the_cluster() -> None:
    private = {"kms_key": KEY, "key_vault_id": VAULT, "key_vault_private": True, "api_server_subnet_id": API_SUBNET}
    graph = graph_of(declared(private))
    made = one(graph, CLUSTER)
    assert not list(graph.of_type("azure-native:keyvault:Vault"))
    assert made.inputs["securityProfile"]["azureKeyVaultKms"] == {
        "enabled": True, "keyId": KEY, "keyVaultNetworkAccess": "Private", "keyVaultResourceId": VAULT,
    }  # fmt: skip
    found = roles(graph)
    assert (found["prod-west-key"], found["prod-west-key-link"]) == (
        ("57ae8d297424", "keys"), ("54943a77a395", "keys"),
    )  # fmt: skip
    assert found["prod-west-api-subnet"] == ("c67834d212e7", "api")


def test_the_api_is_named_in_a_zone_of_ones_own_which_aks_links_to_the_network() -> None:
    found = roles(graph_of(declared({"private_dns_zone_id": ZONE})))
    assert found["prod-west-dns-zone"] == ("8515ebb3ae7f", "privatelink.westeurope.azmk8s.io")
    assert found["prod-west-dns-link"] == ("c67834d212e7", "v")
    assert "prod-west-dns-link" not in roles(graph_of(declared()))


def test_whoever_runs_the_program_later_does_not_take_the_creators_place() -> None:
    assert one(graph_of(declared()), GRANT, "prod-west-creator").ignore_changes == ("principalId",)


def test_logs_of_the_control_plane_are_kept_in_a_workspace_of_its_own() -> None:
    graph = graph_of(declared(control_plane_logs=["api", "audit", "scheduler"], log_retention_days=14))
    workspace = one(graph, "azure-native:operationalinsights:Workspace")
    setting = one(graph, "azure-native:monitor:DiagnosticSetting")
    assert workspace.inputs["retentionInDays"] == 30
    assert [log["category"] for log in setting.inputs["logs"]] == [
        "kube-apiserver", "kube-audit-admin", "kube-scheduler",
    ]  # fmt: skip
    assert waits_for(graph, setting, workspace) and waits_for(graph, setting, one(graph, CLUSTER))


def test_or_where_they_are_told_to_go_and_defender_looks_there_too() -> None:
    logs = f"{GROUP_ID}/providers/Microsoft.OperationalInsights/workspaces/all"
    graph = graph_of(declared({"log_analytics_workspace_id": logs, "defender": True}))
    assert not list(graph.of_type("azure-native:operationalinsights:Workspace"))
    assert one(graph, "azure-native:monitor:DiagnosticSetting").inputs["workspaceId"] == logs
    assert one(graph, CLUSTER).inputs["securityProfile"]["defender"] == {
        "logAnalyticsWorkspaceResourceId": logs,
        "securityMonitoring": {"enabled": True},
    }


IDS = {
    CLUSTER: "Microsoft.ContainerService/managedClusters",
    "azure-native:operationalinsights:Workspace": "Microsoft.OperationalInsights/workspaces",
    f"{MONITOR}:AzureMonitorWorkspace": "Microsoft.Monitor/accounts",
    f"{MONITOR}:DataCollectionEndpoint": "Microsoft.Insights/dataCollectionEndpoints",
    f"{MONITOR}:DataCollectionRule": "Microsoft.Insights/dataCollectionRules",
}


def id_of(resource: Any) -> str:
    return f"{GROUP_ID}/providers/{IDS[resource.type]}/{resource.outputs['name']}"


def test_logs_of_containers_go_to_the_same_workspace_by_the_agents_own_identity() -> None:
    graph = graph_of(declared({"container_insights": True, "azure_policy": True}))
    made, workspace = one(graph, CLUSTER), one(graph, "azure-native:operationalinsights:Workspace")
    assert made.inputs["addonProfiles"] == {
        "omsagent": {
            "enabled": True,
            "config": {"logAnalyticsWorkspaceResourceID": id_of(workspace), "useAADAuth": "true"},
        },
        "azurepolicy": {"enabled": True},
    }
    rule = one(graph, f"{MONITOR}:DataCollectionRule")
    assert rule.inputs["dataFlows"] == [
        {"streams": ["Microsoft-ContainerLogV2", "Microsoft-KubeEvents", "Microsoft-KubePodInventory"],
         "destinations": ["workspace"]},
    ]  # fmt: skip
    assert rule.inputs["destinations"]["logAnalytics"] == [
        {"name": "workspace", "workspaceResourceId": id_of(workspace)}
    ]
    association = one(graph, f"{MONITOR}:DataCollectionRuleAssociation").inputs
    assert (association["associationName"], association["resourceUri"]) == (
        "ContainerInsightsExtension",
        id_of(made),
    )
    assert association["dataCollectionRuleId"] == id_of(rule)


def test_managed_prometheus_has_a_workspace_and_is_off_beside_ones_own() -> None:
    graph = graph_of(declared({"managed_prometheus": True}))
    made, rule = one(graph, CLUSTER), one(graph, f"{MONITOR}:DataCollectionRule")
    assert made.inputs["azureMonitorProfile"] == {"metrics": {"enabled": True}}
    workspace = one(graph, f"{MONITOR}:AzureMonitorWorkspace")
    assert rule.inputs["destinations"] == {
        "monitoringAccounts": [{"name": "metrics", "accountResourceId": id_of(workspace)}]
    }
    assert rule.inputs["dataCollectionEndpointId"] == id_of(one(graph, f"{MONITOR}:DataCollectionEndpoint"))
    assert one(graph, f"{MONITOR}:DataCollectionRuleAssociation").inputs["dataCollectionRuleId"] == id_of(rule)
    for each in (rule, workspace, one(graph, f"{MONITOR}:DataCollectionEndpoint")):
        assert each.inputs["tags"] == PLATFORM.aws_tags()
    alone = graph_of(declared())
    assert not {"azureMonitorProfile", "addonProfiles"} & one(alone, CLUSTER).inputs.keys()
    assert not list(alone.of_type(f"{MONITOR}:DataCollectionRule"))


HARDENED = {"encryption_at_host": True, "trusted_launch": True, "undrainable": "cordon"}


def test_system_nodes_are_hardened_as_declared() -> None:
    [nodes] = cluster({"nodes": HARDENED})["agentPoolProfiles"]
    assert nodes["enableEncryptionAtHost"] is True
    assert nodes["securityProfile"] == {"enableVTPM": True, "enableSecureBoot": True}
    assert nodes["upgradeSettings"] == {"maxSurge": "1", "undrainableNodeBehavior": "Cordon"}
    [fips] = cluster({"nodes": {"fips": True}})["agentPoolProfiles"]
    assert fips["enableFIPS"] is True


def test_first_nodes_are_left_empty_once_others_have_taken_their_place() -> None:
    made = one(graph_of(declared({"retire_first_nodes": True})), CLUSTER)
    [nodes] = made.inputs["agentPoolProfiles"]
    assert (nodes["name"], nodes["mode"], nodes["count"], nodes["enableAutoScaling"]) == ("system", "User", 0, False)
    assert not {"minCount", "maxCount"} & nodes.keys()
    assert made.ignore_changes == ()


def test_maintenance_has_its_hours() -> None:
    graph = graph_of(
        declared({"maintenance": {"day": "tuesday", "start": "22:30", "hours": 6, "utc_offset": "+01:00"}})
    )
    assert {each.inputs["configName"]: each.inputs["maintenanceWindow"] for each in graph.of_type(WINDOW)} == {
        name: {
            "schedule": {"weekly": {"dayOfWeek": "Tuesday", "intervalWeeks": 1}},
            "startTime": "22:30",
            "durationHours": 6,
            "utcOffset": "+01:00",
        }
        for name in ("aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule")
    }
    assert not list(graph_of(declared({"maintenance": None})).of_type(WINDOW))


def test_everything_that_takes_tags_has_the_owner() -> None:
    no_tags = (GRANT, WINDOW, "azure-native:monitor:DiagnosticSetting")
    tagged = [each for each in azure_resources(graph_of(declared())) if each.type not in no_tags]
    assert len(tagged) == 6
    assert all(each.inputs["tags"] == PLATFORM.aws_tags() for each in tagged)


def test_the_kubeconfig_names_kubelogin_and_holds_no_secret() -> None:
    seen: dict[str, Any] = {}

    def program(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {"cloud": "azure", "name": "west", "region": "westeurope", "aks": AKS,
                          "ownership": PLATFORM.args()}  # fmt: skip
        made = ServingCluster("prod-west", arguments, opts)
        pulumi.export("kubeconfig", made.kubeconfig)
        pulumi.export("issuer", made.identity_issuer)
        pulumi.export("pulls", made.pull_principal_id)
        pulumi.export("endpoint", made.endpoint)

    seen = dict(run_program(program).outputs)
    config = json.loads(seen["kubeconfig"])
    [user] = config["users"]
    assert user["user"]["exec"]["command"] == "kubelogin"
    assert user["user"]["exec"]["args"] == [
        "get-token", "--server-id", "6dae42f8-4368-4678-94ff-3960e28e3630", "--login", "azurecli",
        "--tenant-id", TENANT,
    ]  # fmt: skip
    assert config["clusters"][0]["cluster"]["server"] == seen["endpoint"]
    assert seen["issuer"].startswith("https://westeurope.oic.prod-aks.azure.com/")
    assert len(seen["pulls"]) == 36


def test_a_pool_on_a_cluster_of_the_same_program() -> None:
    def program(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {"cloud": "azure", "name": "west", "region": "westeurope", "subnet_id": SUBNET, "aks": AKS,
                          "ownership": PLATFORM.args()}  # fmt: skip
        made = ServingCluster("prod-west", arguments, opts)
        pool: Any = {"cloud": "azure", "name": "t4", "region": "westeurope", "cluster": "west", "accelerator": "T4",
                     "cluster_name": made.name, "ownership": PLATFORM.args(), **made.nodes}  # fmt: skip
        GpuNodePool("prod-west-t4", pool, opts)

    graph = graph_of(program)
    pool = one(graph, "azure-native:containerservice:AgentPool")
    assert waits_for(graph, pool, one(graph, CLUSTER))
    assert (pool.inputs["resourceName"], pool.inputs["vnetSubnetID"]) == ("prod-west", SUBNET)


def test_an_existing_cluster_is_reached_and_never_changed() -> None:
    def program(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {"cloud": "azure", "region": "westeurope", "name": "theirs", "resource_group": "their-group",
                          "subscription_id": SUBSCRIPTION, "ownership": PLATFORM.args()}  # fmt: skip
        made = ExistingCluster("prod-theirs", arguments, opts)
        pulumi.export("kubeconfig", made.kubeconfig)
        pulumi.export("identifier", made.identifier)
        pulumi.export("pulls", made.pull_principal_id)

    ran = run_program(program)
    assert not azure_resources(ran.graph)
    outputs = dict(ran.outputs)
    assert json.loads(outputs["kubeconfig"])["users"][0]["user"]["exec"]["command"] == "kubelogin"
    assert outputs["identifier"] == f"westeurope/{SUBSCRIPTION}/their-group/theirs"
    assert len(outputs["pulls"]) == 36


@pytest.mark.parametrize(
    ("aks", "args", "message"),
    [
        ({"resource_group": None}, {}, "ServingCluster prod-west: aks.resource_group: is missing, and AKS needs it; "
                                       "add it"),
        ({}, {"vpc_id": "vpc-0123456789abcdef0"},
         "ServingCluster prod-west: vpc_id: is for EKS, and cloud is azure; delete it"),
        ({"encrypt_secrets": False, "kms_key": KEY, "key_vault_id": VAULT}, {},
         "ServingCluster prod-west: aks: kms_key is for encrypted secrets, and encrypt_secrets is false; delete one of "
         "the two"),
        ({"key_generation": 2, "encrypt_secrets": False}, {},
         "ServingCluster prod-west: aks: key_generation is 2, of the key that is made, and none is; delete it"),
        ({"key_generation": 2, "kms_key": KEY, "key_vault_id": VAULT}, {},
         "ServingCluster prod-west: aks: key_generation is 2, of the key that is made, and none is; delete it, and "
         "write the new version in kms_key"),
        ({"encrypt_disks": True, "disk_encryption_set_id": DISKS}, {},
         "ServingCluster prod-west: aks: disk_encryption_set_id names a key for disks, and encrypt_disks makes one; "
         "delete one of the two"),
        ({"encrypt_disks": True, "encrypt_secrets": False}, {},
         "ServingCluster prod-west: aks: encrypt_disks makes a key beside that of the secrets, and encrypt_secrets is "
         "false; write disk_encryption_set_id instead"),
        ({"encrypt_disks": True, "kms_key": KEY, "key_vault_id": VAULT}, {},
         "ServingCluster prod-west: aks: encrypt_disks makes a key beside that of the secrets, and kms_key names one "
         "of your own; write disk_encryption_set_id instead"),
        ({"key_vault_private": True}, {},
         "ServingCluster prod-west: aks: key_vault_private is of the vault of kms_key, which is missing; add it, or "
         "delete this"),
        ({"key_vault_private": True, "kms_key": KEY, "key_vault_id": VAULT}, {},
         "ServingCluster prod-west: aks: key_vault_private needs api_server_subnet_id: AKS reaches a vault without a "
         "public address from there alone; add it"),
        ({"nodes": {"fips": True, "trusted_launch": True}}, {},
         "ServingCluster prod-west: aks.nodes: fips and trusted_launch are two images of AKS; write one of the two"),
        ({"kms_key": KEY}, {},
         "ServingCluster prod-west: aks: kms_key and key_vault_id go together, and key_vault_id is missing; add it"),
        ({"tier": "free", "cost_analysis": True}, {},
         "ServingCluster prod-west: aks: cost_analysis is not for tier free; delete it, or write tier: standard"),
        ({"upgrade_channel": "node_image", "node_os_upgrade_channel": "security_patch"}, {},
         "ServingCluster prod-west: aks: node_os_upgrade_channel is security_patch, and with upgrade_channel "
         "node_image AKS takes no other than node_image; delete it, or write upgrade_channel: patch"),
        ({"maintenance": {"start": "25:00"}}, {},
         "ServingCluster prod-west: aks.maintenance.start: '25:00' must be a time of day such as 01:00"),
        ({"maintenance": {"day": "someday"}}, {},
         "ServingCluster prod-west: aks.maintenance.day: 'someday' is not an allowed value; did you mean 'sunday'? "
         "Allowed: monday, tuesday, wednesday, thursday, friday, saturday, sunday"),
    ],
)  # fmt: skip
def test_mistakes_are_told_before_the_first_resource(aks: dict[str, Any], args: dict[str, Any], message: str) -> None:
    assert refusal(declared(aks, **args)) == message
