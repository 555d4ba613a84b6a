"""A Kubernetes object from its manifest, as the SDK's own resource of that kind.

The kinds that Modelyard writes are listed here with the SDK's class; any other kind is a custom resource. SDK
modules load when the first object of their kind is declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import pulumi

_CLASSES = {
    ("v1", "Namespace"): ("core.v1", "Namespace"),
    ("v1", "ServiceAccount"): ("core.v1", "ServiceAccount"),
    ("v1", "ConfigMap"): ("core.v1", "ConfigMap"),
    ("v1", "Service"): ("core.v1", "Service"),
    ("v1", "PersistentVolume"): ("core.v1", "PersistentVolume"),
    ("v1", "PersistentVolumeClaim"): ("core.v1", "PersistentVolumeClaim"),
    ("v1", "ResourceQuota"): ("core.v1", "ResourceQuota"),
    ("apps/v1", "DaemonSet"): ("apps.v1", "DaemonSet"),
    ("apps/v1", "Deployment"): ("apps.v1", "Deployment"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"): ("autoscaling.v2", "HorizontalPodAutoscaler"),
    ("batch/v1", "CronJob"): ("batch.v1", "CronJob"),
    ("networking.k8s.io/v1", "NetworkPolicy"): ("networking.v1", "NetworkPolicy"),
    ("policy/v1", "PodDisruptionBudget"): ("policy.v1", "PodDisruptionBudget"),
    ("rbac.authorization.k8s.io/v1", "Role"): ("rbac.v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): ("rbac.v1", "RoleBinding"),
    ("scheduling.k8s.io/v1", "PriorityClass"): ("scheduling.v1", "PriorityClass"),
    ("storage.k8s.io/v1", "StorageClass"): ("storage.v1", "StorageClass"),
}
_PARAMETERS = {
    "automountServiceAccountToken": "automount_service_account_token",
    "globalDefault": "global_default",
    "preemptionPolicy": "preemption_policy",
    "roleRef": "role_ref",
    "volumeBindingMode": "volume_binding_mode",
    "allowedTopologies": "allowed_topologies",
    "allowVolumeExpansion": "allow_volume_expansion",
    "reclaimPolicy": "reclaim_policy",
}
"""Top-level fields that the SDK's constructors spell another way."""


def declare(name: str, manifest: Mapping[str, Any], opts: pulumi.ResourceOptions) -> pulumi.CustomResource:
    """Registers the object under this Pulumi name."""
    home = _CLASSES.get((manifest["apiVersion"], manifest["kind"]))
    if home is None:
        from pulumi_kubernetes.apiextensions import CustomResource

        fields = {key: value for key, value in manifest.items() if key not in ("apiVersion", "kind")}
        return CustomResource(name, api_version=manifest["apiVersion"], kind=manifest["kind"], opts=opts, **fields)
    module, kind = home
    made: Any = getattr(import_module(f"pulumi_kubernetes.{module}"), kind)
    fields = {_PARAMETERS.get(key, key): value for key, value in manifest.items() if key not in ("apiVersion", "kind")}
    return made(name, opts=opts, **fields)
