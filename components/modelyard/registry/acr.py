"""An Azure Container Registry: Premium, without an administrator's password and without anonymous pulls.

Follows the documentation of Azure Container Registry.
"""

from __future__ import annotations

import base64
import re
from typing import Any

import pulumi

from ..catalog.regions import without_zones
from ..catalog.registry_upstreams import upstreams
from ..environment.image_registry import ImageRegistry
from ..environment.image_upstream import ImageUpstream
from ..governance.azure_role import ACR_PULL, KEY_USER, role_definition_id
from ..governance.azure_sdk import azure
from ..governance.ownership import Ownership
from ..resolve.image_registry import replicas_in
from .container_registry_args import ContainerRegistryArgs
from .made_registry import MadeRegistry
from .puller import pullers

_COMPONENT = "ContainerRegistry"
_NAME_ROOM = 42
"""Characters of a registry's name before the eight that Pulumi adds."""
_LOGS = ("ContainerRegistryLoginEvents", "ContainerRegistryRepositoryEvents")
_WEEKLY = "0 3 * * 0"
_TASK_SECONDS = 3600


def acr(
    name: str, declared: ImageRegistry, args: ContainerRegistryArgs, ownership: Ownership, parent: pulumi.Resource
) -> MadeRegistry:
    """One registry for the region; repositories come into being with their first image."""
    made = _Registry(name, declared, args, ownership, parent)
    registry = made.registry()
    made.replicas(registry)
    made.cleaning(registry)
    made.pullers(registry)
    made.private_endpoint(registry)
    made.logs(registry)
    made.defender()
    for upstream in declared.pull_through:
        made.cache(registry, upstream)
    base = pulumi.Output.concat(registry.login_server, f"/{ownership.environment}/")
    return MadeRegistry(
        {each: pulumi.Output.concat(base, each) for each in declared.repositories},
        {each.name: pulumi.Output.concat(base, each.name) for each in declared.pull_through},
        registry.id,
    )


class _Registry:
    """The registry and what belongs to it, each as it is written down."""

    def __init__(
        self,
        name: str,
        declared: ImageRegistry,
        args: ContainerRegistryArgs,
        ownership: Ownership,
        parent: pulumi.Resource,
    ) -> None:
        self._name, self._declared, self._args, self._ownership = name, declared, args, ownership
        self._here = pulumi.ResourceOptions(parent=parent)
        self._sdk: Any = azure(_COMPONENT, "containerregistry")
        self._group = args.get("resource_group", "")
        self._subscription = args.get("subscription_id", "")
        self._place: dict[str, Any] = {
            "resource_group_name": self._group,
            "location": args["region"],
            "tags": ownership.aws_tags(),
        }
        self._subnet = args.get("private_subnet_id") or declared.acr.private_subnets.get(args["region"])

    def registry(self) -> Any:
        """Premium: all that follows needs it."""
        own, key = self._declared.acr, self._key()
        named = self._args.get("registry_name")
        return self._sdk.Registry(
            self._name if named else re.sub(r"[^a-z0-9]", "", self._name.lower())[:_NAME_ROOM],
            **({"registry_name": named} if named else {}),
            **self._place,
            sku={"name": "Premium"},
            admin_user_enabled=False,
            anonymous_pull_enabled=False,
            data_endpoint_enabled=self._subnet is not None,
            public_network_access="Enabled" if own.public_access else "Disabled",
            network_rule_bypass_options="AzureServices",
            zone_redundancy=self._zones(self._args["region"]),
            policies=policies(self._declared),
            **key,
            opts=self._here,
        )

    def replicas(self, registry: Any) -> None:
        """The same registry, by the same name, in further locations."""
        for location in replicas_in(self._declared, "azure", self._args["region"]):
            self._sdk.Replication(
                f"{self._name}-{location}",
                registry_name=registry.name,
                replication_name=location,
                resource_group_name=self._group,
                location=location,
                zone_redundancy=self._zones(location),
                region_endpoint_enabled=True,
                tags=self._ownership.aws_tags(),
                opts=self._here,
            )

    def cleaning(self, registry: Any) -> None:
        """A weekly task that keeps the newest tags: no policy of Azure counts images."""
        self._sdk.Task(
            f"{self._name}-purge",
            task_name="purge",
            registry_name=registry.name,
            **self._place,
            status="Enabled",
            platform={"os": "Linux", "architecture": "amd64"},
            agent_configuration={"cpu": 2},
            timeout=_TASK_SECONDS,
            step={
                "type": "EncodedTask",
                "encoded_task_content": base64.b64encode(
                    purge_task(self._declared, self._ownership.environment).encode()
                ).decode(),
            },
            trigger={"timer_triggers": [{"name": "weekly", "schedule": _WEEKLY, "status": "Enabled"}]},
            opts=self._here,
        )

    def pullers(self, registry: Any) -> None:
        """AcrPull for each identity, on this registry alone."""
        base = f"{self._name}-pull"
        for puller in pullers(self._args.get("pull_principal_ids", []), self._args.get("puller_names")):
            azure(_COMPONENT, "authorization").RoleAssignment(
                f"{base}-{puller.name}",
                principal_id=puller.identity,
                principal_type="ServicePrincipal",
                role_definition_id=role_definition_id(self._subscription, ACR_PULL),
                scope=registry.id,
                opts=pulumi.ResourceOptions.merge(
                    self._here, pulumi.ResourceOptions(aliases=[pulumi.Alias(name=f"{base}-{puller.place}")])
                ),
            )

    def cache(self, registry: Any, upstream: ImageUpstream) -> None:
        """A rule for all images of an upstream, with its credentials where there are any."""
        given, credentials = upstream.credentials, None
        if given is not None and given.key_vault_password is not None:
            credentials = self._sdk.CredentialSet(
                f"{self._name}-{upstream.name}",
                credential_set_name=upstream.name,
                registry_name=registry.name,
                resource_group_name=self._group,
                # Its own identity reads the two secrets; whoever keeps the vault grants it Key Vault Secrets User.
                identity={"type": "SystemAssigned"},
                login_server=upstreams("azure")[upstream.upstream].url,
                auth_credentials=[
                    {
                        "name": "Credential1",
                        "username_secret_identifier": given.key_vault_user,
                        "password_secret_identifier": given.key_vault_password,
                    }
                ],
                opts=self._here,
            )
        self._sdk.CacheRule(
            f"{self._name}-{upstream.name}",
            cache_rule_name=upstream.name,
            registry_name=registry.name,
            resource_group_name=self._group,
            source_repository=f"{upstreams('azure')[upstream.upstream].url}/*",
            target_repository=f"{self._ownership.environment}/{upstream.name}/*",
            credential_set_resource_id=None if credentials is None else credentials.id,
            opts=self._here,
        )

    def private_endpoint(self, registry: Any) -> None:
        """An address in one's own network."""
        if self._subnet is None:
            return
        network = azure(_COMPONENT, "network")
        endpoint = network.PrivateEndpoint(
            self._name,
            **self._place,
            subnet={"id": self._subnet},
            private_link_service_connections=[
                {"name": self._name, "privateLinkServiceId": registry.id, "groupIds": ["registry"]}
            ],
            opts=self._here,
        )
        zones = self._args.get("private_dns_zone_ids") or self._declared.acr.private_dns_zone_ids
        if zones:
            network.PrivateDnsZoneGroup(
                self._name,
                name="default",
                private_dns_zone_group_name="default",
                private_endpoint_name=endpoint.name,
                resource_group_name=self._group,
                private_dns_zone_configs=[
                    {"name": f"zone-{position}", "privateDnsZoneId": zone} for position, zone in enumerate(zones)
                ],
                opts=self._here,
            )

    def logs(self, registry: Any) -> None:
        """Who did what; a diagnostic setting takes no tags."""
        workspace = self._declared.acr.log_analytics_workspace_id
        if workspace is None:
            return
        azure(_COMPONENT, "monitor").DiagnosticSetting(
            self._name,
            resource_uri=registry.id,
            workspace_id=workspace,
            logs=[{"category": category, "enabled": True} for category in _LOGS],
            opts=self._here,
        )

    def defender(self) -> None:
        """The subscription's plan. Azure has one for ever, so that destroying the program leaves it as it is."""
        if not self._declared.acr.defender:
            return
        azure(_COMPONENT, "security").Pricing(
            self._name,
            scope_id=f"subscriptions/{self._subscription}",
            pricing_name="Containers",
            pricing_tier="Standard",
            opts=pulumi.ResourceOptions.merge(self._here, pulumi.ResourceOptions(retain_on_delete=True)),
        )

    def _zones(self, location: str) -> str:
        wanted = self._declared.acr.zone_redundant and not without_zones("azure", location)
        return "Enabled" if wanted else "Disabled"

    def _key(self) -> dict[str, Any]:
        """Identity and encryption, once the identity may use the key."""
        key, vault = self._args.get("kms_key"), self._args.get("key_vault_id")
        if key is None or vault is None:
            return {}
        identity = azure(_COMPONENT, "managedidentity").UserAssignedIdentity(self._name, **self._place, opts=self._here)
        granted = azure(_COMPONENT, "authorization").RoleAssignment(
            f"{self._name}-key",
            principal_id=identity.principal_id,
            principal_type="ServicePrincipal",
            role_definition_id=role_definition_id(self._subscription, KEY_USER),
            scope=vault,
            opts=self._here,
        )
        # The registry is refused while its identity may not use the key.
        usable = pulumi.Output.all(identity.client_id, granted.id).apply(lambda known: known[0])
        return {
            "identity": {
                "type": "UserAssigned",
                "user_assigned_identities": identity.id.apply(lambda made: {made: {}}),
            },
            "encryption": {
                "status": "enabled",
                "key_vault_properties": {"identity": usable, "key_identifier": key},
            },
        }


def policies(declared: ImageRegistry) -> dict[str, Any]:
    """``policies`` of the registry. Content trust is left off: Azure takes no new registries into it, and signatures
    are verified where images run (:class:`~modelyard.registry.image_verification.ImageVerification`)."""
    own = declared.acr
    soft = own.soft_delete_days
    return {
        "export_policy": {"status": "enabled" if own.export else "disabled"},
        "quarantine_policy": {"status": "enabled" if own.quarantine else "disabled"},
        # Azure has one of the two at a time.
        "retention_policy": {"status": "enabled", "days": declared.expire_untagged_days}
        if soft is None
        else {"status": "disabled"},
        "soft_delete_policy": {"status": "disabled"} if soft is None else {"status": "enabled", "retention_days": soft},
    }


def purge_task(declared: ImageRegistry, environment: str) -> str:
    """The task's file: for each repository, tags beyond the newest go. What has no tag then goes by the registry's own
    policy, after ``expire_untagged_days``; at once where Azure has none beside soft deletion."""
    untagged = "" if declared.acr.soft_delete_days is None else " --untagged"
    lines = ["version: v1.1.0", "steps:"]
    for repository in declared.repositories:
        # The filter is a regular expression, and of its letters names have the dot alone.
        exact = f"{environment}/{repository}".replace(".", "[.]")
        lines += [
            f"  - cmd: acr purge --filter '{exact}:.*' --ago 0d --keep {declared.keep_tagged_images}{untagged}",
            "    disableWorkingDirectoryOverride: true",
            f"    timeout: {_TASK_SECONDS}",
        ]
    return "\n".join(lines) + "\n"
