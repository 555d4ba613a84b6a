"""Arguments of a workspace, checked and completed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from ...environment.declaration import Declaration
from ...environment.known_name import refusal
from ...environment.patterns import AZURE_LOCATION_PATTERN, HOSTNAME_PATTERN, KEY_VAULT_KEY_PATTERN, UUID_PATTERN
from ...governance.arguments import read_arguments
from ...governance.ownership import Ownership
from .workspace_args import AzureMLWorkspaceArgs

Isolation = Literal["disabled", "allow_internet_outbound", "allow_only_approved_outbound"]
_ISOLATION = {
    "disabled": "Disabled",
    "allow_internet_outbound": "AllowInternetOutbound",
    "allow_only_approved_outbound": "AllowOnlyApprovedOutbound",
}


def workspace_name(name: str) -> str:
    """The name, which a workspace or a registry may have; for validators."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{2,32}", name):
        raise refusal(
            f"{name!r} is no name of a workspace or registry; allowed are 3 to 33 letters, digits, "
            "hyphens and underscores, beginning with a letter or digit"
        )
    return name


ResourceName = Annotated[str, AfterValidator(workspace_name)]


class AzureMLKeyDeclaration(Declaration):
    """Same keys as :class:`~modelyard.serving.azureml.workspace_args.AzureMLKeyArgs`."""

    identifier: Annotated[str, StringConstraints(pattern=KEY_VAULT_KEY_PATTERN)]
    vault_id: Any


class AzureMLWorkspaceDeclaration(Declaration):
    """Same keys as :class:`~modelyard.serving.azureml.workspace_args.AzureMLWorkspaceArgs`."""

    ownership: Mapping[str, Any]
    location: Annotated[str, StringConstraints(pattern=AZURE_LOCATION_PATTERN)]
    subscription_id: Annotated[str, StringConstraints(pattern=UUID_PATTERN)]
    tenant_id: Annotated[str, StringConstraints(pattern=UUID_PATTERN)]
    resource_group: Any
    workspace_name: ResourceName | None = None
    public_access: bool = False
    isolation: Isolation = "allow_internet_outbound"
    outbound_hosts: list[Annotated[str, StringConstraints(pattern=HOSTNAME_PATTERN)]] = []
    key: AzureMLKeyDeclaration | None = None
    private_subnet_id: Any = None
    private_dns_zone_ids: list[Any] = []
    container_registry: bool = True
    uploads: bool = True
    zone_redundant: bool = False
    expire_captured_days: Annotated[Mapping[str, Annotated[int, Field(ge=1, le=3650)]], Field(max_length=100)] = {}
    log_days: Annotated[int, Field(ge=30, le=730)] = 30

    @property
    def owner(self) -> Ownership:
        return Ownership.of(self.ownership)  # type: ignore[arg-type]

    @property
    def name(self) -> str:
        """Of the workspace."""
        return self.workspace_name or f"{self.owner.environment}-{self.location}"

    @property
    def access(self) -> str:
        """``publicNetworkAccess`` of everything."""
        return "Enabled" if self.public_access else "Disabled"

    @property
    def managed_network(self) -> dict[str, Any]:
        """``managedNetwork`` of the workspace."""
        made: dict[str, Any] = {"isolationMode": _ISOLATION[self.isolation]}
        if self.outbound_hosts:
            made["outboundRules"] = {
                host.replace(".", "-"): {"type": "FQDN", "destination": host, "category": "UserDefined"}
                for host in self.outbound_hosts
            }
        return made

    @model_validator(mode="after")
    def _fits(self) -> AzureMLWorkspaceDeclaration:
        problems = []
        if self.outbound_hosts and self.isolation != "allow_only_approved_outbound":
            problems.append(
                f"outbound_hosts are for isolation allow_only_approved_outbound, and isolation is {self.isolation}; "
                "delete them, or change it"
            )
        if self.private_dns_zone_ids and self.private_subnet_id is None:
            problems.append("private_dns_zone_ids are for a private endpoint; name its subnet in private_subnet_id")
        if problems:
            raise ValueError("; and ".join(problems))
        return self


def workspace_declaration(name: str, args: AzureMLWorkspaceArgs) -> AzureMLWorkspaceDeclaration:
    """The arguments with their defaults.

    Raises:
        InvalidEnvironment: unknown keys, missing keys or values that do not fit, all at once.
    """
    return read_arguments(AzureMLWorkspaceDeclaration, args, AzureMLWorkspaceArgs, f"AzureMLWorkspace {name}")
