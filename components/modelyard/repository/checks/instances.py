"""Instance groups: kinds, counts, GPUs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...environment.yaml_document import Steps
from ..protobuf import module
from ..repository import RepositoryModel
from .backend_name import backend_name
from .config_text import config_text_of
from .fault import Fault


def faults(model: RepositoryModel, gpus: int | None) -> Iterator[Fault]:
    """triton-inference-server/server docs/user_guide/model_configuration.md, Instance Groups.

    ``gpus``: how many the server gets; None where nobody knows.
    """
    groups = model.config.instance_group
    for _, index, *field in (zero for zero in config_text_of(model).zeros if zero[0] == "instance_group"):
        if field == ["count"]:
            message = f"instance group {groups[int(index)].name or int(index) + 1} of model {model.name!r} has count 0"
            where = ("instance_group", int(index), "count")
            yield Fault(model.name, where, f"{message}, which Triton takes for 1; say how many, at least 1")
    for index, group in enumerate(groups):
        for field, message in _group(model, group, gpus):
            text = f"instance group {group.name or index + 1} of model {model.name!r} {message}"
            yield Fault(model.name, ("instance_group", index, *field), text)
    if groups and all(group.passive for group in groups):
        message = (
            f"every instance group of model {model.name!r} is passive, and the server crashes on the first request"
        )
        yield Fault(model.name, ("instance_group", 0, "passive"), f"{message}; leave one active")


def _group(model: RepositoryModel, group: Any, gpus: int | None) -> Iterator[tuple[Steps, str]]:
    kind: str = module().ModelInstanceGroup.Kind.Name(group.kind)
    if group.count < 0:
        yield ("count",), f"has count {group.count}; it is at least 1"
    if group.gpus and kind in ("KIND_CPU", "KIND_MODEL"):
        place = "is for the CPU" if kind == "KIND_CPU" else "is placed by the model itself"
        yield ("gpus",), f"{place} and names GPUs {', '.join(map(str, group.gpus))}; delete one of the two"
    elif gpus == 0 and kind == "KIND_GPU":
        yield ("kind",), "is for GPUs, and the server has no GPU; use the CPU, or give each replica a GPU"
    elif gpus is not None:
        missing = [number for number in group.gpus if not 0 <= number < gpus]
        if missing:
            has = f"the server has {gpus}, numbered from 0" if gpus else "the server has none"
            yield ("gpus",), f"names GPU {missing[0]}, and {has}; name those, or none for all of them"
    if group.profile and backend_name(model) != "tensorrt":
        yield ("profile",), f"names the profile {group.profile[0]!r}, which only TensorRT engines have; delete it"
    else:
        wrong = [profile for profile in group.profile if not (profile.isascii() and profile.isdecimal())]
        if wrong:
            yield ("profile",), f"names the profile {wrong[0]!r}; profiles are numbers from 0, as text"
