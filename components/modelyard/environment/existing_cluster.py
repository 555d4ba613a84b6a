"""A cluster that somebody else owns."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import StringConstraints, Tag

from .alternatives import alternatives
from .arc import ArcConnection
from .declaration import Declaration
from .patterns import (
    AZURE_GROUP_PATTERN,
    EKS_NAME_PATTERN,
    GOOGLE_PROJECT_PATTERN,
    HTTPS_PATTERN,
    NAME_PATTERN,
    ONE_LINE_PATTERN,
    ROLE_ARN_PATTERN,
    UUID_PATTERN,
)
from .secret import SecretReference

RoleArn = Annotated[str, StringConstraints(pattern=ROLE_ARN_PATTERN)]


class ExistingEks(Declaration):
    """An EKS cluster by name; Modelyard adds pools and services and owns nothing else."""

    name: Annotated[str, StringConstraints(pattern=EKS_NAME_PATTERN, max_length=100)]
    node_role_arn: RoleArn | None = None
    """IAM role of nodes that are added, which the cluster lets in already: with pools of its own Karpenter the role
    that this one may hand out. Default: a role is made, which EKS lets in with the first managed pool, and
    node_autoscaler: karpenter by an entry of its own."""
    auto_mode_role_arn: RoleArn | None = None
    """IAM role of the nodes that EKS Auto Mode starts there; pools with provisioner auto_mode need it."""


class ExistingGke(Declaration):
    """A GKE cluster by name and place; Modelyard adds pools and services and owns nothing else."""

    name: Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=40)]
    location: Annotated[str, StringConstraints(pattern=ONE_LINE_PATTERN, min_length=1, max_length=40)]
    """Its region, or its zone where it is zonal."""
    project: Annotated[str, StringConstraints(pattern=GOOGLE_PROJECT_PATTERN)] | None = None
    """Default: that of gke.project or managed.gcp."""


class ExistingAks(Declaration):
    """An AKS cluster by name and resource group; Modelyard adds pools and services and owns nothing else."""

    name: Annotated[str, StringConstraints(pattern=EKS_NAME_PATTERN, max_length=63)]
    resource_group: Annotated[str, StringConstraints(pattern=AZURE_GROUP_PATTERN)]
    subscription_id: Annotated[str, StringConstraints(pattern=UUID_PATTERN)] | None = None
    """Default: that of aks.subscription_id or managed.azure."""


class ExistingKubeconfig(Declaration):
    """Any cluster that a kubeconfig reaches. GPU pools cannot be added to it."""

    kubeconfig: SecretReference
    context: str | None = None
    identity_issuer: Annotated[str, StringConstraints(pattern=HTTPS_PATTERN, max_length=512)] | None = None
    """cloud: azure, needed there: address of the issuer of its service accounts' tokens, which Microsoft Entra asks for
    keys; a cluster with Azure Arc has one. Models' pods read their files by such tokens."""
    arc: ArcConnection | None = None
    """For a cluster on one's own premises: its record in Azure. Default: none."""


def _kind_of_existing(value: Any) -> str | None:
    for kind, tag in _TAGS.items():
        if isinstance(value, kind):
            return tag
    if not isinstance(value, dict):
        return None
    keys = value.keys()
    if {"kubeconfig", "context", "arc"} & keys:
        return "(kubeconfig)"
    if {"node_role_arn", "auto_mode_role_arn"} & keys:
        return "(eks)"
    if {"location", "project"} & keys:
        return "(gke)"
    return "(aks)" if {"resource_group", "subscription_id"} & keys else "(eks)"


_TAGS = {ExistingEks: "(eks)", ExistingGke: "(gke)", ExistingAks: "(aks)", ExistingKubeconfig: "(kubeconfig)"}

ExistingCluster = Annotated[
    Annotated[ExistingEks, Tag("(eks)")]
    | Annotated[ExistingGke, Tag("(gke)")]
    | Annotated[ExistingAks, Tag("(aks)")]
    | Annotated[ExistingKubeconfig, Tag("(kubeconfig)")],
    alternatives(
        _kind_of_existing,
        "{name: <EKS cluster>}, {name: <GKE cluster>, location: <region or zone>}, {name: <AKS cluster>, "
        "resource_group: <group>} or {kubeconfig: <reference to a secret>}",
    ),
]
"""A cluster of EKS, GKE or AKS by name, or any cluster by kubeconfig."""
