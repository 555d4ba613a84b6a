"""``models.config``: which model the server reads from where, in which versions, and what callers may call these.

Follows "TensorFlow Serving Configuration" of its documentation (``ModelServerConfig``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from ..workload.server import REPOSITORY
from .protobuf import new, text

VersionPolicy = Literal["specific", "latest", "all"]


def model_server_config(
    model: str,
    versions: Sequence[int],
    *,
    policy: VersionPolicy = "specific",
    labels: Mapping[str, int] | None = None,
    repository: str = REPOSITORY,
) -> str:
    """The file, in protobuf's text format.

    Args:
        model: as callers name it; its version folders lie in ``<repository>/<model>``.
        versions: those that are served.
        policy: ``specific`` names them, ``latest`` says how many of the highest, ``all`` serves every folder.
        labels: names for versions, for example ``{"stable": 1, "canary": 2}``.
        repository: folder of the models.
    """
    message = new("ModelServerConfig")
    config = message.model_config_list.config.add(
        name=model, base_path=f"{repository}/{model}", model_platform="tensorflow"
    )
    chosen = config.model_version_policy
    if policy == "specific":
        chosen.specific.versions.extend(versions)
    elif policy == "latest":
        chosen.latest.num_versions = len(versions)
    else:
        chosen.all.SetInParent()
    for label, version in sorted((labels or {}).items()):
        config.version_labels[label] = version
    return text(message)
