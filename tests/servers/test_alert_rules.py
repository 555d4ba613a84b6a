"""Every alert, checked and fired by Prometheus' own tool."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.capacity.software.prometheus_adapter import queue_rule
from modelyard.governance.ownership import Ownership
from modelyard.monitoring.gpu_alerts import gpu_alerts, gpu_rule
from modelyard.monitoring.model_alerts import ModelThresholds, model_alerts, model_rule
from modelyard.monitoring.neuron_alerts import neuron_alerts, neuron_rule

pytestmark = pytest.mark.servers

OWNERSHIP = Ownership("shop", "CC-1", "prod", "shop@example.org")
THRESHOLDS = ModelThresholds("tagger", OWNERSHIP, error_rate=0.25, queue_ms=8, for_minutes=5, max_replicas=4, p99_ms=64)
LABELS = {"department": "shop", "model": "tagger"}
GPU_LABELS = {"department": "shop"}

SERVED = 'namespace="shop",service="tagger",pod="tagger-0"'
DEPLOYED = 'namespace="shop",deployment="tagger"'
CLUSTER = 'envoy_cluster_name="httproute/shop/tagger/rule/0"'
POD = 'namespace="shop",container="triton",pod="tagger-6d4cf56db6-x2x7p"'
HPA = "kube_horizontalpodautoscaler_status_desired_replicas"
SCALED = 'namespace="shop",horizontalpodautoscaler="tagger"'
OTHER = 'namespace="shop",service="tagger-2",model="tagger-2"'
METADATA = 'envoy_cluster_name="httproute/shop/tagger/rule/2"'
GPU = 'gpu="0",Hostname="node-1",namespace="shop",pod="tagger-0"'
NEURON = 'neuron_device_index="0",node="node-1"'
ECC = "hardware_ecc_events_total"

# A minute a step. Counters start with zeros, as Triton's do.
CASES: list[tuple[str, str, dict[str, str], bool]] = [
    (
        "ModelErrorRate",
        "half fail",
        {
            f'nv_inference_request_success{{{SERVED},model="tagger"}}': "0+60x30",
            f'nv_inference_request_failure{{{SERVED},model="tagger",reason="BACKEND"}}': "0+60x30",
        },
        True,
    ),
    (
        "ModelErrorRate",
        "one model of an ensemble fails, the ensemble's own counts hide it",
        {
            f'nv_inference_request_success{{{SERVED},model="tagger"}}': "0+6000x30",
            f'nv_inference_request_failure{{{SERVED},model="tagger",reason="BACKEND"}}': "0x30",
            f'nv_inference_request_success{{{SERVED},model="resize"}}': "0x30",
            f'nv_inference_request_failure{{{SERVED},model="resize",reason="OTHER"}}': "0+60x30",
        },
        True,
    ),
    (
        "ModelErrorRate",
        "an eighth fails",
        {
            f'nv_inference_request_success{{{SERVED},model="tagger"}}': "0+420x30",
            f'nv_inference_request_failure{{{SERVED},model="tagger",reason="BACKEND"}}': "0+60x30",
        },
        False,
    ),
    (
        "ModelErrorRate",
        "callers cancel",
        {
            f'nv_inference_request_success{{{SERVED},model="tagger"}}': "0+60x30",
            f'nv_inference_request_failure{{{SERVED},model="tagger",reason="CANCELED"}}': "0+600x30",
            f'nv_inference_request_failure{{{SERVED},model="tagger",reason="BACKEND"}}': "0x30",
        },
        False,
    ),
    (
        "ModelErrorRate",
        "no requests",
        {
            f'nv_inference_request_success{{{SERVED},model="tagger"}}': "0x30",
            f'nv_inference_request_failure{{{SERVED},model="tagger",reason="BACKEND"}}': "0x30",
        },
        False,
    ),
    (
        "ModelErrorRate",
        "another model fails",
        {
            f"nv_inference_request_success{{{OTHER}}}": "0+60x30",
            f'nv_inference_request_failure{{{OTHER},reason="OTHER"}}': "0+60x30",
        },
        False,
    ),
    (
        "ModelGatewayErrorRate",
        "half are 500",
        {
            f'envoy_cluster_upstream_rq_xx{{{CLUSTER},envoy_response_code_class="2"}}': "0+60x30",
            f'envoy_cluster_upstream_rq_xx{{{CLUSTER},envoy_response_code_class="5"}}': "0+60x30",
        },
        True,
    ),
    (
        "ModelGatewayErrorRate",
        "half are 400",
        {
            f'envoy_cluster_upstream_rq_xx{{{CLUSTER},envoy_response_code_class="2"}}': "0+60x30",
            f'envoy_cluster_upstream_rq_xx{{{CLUSTER},envoy_response_code_class="4"}}': "0+60x30",
        },
        False,
    ),
    (
        "ModelQueueTime",
        "16 ms",
        {
            f'nv_inference_request_success{{{SERVED},model="tagger"}}': "0+60x30",
            f'nv_inference_queue_duration_us{{{SERVED},model="tagger"}}': "0+960000x30",
        },
        True,
    ),
    (
        "ModelQueueTime",
        "4 ms",
        {
            f'nv_inference_request_success{{{SERVED},model="tagger"}}': "0+60x30",
            f'nv_inference_queue_duration_us{{{SERVED},model="tagger"}}': "0+240000x30",
        },
        False,
    ),
    (
        "ModelLatencyP99",
        "everything between 100 and 250 ms",
        {
            f'envoy_cluster_upstream_rq_time_bucket{{{CLUSTER},le="50"}}': "0x30",
            f'envoy_cluster_upstream_rq_time_bucket{{{CLUSTER},le="100"}}': "0x30",
            f'envoy_cluster_upstream_rq_time_bucket{{{CLUSTER},le="250"}}': "0+60x30",
            f'envoy_cluster_upstream_rq_time_bucket{{{CLUSTER},le="+Inf"}}': "0+60x30",
        },
        True,
    ),
    (
        "ModelLatencyP99",
        "only metadata requests are slow",
        {
            f'envoy_cluster_upstream_rq_time_bucket{{{CLUSTER},le="50"}}': "0+60x30",
            f'envoy_cluster_upstream_rq_time_bucket{{{CLUSTER},le="+Inf"}}': "0+60x30",
            f'envoy_cluster_upstream_rq_time_bucket{{{METADATA},le="50"}}': "0x30",
            f'envoy_cluster_upstream_rq_time_bucket{{{METADATA},le="+Inf"}}': "0+60x30",
        },
        False,
    ),
    ("ModelNoReplicas", "none", {f"kube_deployment_status_replicas_available{{{DEPLOYED}}}": "0x30"}, True),
    ("ModelNoReplicas", "one", {f"kube_deployment_status_replicas_available{{{DEPLOYED}}}": "1x30"}, False),
    (
        "ModelRolloutStuck",
        "stuck",
        {f'kube_deployment_status_condition{{{DEPLOYED},condition="Progressing",status="false"}}': "1x30"},
        True,
    ),
    (
        "ModelRolloutStuck",
        "done",
        {f'kube_deployment_status_condition{{{DEPLOYED},condition="Progressing",status="false"}}': "0x30"},
        False,
    ),
    (
        "ModelRestarts",
        "every four minutes",
        {f"kube_pod_container_status_restarts_total{{{POD}}}": "0x3 1x3 2x3 3x3 4x3 5x20"},
        True,
    ),
    ("ModelRestarts", "once", {f"kube_pod_container_status_restarts_total{{{POD}}}": "0 0 0 0 1+0x26"}, False),
    (
        "ModelRestarts",
        "another model whose name begins alike",
        {
            'kube_pod_container_status_restarts_total{namespace="shop",container="triton",'
            'pod="tagger-big-6d4cf56db6-x2x7p"}': "0+1x30"
        },
        False,
    ),
    (
        "ModelAtMaxReplicas",
        "four of four",
        {f"{HPA}{{{SCALED}}}": "4x60"},
        True,
    ),
    (
        "ModelAtMaxReplicas",
        "three of four",
        {f"{HPA}{{{SCALED}}}": "3x60"},
        False,
    ),
    ("ModelNotMeasured", "nothing", {}, True),
    ("ModelNotMeasured", "measured", {f'nv_inference_request_success{{{SERVED},model="tagger"}}': "0x60"}, False),
    (
        "GpuMemoryNearlyFull",
        "full",
        {f"DCGM_FI_DEV_FB_USED{{{GPU}}}": "1000x30", f"DCGM_FI_DEV_FB_FREE{{{GPU}}}": "24x30"},
        True,
    ),
    (
        "GpuMemoryNearlyFull",
        "half full",
        {f"DCGM_FI_DEV_FB_USED{{{GPU}}}": "512x30", f"DCGM_FI_DEV_FB_FREE{{{GPU}}}": "512x30"},
        False,
    ),
    ("GpuXidError", "new", {f"DCGM_FI_DEV_XID_ERRORS{{{GPU}}}": "0x25 79x5"}, True),
    ("GpuXidError", "old", {f"DCGM_FI_DEV_XID_ERRORS{{{GPU}}}": "0 79x30"}, False),
    ("NeuronMemoryError", "uncorrected", {f'{ECC}{{{NEURON},event_type="sram_ecc_uncorrected"}}': "0x20 1x10"}, True),
    ("NeuronMemoryError", "corrected", {f'{ECC}{{{NEURON},event_type="mem_ecc_corrected"}}': "0+1x30"}, False),
    ("NeuronMemoryError", "long ago", {f'{ECC}{{{NEURON},event_type="mem_ecc_uncorrected"}}': "0 3x30"}, False),
    ("GpuXidError", "none", {f"DCGM_FI_DEV_XID_ERRORS{{{GPU}}}": "0x30"}, False),
]
RULES = (model_rule(THRESHOLDS), gpu_rule(OWNERSHIP), neuron_rule(OWNERSHIP))
ALERTS = (*model_alerts(THRESHOLDS), *gpu_alerts(), *neuron_alerts())
AT_MINUTE = {"ModelAtMaxReplicas": 45, "ModelNotMeasured": 45}


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    groups = [group for rule in RULES for group in rule["spec"]["groups"]]
    path = tmp_path_factory.mktemp("rules") / "rules.yaml"
    path.write_text(yaml.safe_dump({"groups": groups}))
    return path


def test_promtool_accepts_every_rule(promtool: str, rules: Path) -> None:
    done = subprocess.run([promtool, "check", "rules", str(rules)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(ALERTS)} rules found" in done.stdout


def test_every_alert_is_seen_to_fire() -> None:
    assert {name for name, _, _, fires in CASES if fires} == {alert.name for alert in ALERTS}


@pytest.mark.parametrize(
    ("alert", "series", "fires"),
    [(alert, series, fires) for alert, _, series, fires in CASES],
    ids=[f"{alert}-{what}" for alert, what, _, _ in CASES],
)
def test_alerts_fire_when_they_should(
    promtool: str, rules: Path, tmp_path: Path, alert: str, series: dict[str, str], fires: bool
) -> None:
    """Compares whether the alert fires; the labels and the text it carries are asserted below."""
    count = f'count(ALERTS{{alertname="{alert}",alertstate="firing"}})'
    minute = AT_MINUTE.get(alert, 28)
    test = {
        "rule_files": [str(rules)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "promql_expr_test": [
                    {
                        "expr": count,
                        "eval_time": f"{minute}m",
                        "exp_samples": [{"labels": "{}", "value": 1}] if fires else [],
                    }
                ],
            }
        ],
    }
    run_promtool(promtool, tmp_path, test)


def test_an_alert_says_whose_it_is(promtool: str, rules: Path, tmp_path: Path) -> None:
    counts = f'{SERVED},model="tagger"'
    test: dict[str, Any] = {
        "rule_files": [str(rules)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": f"nv_inference_request_success{{{counts}}}", "values": "0+60x30"},
                    {"series": f'nv_inference_request_failure{{{counts},reason="OTHER"}}', "values": "0+60x30"},
                ],
                "alert_rule_test": [
                    {
                        "eval_time": "28m",
                        "alertname": "ModelErrorRate",
                        "exp_alerts": [
                            {
                                "exp_labels": {**LABELS, "severity": "critical"},
                                "exp_annotations": {
                                    "summary": "tagger fails 50% of its requests; 25% are allowed",
                                    "runbook": "docs/alerts.md#modelerrorrate",
                                },
                            }
                        ],
                    }
                ],
            }
        ],
    }
    run_promtool(promtool, tmp_path, test)


def run_promtool(promtool: str, folder: Path, test: dict[str, Any]) -> None:
    path = folder / "test.yaml"
    path.write_text(yaml.safe_dump(test))
    done = subprocess.run([promtool, "test", "rules", str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


ADAPTER_CASES = [
    ("8 ms each", {"queue": "0+480000x30", "success": "0+60x30"}, 8),
    ("no requests", {"queue": "0x30", "success": "0x30"}, 0),
    ("no longer scraped", {"queue": "0x2", "success": "0x2"}, None),
]


@pytest.mark.parametrize(
    ("values", "queue_ms"), [case[1:] for case in ADAPTER_CASES], ids=[case[0] for case in ADAPTER_CASES]
)
def test_the_autoscalers_metric_is_the_time_in_the_queue(
    promtool: str, tmp_path: Path, values: dict[str, str], queue_ms: float | None
) -> None:
    """The query as prometheus-adapter fills it in for the pods of one Deployment."""
    pod = 'namespace="shop",pod="tagger-0"'
    query = queue_rule()["metricsQuery"].replace("<<.LabelMatchers>>", 'namespace="shop",pod=~"tagger-0|tagger-1"')
    series = {
        f'nv_inference_queue_duration_us{{{pod},model="tagger"}}': values["queue"],
        f'nv_inference_request_success{{{pod},model="tagger"}}': values["success"],
    }
    samples = [] if queue_ms is None else [{"labels": '{pod="tagger-0"}', "value": queue_ms}]
    test = {
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": counts} for name, counts in series.items()],
                "promql_expr_test": [
                    {"expr": query.replace("<<.GroupBy>>", "pod"), "eval_time": "28m", "exp_samples": samples}
                ],
            }
        ],
    }
    run_promtool(promtool, tmp_path, test)


def test_an_ensembles_queue_is_that_of_all_its_models(promtool: str, tmp_path: Path) -> None:
    """Two models, two GPUs: 4 ms in one queue and 2 ms in the other, over requests that each pass both."""
    pod = 'namespace="shop",pod="tagger-0"'
    query = queue_rule()["metricsQuery"].replace("<<.LabelMatchers>>", 'namespace="shop"')
    query = query.replace("<<.GroupBy>>", "pod")
    series = {
        f'nv_inference_queue_duration_us{{{pod},model="resize",gpu_uuid="a"}}': "0+120000x30",
        f'nv_inference_queue_duration_us{{{pod},model="resize",gpu_uuid="b"}}': "0+120000x30",
        f'nv_inference_queue_duration_us{{{pod},model="tagger",gpu_uuid="a"}}': "0+120000x30",
        f'nv_inference_request_success{{{pod},model="resize",gpu_uuid="a"}}': "0+30x30",
        f'nv_inference_request_success{{{pod},model="resize",gpu_uuid="b"}}': "0+30x30",
        f'nv_inference_request_success{{{pod},model="tagger",gpu_uuid="a"}}': "0+60x30",
    }
    test = {
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": counts} for name, counts in series.items()],
                "promql_expr_test": [
                    {"expr": query, "eval_time": "28m", "exp_samples": [{"labels": '{pod="tagger-0"}', "value": 6}]}
                ],
            }
        ],
    }
    run_promtool(promtool, tmp_path, test)
