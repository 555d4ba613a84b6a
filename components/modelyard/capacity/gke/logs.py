"""Where the logs of a GKE cluster are kept, and for how long.

Follows "Route log entries" and "Configure log buckets" of the Cloud Logging documentation.
"""

from __future__ import annotations

from typing import Any

import pulumi

from ...environment.cluster import Cluster
from ...governance.google_sdk import google
from ...governance.logical_name import logical_name
from .node_account import NodeAccount

_COMPONENT = "ServingCluster"
_NAME_LIMIT = 100 - 8
"""Sinks and exclusions have at most 100 characters ("LogSink" of the Cloud Logging API reference)."""
_REQUIRED_DAYS = 400
"""Google keeps audit logs of who changed what for so long in the bucket _Required, for nothing."""
_IN_REQUIRED = ("activity", "system_event")


def cluster_logs(
    name: str, declared: Cluster, *, physical_name: str, account: NodeAccount, parent: pulumi.Resource
) -> list[pulumi.Resource]:
    """A log bucket with the declared retention, which the cluster's logs reach in place of the project's own.

    The bucket stays when the cluster goes, as evidence: it empties itself as its logs grow old, and a cluster of the
    same name writes there again.

    Returns:
        What has to be there before the first line is written.
    """
    logging: Any = google(_COMPONENT, "logging")
    child = pulumi.ResourceOptions(parent=parent)
    short, described = logical_name(name, limit=_NAME_LIMIT), f"Logs of GKE cluster {physical_name}"
    bucket = logging.ProjectBucketConfig(
        name,
        project=account.project,
        location=declared.region,
        bucket_id=physical_name,
        retention_days=declared.log_retention_days,
        description=described,
        opts=pulumi.ResourceOptions(parent=parent, retain_on_delete=True),
    )
    of_cluster = f'resource.labels.cluster_name="{physical_name}" AND resource.labels.location="{declared.region}"'
    sink = logging.ProjectSink(
        short,
        project=account.project,
        destination=pulumi.Output.concat("logging.googleapis.com/", bucket.id),
        filter=of_cluster + _kept_elsewhere(declared.log_retention_days),
        description=described,
        opts=child,
    )
    exclusion = logging.ProjectExclusion(
        short,
        project=account.project,
        filter=of_cluster,
        description=f"{described}, which have a bucket of their own",
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[sink]),
    )
    return [exclusion]


def _kept_elsewhere(retention_days: int) -> str:
    if retention_days > _REQUIRED_DAYS:
        return ""
    return "".join(f' AND NOT log_id("cloudaudit.googleapis.com/{log}")' for log in _IN_REQUIRED)
