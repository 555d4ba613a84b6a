"""Metrics of a model."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from ...environment.credential import shown
from ...environment.declaration import Declaration
from .texts import Text


class MetricControl(Declaration):
    """``ModelMetrics.MetricControl``: buckets of one family of histograms."""

    family: Text
    """For example ``nv_inference_first_response_histogram_ms``."""
    buckets: Annotated[list[float], Field(min_length=1)]
    """Upper bounds in the metric's own unit, ascending."""

    @model_validator(mode="after")
    def _ascending(self) -> MetricControl:
        if any(second <= first for first, second in zip(self.buckets, self.buckets[1:], strict=False)):
            raise ValueError(
                f"buckets of {shown(self.family)} must ascend: {', '.join(f'{b:g}' for b in self.buckets)}"
            )
        return self


class ModelMetrics(Declaration):
    """``ModelMetrics``."""

    metric_control: Annotated[list[MetricControl], Field(min_length=1)]
