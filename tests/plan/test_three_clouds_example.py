"""The example of three clouds: one declaration of pools is made by each, and one model is served by all."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from modelyard.repository.build import build
from modelyard.repository.checks import check
from modelyard.repository.load import read
from modelyard.review.build import plan
from modelyard.review.plan import PlanDocument

from .managed_project import of_type

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "three-clouds"
MODEL = EXAMPLE / "models" / "shelf-gaps"
RELEASE = "26.07"
CLUSTERS = ("virginia", "iowa", "dublin")


@pytest.fixture(scope="module")
def planned() -> PlanDocument:
    return plan(EXAMPLE / "stacks" / "prod", EXAMPLE / "stacks")


def test_every_cloud_makes_the_same_two_pools(planned: PlanDocument) -> None:
    assert [(line.cluster, line.name) for line in planned.pools] == [
        (cluster, pool) for cluster in CLUSTERS for pool in ("serving", "overflow")
    ]
    assert {(each.pool.cluster, each.pool.name, each.pool.spot) for each in planned.placement.pools} >= {
        (cluster, pool, pool == "overflow") for cluster in CLUSTERS for pool in ("serving", "overflow")
    }


def test_nodes_on_google_cloud_stay_in_the_zones_of_the_network(planned: PlanDocument) -> None:
    zones = ["us-central1-a", "us-central1-c"]
    (cluster,) = of_type(planned, "gcp:container/cluster:Cluster")
    pools = of_type(planned, "gcp:container/nodePool:NodePool")
    assert [each.inputs.get("nodeLocations", cluster.inputs["nodeLocations"]) for each in pools] == [zones] * 3
    first = {each.name: each.inputs["initialNodeCount"] for each in pools}
    assert first == {"prod-iowa-overflow": 0, "prod-iowa-serving": 1, "prod-iowa-system": 1}


def test_every_dollar_is_known_and_every_policy_holds(planned: PlanDocument) -> None:
    assert planned.exit_code == 0
    assert not planned.costs.unpriced
    assert [line.outcome for line in planned.budgets] == ["pass", "pass"]


def test_the_readme_says_what_is_planned(planned: PlanDocument) -> None:
    readme = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    lines = planned.costs.lines
    for cluster in CLUSTERS:
        machine = next(each.pool.instance_type for each in planned.placement.pools if each.pool.cluster == cluster)
        month = sum(line.usd for line in lines if line.urn.endswith(f"::prod-{cluster}-serving"))
        spot = next(line.unit_usd for line in lines if line.urn.endswith(f"::prod-{cluster}-overflow"))
        assert f"| `{cluster}` | {machine} | ${month:,.2f} | ${spot:.4f} |" in readme
    assert f"costs ${planned.costs.total:,.2f} a month and at most ${planned.costs.at_max:,.2f}" in readme


def test_every_replica_finds_a_node_on_every_cloud(planned: PlanDocument) -> None:
    (line,) = planned.models
    assert [place.cluster for place in line.places] == list(CLUSTERS)
    assert not planned.placement.misfits
    assert not planned.placement.unpacked


def test_its_repository_is_sound() -> None:
    repository = build(read(MODEL, "shelf-gaps", boundary=EXAMPLE), version=None, release=RELEASE)
    assert [str(problem) for problem in check(repository, release=RELEASE, p99_ms=100)] == []


def test_training_makes_the_same_files(tmp_path: Path) -> None:
    copy = tmp_path / "example"
    shutil.copytree(EXAMPLE, copy)
    made = ("models/shelf-gaps/1/model.onnx", "models/shelf-gaps/golden.json")
    for file in made:
        (copy / file).unlink()
    subprocess.run([sys.executable, "training/train.py"], cwd=copy, check=True)
    assert [(copy / file).read_bytes() for file in made] == [(EXAMPLE / file).read_bytes() for file in made]


def test_the_model_gives_the_answers_that_it_is_shipped_with() -> None:
    session = onnxruntime.InferenceSession(MODEL / "1" / "model.onnx")
    for case in json.loads((MODEL / "golden.json").read_text(encoding="utf-8"))["cases"]:
        shelf = np.array(case["inputs"]["shelf"]["data"], dtype=np.float32)
        (empty,) = session.run(["empty"], {"shelf": shelf})
        np.testing.assert_allclose(np.asarray(empty), case["outputs"]["empty"]["data"], atol=1e-5)
