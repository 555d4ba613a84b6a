"""Random ensembles: nothing is said of a good one, and every single mutation of it is told."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from modelyard.repository.protobuf import new_config
from modelyard.repository.repository import Origin, Repository, RepositoryModel, generated

from .repositories import checked

SEEDS = range(80)
TYPES = (1, 8, 9, 11, 13)
"""BOOL, INT32, INT64, FP32 and STRING of ``inference.DataType``."""
CODE = "class TritonPythonModel:\n    def execute(self, requests):\n        return []\n"


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_said_of_a_random_ensemble(seed: int) -> None:
    assert checked(ensemble(random.Random(seed))) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_every_mutation_of_a_random_ensemble_is_told(seed: int) -> None:
    for mutate in MUTATIONS:
        chance = random.Random(seed)
        repository = ensemble(chance)
        if mutate(repository, chance):
            found = checked(repository)
            assert found, f"{mutate.__name__}: nothing is told of\n{repository.served.config}"
            assert all(problem.message for problem in found)


def ensemble(chance: random.Random) -> Repository:
    """Two to six steps, in any order, each of which reads tensors that are there by then; whatever is left at the end
    is an output."""
    batch = chance.choice([0, 1, 8, 64])
    config = new_config()
    config.name, config.platform, config.max_batch_size = "served", "ensemble", batch
    tensors: dict[str, tuple[int, list[int]]] = {}
    for number in range(chance.randint(1, 3)):
        tensors[f"in{number}"] = (chance.choice(TYPES), _dims(chance))
        _declare(config.input, f"in{number}", *tensors[f"in{number}"])
    unread = list(tensors)
    models: list[RepositoryModel] = []
    for number in range(chance.randint(2, 6)):
        model = new_config()
        model.name, model.backend = f"model{number}", "python"
        model.max_batch_size = batch * chance.choice([1, 1, 4])
        step = config.ensemble_scheduling.step.add(model_name=model.name, model_version=-1)
        read = {chance.choice(unread or list(tensors)), *chance.sample(list(tensors), min(len(tensors), 2))}
        for position, tensor in enumerate(sorted(read)):
            kind, dims = tensors[tensor]
            _declare(model.input, f"i{position}", kind, [chance.choice([dim, -1]) for dim in dims])
            step.input_map[f"i{position}"] = tensor
        unread = [tensor for tensor in unread if tensor not in read]
        for position in range(chance.randint(1, 2)):
            tensor = f"t{number}_{position}"
            tensors[tensor] = (chance.choice(TYPES), _dims(chance))
            _declare(model.output, f"o{position}", *tensors[tensor])
            step.output_map[f"o{position}"] = tensor
            unread.append(tensor)
        if model.max_batch_size > 1:
            model.dynamic_batching.max_queue_delay_microseconds = chance.choice([0, 300])
        models.append(_model(model, {f"{model.name}/1/model.py": CODE}))
    # An input that no step met yet goes through one more.
    for tensor in [tensor for tensor in unread if tensor.startswith("in")]:
        _declare(models[0].config.input, f"late_{tensor}", *tensors[tensor])
        config.ensemble_scheduling.step[0].input_map[f"late_{tensor}"] = tensor
        unread.remove(tensor)
    for tensor in unread:
        _declare(config.output, tensor, *tensors[tensor])
    steps = list(config.ensemble_scheduling.step)
    chance.shuffle(steps)
    del config.ensemble_scheduling.step[:]
    config.ensemble_scheduling.step.extend(steps)
    return Repository("served", (*models, _model(config, {"served/1/README": "-"})))


def _dims(chance: random.Random) -> list[int]:
    return [chance.randint(1, 9) for _ in range(chance.randint(1, 3))]


def _declare(tensors: Any, name: str, kind: int, dims: list[int]) -> None:
    tensors.add(name=name, data_type=kind, dims=dims)


def _model(config: Any, files: dict[str, str]) -> RepositoryModel:
    own = tuple(generated(key, text) for key, text in files.items())
    kind = "ensemble" if config.platform == "ensemble" else "python"
    return RepositoryModel(config.name, kind, config, None, own, Origin(f"{config.name}/config.pbtxt"))


def _step(repository: Repository, chance: random.Random) -> tuple[Any, Any]:
    """One step of the ensemble, and the configuration of its model."""
    step = chance.choice(list(repository.served.config.ensemble_scheduling.step))
    return step, repository.model(step.model_name).config


def another_data_type(repository: Repository, chance: random.Random) -> bool:
    _, model = _step(repository, chance)
    tensor = chance.choice([*model.input, *model.output])
    read = {t for step in repository.served.config.ensemble_scheduling.step for t in step.input_map.values()}
    given = {t.name for t in repository.served.config.output}
    tensor.data_type = 12
    return bool(read | given)


def another_dimension(repository: Repository, chance: random.Random) -> bool:
    _, model = _step(repository, chance)
    tensor = chance.choice(list(model.input))
    if tensor.dims[0] == -1:
        return False
    tensor.dims[0] += 10
    return True


def one_dimension_more(repository: Repository, chance: random.Random) -> bool:
    _, model = _step(repository, chance)
    chance.choice(list(model.input)).dims.extend([2, 3])
    return True


def tensor_that_nobody_writes(repository: Repository, chance: random.Random) -> bool:
    step, _ = _step(repository, chance)
    step.input_map[chance.choice(sorted(step.input_map))] = "nowhere"
    return True


def input_of_no_model(repository: Repository, chance: random.Random) -> bool:
    step, _ = _step(repository, chance)
    step.input_map["none such"] = next(iter(step.input_map.values()))
    return True


def input_without_a_tensor(repository: Repository, chance: random.Random) -> bool:
    step, _ = _step(repository, chance)
    del step.input_map[chance.choice(sorted(step.input_map))]
    return True


def output_of_no_model(repository: Repository, chance: random.Random) -> bool:
    step, _ = _step(repository, chance)
    step.output_map["none such"] = "spare"
    return True


def tensor_written_twice(repository: Repository, chance: random.Random) -> bool:
    first, second = chance.sample(list(repository.served.config.ensemble_scheduling.step), 2)
    second.output_map[chance.choice(sorted(second.output_map))] = next(iter(first.output_map.values()))
    return True


def tensor_that_nobody_reads(repository: Repository, chance: random.Random) -> bool:
    outputs = repository.served.config.output
    del outputs[chance.randrange(len(outputs))]
    return True


def missing_model(repository: Repository, chance: random.Random) -> bool:
    step, _ = _step(repository, chance)
    step.model_name = "absent"
    return True


def missing_version(repository: Repository, chance: random.Random) -> bool:
    step, _ = _step(repository, chance)
    step.model_version = 5
    return True


def circle(repository: Repository, chance: random.Random) -> bool:
    step, model = _step(repository, chance)
    written = next(t for t in model.output if t.name == "o0")
    model.input.add(name="again", data_type=written.data_type, dims=written.dims)
    step.input_map["again"] = step.output_map["o0"]
    return True


def batch_above_a_step(repository: Repository, chance: random.Random) -> bool:
    ensemble = repository.served.config
    if not ensemble.max_batch_size:
        return False
    ensemble.max_batch_size = max(each.config.max_batch_size for each in repository.models) + 1
    return True


def size_below_one(repository: Repository, chance: random.Random) -> bool:
    _, model = _step(repository, chance)
    chance.choice([*model.input, *model.output]).dims[0] = 0
    return True


MUTATIONS: list[Callable[[Repository, random.Random], bool]] = [
    another_data_type, another_dimension, one_dimension_more, tensor_that_nobody_writes, input_of_no_model,
    input_without_a_tensor, output_of_no_model, tensor_written_twice, tensor_that_nobody_reads, missing_model,
    missing_version, circle, batch_above_a_step, size_below_one,
]  # fmt: skip
