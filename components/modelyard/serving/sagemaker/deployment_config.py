"""``deploymentConfig`` of ``aws.sagemaker.Endpoint``: how SageMaker shifts the traffic when the configuration changes;
and of an inference component, whose copies are exchanged.

Follows "Deployment guardrails" of the SageMaker developer guide, and ``InferenceComponentDeploymentConfig`` of its API
reference.
"""

from __future__ import annotations

from typing import Any

from ...environment.sagemaker import Deployment

_STEP_PERCENT = {"canary": 10, "linear": 25, "rolling": 10}


def deployment_config(wanted: Deployment, alarm_names: list[Any]) -> dict[str, Any]:
    """In Python's spelling.

    Args:
        wanted: as declared.
        alarm_names: of the endpoint's own alarms that take a deployment back.
    """
    given: dict[str, Any] = {}
    if wanted.shift == "rolling":
        given["rolling_update_policy"] = {
            "maximum_batch_size": _size(wanted),
            "rollback_maximum_batch_size": {"type": "CAPACITY_PERCENT", "value": 100},
            "wait_interval_in_seconds": wanted.wait_seconds,
            "maximum_execution_timeout_in_seconds": wanted.timeout_seconds,
        }
    else:
        given["blue_green_update_policy"] = {
            "traffic_routing_configuration": _routing(wanted),
            "termination_wait_in_seconds": wanted.termination_wait_seconds,
            "maximum_execution_timeout_in_seconds": wanted.timeout_seconds,
        }
    return {**given, **_rollback(wanted, alarm_names)}


def component_deployment_config(wanted: Deployment | None, alarm_names: list[Any]) -> dict[str, Any]:
    """``deploymentConfig`` of an inference component, in Python's spelling: copies are exchanged in batches.

    Args:
        wanted: as declared; None: one copy after the other, and no alarm takes it back.
        alarm_names: of the component's own alarms that take a deployment back.
    """
    one_copy = {"type": "COPY_COUNT", "value": 1}
    if wanted is None:
        return {"rolling_update_policy": {"maximum_batch_size": one_copy, "wait_interval_in_seconds": 60}}
    given: dict[str, Any] = {
        "rolling_update_policy": {
            "maximum_batch_size": one_copy if wanted.step_percent is None else _size(wanted),
            "wait_interval_in_seconds": wanted.wait_seconds,
            "maximum_execution_timeout_in_seconds": wanted.timeout_seconds,
        }
    }
    return {**given, **_rollback(wanted, alarm_names)}


def _rollback(wanted: Deployment, alarm_names: list[Any]) -> dict[str, Any]:
    alarms = [*alarm_names, *wanted.rollback_alarms] if wanted.rollback else []
    return {"auto_rollback_configuration": {"alarms": [{"alarm_name": name} for name in alarms]}} if alarms else {}


def _routing(wanted: Deployment) -> dict[str, Any]:
    routing: dict[str, Any] = {"type": wanted.shift.upper(), "wait_interval_in_seconds": wanted.wait_seconds}
    if wanted.shift == "canary":
        routing["canary_size"] = _size(wanted)
    elif wanted.shift == "linear":
        routing["linear_step_size"] = _size(wanted)
    return routing


def _size(wanted: Deployment) -> dict[str, Any]:
    percent = wanted.step_percent or _STEP_PERCENT[wanted.shift]
    return {"type": "CAPACITY_PERCENT", "value": percent}
