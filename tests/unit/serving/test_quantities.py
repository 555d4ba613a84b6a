"""Kubernetes resource quantities."""

from __future__ import annotations

import pytest
from modelyard.serving.workload.quantities import cpu, gibibytes, metric


@pytest.mark.parametrize(
    ("cores", "quantity"), [(2, "2"), (0.5, "500m"), (3.75, "3750m"), (0.1, "100m"), (0.0001, "1m")]
)
def test_cpu(cores: float, quantity: str) -> None:
    assert cpu(cores) == quantity


@pytest.mark.parametrize(
    ("size_gib", "quantity"), [(8, "8Gi"), (12.5, "12800Mi"), (0.1, "103Mi"), (1024, "1024Gi"), (1.1, "1127Mi")]
)
def test_memory(size_gib: float, quantity: str) -> None:
    assert gibibytes(size_gib) == quantity


@pytest.mark.parametrize(("value", "quantity"), [(5.0, "5"), (7.5, "7500m"), (0.3, "300m"), (0.0002, "1m")])
def test_metric(value: float, quantity: str) -> None:
    assert metric(value) == quantity
