"""The model and the environment that a deployment names: assets of the workspace, each version for good."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from ...environment.azureml import ModelType
from ...environment.declaration import Declaration
from ...environment.known_name import refusal


def _path(path: str) -> str:
    if not path.startswith("/"):
        raise refusal(f"{path!r} is no path; begin it with /, as in /v2/health/live")
    return path


Path = Annotated[str, AfterValidator(_path)]


class Routes(Declaration):
    """Where the container of an image of one's own answers."""

    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    """Port of the container."""
    scoring_path: Path = "/"
    """What a request's path begins with."""
    liveness_path: Path = "/v2/health/live"
    readiness_path: Path = "/v2/health/ready"


def asset_name(department: str, model: str) -> str:
    """``<department>-<model>``: departments share a workspace."""
    return f"{department}-{model}"


def model_properties(model_uri: Any, model_type: ModelType, tags: Mapping[str, str]) -> dict[str, Any]:
    """``properties`` of a ModelVersion; ``model_uri`` may be a Pulumi output."""
    return {"modelUri": model_uri, "modelType": model_type, "isAnonymous": False, "tags": dict(tags)}


def environment_properties(image: Any, routes: Routes, tags: Mapping[str, str]) -> dict[str, Any]:
    """``properties`` of an EnvironmentVersion: an image as it is, and where its server answers."""

    def route(path: str) -> dict[str, Any]:
        return {"path": path, "port": routes.port}

    return {
        "image": image,
        "osType": "Linux",
        "isAnonymous": False,
        "inferenceConfig": {
            "scoringRoute": route(routes.scoring_path),
            "livenessRoute": route(routes.liveness_path),
            "readinessRoute": route(routes.readiness_path),
        },
        "tags": dict(tags),
    }


def environment_version(version: int, image: str, routes: Routes) -> str:
    """``<version>-<12 hexadecimal digits of image and routes>``: a version of an environment is never changed, so
    another image is another version."""
    return f"{version}-{sha256(f'{image}|{routes.model_dump_json()}'.encode()).hexdigest()[:12]}"
