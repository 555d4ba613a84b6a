"""How many replicas a model has, and by what they grow."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from .declaration import Declaration
from .schedule_window import WEEK_MINUTES, ScheduleWindow, overlap

MOST_REPLICAS = 1000


class Scaling(Declaration):
    """Replicas in each cluster, owned by the autoscaler once deployed.

    With several targets the one that asks for most replicas decides.
    """

    min_replicas: Annotated[int, Field(ge=0, le=MOST_REPLICAS)] = 1
    """0: none while nobody asks, outside the hours of schedules. The first request after that is refused and wakes the
    model."""
    max_replicas: Annotated[int, Field(ge=1, le=MOST_REPLICAS)] = 1
    target_queue_ms: Annotated[float, Field(gt=0)] | None = None
    """Average time in the queue per request above which replicas are added. Default: 5 for Triton where no
    other target is named; the other runtimes scale by processor time then."""
    target_concurrency: Annotated[float, Field(gt=0)] | None = None
    """Requests in flight for each replica, on average, above which replicas are added."""
    target_requests_per_second: Annotated[float, Field(gt=0)] | None = None
    """Requests per second for each replica above which replicas are added."""
    target_gpu_utilization_percent: Annotated[float, Field(gt=0, le=100)] | None = None
    """Average utilisation of the replicas' GPUs, as DCGM measures it, above which replicas are added."""
    scale_down_minutes: Annotated[int, Field(ge=1, le=60)] = 10
    """Quiet time before a replica goes, also the last one."""
    schedules: Annotated[list[ScheduleWindow], Field(max_length=20)] = []
    """Hours in which min_replicas is higher: a warm floor by day, for example."""

    @property
    def highest_floor(self) -> int:
        """Replicas that are guaranteed at some hour of the week: what there has to be room for."""
        return max((self.min_replicas, *(window.min_replicas for window in self.schedules)))

    @property
    def average_floor(self) -> float:
        """Replicas that are guaranteed, averaged over a week: what is paid for in any case."""
        raised = sum(
            (window.min_replicas - self.min_replicas) * window.minutes * len(window.weekly())
            for window in self.schedules
        )
        return self.min_replicas + raised / WEEK_MINUTES

    def beyond_the_queue(self, *, queue_metric: bool) -> bool:
        """Whether a HorizontalPodAutoscaler alone cannot do it, which keeps no hours, reaches no zero, and knows of the
        targets only the queue time that prometheus-adapter serves.

        Args:
            queue_metric: whether that adapter serves the queue time of the runtime.
        """
        others = (self.target_concurrency, self.target_requests_per_second, self.target_gpu_utilization_percent)
        if self.schedules or self.min_replicas == 0 or any(each is not None for each in others):
            return True
        return self.target_queue_ms is not None and not queue_metric

    @model_validator(mode="after")
    def _ordered(self) -> Scaling:
        if self.min_replicas > self.max_replicas:
            raise ValueError(
                f"min_replicas {self.min_replicas} exceeds max_replicas {self.max_replicas}; raise max_replicas or "
                "lower min_replicas"
            )
        return self

    @model_validator(mode="after")
    def _schedules_fit(self) -> Scaling:
        found = [*self._floors_out_of_range(), *self._overlaps()]
        if found:
            raise ValueError("; and ".join(found))
        return self

    def _floors_out_of_range(self) -> list[str]:
        found = []
        for position, window in enumerate(self.schedules):
            named = f"schedules[{position}] ({window.text}) asks for min_replicas {window.min_replicas}"
            if window.min_replicas > self.max_replicas:
                found.append(f"{named}, more than max_replicas {self.max_replicas}; raise max_replicas or lower it")
            elif window.min_replicas <= self.min_replicas:
                found.append(
                    f"{named}, no more than the {self.min_replicas} of every hour: a window only raises the floor. "
                    "Write the lowest number as min_replicas, and windows for the hours that need more"
                )
        return found

    def _overlaps(self) -> list[str]:
        found = []
        for position, window in enumerate(self.schedules):
            for before, earlier in enumerate(self.schedules[:position]):
                when = overlap(earlier, window)
                if when is not None:
                    found.append(
                        f"schedules[{before}] ({earlier.text}) and schedules[{position}] ({window.text}) overlap on "
                        f"{when}; end one where the other starts, or merge them"
                    )
        return found
