"""What a model's ``capture`` is in the words of each managed service."""

from __future__ import annotations

from typing import Any

from ...environment.capture import OWN_SECTION, Capture
from ...environment.model import Model
from ...environment.target import ManagedTarget


def is_captured(model: Model, target: ManagedTarget) -> bool:
    """Whether ``capture`` is declared and the service, of the kind that is declared, keeps anything."""
    serverless = target == "sagemaker" and model.sagemaker is not None and model.sagemaker.kind == "serverless"
    return model.capture is not None and not serverless


def keeps(model: Model, target: ManagedTarget) -> bool:
    """Whether anything is captured, by ``capture`` or by the target's own section."""
    return is_captured(model, target) or getattr(getattr(model, target), OWN_SECTION[target], None) is not None


def capture_arguments(model: Model, target: ManagedTarget) -> dict[str, Any]:
    """The argument of the target's component, by its key; empty where nothing is captured by ``capture``.

    What the target's own section says besides is kept.
    """
    if model.capture is None or not is_captured(model, target):
        return {}
    section = OWN_SECTION[target]
    own = getattr(getattr(model, target), section, None)
    more = {} if own is None else own.model_dump(exclude_none=True, exclude_unset=True)
    return {section: {**_BY_TARGET[target](model.capture), **more}}


def _sagemaker(capture: Capture) -> dict[str, Any]:
    return {"percent": capture.percent, "content": capture.content}


def _vertex(capture: Capture) -> dict[str, Any]:
    return {"percent": capture.percent, "retention_days": capture.retention_days}


def _azureml(capture: Capture) -> dict[str, Any]:
    collections = {"input": ["request"], "output": ["response"], "input_and_output": ["request", "response"]}
    return {"sampling_percent": capture.percent, "collections": collections[capture.content]}


_BY_TARGET = {"sagemaker": _sagemaker, "vertex": _vertex, "azureml": _azureml}
