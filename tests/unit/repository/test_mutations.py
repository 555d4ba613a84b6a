"""Whatever stands where in a declaration: it is built, or refused in sentences, and nothing else happens."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.environment.yaml_document import Steps, read
from modelyard.repository.build import build
from modelyard.repository.invalid import InvalidRepository
from modelyard.repository.load import read as read_folder
from modelyard.repository.written import config_text, parse_config

from .models import ENSEMBLE, ENSEMBLE_FILES, RELEASE, folder

EACH = 2
"""Of the values below stand in each place, others in the next."""
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 2**31, 2**70, 1.5, 1e300, "", "x", "../x", "a\nb", "ä" * 2000, [], [[]], [None], {}, {"x": {}},
    {"name": "x"},
)  # fmt: skip
EVERY_FIELD = read(Path(__file__).with_name("every_field.yaml")).data
DECLARATIONS: dict[str, Any] = {"fraud": yaml.safe_load(ENSEMBLE), **EVERY_FIELD}


@pytest.mark.parametrize("name", DECLARATIONS)
def test_any_value_anywhere_is_built_or_refused(tmp_path: Path, name: str) -> None:
    source = folder(tmp_path, {**ENSEMBLE_FILES, "labels.txt": "a", "warmup/raw": "x", "initial_state/raw": "x"})
    file = source / "model.yaml"
    refused = built = 0
    for position, steps in enumerate(places(DECLARATIONS[name], ())):
        for number in range(EACH):
            value = VALUES[(position * EACH + number) % len(VALUES)]
            file.write_text(yaml.safe_dump(changed(DECLARATIONS[name], steps, value)))
            try:
                repository = build(read_folder(source, "fraud", boundary=tmp_path), version=None, release=RELEASE)
            except InvalidRepository as invalid:
                refused += 1
                assert all(problem.message and "\n" not in str(problem) for problem in invalid.problems), (steps, value)
            else:
                built += 1
                for model in repository.models:
                    assert parse_config(config_text(model.config)) == model.config
    assert refused
    assert built


def places(data: Any, at: Steps) -> Iterator[Steps]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, inner in items:
        yield (*at, key)
        yield from places(inner, (*at, key))


def changed(data: Any, steps: Steps, value: Any) -> Any:
    found = copy.deepcopy(data)
    around: Any = found
    for step in steps[:-1]:
        around = around[step]
    around[steps[-1]] = value
    return found
