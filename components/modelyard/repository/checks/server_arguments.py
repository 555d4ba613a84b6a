"""What a repository needs of the server's command line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..repository import Repository
from .fault import Fault

_CACHE = ("--cache-config", "--response-cache-byte-size")
_RESOURCE = "--rate-limit-resource="


def faults(repository: Repository, arguments: Sequence[str] | None) -> Iterator[Fault]:
    """Settings that the server ignores, or refuses, with these arguments; ``arguments`` None: nobody knows them.

    triton-inference-server/server docs/user_guide/response_cache.md and rate_limiter.md.
    """
    if arguments is None:
        return
    limited = "--rate-limit=execution_count" in arguments
    most = _resources(arguments) if limited else {}
    for model in repository.models:
        if model.config.response_cache.enable and not any(argument.startswith(_CACHE) for argument in arguments):
            message = f"model {model.name!r} keeps answers, and the server has no cache to keep them in"
            yield Fault(
                model.name, ("response_cache", "enable"), f"{message}; give it --cache-config=local,size=<bytes>"
            )
        for index, group in enumerate(model.config.instance_group):
            where = ("instance_group", index, "rate_limiter")
            if not group.HasField("rate_limiter"):
                continue
            if not limited:
                message = f"model {model.name!r} limits the rate of its instances, and the server does not heed it"
                yield Fault(model.name, where, f"{message}; give it --rate-limit=execution_count")
            for position, resource in enumerate(group.rate_limiter.resources):
                if resource.name in most and resource.count > most[resource.name]:
                    message = (
                        f"an instance of model {model.name!r} needs {resource.count} of resource {resource.name!r}, "
                        f"and the server has {most[resource.name]}; lower the one or raise the other"
                    )
                    yield Fault(model.name, (*where, "resources", position, "count"), message)
        for index, step in enumerate(model.config.ensemble_scheduling.step):
            if step.model_namespace and "--model-namespacing=true" not in arguments:
                message = f"step {index + 1} ({step.model_name}) of ensemble {model.name!r} names the namespace"
                field = ("ensemble_scheduling", "step", index, "model_namespace")
                text = f"{message} {step.model_namespace!r}, and the server has none; delete it"
                yield Fault(model.name, field, text)


def _resources(arguments: Sequence[str]) -> dict[str, int]:
    """The most that any device has of each resource whose count the arguments say."""
    most: dict[str, int] = {}
    for argument in arguments:
        if argument.startswith(_RESOURCE):
            name, _, rest = argument.removeprefix(_RESOURCE).partition(":")
            count = rest.partition(":")[0]
            if count.isdecimal():
                most[name] = max(most.get(name, 0), int(count))
    return most
