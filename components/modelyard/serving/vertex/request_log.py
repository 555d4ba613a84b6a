"""Requests and answers of an endpoint in BigQuery: a dataset of its own, and in it a table by day, whose days expire.

Vertex AI makes a table where there is none, and says nothing of partitions; so the table is made here, with the columns
that it writes ("Online inference logging" of the Vertex AI documentation).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pulumi

from modelyard.governance.ownership import Ownership
from modelyard.serving.vertex.endpoint_declaration import VertexEndpointDeclaration

TABLE = "requests"
_DAY_MS = 24 * 60 * 60 * 1000
_COLUMNS = (
    ("endpoint", "STRING", "NULLABLE"),
    ("deployed_model_id", "STRING", "NULLABLE"),
    ("logging_time", "TIMESTAMP", "NULLABLE"),
    ("request_id", "NUMERIC", "NULLABLE"),
    ("request_payload", "STRING", "REPEATED"),
    ("response_payload", "STRING", "REPEATED"),
)


def declare_request_log(
    name: str,
    declared: VertexEndpointDeclaration,
    ownership: Ownership,
    labels: Mapping[str, str],
    agent: pulumi.Input[str] | None,
    opts: pulumi.ResourceOptions,
) -> tuple[pulumi.Output[str], list[pulumi.Resource]]:
    """``bq://<project>.<dataset>.requests``, and what the endpoint has to wait for.

    Args:
        name: of the endpoint's resource.
        declared: its arguments, with ``request_log``.
        ownership: with the model.
        labels: of everything that takes labels.
        agent: IAM member that writes; None: somebody else lets it.
        opts: of each resource.
    """
    import pulumi_gcp as gcp

    assert declared.request_log is not None
    expiry_ms = declared.request_log.retention_days * _DAY_MS
    encrypted: dict[str, Any] = {} if declared.kms_key is None else {"kms_key_name": declared.kms_key}
    parts = ("requests", ownership.environment, ownership.department, declared.model, declared.region)
    dataset = gcp.bigquery.Dataset(
        f"{name}-requests",
        dataset_id="_".join(parts).replace("-", "_").replace(".", "_"),
        description=f"Requests to {declared.model} and its answers",
        location=declared.region,
        project=declared.project,
        default_partition_expiration_ms=expiry_ms,
        labels=labels,
        default_encryption_configuration=encrypted or None,  # pyright: ignore[reportArgumentType]
        opts=opts,
    )
    table = gcp.bigquery.Table(
        f"{name}-requests",
        dataset_id=dataset.dataset_id,
        table_id=TABLE,
        description=f"Requests to {declared.model} and its answers, by day",
        project=declared.project,
        schema=json.dumps([dict(zip(("name", "type", "mode"), column, strict=True)) for column in _COLUMNS]),
        time_partitioning={"type": "DAY", "field": "logging_time", "expiration_ms": expiry_ms},
        encryption_configuration=encrypted or None,  # pyright: ignore[reportArgumentType]
        # Its rows expire by themselves; protected, it would keep the endpoint from being taken away.
        deletion_protection=False,
        labels=labels,
        opts=opts,
    )
    needed: list[pulumi.Resource] = [table]
    if agent is not None:
        needed.append(
            gcp.bigquery.DatasetIamMember(
                f"{name}-requests",
                dataset_id=dataset.dataset_id,
                project=declared.project,
                role="roles/bigquery.dataEditor",
                member=agent,
                opts=opts,
            )
        )
    return pulumi.Output.concat(f"bq://{declared.project}.", dataset.dataset_id, f".{TABLE}"), needed
