"""The service account of a GKE cluster's nodes.

Follows "Use least privilege IAM service accounts" of the GKE documentation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi

from ...governance.google_sdk import google
from ...governance.known_after import known_after
from ...resolve.names import google_account

_ROLES = {
    # Logs, metrics and what else every node writes.
    "node": "roles/container.defaultNodeServiceAccount",
    # Images of the project's own repositories.
    "images": "roles/artifactregistry.reader",
}


@dataclass(frozen=True, slots=True)
class NodeAccount:
    email: pulumi.Output[str]
    """Known once its roles are there: nodes that start before cannot write what makes them ready."""
    project: pulumi.Output[str]
    """Id of the cluster's project."""


def node_account(name: str, physical_name: str, project: str | None, parent: pulumi.Resource) -> NodeAccount:
    """An account of the cluster's own, and nothing more than nodes need."""
    account: Any = google("ServingCluster", "serviceaccount").Account(
        f"{name}-nodes",
        account_id=google_account(physical_name, "nodes"),
        display_name=f"Nodes of {physical_name}",
        project=project,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    grants = [
        google("ServingCluster", "projects").IAMMember(
            f"{name}-nodes-{key}",
            project=project or account.project,
            role=role,
            member=account.member,
            opts=pulumi.ResourceOptions(parent=parent),
        )
        for key, role in _ROLES.items()
    ]
    known = pulumi.Output.from_input(project) if project is not None else account.project
    return NodeAccount(known_after(account.email, grants), known)
