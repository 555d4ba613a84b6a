"""The stacks of an environment, in the order in which they build on each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..environment.credential import shown
from ..environment.known_name import unknown
from ..environment.patterns import NAME_PATTERN
from ..offline.stack_file import StackFile, StackFileError, load_stack
from .refused import PlanRefused
from .stack_configs import StackConfigs

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

    Raises PlanRefused with every stack file that cannot be read, is missing, doubled, holds a plain secret or is for
    a department that is not declared.
    """
    files = StackConfigs(stacks_dir)
    found = _stacks_of(environment.name, files)
    per_department = environment.platform.layers == "per_department"
    departments = [department.department for department in environment.departments]
    order = ["foundation", *departments] if per_department else ["all"]
    problems = [
        *files.problems,
        *_doubled(found, files),
        *(problem for layer in found if (problem := _misplaced(layer, environment, order, files))),
    ]
    told = {problem.partition(":")[0] for problem in problems}
    names = {layer.name for layer in found}
    for name in order:
        path = stacks_dir / f"Pulumi.{_usual_stack(environment.name, name)}.yaml"
        if name not in names and str(path) not in told:
            problems.append(_missing(environment.name, name, names, path, files))
    if problems:
        raise PlanRefused("\n".join(problems))
    by_name = {layer.name: layer for layer in found}
    return [by_name[name] for name in order]


def _stacks_of(environment: str, files: StackConfigs) -> list[Layer]:
    project_dir = _project_dir(files.folder)
    if files.broken(next(path for path in _project_files(project_dir) if path.is_file())):
        raise PlanRefused("\n".join(files.problems).replace(f"{project_dir.absolute()}/", ""))
    found = []
    for path in files.readable():
        name = path.name[len("Pulumi.") : -len(".yaml")]
        try:
            stack = load_stack(project_dir, name)
        except StackFileError as error:
            # The engine's reader knows absolute paths only; everything else here is told as it was given.
            told = str(error).replace(str(path.absolute()), str(path)).replace(f"{project_dir.absolute()}/", "")
            if not told.startswith(str(path)):
                raise PlanRefused(told) from error
            files.problems.append(told)
            continue
        if stack.main.is_dir() and not (stack.main / "__main__.py").is_file():
            raise PlanRefused(f"{stack.main.name}/__main__.py: there is no such file; it is the program of the stacks")
        if stack.config.get(PLATFORM_KEY) != environment:
            continue
        files.refuse_plain_secrets(path)
        layer = stack.config.get(LAYER_KEY)
        if not isinstance(layer, str) or not layer:
            what = "is encrypted, and a layer's name is no secret; write it plainly" if layer else "is missing"
            files.add(path, LAYER_KEY, f"{what}: foundation, all or a department's name")
            continue
        found.append(Layer(layer, stack))
    return found


def _misplaced(layer: Layer, environment: Environment, order: list[str], files: StackConfigs) -> str | None:
    name = layer.name
    if name in order:
        return None
    path = files.path(layer.stack.stack)
    if environment.platform.layers == "all":
        says = f"platform.yaml of {environment.name} says layers: all, so make it 'all' or remove the file"
        return files.told(path, LAYER_KEY, f"{shown(name)} in an environment of one stack; {says}")
    if name == "all":
        says = f"platform.yaml of {environment.name} says layers: per_department"
        return files.told(
            path, LAYER_KEY, f"'all' in an environment of layers; {says}, so name a department or 'foundation'"
        )
    hint = ""
    if re.fullmatch(NAME_PATTERN, name):
        hint = f"; declare the department in {environment.folder.name}/departments/{name}.yaml, or name another layer"
    return files.told(path, LAYER_KEY, unknown(f"a layer of the environment {environment.name}", name, order) + hint)


def _project_dir(stacks_dir: Path) -> Path:
    for folder in (stacks_dir, stacks_dir.absolute().parent):
        if any(path.is_file() for path in _project_files(folder)):
            return folder
    raise PlanRefused(
        f"{stacks_dir}: no Pulumi.yaml in it or above it; run in the folder of the Pulumi project, or name the "
        "folder of its stacks with --stacks"
    )


def _project_files(folder: Path) -> tuple[Path, Path]:
    return folder / "Pulumi.yaml", folder / "Pulumi.yml"


def _doubled(found: list[Layer], files: StackConfigs) -> Iterator[str]:
    first: dict[str, Layer] = {}
    for layer in found:
        if layer.name in first:
            other = files.path(first[layer.name].stack.stack)
            yield files.told(
                files.path(layer.stack.stack),
                LAYER_KEY,
                f"{shown(layer.name)} is the layer of {other} already; one stack deploys one layer",
            )
        first.setdefault(layer.name, layer)


def _usual_stack(environment: str, layer: str) -> str:
    return environment if layer == "all" else f"{environment}-{layer}"


def _missing(environment: str, layer: str, names: set[str], path: Path, files: StackConfigs) -> str:
    if layer == "all":
        why = "the environment has no stack"
    elif layer == "foundation":
        built = ", ".join(sorted(names - {"all"})) or "every department"
        why = f"the stacks of {built} build on a foundation, and there is none"
    else:
        why = f"department {layer!r} is declared and has no stack"
    keys = f"{PLATFORM_KEY}: {environment} and {LAYER_KEY}: {layer}"
    if path.exists():
        return files.told(path, PLATFORM_KEY, f"must be {environment!r}: {why}; give this file the config keys {keys}")
    other = path.with_suffix(".yml")
    how = f"rename {other.name} to this" if other.exists() else f"add this file with config keys {keys}"
    return f"{path}: missing: {why}; {how}"
