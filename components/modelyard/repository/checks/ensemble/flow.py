"""Which step writes each tensor of an ensemble, which steps read it, and in which order that can be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ....catalog.spelling import nearest
from ....environment.yaml_document import Steps
from ...repository import RepositoryModel
from ..fault import Fault, listed
from .step_name import step_name, step_of


@dataclass(slots=True)
class Tensor:
    """One tensor of an ensemble: steps by their index, with the name that the step's model has for it."""

    writers: list[tuple[int, str]] = field(default_factory=list)
    readers: list[tuple[int, str]] = field(default_factory=list)


def tensors(config: Any) -> dict[str, Tensor]:
    """By name, in the order in which the steps name them; not those that only the ensemble itself names."""
    found: dict[str, Tensor] = {}
    for index, step in enumerate(config.ensemble_scheduling.step):
        for name, tensor in sorted(each for each in step.input_map.items() if each[1]):
            found.setdefault(tensor, Tensor()).readers.append((index, name))
        for name, tensor in sorted(each for each in step.output_map.items() if each[1]):
            found.setdefault(tensor, Tensor()).writers.append((index, name))
    return found


def faults(model: RepositoryModel) -> Iterator[Fault]:
    """Tensors written twice, never, or for nobody; inputs and outputs that lead nowhere; steps that wait for each
    other."""
    config = model.config
    graph = tensors(config)
    inputs = [tensor.name for tensor in config.input]
    outputs = [tensor.name for tensor in config.output]
    known = sorted({*inputs, *(tensor for tensor in graph if graph[tensor].writers)})
    meant = {nearest(name, known) for name, tensor in graph.items() if not tensor.writers and name not in inputs}
    for name, tensor in graph.items():
        yield from _written(model, name, tensor, inputs, known)
        if tensor.writers and not tensor.readers and name not in [*outputs, *meant]:
            index, output = tensor.writers[0]
            message = (
                f"{step_name(config, index)} writes tensor {name!r} (output {output!r}), which no step reads and which "
                "is no output of the ensemble; use it, or delete it from output_map"
            )
            yield Fault(model.name, _at(index, "output_map", output), message)
    yield from _ends(model, graph, inputs, outputs)
    yield from _circles(model, graph)


def _written(model: RepositoryModel, name: str, tensor: Tensor, inputs: list[str], known: list[str]) -> Iterator[Fault]:
    config = model.config
    for position, (index, output) in enumerate(tensor.writers):
        if name in inputs:
            message = (
                f"{step_name(config, index)} writes tensor {name!r}, which is an input of the ensemble: requests would "
                "wait for ever; rename one"
            )
            yield Fault(model.name, _at(index, "output_map", output), message)
        elif position:
            first = step_of(config, tensor.writers[0][0])
            message = (
                f"{step_name(config, index)} writes tensor {name!r} (output {output!r}), which {first} writes as "
                f"output {tensor.writers[0][1]!r}; each tensor is written once: rename one of the two"
            )
            yield Fault(model.name, _at(index, "output_map", output), message)
    if tensor.writers or name in inputs:
        return
    closest = nearest(name, known)
    hint = f"; did you mean {closest!r}?" if closest else f"; there are {listed(known)}"
    for index, read in tensor.readers:
        message = (
            f"{step_name(config, index)} reads tensor {name!r} (input {read!r}), which no step writes and which is no "
            f"input of the ensemble{hint}"
        )
        yield Fault(model.name, _at(index, "input_map", read), message)


def _ends(model: RepositoryModel, graph: dict[str, Tensor], inputs: list[str], outputs: list[str]) -> Iterator[Fault]:
    for position, name in enumerate(inputs):
        if name and (name not in graph or not graph[name].readers):
            unread = sorted(t for t in graph if t not in inputs and not graph[t].writers)
            closest = nearest(name, unread)
            hint = f"did you mean {closest!r}?" if closest else "map it to an input of a step, or delete it"
            message = f"input {name!r} of ensemble {model.name!r} is read by no step; {hint}"
            yield Fault(model.name, ("input", position), message)
    written = sorted(tensor for tensor in graph if graph[tensor].writers)
    for position, name in enumerate(outputs):
        # An input that is an output too is passed on, where a step also reads it.
        if not name or name in written or (name in inputs and name in graph):
            continue
        closest = nearest(name, written)
        hint = f"did you mean {closest!r}?" if closest else f"the steps write {listed(written)}"
        message = f"output {name!r} of ensemble {model.name!r} is written by no step; {hint}"
        yield Fault(model.name, ("output", position), message)


def _circles(model: RepositoryModel, graph: dict[str, Tensor]) -> Iterator[Fault]:
    """One fault for each circle of steps, at the step of it that comes first."""
    count = len(model.config.ensemble_scheduling.step)
    waits: dict[int, dict[int, str]] = {index: {} for index in range(count)}
    given = {tensor.name for tensor in model.config.input}
    for name, tensor in graph.items():
        for reader, _ in tensor.readers if name not in given else ():
            for writer, _ in tensor.writers:
                waits[reader].setdefault(writer, name)
    done: set[int] = set()
    for start in range(count):
        circle = _circle(start, waits)
        if circle is None or done & set(circle):
            continue
        done.update(circle)
        words = [f"reads {waits[index][after]!r} of {step_of(model.config, after)}" for index, after in _pairs(circle)]
        message = (
            f"steps of ensemble {model.name!r} wait for each other in a circle: {step_of(model.config, circle[0])} "
            f"{', which '.join(words)}; break it, so that every step can begin after another has ended"
        )
        yield Fault(model.name, ("ensemble_scheduling", "step", circle[0]), message)


def _circle(start: int, waits: dict[int, dict[int, str]]) -> list[int] | None:
    """The shortest way from a step back to itself."""
    ways = [[start]]
    seen: set[int] = set()
    while ways:
        way = ways.pop(0)
        for after in sorted(waits[way[-1]]):
            if after == start:
                return way
            if after not in seen:
                seen.add(after)
                ways.append([*way, after])
    return None


def _pairs(circle: list[int]) -> list[tuple[int, int]]:
    return list(zip(circle, [*circle[1:], circle[0]], strict=True))


def _at(index: int, kind: str, name: str) -> Steps:
    return ("ensemble_scheduling", "step", index, kind, name)
