"""How long what models capture is kept, by where it lies in the stores that all departments share."""

from __future__ import annotations

from collections.abc import Iterator

from ..environment.target import ManagedTarget
from ..registry.model_upload import model_prefix
from ..resolve.resolved import Resolution, ResolvedEndpoint
from ..serving.managed.capture import is_captured


def days_by_folder(resolution: Resolution, region: str) -> dict[str, int]:
    """Of the model store of an AWS region: days by folder, ``<department>/<model>/data/captured/``.

    What lies in a bucket of one's own, which ``sagemaker.capture.url`` names, is that bucket's to delete.
    """
    found = {}
    for endpoint, days in _capturing(resolution, "sagemaker", region):
        own = endpoint.declared.sagemaker
        if own is None or own.capture is None or own.capture.url is None:
            folder = f"{model_prefix(endpoint.department.department, endpoint.declared.name)}/data/captured/"
            found[folder] = days
    return found


def days_by_endpoint(resolution: Resolution, location: str) -> dict[str, int]:
    """Of the workspace in an Azure location: days by name of the endpoint."""
    from ..serving.azureml.endpoint_declaration import default_name

    environment = resolution.environment.name
    found = {}
    for endpoint, days in _capturing(resolution, "azureml", location):
        declared = endpoint.declared
        named = None if declared.azureml is None else declared.azureml.endpoint_name
        name = named or default_name(declared.name, endpoint.department.department, environment)
        found[name] = days
    return found


def _capturing(resolution: Resolution, target: ManagedTarget, region: str) -> Iterator[tuple[ResolvedEndpoint, int]]:
    for each in resolution.endpoints:
        capture = each.declared.capture
        if (
            (each.target, each.region) == (target, region)
            and capture is not None
            and is_captured(each.declared, target)
        ):
            yield each, capture.retention_days
