"""The Pipeline (``mlops.seldon.io/v1alpha1``): models that hand their outputs on, over Kafka."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...environment.access import NO_ACCESS, Access
from ...environment.seldon import JoinType, SeldonStep
from ...governance.ownership import Ownership
from ..workload.placement import Gateway


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What a Pipeline and its route are made of."""

    name: str
    ownership: Ownership
    steps: Sequence[SeldonStep]
    output: Sequence[str]
    output_join: JoinType | None
    hostname: str | None
    gateway: Gateway
    request_timeout_seconds: int
    access: Access = NO_ACCESS

    def metadata(self, **annotations: str) -> dict[str, Any]:
        labels = {"app.kubernetes.io/instance": self.name, **self.ownership.kubernetes_labels()}
        made: dict[str, Any] = {"name": self.name, "namespace": self.ownership.department, "labels": labels}
        return {**made, "annotations": annotations} if annotations else made


def pipeline(made: Pipeline) -> dict[str, Any]:
    """The whole object. Pulumi waits until it is Ready, which its models are first.

    Topics are kept when it is deleted: what was sent may have to be looked at.
    """
    output: dict[str, Any] = {"steps": list(made.output)}
    if made.output_join is not None:
        output["stepsJoin"] = made.output_join
    return {
        "apiVersion": "mlops.seldon.io/v1alpha1",
        "kind": "Pipeline",
        "metadata": made.metadata(**{"pulumi.com/waitFor": "condition=Ready", "pulumi.com/timeoutSeconds": "900"}),
        "spec": {"steps": [_step(step) for step in made.steps], "output": output},
    }


def _step(step: SeldonStep) -> dict[str, Any]:
    given = {
        "inputs": step.inputs,
        "tensorMap": step.tensor_map,
        "inputsJoinType": step.join,
        "joinWindowMs": step.join_window_ms,
        "triggers": step.triggers,
        "batch": None if step.batch_size is None else {"size": step.batch_size},
    }
    return {"name": step.model, **{key: value for key, value in given.items() if value}}
