"""SageMaker Model Monitor: where its image lies, and what it measures of a model's quality."""

from __future__ import annotations

from functools import cache
from typing import Literal

from modelyard.catalog.sagemaker_images import registry_host
from modelyard.catalog.table import rows

Better = Literal["higher", "lower"]

ANALYZER = "sagemaker-model-monitor-analyzer"
MERGER = "sagemaker-model-monitor-groundtruth-merger"
"""Repository of the image that joins answers with what was right, in the same registry."""
_FAMILY = "model-monitor"


def image(region: str, repository: str = ANALYZER) -> str:
    """``<account>.dkr.ecr.<region>.amazonaws.com/<repository>``; AWS publishes no versions of it.

    Raises:
        UnknownName: Model Monitor has no registry in the region.
    """
    return f"{registry_host(_FAMILY, region, 'SageMaker Model Monitor')}/{repository}"


def metrics(problem: str) -> dict[str, Better]:
    """What is measured of a kind of problem, and whether more of it is better."""
    return _metrics()[problem]


@cache
def _metrics() -> dict[str, dict[str, Better]]:
    found: dict[str, dict[str, Better]] = {}
    for row in rows("sagemaker_quality_metrics.csv"):
        better: Better = "higher" if row["better"] == "higher" else "lower"
        found.setdefault(row["problem"], {})[row["metric"]] = better
    return found
