"""Workspaces, registries and Arc clusters of Azure ML as Pulumi sees them."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from modelyard.governance.ownership import Ownership
from modelyard.graph import ResourceGraph
from modelyard.serving.azureml.kubernetes_compute import AzureMLKubernetesCompute
from modelyard.serving.azureml.registry import AzureMLRegistry
from modelyard.serving.azureml.workspace import AzureMLWorkspace

from .program import GROUP_ID, LEARNING, SUBSCRIPTION, azure_resources, graph_of, one, refusal, run_program, waits_for

PLATFORM = Ownership("platform", "CC-1000", "prod", "ml-platform@retail.example")
ARC = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/edge/providers/Microsoft.Kubernetes/connectedClusters/factory-1"
_TENANT = "11111111-2222-4333-8444-555555555555"
_TLS = {"tls_secret": "router-tls", "tls_name": "models.factory.example"}


def workspace_arguments(**changes: Any) -> Any:
    arguments = {
        "ownership": PLATFORM.args(),
        "location": "westeurope",
        "subscription_id": SUBSCRIPTION,
        "tenant_id": _TENANT,
        "resource_group": "ml",
        **changes,
    }
    return {key: value for key, value in arguments.items() if value is not None}


def workspace(**changes: Any) -> ResourceGraph:
    return graph_of(lambda opts: AzureMLWorkspace("prod-westeurope", workspace_arguments(**changes), opts=opts))


def compute_arguments(**changes: Any) -> Any:
    arguments = {
        "ownership": PLATFORM.args(),
        "location": "westeurope",
        "resource_group": "ml",
        "workspace": "prod",
        "compute": "factory",
        "cluster": ARC,
        "extension": _TLS,
        **changes,
    }
    return {key: value for key, value in arguments.items() if value is not None}


def compute(**changes: Any) -> ResourceGraph:
    return graph_of(lambda opts: AzureMLKubernetesCompute("factory", compute_arguments(**changes), opts=opts))


def registry_arguments(**changes: Any) -> Any:
    return {
        "ownership": PLATFORM.args(),
        "registry_name": "retail-models",
        "location": "westeurope",
        "resource_group": "ml",
        **changes,
    }


def test_nothing_is_open_to_the_internet_unless_told() -> None:
    graph = workspace()
    account = one(graph, "azure-native:storage:StorageAccount").inputs
    vault = one(graph, "azure-native:keyvault:Vault").inputs["properties"]
    images = one(graph, "azure-native:containerregistry:Registry").inputs
    made = one(graph, f"{LEARNING}:Workspace").inputs
    for each in (account, vault, images, made):
        assert each["publicNetworkAccess"] == "Disabled"
    assert account["networkRuleSet"]["defaultAction"] == vault["networkAcls"]["defaultAction"] == "Deny"
    assert (account["allowBlobPublicAccess"], account["minimumTlsVersion"]) == (False, "TLS1_2")
    assert (vault["enablePurgeProtection"], vault["enableRbacAuthorization"]) == (True, True)
    assert (images["sku"], images["adminUserEnabled"], images["anonymousPullEnabled"]) == (
        {"name": "Premium"}, False, False,
    )  # fmt: skip
    assert made["managedNetwork"] == {"isolationMode": "AllowInternetOutbound"}
    assert made["systemDatastoresAuthMode"] == "Identity"
    assert made["identity"] == {"type": "SystemAssigned"}


def test_the_workspace_waits_for_what_it_names() -> None:
    graph = workspace()
    made = one(graph, f"{LEARNING}:Workspace")
    for type_ in ("storage:StorageAccount", "keyvault:Vault", "applicationinsights:Component",
                  "containerregistry:Registry", "operationalinsights:Workspace"):  # fmt: skip
        assert waits_for(graph, made, one(graph, f"azure-native:{type_}"))
    assert made.inputs["workspaceName"] == "prod-westeurope"


def test_public_access_opens_everything() -> None:
    graph = workspace(public_access=True)
    assert one(graph, "azure-native:containerregistry:Registry").inputs["sku"] == {"name": "Standard"}
    assert one(graph, "azure-native:storage:StorageAccount").inputs["networkRuleSet"]["defaultAction"] == "Allow"


@pytest.mark.parametrize(("uploads", "keys"), [(None, True), (True, True), (False, False)])
def test_the_storage_account_takes_keys_for_uploads_alone(uploads: bool | None, keys: bool) -> None:
    account = one(workspace(uploads=uploads), "azure-native:storage:StorageAccount")
    assert account.inputs["allowSharedKeyAccess"] is keys


def test_a_key_of_ones_own_is_granted_before_the_workspace_is_made() -> None:
    vault = f"{GROUP_ID}/providers/Microsoft.KeyVault/vaults/keys"
    identifier = f"https://keys.vault.azure.net/keys/models/{'0' * 32}"
    graph = workspace(key={"identifier": identifier, "vault_id": vault})
    made = one(graph, f"{LEARNING}:Workspace")
    granted = one(graph, "azure-native:authorization:RoleAssignment")
    assert granted.inputs["scope"] == vault
    assert granted.inputs["roleDefinitionId"].endswith("e147488a-f6f5-4113-8e2d-b22465e65bf6")
    assert waits_for(graph, made, granted)
    assert made.inputs["encryption"]["status"] == "Enabled"
    assert made.inputs["encryption"]["keyVaultProperties"] == {"keyIdentifier": identifier, "keyVaultArmId": vault}
    [identity] = made.inputs["identity"]["userAssignedIdentities"]
    assert made.inputs["encryption"]["identity"] == {"userAssignedIdentity": identity}
    account = one(graph, "azure-native:storage:StorageAccount")
    assert waits_for(graph, account, granted)
    assert account.inputs["encryption"]["encryptionIdentity"] == {"encryptionUserAssignedIdentity": identity}
    assert account.inputs["encryption"]["keyVaultProperties"] == {
        "keyVaultUri": "https://keys.vault.azure.net",
        "keyName": "models",
        "keyVersion": "0" * 32,
    }


def test_what_endpoints_capture_is_deleted_after_its_days() -> None:
    graph = workspace(expire_captured_days={"sentiment": 30, "fraud": 7})
    policy = one(graph, "azure-native:storage:ManagementPolicy").inputs
    assert policy["managementPolicyName"] == "default"
    rules = {rule["name"]: rule["definition"] for rule in policy["policy"]["rules"]}
    days = {name: rule["actions"]["baseBlob"]["delete"] for name, rule in rules.items()}
    assert days == {
        "captured-fraud": {"daysAfterModificationGreaterThan": 7},
        "captured-sentiment": {"daysAfterModificationGreaterThan": 30},
    }
    assert rules["captured-fraud"]["filters"]["blobTypes"] == ["blockBlob", "appendBlob"]
    assert not workspace().of_type("azure-native:storage:ManagementPolicy")


def test_a_private_endpoint_has_names() -> None:
    zone = f"{GROUP_ID}/providers/Microsoft.Network/privateDnsZones/privatelink.api.azureml.ms"
    subnet = f"{GROUP_ID}/providers/Microsoft.Network/virtualNetworks/v/subnets/s"
    graph = workspace(private_subnet_id=subnet, private_dns_zone_ids=[zone])
    endpoint = one(graph, "azure-native:network:PrivateEndpoint")
    assert endpoint.inputs["subnet"] == {"id": subnet}
    [connection] = endpoint.inputs["privateLinkServiceConnections"]
    assert connection["groupIds"] == ["amlworkspace"]
    assert waits_for(graph, endpoint, one(graph, f"{LEARNING}:Workspace"))
    zones = one(graph, "azure-native:network:PrivateDnsZoneGroup").inputs
    assert zones["privateDnsZoneConfigs"] == [{"name": "zone-0", "privateDnsZoneId": zone}]


def test_only_approved_hosts_may_be_called() -> None:
    graph = workspace(isolation="allow_only_approved_outbound", outbound_hosts=["files.example.org"])
    assert one(graph, f"{LEARNING}:Workspace").inputs["managedNetwork"] == {
        "isolationMode": "AllowOnlyApprovedOutbound",
        "outboundRules": {
            "files-example-org": {"type": "FQDN", "destination": "files.example.org", "category": "UserDefined"}
        },
    }


def test_a_registry_is_in_each_of_its_locations() -> None:
    graph = graph_of(lambda opts: AzureMLRegistry("models", registry_arguments(replicas=["eastus"]), opts=opts))
    made = one(graph, f"{LEARNING}:Registry").inputs
    assert made["publicNetworkAccess"] == "Disabled"
    assert [each["location"] for each in made["regionDetails"]] == ["westeurope", "eastus"]
    assert made["regionDetails"][0]["storageAccountDetails"] == [
        {
            "systemCreatedStorageAccount": {
                "storageAccountType": "Standard_LRS",
                "storageAccountHnsEnabled": False,
                "allowBlobPublicAccess": False,
            }
        }
    ]


def test_an_arc_cluster_gets_its_extension_and_is_then_attached() -> None:
    graph = compute(
        namespace="models",
        instance_types={
            "cpu-small": {},
            "gpu": {"cpu": 8, "memory_gib": 32, "gpus": 1, "node_selector": {"gpu": "a2"}},
        },
    )
    extension = one(graph, "azure-native:kubernetesconfiguration:Extension")
    attached = one(graph, f"{LEARNING}:Compute")
    assert waits_for(graph, attached, extension)
    told = extension.inputs
    assert (told["extensionType"], told["clusterRp"], told["clusterResourceName"]) == (
        "Microsoft.AzureML.Kubernetes", "Microsoft.Kubernetes", "connectedClusters",
    )  # fmt: skip
    assert (told["clusterName"], told["resourceGroupName"]) == ("factory-1", "edge")
    assert told["configurationSettings"] == {
        "enableTraining": "False",
        "enableInference": "True",
        "inferenceRouterServiceType": "nodePort",
        "inferenceRouterHA": "True",
        "allowInsecureConnections": "False",
        "installNvidiaDevicePlugin": "False",
        "installPromOp": "False",
        "installVolcano": "False",
        "sslSecret": "router-tls",
        "sslCname": "models.factory.example",
    }
    assert attached.inputs["properties"] == {
        "computeType": "Kubernetes",
        "resourceId": ARC,
        "disableLocalAuth": True,
        "properties": {
            "namespace": "models",
            "defaultInstanceType": "cpu-small",
            "instanceTypes": {
                "cpu-small": {
                    "resources": {
                        "requests": {"cpu": "2", "memory": "8Gi"},
                        "limits": {"cpu": "2", "memory": "8Gi"},
                    }
                },
                "gpu": {
                    "resources": {
                        "requests": {"cpu": "8", "memory": "32Gi", "nvidia.com/gpu": "1"},
                        "limits": {"cpu": "8", "memory": "32Gi", "nvidia.com/gpu": "1"},
                    },
                    "nodeSelector": {"gpu": "a2"},
                },
            },
        },
    }


def test_an_extension_of_somebody_elses_is_left_alone() -> None:
    graph = compute(extension=None, extension_installed=True)
    assert not graph.of_type("azure-native:kubernetesconfiguration:Extension")
    assert one(graph, f"{LEARNING}:Compute").inputs["properties"]["resourceId"] == ARC


@pytest.mark.parametrize(("version", "upgrades"), [(None, True), ("1.1.60", False)], ids=["newest", "pinned"])
def test_an_extension_upgrades_itself_or_is_pinned(version: str | None, upgrades: bool) -> None:
    extension = {**_TLS} if version is None else {**_TLS, "version": version}
    made = one(compute(extension=extension), "azure-native:kubernetesconfiguration:Extension").inputs
    assert made["autoUpgradeMinorVersion"] is upgrades
    assert made.get("version") == version


def test_everything_that_can_be_tagged_is() -> None:
    key = {"identifier": f"https://keys.vault.azure.net/keys/models/{'0' * 32}", "vault_id": f"{GROUP_ID}/vault"}
    subnet = f"{GROUP_ID}/providers/Microsoft.Network/virtualNetworks/v/subnets/s"

    def declare(opts: pulumi.ResourceOptions) -> None:
        AzureMLWorkspace("prod", workspace_arguments(key=key, private_subnet_id=subnet), opts=opts)
        AzureMLRegistry("models", registry_arguments(), opts=opts)
        AzureMLKubernetesCompute("factory", compute_arguments(), opts=opts)

    graph = run_program(declare).graph
    untagged = {each.type.rpartition(":")[2] for each in azure_resources(graph) if "tags" not in each.inputs}
    assert untagged == {"RoleAssignment", "BlobContainer", "Extension"}
    for each in azure_resources(graph):
        assert each.inputs.get("tags", {}).get("department", "platform") == "platform"


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        (
            {"extension": None},
            ["AzureMLKubernetesCompute factory: the Arc cluster 'factory-1' has no extension "
             "Microsoft.AzureML.Kubernetes, without which nothing of Azure ML runs there; declare extension: "
             "{tls_secret: <secret>, tls_name: <host>}, or extension_installed: true where it is there already"],
        ),
        (
            {"extension_installed": True},
            ["AzureMLKubernetesCompute factory: the extension of the Arc cluster 'factory-1' is installed already, and "
             "extension has settings for another; keep one of extension and extension_installed"],
        ),
        (
            {"extension": {"tls_name": "models.factory.example"}},
            ["AzureMLKubernetesCompute factory: extension: tls_secret is missing, and the router answers over HTTPS; "
             "name the certificate's secret and host in tls_secret and tls_name, or write insecure: true for a trial"],
        ),
        (
            {"extension": {**_TLS, "insecure": True}},
            ["AzureMLKubernetesCompute factory: extension: insecure is for plain HTTP, and a certificate is named too; "
             "keep one of them"],
        ),
        (
            {"cluster": "factory-1", "compute": "f"},
            ["AzureMLKubernetesCompute factory: compute: 'f' has 1 characters, and a compute of Azure ML has 3 to 32; "
             "shorten or lengthen it",
             "AzureMLKubernetesCompute factory: cluster: 'factory-1' must be the resource id of an Arc cluster: "
             "/subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.Kubernetes/connectedClusters/<name>"],
        ),
        (
            {"extension": {**_TLS, "router": "ingress"}},
            ["AzureMLKubernetesCompute factory: extension.router: 'ingress' is not an allowed value; allowed: "
             "loadBalancer, nodePort, clusterIP"],
        ),
    ],
)  # fmt: skip
def test_a_cluster_that_cannot_serve_is_refused(changes: dict[str, Any], sentences: list[str]) -> None:
    said = refusal(lambda opts: AzureMLKubernetesCompute("factory", compute_arguments(**changes), opts=opts))
    assert sorted(said.splitlines()) == sorted(sentences)


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        (
            {"workspace_name": "p"},
            ["AzureMLWorkspace prod: workspace_name: 'p' is no name of a workspace or registry; allowed are 3 to 33 "
             "letters, digits, hyphens and underscores, beginning with a letter or digit"],
        ),
        (
            {"outbound_hosts": ["files.example.org"], "private_dns_zone_ids": ["zone"]},
            ["AzureMLWorkspace prod: outbound_hosts are for isolation allow_only_approved_outbound, and isolation is "
             "allow_internet_outbound; delete them, or change it; and private_dns_zone_ids are for a private endpoint; "
             "name its subnet in private_subnet_id"],
        ),
        (
            {"isolation": "alow_internet_outbound", "log_days": 7},
            ["AzureMLWorkspace prod: isolation: 'alow_internet_outbound' is not an allowed value; did you mean "
             "'allow_internet_outbound'? Allowed: disabled, allow_internet_outbound, allow_only_approved_outbound",
             "AzureMLWorkspace prod: log_days: must be at least 30, not 7"],
        ),
        (
            {"key": {"identifier": "https://keys.vault.azure.net/keys/models", "vault_id": "id"}},
            ["AzureMLWorkspace prod: key.identifier: 'https://keys.vault.azure.net/keys/models' must be a key of Key "
             "Vault with its version: https://<vault>.vault.azure.net/keys/<name>/<version>"],
        ),
    ],
)  # fmt: skip
def test_a_workspace_that_cannot_be_is_refused(changes: dict[str, Any], sentences: list[str]) -> None:
    said = refusal(lambda opts: AzureMLWorkspace("prod", workspace_arguments(**changes), opts=opts))
    assert sorted(said.splitlines()) == sorted(sentences)


def test_a_registry_names_each_location_once() -> None:
    said = refusal(
        lambda opts: AzureMLRegistry("models", registry_arguments(replicas=["eastus", "westeurope"]), opts=opts)
    )
    assert said == (
        "AzureMLRegistry models: westeurope is named more than once among location and replicas; delete one"
    )
