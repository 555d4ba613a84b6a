"""Containers that admission adds to pods take room as well."""

from __future__ import annotations

import pytest
from modelyard.placement.injected import injected_requests
from modelyard.placement.requests import Requests


@pytest.mark.parametrize(
    ("annotations", "asked"),
    [
        ({}, Requests()),
        ({"gke-gcsfuse/cpu-request": "250m"}, Requests()),
        ({"gke-gcsfuse/volumes": "true"}, Requests(250, 256)),
        (
            {"gke-gcsfuse/volumes": "true", "gke-gcsfuse/cpu-request": "1", "gke-gcsfuse/memory-request": "1Gi"},
            Requests(1000, 1024),
        ),
    ],
)
def test_cloud_storage_fuse_runs_beside_the_server(annotations: dict[str, str], asked: Requests) -> None:
    assert injected_requests(annotations) == asked
