"""Which canary is meant, and whether the gateway counts it by the names that are asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.environment.load import load
from modelyard.promotion.canary import NoCanary, declared_canary
from modelyard.serving.kserve.python_server import inference_routes
from modelyard.serving.tfserving.server import server as tensorflow_server
from modelyard.serving.torchserve.archived_version import ArchivedVersion
from modelyard.serving.torchserve.server import Loaded
from modelyard.serving.torchserve.server import server as torch_server
from modelyard.serving.triton.server import server as triton_server
from modelyard.serving.workload.http_route import declared_routes
from modelyard.serving.workload.server import Route

STACKS = Path(__file__).parents[3] / "stacks"
MODEL = {"name": "tagger", "task": "image_classification", "format": "onnx", "source": "../models/product-tagging"}
ROLLOUT = {"stable": 1, "canary": 2, "percent": 10, "gates": {"error_rate": 0.01}}


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "departments").mkdir(parents=True)
    platform = yaml.safe_load((STACKS / "staging" / "platform.yaml").read_text(encoding="utf-8"))
    platform |= {"environment": "shop", "image_registry": None}
    platform = {key: value for key, value in platform.items() if value is not None}
    (folder / "platform.yaml").write_text(yaml.safe_dump(platform), encoding="utf-8")
    return folder


def declare(folder: Path, **model: Any) -> None:
    declared = {"department": "web", "cost_center": "CC-1", "owner": "web@example.org", "monthly_budget_usd": 100,
                "models": [{**MODEL, "name": "other"}, {**MODEL, **model}]}  # fmt: skip
    (folder / "departments" / "web.yaml").write_text(yaml.safe_dump(declared), encoding="utf-8")


@pytest.mark.parametrize(
    ("model", "name", "message"),
    [
        ({}, "tagegr", "'tagegr' is not a model of the environment shop; did you mean 'tagger'? Allowed: other, "
                       "tagger"),
        ({"version": 3}, "tagger", "shop/departments/web.yaml: model 'tagger' has no rollout; declare one beside "
                                   "version 3: rollout: {stable: 3, canary: 4}"),
        ({"rollout": {"stable": 2}}, "tagger",
         "shop/departments/web.yaml: the rollout of model 'tagger' has no canary: version 2 answers everybody; name "
         "the version to try in rollout.canary"),
        ({"rollout": {"stable": 1, "canary": 2, "by": "argo_rollouts"}}, "tagger",
         "shop/departments/web.yaml: the rollout of model 'tagger' is argo_rollouts's, which judges the gates and "
         "moves the traffic itself; ask it, or set by: gateway"),
        ({"rollout": ROLLOUT, "runtime": "seldon", "seldon": {"server": "mlserver"}}, "tagger",
         "shop/departments/web.yaml: Seldon splits the traffic of model 'tagger' behind the gateway, which then cannot "
         "tell version 2 from 1; promote it by hand: rollout.percent"),
        ({"rollout": ROLLOUT, "runtime": "kserve", "kserve": {"server": "mlserver", "mode": "knative"}}, "tagger",
         "shop/departments/web.yaml: Knative splits the traffic of model 'tagger' behind the gateway, which then "
         "cannot tell version 2 from 1; promote it by hand: rollout.percent"),
        ({"rollout": ROLLOUT, "target": "vertex"}, "tagger",
         "shop/departments/web.yaml: Vertex AI splits the traffic of model 'tagger', and no gateway of ours tells "
         "version 2 from 1; write rollout.percent by hand, and deploy it (nearest to gates: an alert policy tells "
         "somebody; percent is moved by the declaration)"),
        ({"rollout": ROLLOUT, "target": "azureml"}, "tagger",
         "shop/departments/web.yaml: Azure ML splits the traffic of model 'tagger', and no gateway of ours tells "
         "version 2 from 1; write rollout.percent by hand, and deploy it (nearest to gates: a metric alert tells "
         "somebody; percent is moved by the declaration)"),
        ({"rollout": ROLLOUT, "target": "sagemaker", "sagemaker": {"instance_type": "ml.m5.large"}}, "tagger",
         "shop/departments/web.yaml: SageMaker splits the traffic of model 'tagger', and no gateway of ours tells "
         "version 2 from 1; write rollout.percent by hand, and deploy it (nearest to gates: sagemaker.deployment in "
         "place of rollout, whose alarms take a shift back by themselves; percent is moved by the declaration)"),
    ],
)  # fmt: skip
def test_nothing_to_promote(environment: Path, model: dict[str, Any], name: str, message: str) -> None:
    declare(environment, **model)
    with pytest.raises(NoCanary) as refused:
        declared_canary(load(environment), name)
    assert str(refused.value) == message


def test_a_canary(environment: Path) -> None:
    declare(environment, rollout=ROLLOUT, version=1)
    found = declared_canary(load(environment), "tagger")
    assert (found.environment, found.department, found.position, found.version) == ("shop", "web", 1, 2)
    assert found.file == environment / "departments" / "web.yaml"
    assert found.clusters == ("east",)
    assert found.version_declared
    assert [gate.name for gate in found.gates] == ["error_rate", "server_error_rate"]
    assert 'namespace="web",service="tagger-canary-v2"' in found.gates[1].query


def routes(runtime: str) -> Sequence[Route]:
    if runtime == "triton":
        return triton_server("m", image="", versions=[2]).routes
    if runtime == "tensorflow_serving":
        return tensorflow_server("m", image="", version=2, versions=[2]).routes
    if runtime == "kserve":
        return inference_routes("m", 8080, 8081, predict=True)
    return torch_server(Loaded("m", (ArchivedVersion(2, "2.0", "m.mar"),), 2, "/models"), image="", cpu=1).routes


@pytest.mark.parametrize("runtime", ["triton", "tensorflow_serving", "torchserve", "kserve"])
def test_every_runtime_has_the_routes_that_are_asked_for(runtime: str) -> None:
    """Four rules in each set, of which the first two are inference: else the gates would ask about nobody."""
    made = routes(runtime)
    assert [route.inference for route in made] == [route.inference for route in declared_routes()]
    assert [route.inference for route in made] == [True, True, False, False]


def test_a_triton_of_kserves_is_asked_by_the_service_of_its_predictor(environment: Path) -> None:
    """The gateway takes an error over gRPC for an answer, whoever makes Triton's pods."""
    declare(environment, rollout=ROLLOUT, runtime="kserve", kserve={"server": "triton"})
    found = declared_canary(load(environment), "tagger")
    assert [gate.name for gate in found.gates] == ["error_rate", "server_error_rate"]
    assert 'namespace="web",service="tagger-canary-v2-predictor"' in found.gates[1].query


def test_a_transformer_of_kserves_speaks_http_alone(environment: Path) -> None:
    """Two rules in each set, of which the first is inference."""
    transformer = {"image": f"registry.example.org/prepare@sha256:{'0' * 64}"}
    declare(environment, rollout=ROLLOUT, runtime="kserve", kserve={"server": "mlserver", "transformer": transformer})
    found = declared_canary(load(environment), "tagger")
    assert found.routes == 2
    assert "httproute/web/tagger/(rule/(4)|rule/(2)/backend/1)" in found.gates[0].query
    assert [gate.name for gate in found.gates] == ["error_rate"]


def test_the_gates_ask_for_the_canarys_rules(environment: Path) -> None:
    declare(environment, rollout=ROLLOUT)
    found = declared_canary(load(environment), "tagger")
    pattern = re.search(r'envoy_cluster_name=~"([^"]+)"', found.gates[0].query)
    assert pattern is not None
    route = "httproute/web/tagger/rule"
    names = [f"{route}/{number}{end}" for number in range(12) for end in ("", "/backend/0", "/backend/1")]
    assert [name for name in names if re.fullmatch(pattern[1], name)] == [
        f"{route}/4/backend/1", f"{route}/5/backend/1", f"{route}/8", f"{route}/9",
    ]  # fmt: skip
