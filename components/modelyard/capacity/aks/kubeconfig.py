"""How to reach the API of a cluster of AKS.

Follows "Use kubelogin to authenticate users in AKS".
"""

from __future__ import annotations

import base64
import json
from typing import Any

import pulumi
import yaml

from ...governance.azure_sdk import azure

_SERVER_ID = "6dae42f8-4368-4678-94ff-3960e28e3630"
"""Application that stands for the API servers of all clusters of AKS in every tenant ("AKS Microsoft Entra Server")."""


def known_cluster(
    resource_group: pulumi.Input[str], name: pulumi.Input[str], parent: pulumi.Resource
) -> pulumi.Output[dict[str, str]]:
    """``server`` (with ``https://``) and ``certificate_authority`` (base64), from the kubeconfig that AKS gives users.

    That kubeconfig holds no credential where local accounts are off, and nothing else of it is used.
    """
    answer = azure("ServingCluster", "containerservice").list_managed_cluster_user_credentials_output(
        resource_group_name=resource_group, resource_name=name, opts=pulumi.InvokeOptions(parent=parent)
    )
    return pulumi.Output.unsecret(answer.kubeconfigs.apply(lambda found: _cluster(found[0].value)))


def _cluster(text: str) -> dict[str, str]:
    cluster: Any = yaml.safe_load(base64.b64decode(text))["clusters"][0]["cluster"]
    return {"server": cluster["server"], "certificate_authority": cluster["certificate-authority-data"]}


def aks_kubeconfig(name: str, server: str, ca: str, tenant_id: str | None) -> str:
    """A kubeconfig, as JSON text, that holds no credential: kubelogin asks Microsoft Entra for a token when it is used,
    as whoever is logged in with the Azure CLI; its environment variable AAD_LOGIN_METHOD chooses another way.

    Args:
        name: physical name of the cluster.
        server: ``https://...`` address of its API.
        ca: its certificate authority, base64.
        tenant_id: Microsoft Entra tenant; None: that of the login.
    """
    token = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "kubelogin",
        "args": [
            "get-token",
            "--server-id",
            _SERVER_ID,
            "--login",
            "azurecli",
            *(("--tenant-id", tenant_id) if tenant_id is not None else ()),
        ],
        "interactiveMode": "Never",
        "installHint": "kubelogin is at https://azure.github.io/kubelogin",
    }
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": {"server": server, "certificate-authority-data": ca}}],
            "users": [{"name": name, "user": {"exec": token}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        }
    )
