"""Where the logs of a GKE cluster are kept, and for how long."""

from __future__ import annotations

from recorded_graph import one, waits_for

from .gke_program import CLUSTER, REGION, cluster, graph_of, planned

LOG_BUCKET = "gcp:logging/projectBucketConfig:ProjectBucketConfig"
SINK = "gcp:logging/projectSink:ProjectSink"
EXCLUSION = "gcp:logging/projectExclusion:ProjectExclusion"


def test_logs_have_a_bucket_with_the_declared_retention_and_are_kept_once() -> None:
    graph = planned(cluster(log_retention_days=180), "up").graph
    bucket, sink, exclusion = (one(graph, each) for each in (LOG_BUCKET, SINK, EXCLUSION))
    assert bucket.inputs["bucketId"] == "prod-central"
    assert (bucket.inputs["location"], bucket.inputs["retentionDays"]) == (REGION, 180)
    held = f"projects/shop-prod/locations/{REGION}/buckets/prod-central"
    assert sink.inputs["destination"] == f"logging.googleapis.com/{held}"
    ours = f'resource.labels.cluster_name="prod-central" AND resource.labels.location="{REGION}"'
    assert exclusion.inputs["filter"] == ours
    assert sink.inputs["filter"] == (
        f'{ours} AND NOT log_id("cloudaudit.googleapis.com/activity") AND NOT '
        'log_id("cloudaudit.googleapis.com/system_event")'
    )
    assert waits_for(graph, exclusion, sink)
    assert waits_for(graph, one(graph, CLUSTER), exclusion)


def test_what_is_to_be_kept_longer_than_google_keeps_it_is_in_the_bucket_too() -> None:
    sink = one(graph_of(cluster(log_retention_days=545)), SINK)
    assert "cloudaudit" not in sink.inputs["filter"]
