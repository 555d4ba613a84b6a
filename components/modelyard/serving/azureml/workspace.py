"""A workspace of Azure Machine Learning with all that it needs, as a Pulumi component."""

import re
from typing import Any

import pulumi

from modelyard.governance.azure_role import KEY_USER, role_definition_id
from modelyard.governance.azure_sdk import azure
from modelyard.serving.azureml.captured import captured_prefix
from modelyard.serving.azureml.workspace_args import AzureMLWorkspaceArgs
from modelyard.serving.azureml.workspace_declaration import AzureMLWorkspaceDeclaration, workspace_declaration

_COMPONENT = "AzureMLWorkspace"
_MODELS = "models"
_GENERATED_ROOM = 16
"""Characters of a name that Azure wants alone in the world, before the eight that Pulumi adds."""


class AzureMLWorkspace(pulumi.ComponentResource):
    """A workspace with its storage account, key vault, logs, traces and container registry, closed to the internet
    unless told otherwise. Whatever runs in it asks Microsoft Entra and has no key to any of them.

    Takes the provider of azure-native from ``opts``.

    Raises:
        InvalidEnvironment: arguments do not fit; before any resource is registered.
        NoAzureSdk: pulumi-azure-native is not installed.
    """

    workspace_name: pulumi.Output[str]
    """Name of the workspace, known once it is there."""
    workspace_id: pulumi.Output[str]
    """Resource id of the workspace."""
    storage_account_id: pulumi.Output[str]
    """Resource id of the storage account."""
    storage_account_name: pulumi.Output[str]
    """Name of the storage account."""
    model_container: pulumi.Output[str]
    """Container of the storage account that models are put into."""
    container_registry_id: pulumi.Output[str]
    """Resource id of the container registry; empty without one."""
    log_analytics_id: pulumi.Output[str]
    """Resource id of the Log Analytics workspace."""

    def __init__(self, name: str, args: AzureMLWorkspaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = workspace_declaration(name, args)
        tags = declared.owner.aws_tags()
        learning = azure(_COMPONENT, "machinelearningservices")
        super().__init__("modelyard:index:AzureMLWorkspace", name, {}, opts)
        made = _Parts(self, name, declared, tags)
        key, granted = made.key()
        storage, models = made.storage(granted)
        vault, registry = made.vault(), made.registry()
        logs, traces = made.logs()
        needed: dict[str, Any] = {"container_registry": registry.id} if registry is not None else {}
        workspace = learning.Workspace(
            name,
            workspace_name=declared.name,
            resource_group_name=declared.resource_group,
            location=declared.location,
            friendly_name=declared.name,
            kind="Default",
            sku={"name": "Basic", "tier": "Basic"},
            storage_account=storage.id,
            key_vault=vault.id,
            application_insights=traces.id,
            managed_network=declared.managed_network,
            public_network_access=declared.access,
            system_datastores_auth_mode="Identity",
            v1_legacy_mode=False,
            tags=tags,
            **needed,
            **key,
            opts=pulumi.ResourceOptions(parent=self, depends_on=granted),
        )
        made.private_endpoint(workspace)
        made.retention(storage, workspace)
        self.workspace_name = workspace.name
        self.workspace_id = workspace.id
        self.storage_account_id = storage.id
        self.storage_account_name = storage.name
        self.model_container = models.name
        self.container_registry_id = pulumi.Output.from_input("") if registry is None else registry.id
        self.log_analytics_id = logs.id
        self.register_outputs(
            {
                "workspaceName": self.workspace_name,
                "workspaceId": self.workspace_id,
                "storageAccountId": self.storage_account_id,
                "storageAccountName": self.storage_account_name,
                "modelContainer": self.model_container,
                "containerRegistryId": self.container_registry_id,
                "logAnalyticsId": self.log_analytics_id,
            }
        )


class _Parts:
    """What a workspace asks for, each made once."""

    def __init__(
        self, component: pulumi.Resource, name: str, declared: AzureMLWorkspaceDeclaration, tags: dict[str, str]
    ) -> None:
        self._name, self._declared = name, declared
        # Storage accounts and registries take no hyphen, and vaults no more than 24 characters.
        self._short = re.sub(r"[^a-z0-9]", "", name.lower())[:_GENERATED_ROOM]
        self._here = pulumi.ResourceOptions(parent=component)
        self._identity: Any = None
        self._place: dict[str, Any] = {
            "resource_group_name": declared.resource_group,
            "location": declared.location,
            "tags": tags,
        }

    def storage(self, granted: list[pulumi.Resource]) -> tuple[Any, Any]:
        """The account, encrypted with the workspace's key where it has one, and the container of models in it.

        Args:
            granted: what lets the workspace's identity use that key.
        """
        declared, storage = self._declared, azure(_COMPONENT, "storage")
        account = storage.StorageAccount(
            self._short,
            **self._place,
            kind="StorageV2",
            sku={"name": "Standard_ZRS" if declared.zone_redundant else "Standard_LRS"},
            minimum_tls_version="TLS1_2",
            enable_https_traffic_only=True,
            allow_blob_public_access=False,
            allow_shared_key_access=declared.uploads,
            default_to_o_auth_authentication=True,
            allow_cross_tenant_replication=False,
            public_network_access=declared.access,
            network_rule_set={
                "bypass": "AzureServices",
                "defaultAction": "Allow" if declared.public_access else "Deny",
            },
            **self._encryption(),
            opts=pulumi.ResourceOptions.merge(self._here, pulumi.ResourceOptions(depends_on=granted)),
        )
        container = storage.BlobContainer(
            self._name,
            container_name=_MODELS,
            account_name=account.name,
            resource_group_name=declared.resource_group,
            public_access="None",
            opts=self._here,
        )
        return account, container

    def _encryption(self) -> dict[str, Any]:
        """Of the storage account, whose blobs are models and what endpoints have captured."""
        key = self._declared.key
        if key is None:
            return {}
        vault_uri, _, named = key.identifier.partition("/keys/")
        name, _, version = named.partition("/")
        return {
            "identity": {"type": "UserAssigned", "userAssignedIdentities": [self._identity.id]},
            "encryption": {
                "keySource": "Microsoft.Keyvault",
                "encryptionIdentity": {"encryptionUserAssignedIdentity": self._identity.id},
                "keyVaultProperties": {"keyVaultUri": vault_uri, "keyName": name, "keyVersion": version},
                "services": {"blob": {"enabled": True}, "file": {"enabled": True}},
            },
        }

    def retention(self, account: Any, workspace: Any) -> None:
        """Deletes what endpoints have captured, each after its days; an account has one policy."""
        declared = self._declared
        if not declared.expire_captured_days:
            return
        azure(_COMPONENT, "storage").ManagementPolicy(
            self._name,
            account_name=account.name,
            resource_group_name=declared.resource_group,
            management_policy_name="default",
            policy={
                "rules": [
                    {
                        "name": f"captured-{endpoint}",
                        "enabled": True,
                        "type": "Lifecycle",
                        "definition": {
                            "actions": {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": days}}},
                            "filters": {
                                "blobTypes": ["blockBlob", "appendBlob"],
                                "prefixMatch": [captured_prefix(workspace.workspace_id, endpoint)],
                            },
                        },
                    }
                    for endpoint, days in sorted(declared.expire_captured_days.items())
                ]
            },
            opts=self._here,
        )

    def vault(self) -> Any:
        """Secrets of the workspace's connections."""
        return azure(_COMPONENT, "keyvault").Vault(
            self._short,
            **self._place,
            properties={
                "tenantId": self._declared.tenant_id,
                "sku": {"family": "A", "name": "standard"},
                "enableRbacAuthorization": True,
                "enablePurgeProtection": True,
                "enableSoftDelete": True,
                "softDeleteRetentionInDays": 90,
                "publicNetworkAccess": self._declared.access,
                "networkAcls": {
                    "bypass": "AzureServices",
                    "defaultAction": "Allow" if self._declared.public_access else "Deny",
                },
            },
            opts=self._here,
        )

    def registry(self) -> Any:
        """Images of the workspace, or None. A registry without a public address is a Premium one."""
        declared = self._declared
        if not declared.container_registry:
            return None
        premium = not declared.public_access or declared.zone_redundant
        return azure(_COMPONENT, "containerregistry").Registry(
            self._short,
            **self._place,
            sku={"name": "Premium" if premium else "Standard"},
            admin_user_enabled=False,
            anonymous_pull_enabled=False,
            public_network_access=declared.access,
            network_rule_bypass_options="AzureServices",
            zone_redundancy="Enabled" if declared.zone_redundant else "Disabled",
            opts=self._here,
        )

    def logs(self) -> tuple[Any, Any]:
        """Log Analytics, and Application Insights that writes into it."""
        logs = azure(_COMPONENT, "operationalinsights").Workspace(
            self._name,
            **self._place,
            sku={"name": "PerGB2018"},
            retention_in_days=self._declared.log_days,
            opts=self._here,
        )
        traces = azure(_COMPONENT, "applicationinsights").Component(
            self._name,
            **self._place,
            kind="web",
            application_type="web",
            ingestion_mode="LogAnalytics",
            workspace_resource_id=logs.id,
            disable_local_auth=True,
            opts=self._here,
        )
        return logs, traces

    def key(self) -> tuple[dict[str, Any], list[pulumi.Resource]]:
        """Identity and encryption of the workspace, and what must be granted before it."""
        declared = self._declared
        if declared.key is None:
            return {"identity": {"type": "SystemAssigned"}}, []
        identity = azure(_COMPONENT, "managedidentity").UserAssignedIdentity(self._name, **self._place, opts=self._here)
        self._identity = identity
        granted = azure(_COMPONENT, "authorization").RoleAssignment(
            f"{self._name}-key",
            principal_id=identity.principal_id,
            principal_type="ServicePrincipal",
            role_definition_id=role_definition_id(declared.subscription_id, KEY_USER),
            scope=declared.key.vault_id,
            opts=self._here,
        )
        encryption = {
            "status": "Enabled",
            "identity": {"userAssignedIdentity": identity.id},
            "keyVaultProperties": {
                "keyIdentifier": declared.key.identifier,
                "keyVaultArmId": declared.key.vault_id,
            },
        }
        identities = {"type": "SystemAssigned,UserAssigned", "userAssignedIdentities": [identity.id]}
        return {"identity": identities, "encryption": encryption}, [granted]

    def private_endpoint(self, workspace: Any) -> None:
        """An address of the workspace in one's own network, and its names there."""
        declared = self._declared
        if declared.private_subnet_id is None:
            return
        network = azure(_COMPONENT, "network")
        endpoint = network.PrivateEndpoint(
            self._name,
            **self._place,
            subnet={"id": declared.private_subnet_id},
            private_link_service_connections=[
                {
                    "name": declared.name,
                    "privateLinkServiceId": workspace.id,
                    "groupIds": ["amlworkspace"],
                }
            ],
            opts=self._here,
        )
        if declared.private_dns_zone_ids:
            network.PrivateDnsZoneGroup(
                self._name,
                name="default",
                private_dns_zone_group_name="default",
                private_endpoint_name=endpoint.name,
                resource_group_name=declared.resource_group,
                private_dns_zone_configs=[
                    {"name": f"zone-{position}", "privateDnsZoneId": zone}
                    for position, zone in enumerate(declared.private_dns_zone_ids)
                ],
                opts=self._here,
            )
