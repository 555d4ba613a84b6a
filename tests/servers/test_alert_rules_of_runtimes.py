"""Every alert of every runtime and of canaries, checked and fired by Prometheus' own tool."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.governance.ownership import Ownership
from modelyard.monitoring.alert import Alert
from modelyard.monitoring.gpu_alerts import gpu_rule
from modelyard.monitoring.model_alerts import ModelThresholds, model_alerts, model_rule
from modelyard.monitoring.watched_track import Served

from .alert_cases import CASES, gateway_5xx
from .test_alert_rules import run_promtool

pytestmark = pytest.mark.servers

OWNERSHIP = Ownership("shop", "CC-1", "prod", "shop@example.org")
SERVED = {
    "triton": Served("tagger", "shop", stable=1, canary=2),
    "tensorflow_serving": Served("tagger", "shop", "tensorflow_serving", stable=1, canary=2),
    "torchserve": Served("tagger", "shop", "torchserve", stable=1, canary=2),
    "kserve_triton": Served("tagger", "shop", "kserve", "triton", stable=1, canary=2),
    "kserve_tensorflow_serving": Served("tagger", "shop", "kserve", "tensorflow_serving", stable=1, canary=2),
    "kserve_torchserve": Served("tagger", "shop", "kserve", "torchserve", stable=1, canary=2),
    "mlserver": Served("tagger", "shop", "kserve", "mlserver", stable=1, canary=2),
    "sklearnserver": Served("tagger", "shop", "kserve", "sklearnserver", stable=1, canary=2),
    "xgbserver": Served("tagger", "shop", "kserve", "xgbserver", stable=1, canary=2),
    "knative": Served("tagger", "shop", "kserve", "sklearnserver", knative=True),
    "knative_mlserver": Served("tagger", "shop", "kserve", "mlserver", knative=True),
    "seldon": Served("tagger", "shop", "seldon", "mlserver", stable=1, canary=2),
    "seldon_shared": Served("tagger", "shop", "seldon", "triton", shared_server="models"),
    "argo_rollouts": Served("tagger", "shop", stable=1, canary=2, by="argo_rollouts"),
    "flagger": Served("tagger", "shop", stable=1, canary=2, by="flagger"),
}
GATEWAY = {"GatewayErrorRate", "LatencyP99"}
MODEL = {"NoReplicas", "Restarts", "NotMeasured"}
OWN = {"RolloutStuck", "AtMaxReplicas"}
CANARY = {"NoReplicas", "Restarts"}
ALERTS: dict[str, tuple[set[str], set[str]]] = {
    "triton": (MODEL | OWN | GATEWAY | {"ErrorRate", "QueueTime"}, CANARY | GATEWAY | {"ErrorRate", "QueueTime"}),
    "sklearnserver": (MODEL | OWN | GATEWAY, CANARY | GATEWAY),
    "mlserver": (MODEL | OWN | GATEWAY | {"ErrorRate"}, CANARY | GATEWAY | {"ErrorRate"}),
    "knative": (MODEL | {"RolloutStuck", "LatencyP99"}, set()),
    "knative_mlserver": (MODEL | {"RolloutStuck", "ErrorRate"}, set()),
    "seldon": (MODEL | GATEWAY | {"ErrorRate"}, CANARY | {"ErrorRate"}),
    "seldon_shared": (MODEL | GATEWAY | {"ErrorRate"}, set()),
    "argo_rollouts": (
        MODEL | GATEWAY | {"AtMaxReplicas", "ErrorRate", "QueueTime"},
        {"Restarts", "ErrorRate", "QueueTime"} | GATEWAY,
    ),
}
ALERTS |= {name: ALERTS["triton"] for name in ("tensorflow_serving", "torchserve")}
ALERTS |= {f"kserve_{name}": ALERTS["triton"] for name in ("triton", "tensorflow_serving", "torchserve")}
ALERTS |= {"xgbserver": ALERTS["sklearnserver"]}
ALERTS |= {"flagger": (ALERTS["triton"][0], ALERTS["argo_rollouts"][1])}
"""By how a model is served: its alerts, and those of its canary."""


def thresholds(served: Served) -> ModelThresholds:
    return ModelThresholds("tagger", OWNERSHIP, 0.25, 8, 5, 4, p99_ms=64, served=served)


def alerts(served: Served) -> dict[str, Alert]:
    return {alert.name: alert for alert in model_alerts(thresholds(served))}


@pytest.mark.parametrize("name", SERVED)
def test_what_each_runtime_and_its_canary_can_be_told_of(name: str) -> None:
    model, canary = ALERTS[name]
    assert set(alerts(SERVED[name])) == {f"Model{each}" for each in model} | {f"Canary{each}" for each in canary}


def test_promtool_accepts_every_rule(promtool: str, tmp_path: Path) -> None:
    files = []
    for name, served in SERVED.items():
        files.append(tmp_path / f"{name}.yaml")
        files[-1].write_text(yaml.safe_dump({"groups": model_rule(thresholds(served))["spec"]["groups"]}))
    done = subprocess.run([promtool, "check", "rules", *map(str, files)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    found = [int(line.split()[1]) for line in done.stdout.splitlines() if line.strip().startswith("SUCCESS")]
    assert found == [len(alerts(served)) for served in SERVED.values()]


@pytest.mark.parametrize("name", SERVED)
def test_alerts_fire_when_they_should(promtool: str, tmp_path: Path, name: str) -> None:
    cases = [case for case in CASES if case[0] == name]
    rules = tmp_path / "rules.yaml"
    rules.write_text(yaml.safe_dump({"groups": model_rule(thresholds(SERVED[name]))["spec"]["groups"]}))
    tests: list[dict[str, Any]] = [
        {
            "name": f"{alert}: {what}",
            "interval": "1m",
            "input_series": [{"series": series, "values": values} for series, values in given.items()],
            "promql_expr_test": [
                {
                    "expr": f'count(ALERTS{{alertname="{alert}",alertstate="firing"}})',
                    "eval_time": "28m",
                    "exp_samples": [{"labels": "{}", "value": 1}] if fires else [],
                }
            ],
        }
        for _, alert, what, given, fires in cases
    ]
    assert {alert for _, alert, *_ in cases} <= set(alerts(SERVED[name]))
    run_promtool(promtool, tmp_path, {"rule_files": [str(rules)], "evaluation_interval": "1m", "tests": tests})


def test_every_alert_of_a_canary_is_seen_to_fire() -> None:
    fired = {alert for _, alert, _, _, fires in CASES if fires and alert.startswith("Canary")}
    assert fired == {alert for served in SERVED.values() for alert in alerts(served) if alert.startswith("Canary")}


def test_a_canarys_alert_names_it_and_says_which_version_it_is(promtool: str, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(yaml.safe_dump({"groups": model_rule(thresholds(SERVED["triton"]))["spec"]["groups"]}))
    expected = {
        "exp_labels": {
            "department": "shop",
            "model": "tagger",
            "severity": "critical",
            "track": "canary",
            "version": "2",
        },
        "exp_annotations": {
            "summary": "50% of the answers of tagger-canary-v2 (canary of tagger) are server errors; 25% are allowed",
            "runbook": "docs/alerts.md#canarygatewayerrorrate",
        },
    }
    series = gateway_5xx("rule/4/backend/1", 50)
    test: dict[str, Any] = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": [
            {"eval_time": "28m", "alertname": "CanaryGatewayErrorRate", "exp_alerts": [expected]},
            {"eval_time": "28m", "alertname": "ModelGatewayErrorRate", "exp_alerts": []},
        ],
    }
    run_promtool(promtool, tmp_path, {"rule_files": [str(rules)], "evaluation_interval": "1m", "tests": [test]})


def test_memory_that_tensorflow_takes_at_its_start_alarms_nobody(promtool: str, tmp_path: Path) -> None:
    """And every other runtime's does, whoever makes its pods."""
    rules = tmp_path / "rules.yaml"
    rules.write_text(yaml.safe_dump({"groups": gpu_rule(OWNERSHIP)["spec"]["groups"]}))

    def full(container: str) -> dict[str, Any]:
        gpu = f'gpu="0",Hostname="node-1",namespace="shop",pod="tagger-0",container="{container}"'
        series = {f"DCGM_FI_DEV_FB_USED{{{gpu}}}": "1000x30", f"DCGM_FI_DEV_FB_FREE{{{gpu}}}": "24x30"}
        fires = container != "tensorflow-serving"
        return {
            "interval": "1m",
            "input_series": [{"series": name, "values": values} for name, values in series.items()],
            "promql_expr_test": [
                {
                    "expr": 'count(ALERTS{alertname="GpuMemoryNearlyFull",alertstate="firing"})',
                    "eval_time": "28m",
                    "exp_samples": [{"labels": "{}", "value": 1}] if fires else [],
                }
            ],
        }

    containers = ("tensorflow-serving", "torchserve", "triton", "kserve-container", "mlserver")
    tests = [full(container) for container in containers]
    run_promtool(promtool, tmp_path, {"rule_files": [str(rules)], "evaluation_interval": "1m", "tests": tests})
