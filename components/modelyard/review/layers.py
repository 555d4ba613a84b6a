"""The stacks of an environment, in the order in which they build on each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..graph import Secret
from ..offline.stack_file import StackFile, StackFileError, load_stack
from .refused import PlanRefused

if TYPE_CHECKING:
    from ..environment.environment import Environment

PLATFORM_KEY = "modelyard:platform"
LAYER_KEY = "modelyard:layer"


@dataclass(frozen=True, slots=True)
class Layer:
    """One stack file that belongs to the environment."""

    name: str
    """``foundation``, ``all`` or a department's name."""
    stack: StackFile


def layers(environment: Environment, stacks_dir: Path) -> list[Layer]:
    """The environment's stacks, the foundation first, then departments in their declared order.

    Raises PlanRefused with every stack that is missing, doubled or for a department that is not declared.
    """
    found = _stacks_of(environment.name, stacks_dir)
    problems = [*_doubled(found, stacks_dir), *_undeclared(found, environment, stacks_dir)]
    names = {layer.name for layer in found}
    if environment.platform.layers == "all":
        order = ["all"]
        problems += [
            f"{_file(layer, stacks_dir)}: {LAYER_KEY}: {layer.name!r} in an environment of one stack; "
            f"platform.yaml of {environment.name} says layers: all, so make it 'all' or remove the file"
            for layer in found
            if layer.name != "all"
        ]
        if not found:
            problems.append(_missing(environment, "all", environment.name, stacks_dir, "the environment has no stack"))
    else:
        order = ["foundation", *(department.department for department in environment.departments)]
        problems += [
            f"{_file(layer, stacks_dir)}: {LAYER_KEY}: 'all' in an environment of layers; platform.yaml of "
            f"{environment.name} says layers: per_department, so name a department or 'foundation'"
            for layer in found
            if layer.name == "all"
        ]
        problems += _missing_layers(environment, order, names, stacks_dir)
    if problems:
        raise PlanRefused("\n".join(problems))
    by_name = {layer.name: layer for layer in found}
    return [by_name[name] for name in order]


def _stacks_of(environment: str, stacks_dir: Path) -> list[Layer]:
    project_dir = _project_dir(stacks_dir)
    found = []
    for path in sorted(stacks_dir.glob("Pulumi.*.yaml")):
        try:
            stack = load_stack(project_dir, path.name[len("Pulumi.") : -len(".yaml")])
        except StackFileError as error:
            raise PlanRefused(str(error)) from error
        if _plain(stack.config, PLATFORM_KEY) != environment:
            continue
        layer = _plain(stack.config, LAYER_KEY)
        if not layer:
            raise PlanRefused(
                f"{path}: {LAYER_KEY}: missing; say which layer of {environment} this stack is: "
                "foundation, all or a department's name"
            )
        found.append(Layer(layer, stack))
    return found


def _project_dir(stacks_dir: Path) -> Path:
    for folder in (stacks_dir, stacks_dir.absolute().parent):
        if (folder / "Pulumi.yaml").is_file() or (folder / "Pulumi.yml").is_file():
            return folder
    raise PlanRefused(
        f"{stacks_dir}: no Pulumi.yaml in it or above it; run in the folder of the Pulumi project, or name the "
        "folder of its stacks with --stacks"
    )


def _plain(config: Mapping[str, str | Secret], key: str) -> str | None:
    value = config.get(key)
    return value if isinstance(value, str) else None


def _doubled(found: list[Layer], stacks_dir: Path) -> list[str]:
    first: dict[str, Layer] = {}
    problems = []
    for layer in found:
        if layer.name in first:
            other = _file(first[layer.name], stacks_dir)
            problems.append(
                f"{_file(layer, stacks_dir)}: {LAYER_KEY}: {layer.name!r} is the layer of {other} already; "
                "one stack deploys one layer"
            )
        first.setdefault(layer.name, layer)
    return problems


def _undeclared(found: list[Layer], environment: Environment, stacks_dir: Path) -> list[str]:
    from ..environment.environment import unknown_department

    return [
        f"{_file(layer, stacks_dir)}: {LAYER_KEY}: {unknown_department(environment, layer.name).message}"
        for layer in found
        if layer.name not in ("foundation", "all") and environment.department(layer.name) is None
    ]


def _missing_layers(environment: Environment, order: list[str], names: set[str], stacks_dir: Path) -> list[str]:
    problems = []
    for layer in order:
        if layer in names:
            continue
        stack = f"{environment.name}-{layer}"
        if layer == "foundation":
            built = ", ".join(sorted(names - {"all"})) or "every department"
            why = f"the stacks of {built} build on a foundation, and there is none"
        else:
            why = f"department {layer!r} is declared and has no stack"
        problems.append(_missing(environment, layer, stack, stacks_dir, why))
    return problems


def _missing(environment: Environment, layer: str, stack: str, stacks_dir: Path, why: str) -> str:
    return (
        f"{stacks_dir / f'Pulumi.{stack}.yaml'}: missing: {why}; add this file with config keys "
        f"{PLATFORM_KEY}: {environment.name} and {LAYER_KEY}: {layer}"
    )


def _file(layer: Layer, stacks_dir: Path) -> Path:
    return stacks_dir / f"Pulumi.{layer.stack.stack}.yaml"
