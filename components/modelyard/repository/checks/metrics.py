"""Buckets of a model's histograms."""

from __future__ import annotations

from collections.abc import Iterator

from ..repository import RepositoryModel
from .fault import Fault


def faults(model: RepositoryModel) -> Iterator[Fault]:
    """triton-inference-server/server docs/user_guide/metrics.md, Histograms."""
    for index, control in enumerate(model.config.model_metrics.metric_control):
        where = ("model_metrics", "metric_control", index)
        family = control.metric_identifier.family
        what = f"metric {family!r} of model {model.name!r}" if family else f"metric {index + 1} of model {model.name!r}"
        if not family:
            message = f"{what} names no family; name one, such as nv_inference_first_response_histogram_ms"
            yield Fault(model.name, (*where, "metric_identifier", "family"), message)
        if not control.HasField("histogram_options") or not control.histogram_options.buckets:
            message = f"{what} has no buckets; list their upper bounds, ascending"
            yield Fault(model.name, (*where, "histogram_options"), message)
            continue
        buckets = list(control.histogram_options.buckets)
        if buckets != sorted(set(buckets)):
            shown = ", ".join(f"{bound:g}" for bound in buckets)
            message = f"{what} has buckets {shown}, which do not ascend; sort them and name each once"
            yield Fault(model.name, (*where, "histogram_options", "buckets"), message)
