"""How to reach the API of a GKE cluster: through Google's own plugin, which signs tokens with the caller's account."""

from __future__ import annotations

from typing import Any

from ..kubeconfig import signed_kubeconfig

_PLUGIN = "gke-gcloud-auth-plugin"


def gke_kubeconfig(name: str, endpoint: str, ca: str | None) -> str:
    """A kubeconfig, as JSON text, that holds no credential.

    Args:
        name: physical name of the cluster.
        endpoint: ``https://...`` address of its API.
        ca: its certificate authority, base64 as GKE gives it; None for the endpoint with a DNS name, whose certificate
            is that of a public authority ("Customize your network isolation", GKE documentation).
    """
    cluster: dict[str, Any] = {"server": endpoint}
    if ca is not None:
        cluster["certificate-authority-data"] = ca
    sign = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": _PLUGIN,
        "interactiveMode": "Never",
        "provideClusterInfo": True,
        "installHint": f"Install {_PLUGIN}: gcloud components install {_PLUGIN}",
    }
    return signed_kubeconfig(name, cluster, sign)
