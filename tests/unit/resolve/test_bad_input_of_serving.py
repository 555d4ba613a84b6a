"""What cannot be served, in an environment's YAML: one line each, with its place, before anything is declared.

The same in the arguments of components: tests/plan/kubernetes/test_bad_input_of_serving.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .world import CONFIG, FILES, PLATFORM, TOYS, lines, write


def toys(more: str = "") -> str:
    """The department's file with lines of its model added, from line 12 on."""
    return TOYS + "".join(f"    {line}\n" for line in more.splitlines())


ROLLOUT = "rollout: {stable: 1, canary: 2, percent: 10}\n"
SECOND = TOYS.partition("models:\n")[2]
TWO_VERSIONS = {"tagging": {**FILES, "2/model.onnx": "weights"}}
OWNED = "is already the name of a model in prod/departments/{}.yaml; names are unique in an environment"
WINDOWS = """\
scaling:
  max_replicas: 4
  target_queue_ms: 5
  schedules:
  - {days: mon-fri, start: '08:00', end: '20:00', min_replicas: 2}
  - {days: fri, start: '19:30', end: '22:00', min_replicas: 3}
"""
CASES: dict[str, tuple[str, list[str]]] = {
    "a canary above 100 %": (
        toys("rollout: {stable: 1, canary: 2, percent: 120}"),
        [
            "12: models[0].rollout.percent: is 120, and a canary gets at most 100 % of the traffic; allowed: 0 to 100 "
            "(model 'tagging')"
        ],
    ),
    "a canary without a stable version": (
        toys("rollout: {canary: 2, percent: 10}"),
        [
            "12: models[0].rollout: canary 2 has no stable version beside it; name in stable the version that serves "
            "now (model 'tagging')"
        ],
    ),
    "a canary without its files": (
        toys("rollout: {stable: 1, canary: 3}"),
        ["12: models[0].rollout.canary: '../models/tagging' has no files of version 3; it has 1, 2 (model 'tagging')"],
    ),
    "two rollouts for one model: the key twice": (
        toys(ROLLOUT + ROLLOUT),
        [
            "13: models[0].rollout: the key 'rollout' appears twice in one mapping (first on line 12); keep one (model "
            "'tagging')"
        ],
    ),
    "two rollouts for one model: twice in the list": (
        toys(ROLLOUT) + SECOND + f"    {ROLLOUT}",
        [f"13: models[1].name: 'tagging' {OWNED.format('toys')}"],
    ),
    "an autoscaler whose min exceeds its max": (
        toys("scaling: {min_replicas: 4, max_replicas: 2}"),
        [
            "12: models[0].scaling: min_replicas 4 exceeds max_replicas 2; raise max_replicas or lower min_replicas "
            "(model 'tagging')"
        ],
    ),
    "a transformer's autoscaler": (
        toys(
            "runtime: kserve\nkserve:\n  server: triton\n  transformer:\n"
            f"    image: toys/pre@sha256:{'a' * 64}\n    scaling: {{min_replicas: 4, max_replicas: 2}}"
        ),
        [
            "17: models[0].kserve.transformer.scaling: min_replicas 4 exceeds max_replicas 2; raise max_replicas or "
            "lower min_replicas (model 'tagging')"
        ],
    ),
    "a schedule with overlapping windows": (
        toys(WINDOWS),
        [
            "12: models[0].scaling: schedules[0] (mon-fri 08:00-20:00 Etc/UTC) and schedules[1] (fri 19:30-22:00 "
            "Etc/UTC) overlap on fri 19:30 to 20:00; end one where the other starts, or merge them (model 'tagging')"
        ],
    ),
    "a runtime that cannot serve the format": (
        toys("runtime: torchserve"),
        ["8: models[0].format: torchserve does not serve onnx; triton does (model 'tagging')"],
    ),
    "a server of KServe's that cannot serve the format": (
        toys("runtime: kserve\nkserve: {server: sklearnserver}"),
        ["8: models[0].format: sklearnserver does not serve onnx; triton does (model 'tagging')"],
    ),
    "a server of Seldon's that cannot serve the format": (
        toys("runtime: seldon\nseldon: {server: mlserver}"),
        ["8: models[0].format: Seldon's mlserver does not serve onnx; its triton does (model 'tagging')"],
    ),
    "a transformer without a predictor": (
        toys(f"runtime: kserve\nkserve: {{transformer: {{image: 'toys/pre@sha256:{'a' * 64}'}}}}"),
        [
            "13: models[0].kserve: transformer has no predictor to hand requests to; name the model's server in "
            "server: one of triton, tensorflow_serving, torchserve, mlserver, sklearnserver, xgbserver (model "
            "'tagging')"
        ],
    ),
    "a model named as a canary": (
        toys(ROLLOUT) + SECOND.replace("tagging", "tagging-canary-v2"),
        [
            "12: models[0].rollout.canary: the canary's objects are named tagging-canary-v2, and a model is too; "
            "rename that model (model 'tagging')"
        ],
    ),
    "a gateway host that is taken": (
        TOYS + "graphs:\n  - name: tagging\n    nodes: {root: {router: Sequence, steps: [{model: tagging}]}}\n",
        [f"13: graphs[0].name: 'tagging' {OWNED.format('toys')}"],
    ),
    "a graph's routers, at least more than at most": (
        TOYS + "graphs:\n  - name: both\n    min_replicas: 4\n    max_replicas: 2\n"
        "    nodes: {root: {router: Sequence, steps: [{model: tagging}]}}\n",
        [
            "13: graphs[0]: min_replicas 4 exceeds max_replicas 2; raise max_replicas or lower min_replicas (graph "
            "'both')"
        ],
    ),
}


@pytest.mark.parametrize(("department", "told"), CASES.values(), ids=CASES)
def test_it_is_told_in_one_line(department: str, told: list[str], tmp_path: Path) -> None:
    models = {
        **TWO_VERSIONS,
        "tagging-canary-v2": {**FILES, "config.pbtxt": CONFIG.replace("tagging", "tagging-canary-v2")},
    }
    folder = write(tmp_path, PLATFORM, department, models)
    assert lines(folder) == [f"prod/departments/toys.yaml:{line}" for line in told]


def test_two_rollouts_for_one_model_in_two_departments(tmp_path: Path) -> None:
    folder = write(tmp_path, PLATFORM, toys(ROLLOUT), TWO_VERSIONS)
    books = toys(ROLLOUT).replace("department: toys", "department: books")
    (folder / "departments" / "books.yaml").write_text(books)
    assert lines(folder) == [f"prod/departments/toys.yaml:6: models[0].name: 'tagging' {OWNED.format('books')}"]


def test_all_of_them_are_told_at_once(tmp_path: Path) -> None:
    mistakes = f"rollout: {{canary: 2, percent: 10}}\nruntime: seldon\n{WINDOWS}"
    found = lines(write(tmp_path, PLATFORM, toys(mistakes), TWO_VERSIONS))
    assert [line.split(": ")[1] for line in found] == ["models[0]", "models[0].rollout", "models[0].scaling"]
