"""Which versions load."""

from __future__ import annotations

from collections.abc import Iterator

from ..config.version_policy import loaded as loaded_of
from ..repository import RepositoryModel
from .fault import Fault


def faults(model: RepositoryModel) -> Iterator[Fault]:
    """triton-inference-server/server docs/user_guide/model_configuration.md, Version Policy."""
    policy = model.config.version_policy
    choice = policy.WhichOneof("policy_choice")
    found = ", ".join(map(str, model.versions)) or "none"
    if choice == "latest" and policy.latest.num_versions == 0:
        message = f"version_policy of model {model.name!r} loads the latest 0 versions; load 1 or more"
        yield Fault(model.name, ("version_policy", "latest", "num_versions"), message)
    elif choice == "specific":
        where = ("version_policy", "specific", "versions")
        if not policy.specific.versions:
            message = f"version_policy of model {model.name!r} is specific and names no version; there are {found}"
            yield Fault(model.name, where, message)
        for index, version in enumerate(policy.specific.versions):
            if version not in model.versions:
                message = (
                    f"version_policy of model {model.name!r} names version {version}, which has no folder; there are "
                    f"{found}: add {model.name}/{version}, or name one of those"
                )
                yield Fault(model.name, (*where, index), message)


def loaded(model: RepositoryModel) -> tuple[int, ...]:
    """Versions that a server loads, in ascending order."""
    return loaded_of(model.config, model.versions)
