"""Names of the policies of the pack, so that a declaration can be checked without loading the pack."""

from __future__ import annotations

POLICY_NAMES = (
    "department-tag",
    "ownership-tags",
    "image-pinned",
    "registry-immutable",
    "registry-scan-on-push",
    "cluster-endpoint-not-open",
    "cluster-secrets-encrypted",
    "cluster-logging",
    "network-policy-enforced",
    "namespace-default-deny",
    "no-load-balancer-open",
    "security-group-not-open",
    "bucket-encrypted-versioned-private",
    "volumes-encrypted",
    "imds-v2",
    "kms-key-rotation",
    "log-retention",
    "iam-not-administrator",
    "node-image-pinned",
    "node-pool-limits",
    "gpu-limits-and-tolerations",
    "resource-requests",
    "pod-security",
    "secrets-not-in-env",
    "spot-not-alone",
    "replicas-and-disruption-budget",
    "model-may-sleep",
    "rollout-not-blocked",
    "service-has-autoscaler-metric-source",
    "budget",
)
"""Held equal to the pack's own names by a test of the pack."""
