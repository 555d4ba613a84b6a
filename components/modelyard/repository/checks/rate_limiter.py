"""Resources that instances share."""

from __future__ import annotations

from collections.abc import Iterator

from ..repository import Repository
from .fault import Fault


def faults(repository: Repository) -> Iterator[Fault]:
    """triton-inference-server/server docs/user_guide/rate_limiter.md. The resources of all models are one set."""
    scopes: dict[str, tuple[bool, str]] = {}
    for model in repository.models:
        for index, group in enumerate(model.config.instance_group):
            for position, resource in enumerate(group.rate_limiter.resources):
                where = ("instance_group", index, "rate_limiter", "resources", position)
                what = f"resource {resource.name!r} of model {model.name!r}"
                if not resource.name:
                    message = f"a resource of model {model.name!r} has no name; give it one"
                    yield Fault(model.name, (*where, "name"), message)
                    continue
                if resource.count < 1:
                    message = f"{what} has count {resource.count}, which limits nothing; it is at least 1"
                    yield Fault(model.name, (*where, "count"), message)
                shared = getattr(resource, "global")
                first, owner = scopes.setdefault(resource.name, (shared, model.name))
                if first != shared:
                    one, other = ("global", "of each device") if shared else ("of each device", "global")
                    message = (
                        f"{what} is {one}, and in model {owner!r} it is {other}; make them the same, or rename one"
                    )
                    yield Fault(model.name, (*where, "global"), message)
