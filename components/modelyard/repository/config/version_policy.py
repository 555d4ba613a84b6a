"""Which versions are loaded (``ModelVersionPolicy``)."""

from __future__ import annotations

from collections.abc import Sequence

from ..declared.version_policy import LatestVersions, SpecificVersions, VersionPolicy
from ..protobuf import ModelConfig


def set_versions(config: ModelConfig, policy: VersionPolicy | None, versions: Sequence[int]) -> None:
    """Set the declared policy; where none is declared, ``versions`` and no other, or Triton's own where it is empty."""
    if isinstance(policy, SpecificVersions):
        config.version_policy.specific.versions.extend(policy.specific)
    elif isinstance(policy, LatestVersions):
        config.version_policy.latest.num_versions = policy.latest
    elif policy == "all":
        config.version_policy.all.SetInParent()
    elif policy == "latest":
        config.version_policy.latest.num_versions = 1
    elif versions:
        config.version_policy.specific.versions.extend(versions)


def loaded(config: ModelConfig, found: Sequence[int]) -> tuple[int, ...]:
    """Versions that the server loads of those ``found`` as folders, in ascending order."""
    policy = config.version_policy
    kind = policy.WhichOneof("policy_choice")
    if kind == "all":
        return tuple(found)
    if kind == "specific":
        return tuple(version for version in found if version in policy.specific.versions)
    count = max(1, policy.latest.num_versions) if kind == "latest" else 1
    return tuple(found[-count:])
