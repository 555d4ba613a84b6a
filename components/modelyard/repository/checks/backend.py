"""The backend of a model, and the release that is deployed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...catalog import triton_backends
from ...catalog.spelling import nearest
from ...catalog.triton_config_fields import first_releases
from ...environment.credential import shown
from ...environment.yaml_document import Steps
from ..repository import RepositoryModel
from .backend_name import backend_name
from .fault import Fault

_YES_OR_NO = "FORCE_CPU_ONLY_INPUT_TENSORS"
_ALIASES = {"pytorch": ("libtorch",)}
"""Platforms that later releases also take."""


def faults(model: RepositoryModel, release: str) -> Iterator[Fault]:
    """Whether the release has the backend (build.py of triton-inference-server/server) and every field that the
    configuration sets (model_config.proto of triton-inference-server/common)."""
    yield from _backend(model, release)
    for field, name, first in _newer(model.config, release, ()):
        message = (
            f"model {model.name!r} sets {name}, which came with Triton {first}, and {release} is deployed; delete it, "
            f"or deploy {first} or later"
        )
        yield Fault(model.name, field, message)
    flag = model.config.parameters[_YES_OR_NO].string_value if _YES_OR_NO in model.config.parameters else None
    if backend_name(model) == "python" and flag not in (None, "yes", "no"):
        message = f"model {model.name!r} has {_YES_OR_NO} {shown(flag)}; the Python backend takes yes or no"
        yield Fault(model.name, ("parameters", _YES_OR_NO), message)


def _backend(model: RepositoryModel, release: str) -> Iterator[Fault]:
    config = model.config
    if config.HasField("ensemble_scheduling") or config.platform == "ensemble":
        return
    known = {each.backend for each in map(triton_backends.get, triton_backends.formats()) if each.backend}
    backend = backend_name(model)
    found = triton_backends.of_config(backend, config.platform)
    if not backend and not config.platform:
        message = f"model {model.name!r} names no backend; name one of {', '.join(sorted(known))}"
        yield Fault(model.name, ("backend",), message)
    elif config.backend and config.backend not in known and not _own_backend(model):
        closest = nearest(config.backend, known)
        hint = f"did you mean {closest!r}?" if closest else f"Triton has {', '.join(sorted(known))}"
        message = (
            f"model {model.name!r} names the backend {config.backend!r}, which Triton does not have and whose library "
            f"libtriton_{config.backend}.so is not in the model's folder; {hint}"
        )
        yield Fault(model.name, ("backend",), message)
    elif config.platform and not _pairs(config):
        yield Fault(model.name, ("platform",), _platform(model.name, config, sorted(known)))
    elif found is not None and not found.in_release(release):
        when = f"came with Triton {found.first_release}" if release < found.first_release else ""
        when = when or f"left Triton after {found.last_release}"
        instead = f"deploy {found.last_release or found.first_release}, or export the model to another format"
        what = found.backend if found.format.startswith(found.backend) else f"{found.backend} ({found.format})"
        message = f"model {model.name!r} needs the backend {what}, which {when}"
        yield Fault(model.name, ("backend",), f"{message}, and {release} is deployed; {instead}")


def _platform(name: str, config: Any, known: list[str]) -> str:
    if config.backend:
        message = f"model {name!r} names the backend {config.backend!r} and the platform {config.platform!r}"
        return f"{message}, which do not go together; delete the platform"
    message = f"model {name!r} names the platform {config.platform!r}, which no backend has"
    return f"{message}; name a backend instead: {', '.join(known)}"


def _own_backend(model: RepositoryModel) -> bool:
    library = f"libtriton_{model.config.backend}.so"
    declared_so = model.declared is not None and model.declared.format == "custom"
    return declared_so or any(file.key.rsplit("/", 1)[-1] == library for file in model.files)


def _pairs(config: Any) -> bool:
    platforms = {
        each.platform
        for each in map(triton_backends.get, triton_backends.formats())
        if each.backend == config.backend and each.platform
    }
    if not config.backend:
        return triton_backends.of_config("", config.platform) is not None
    return not platforms or config.platform in platforms or config.platform in _ALIASES.get(config.backend, ())


def _newer(message: Any, release: str, around: Steps) -> Iterator[tuple[Steps, str, str]]:
    """Fields and values that the release does not know: where, their name in the proto file, since when."""
    releases = first_releases()
    owner = message.DESCRIPTOR.full_name.removeprefix("inference.")
    for field, value in message.ListFields():
        where: Steps = (*around, field.name)
        first = releases.get(f"{owner}.{field.name}", "")
        if first > release:
            yield where, field.name, first
            continue
        is_map = field.message_type is not None and field.message_type.GetOptions().map_entry
        if is_map:
            for key in sorted(value):
                if hasattr(value[key], "ListFields"):
                    yield from _newer(value[key], release, (*where, key))
            continue
        repeated = field.label == field.LABEL_REPEATED
        for index, item in enumerate(value if repeated else [value]):
            place = (*where, index) if repeated else where
            if field.message_type is not None:
                yield from _newer(item, release, place)
            elif field.enum_type is not None:
                number = field.enum_type.values_by_number.get(item)
                enum = field.enum_type.full_name.removeprefix("inference.")
                first = releases.get(f"{enum}.{number.name}", "") if number else ""
                if number and first > release:
                    yield place, number.name, first
