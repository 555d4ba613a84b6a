"""How to reach a cluster's API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi

if TYPE_CHECKING:
    import pulumi_kubernetes as kubernetes


def kubeconfig(name: str, endpoint: str, ca: str, region: str, *, tunnel_port: int | None = None) -> str:
    """A kubeconfig, as JSON text, that holds no credential: the AWS CLI signs a token when it is used.

    Args:
        name: physical name of the EKS cluster.
        endpoint: ``https://...`` address of its API.
        ca: its certificate authority, base64 as EKS gives it.
        region: its AWS region.
        tunnel_port: local port of a tunnel to the endpoint (the bastion's); None: straight to the endpoint.
    """
    cluster: dict[str, Any] = {"server": endpoint, "certificate-authority-data": ca}
    if tunnel_port is not None:
        cluster["server"] = f"https://127.0.0.1:{tunnel_port}"
        cluster["tls-server-name"] = endpoint.removeprefix("https://").rstrip("/")
    sign = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": ["--region", region, "eks", "get-token", "--cluster-name", name, "--output", "json"],
        "interactiveMode": "Never",
    }
    return signed_kubeconfig(name, cluster, sign)


def signed_kubeconfig(name: str, cluster: dict[str, Any], sign: dict[str, Any]) -> str:
    """A kubeconfig, as JSON text, of one cluster whose tokens a program signs when they are used.

    Args:
        name: of cluster, user and context.
        cluster: ``server`` and what else a kubeconfig says of a cluster.
        sign: the program, as ``exec`` of a kubeconfig's user takes it.
    """
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": cluster}],
            "users": [{"name": name, "user": {"exec": sign}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        }
    )


def kubernetes_provider(
    name: str,
    *,
    kubeconfig: pulumi.Input[str],
    identifier: pulumi.Input[str],
    context: pulumi.Input[str] | None = None,
    opts: pulumi.ResourceOptions | None = None,
) -> kubernetes.Provider:
    """The explicit Kubernetes provider of one cluster; server-side apply is on.

    ``identifier`` says which cluster it is. A kubeconfig that changes (a tunnel's port, a rotated authority) then
    updates the provider; without it every object would be replaced.
    """
    import pulumi_kubernetes as kubernetes

    return kubernetes.Provider(
        name,
        kubeconfig=kubeconfig,
        context=context,
        cluster_identifier=identifier,
        enable_server_side_apply=True,
        opts=opts,
    )
