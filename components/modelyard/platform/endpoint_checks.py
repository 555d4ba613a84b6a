"""What the components of managed targets would refuse, told of the declaration before the first resource."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..environment.declaration import Declaration
from ..environment.problem import InvalidEnvironment, Problem
from ..environment.target import CLOUD_OF
from ..environment.yaml_document import Steps
from ..governance.ownership import Ownership
from ..resolve.resolved import Resolution, ResolvedEndpoint
from .endpoint_arguments import KnownAtDeployment, azureml_arguments, sagemaker_arguments, vertex_arguments
from .handles import WORKSPACE_OUTPUTS

_KEY = re.compile(r"[a-z_]+(?:\.\w+|\[\d+\])*")
_STEP = re.compile(r"\w+")
_A_KEY = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-4e5f-6789-abcd-ef0123456789"
_AN_IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/images:1"


def check_endpoints(resolution: Resolution) -> None:
    """Nothing, where every component takes what it would be told.

    Raises:
        InvalidEnvironment: with every reason why not, each at the declaration's key.
    """
    problems = [problem for endpoint in resolution.endpoints for problem in _problems(resolution, endpoint)]
    if problems:
        raise InvalidEnvironment(list(dict.fromkeys(problems)))


def _problems(resolution: Resolution, endpoint: ResolvedEndpoint) -> Iterator[Problem]:
    judge = _BY_TARGET.get(endpoint.target)
    if judge is None:
        return
    department, model = endpoint.department, endpoint.declared
    position = next(at for at, each in enumerate(department.models) if each.name == model.name)
    try:
        judge(resolution, endpoint)
    except InvalidEnvironment as invalid:
        for problem in invalid.problems:
            steps, message = _placed(endpoint, problem)
            several = len(resolution.managed_regions(CLOUD_OF[endpoint.target])) > 1
            where = f"model {model.name!r}" + (f" in {endpoint.region}" if several and _regional(problem) else "")
            at = ("models", position, *steps)
            yield resolution.environment.problem(department.department, at, f"{message} ({where})")


def _regional(problem: Problem) -> bool:
    """Whether the same declaration may be right in another region."""
    return "region" in problem.message


def _placed(endpoint: ResolvedEndpoint, problem: Problem) -> tuple[Steps, str]:
    """Where a component's argument is declared, at the model or below its target, and the sentence about it. A sentence
    about several arguments begins with the first of them."""
    named = _KEY.match(problem.path or problem.message)
    own = getattr(endpoint.declared, endpoint.target)
    if named is None:
        return (), problem.message
    path: Steps = tuple(_step(step) for step in _STEP.findall(named[0]))
    if isinstance(own, Declaration) and path[0] in type(own).model_fields:
        path = (endpoint.target, *path)
    elif path[0] not in type(endpoint.declared).model_fields:
        return (), f"{problem.path}: {problem.message}" if problem.path else problem.message
    return path, problem.message if problem.path else problem.message[named.end() :].lstrip(": ")


def _step(step: str) -> str | int:
    return int(step) if step.isdigit() else step


def _sagemaker(resolution: Resolution, endpoint: ResolvedEndpoint) -> None:
    from ..serving.sagemaker.endpoint_declaration import declaration

    ours = endpoint.stable.url is None
    known = KnownAtDeployment(
        stable="s3://bucket/model/" if _kind(endpoint) != "serverless" else "s3://bucket/model.tar.gz",
        canary=None if endpoint.canary is None else "s3://bucket/other/",
        store_key=_A_KEY if ours else None,
        image=None if endpoint.image is None else _AN_IMAGE,
    )
    arguments: Any = sagemaker_arguments(endpoint, resolution.environment.platform, owner(resolution, endpoint), known)
    declaration(endpoint.declared.name, arguments)


def _vertex(resolution: Resolution, endpoint: ResolvedEndpoint) -> None:
    from ..serving.vertex.endpoint_declaration import declaration

    known = KnownAtDeployment(
        stable="gs://bucket/model",
        canary=None if endpoint.canary is None else "gs://bucket/other",
        image=endpoint.image,
    )
    arguments: Any = vertex_arguments(endpoint, resolution.environment.platform, owner(resolution, endpoint), known)
    declaration(endpoint.declared.name, arguments)


def _azureml(resolution: Resolution, endpoint: ResolvedEndpoint) -> None:
    from ..serving.azureml.endpoint_declaration import endpoint_declaration

    known = KnownAtDeployment(
        stable="https://account.blob.core.windows.net/models/model",
        canary=None if endpoint.canary is None else "https://account.blob.core.windows.net/models/other",
        image=endpoint.image,
    )
    workspace = dict.fromkeys(WORKSPACE_OUTPUTS, "/subscriptions/0/resourceGroups/models")
    platform = resolution.environment.platform
    arguments: Any = azureml_arguments(endpoint, platform, owner(resolution, endpoint), known, workspace)
    endpoint_declaration(endpoint.declared.name, arguments)


def _kind(endpoint: ResolvedEndpoint) -> str:
    own = endpoint.declared.sagemaker
    return "real_time" if own is None else own.kind


def owner(resolution: Resolution, endpoint: ResolvedEndpoint) -> Ownership:
    """Of the department that declared the model."""
    department = endpoint.department
    environment = resolution.environment.name
    return Ownership(department.department, department.cost_center, environment, department.owner)


_BY_TARGET: Mapping[str, Callable[[Resolution, ResolvedEndpoint], None]] = {
    "sagemaker": _sagemaker,
    "vertex": _vertex,
    "azureml": _azureml,
}
