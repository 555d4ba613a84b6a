"""Faults of what is declared in model.yaml are told where they are written, in the declaration's own words."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelyard.repository.checks import check
from modelyard.repository.repository import Repository

from .. import models
from ..models import FIRST_STEP

DECLARATION = (
    FIRST_STEP
    + """\
  - model: classifier
    inputs: {x: features}
    outputs: {y: score}
models:
  - name: preprocess
    format: python
    max_batch_size: 64
    inputs: [{name: raw, dtype: FP32, dims: [12]}]
    outputs: [{name: features, dtype: FP32, dims: [8]}]
    batching:
      max_queue_delay_us: 500
  - name: classifier
    format: python
    max_batch_size: 64
    inputs:
      - {name: x, dtype: FP32, dims: [8]}
    outputs:
      - name: y
        dtype: FP32
        dims: [1]
    instances: [{kind: cpu, count: 1}]
    batching:
      preferred_batch_sizes: [8, 64]
      max_queue_delay_us: 500
"""
)
CODE = """\
class TritonPythonModel:
    def execute(self, requests):
        return []
"""
FAULTS = [
    (
        ("      - {name: x, dtype: FP32", "      - {name: x, dtype: FP64"),
        [
            "fraud/model.yaml:10: steps[1].inputs.x: tensor 'features' of ensemble 'fraud': step 1 (preprocess) writes "
            "it as output 'features', FP32, and step 2 (classifier) reads it as input 'x', FP64; the data types must "
            "be the same"
        ],
    ),
    (
        ("preferred_batch_sizes: [8, 64]", "preferred_batch_sizes: [8, 65]"),
        [
            "fraud/model.yaml:31: models[1].batching.preferred_batch_sizes[1]: preferred batch size 65 of model "
            "'classifier' is above its max_batch_size 64; lower the one or raise the other"
        ],
    ),
    (
        ("  - model: classifier\n", "  - model: clasifier\n"),
        [
            "fraud/model.yaml:9: steps[1].model: step 2 (clasifier) of ensemble 'fraud' names a model that is not in "
            "the repository; did you mean 'classifier'?"
        ],
    ),
    (
        ("max_batch_size: 64\ninputs: [{name: tr", "max_batch_size: 65\ninputs: [{name: tr"),
        [
            "fraud/model.yaml:6: steps[0].model: step 1 (preprocess) of ensemble 'fraud' takes at most 64 rows "
            "(max_batch_size of 'preprocess') and the ensemble lets 65 in; lower max_batch_size of 'fraud' to 64, or "
            "raise the other",
            "fraud/model.yaml:9: steps[1].model: step 2 (classifier) of ensemble 'fraud' takes at most 64 rows "
            "(max_batch_size of 'classifier') and the ensemble lets 65 in; lower max_batch_size of 'fraud' to 64, or "
            "raise the other",
        ],
    ),
    (
        ("kind: cpu, count: 1", "kind: gpu, count: 1"),
        [
            "fraud/model.yaml:29: models[1].instances[0].kind: instance group 1 of model 'classifier' is for GPUs, and "
            "the server has no GPU; use the CPU, or give each replica a GPU"
        ],
    ),
    (
        ("    instances:", "    response_cache: true\n    transaction: {decoupled: true}\n    instances:"),
        [
            "fraud/model.yaml:29: models[1].response_cache: model 'classifier' keeps answers and gives any number of "
            "them to one request; switch response_cache off"
        ],
    ),
    (
        ("    instances:", "    version_policy: {specific: [1, 4]}\n    instances:"),
        [
            "fraud/model.yaml:29: models[1].version_policy.specific[1]: version_policy of model 'classifier' names "
            "version 4, which has no folder; there are 1: add classifier/4, or name one of those"
        ],
    ),
    (
        (
            "    instances:",
            "    warmup: [{name: w, batch_size: 1, inputs: {x: {dtype: FP32, dims: [7], zero_data: true}}}]\n"
            "    instances:",
        ),
        [
            "fraud/model.yaml:29: models[1].warmup[0].inputs.x: warm-up 'w' of model 'classifier' gives 'x', which has "
            "dims [7] there and [8] in the model; make them the same"
        ],
    ),
    (
        ("      max_queue_delay_us: 500\n", "      max_queue_delay_us: 3000\n"),
        [
            "fraud/model.yaml:19: models[0].batching.max_queue_delay_us: the queue delays of model 'fraud' take 6 ms, "
            "more than the objective's p99 of 5 ms: preprocess 3 ms, classifier 3 ms; lower the longest, or leave them "
            "to sizing"
        ],
    ),
    (
        ("models:\n", "models:\n  - {name: spare, format: python, inputs: [], outputs: []}\n"),
        [
            "fraud/model.yaml:13: models[0]: 1/model.py of model 'spare' has no auto_complete_config, and the "
            "configuration no inputs and no outputs; declare them",
            "fraud/model.yaml:13: models[0]: model 'spare' is used by no step of 'fraud' and called by no model; use "
            "it, list it under calls of the model whose code calls it, or delete it",
        ],
    ),
]


def repository(root: Path, text: str = DECLARATION) -> Repository:
    code = {f"{model}/1/model.py": CODE for model in ("preprocess", "classifier", "spare")}
    return models.repository(root, {"model.yaml": text, **code})


def test_nothing_is_said_of_a_good_declaration(tmp_path: Path) -> None:
    assert check(repository(tmp_path), release="26.07", p99_ms=5, gpus=0, arguments=[]) == []


@pytest.mark.parametrize(("change", "expected"), FAULTS, ids=[lines[0].split(": ")[1] for _, lines in FAULTS])
def test_fault_is_told_where_it_is_declared(tmp_path: Path, change: tuple[str, str], expected: list[str]) -> None:
    assert change[0] in DECLARATION
    found = check(repository(tmp_path, DECLARATION.replace(*change)), release="26.07", p99_ms=5, gpus=0)
    assert [str(problem) for problem in found] == expected
