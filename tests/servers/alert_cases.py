"""What servers, gateway and Kubernetes tell in half an hour, by minute, and the alerts that have to follow."""

from __future__ import annotations


def by_service(service: str) -> str:
    return f'namespace="shop",service="{service}",pod="a"'


def gateway_5xx(cluster: str, of_hundred: int) -> dict[str, str]:
    named = f'envoy_cluster_name="httproute/shop/tagger/{cluster}"'
    responses = "envoy_cluster_upstream_rq_xx"
    return {
        f'{responses}{{{named},envoy_response_code_class="2"}}': f"0+{60 * (100 - of_hundred)}x30",
        f'{responses}{{{named},envoy_response_code_class="5"}}': f"0+{60 * of_hundred}x30",
    }


def gateway_2xx(cluster: str) -> list[str]:
    return [series for series in gateway_5xx(cluster, 0) if 'class="2"' in series]


def slow(cluster: str) -> dict[str, str]:
    """Every answer takes between 100 and 250 ms."""
    named = f'envoy_cluster_name="httproute/shop/tagger/{cluster}"'
    buckets = {"50": "0x30", "100": "0x30", "250": "0+60x30", "+Inf": "0+60x30"}
    return {f'envoy_cluster_upstream_rq_time_bucket{{{named},le="{le}"}}': values for le, values in buckets.items()}


def tensorflow(service: str, failed: int, status: str = "INTERNAL", probes: int = 0) -> dict[str, str]:
    of = f'{by_service(service)},model_name="tagger"'
    return {
        f':tensorflow:serving:request_count{{{of},status="OK"}}': f"0+{60 + 60 * probes}x30",
        f':tensorflow:serving:request_count{{{of},status="{status}"}}': f"0+{60 * failed}x30",
        f':tensorflow:serving:request_latency_count{{{of},API="predict",entrypoint="REST"}}': "0+60x30",
        f':tensorflow:serving:request_latency_count{{{of},API="",entrypoint="REST"}}': f"0+{60 * probes}x30",
    }


def torchserve(service: str, failed: int) -> dict[str, str]:
    return {
        f'Requests5XX{{{by_service(service)},Level="Host",Hostname="h"}}': f"0+{60 * failed}x30",
        f'Requests2XX{{{by_service(service)},Level="Host",Hostname="h"}}': "0+6000x30",
        f'ts_inference_requests_total{{{by_service(service)},model_name="tagger"}}': "0+120x30",
    }


def mlserver(service: str, failed: int) -> dict[str, str]:
    return {
        f'model_infer_request_failure_total{{{by_service(service)},model="tagger"}}': f"0+{60 * failed}x30",
        f'model_infer_request_success_total{{{by_service(service)},model="tagger"}}': "0+60x30",
    }


def seldon(model: str, failed: int, code: str = "500", server: str = "tagger") -> dict[str, str]:
    of = f'namespace="shop",service="{server}",pod="a",server="{server}",model="tagger",model_internal="{model}"'
    return {
        f'seldon_model_infer_total{{{of},method_type="rest",code="{code}"}}': f"0+{60 * failed}x30",
        f'seldon_model_infer_total{{{of},method_type="rest",code="200"}}': "0+60x30",
    }


def restarted(container: str, pod: str) -> dict[str, str]:
    of = f'namespace="shop",container="{container}",pod="{pod}"'
    return {f"kube_pod_container_status_restarts_total{{{of}}}": "0x3 1x3 2x3 3x3 4x3 5x20"}


def available(deployment: str, replicas: int) -> dict[str, str]:
    return {
        f'kube_deployment_status_replicas_available{{namespace="shop",deployment="{deployment}"}}': f"{replicas}x30"
    }


CANARY_SERVICE = "tagger-canary-v2"
Case = tuple[str, str, str, dict[str, str], bool]
"""How the model is served, the alert, what happens, the series by name with their values, and whether it fires."""
CASES: list[Case] = [
    # The servers' own counts of failures: half of the requests, an eighth, and the other side's.
    ("tensorflow_serving", "ModelErrorRate", "half fail", tensorflow("tagger", 1), True),
    ("tensorflow_serving", "ModelErrorRate", "callers' mistakes", tensorflow("tagger", 1, "INVALID_ARGUMENT"), False),
    ("tensorflow_serving", "ModelErrorRate", "probes hide nothing", tensorflow("tagger", 1, probes=100), True),
    ("tensorflow_serving", "ModelErrorRate", "the canary fails", tensorflow(CANARY_SERVICE, 1), False),
    ("tensorflow_serving", "CanaryErrorRate", "the canary fails", tensorflow(CANARY_SERVICE, 1), True),
    ("torchserve", "ModelErrorRate", "half fail, probes pass", torchserve("tagger", 1), True),
    ("torchserve", "ModelErrorRate", "none fails", torchserve("tagger", 0), False),
    ("torchserve", "CanaryErrorRate", "the canary fails", torchserve(CANARY_SERVICE, 1), True),
    ("torchserve", "CanaryErrorRate", "the stable side fails", torchserve("tagger", 1), False),
    ("kserve_torchserve", "ModelErrorRate", "half fail", torchserve("tagger-predictor", 1), True),
    ("kserve_torchserve", "CanaryErrorRate", "half fail", torchserve(f"{CANARY_SERVICE}-predictor", 1), True),
    ("kserve_tensorflow_serving", "ModelErrorRate", "half fail", tensorflow("tagger-predictor", 1), True),
    ("mlserver", "ModelErrorRate", "half fail", mlserver("tagger-predictor", 1), True),
    ("mlserver", "ModelErrorRate", "none fails", mlserver("tagger-predictor", 0), False),
    ("mlserver", "CanaryErrorRate", "half fail", mlserver(f"{CANARY_SERVICE}-predictor", 1), True),
    ("mlserver", "CanaryErrorRate", "the stable side fails", mlserver("tagger-predictor", 1), False),
    ("knative_mlserver", "ModelErrorRate", "half fail", mlserver("tagger-predictor", 1), True),
    ("seldon", "ModelErrorRate", "half fail", seldon("tagger_3", 1), True),
    ("seldon", "ModelErrorRate", "half fail by gRPC", seldon("tagger_3", 1, "Internal"), True),
    ("seldon", "ModelErrorRate", "callers' mistakes", seldon("tagger_3", 1, "400"), False),
    ("seldon", "ModelErrorRate", "the canary fails", seldon("tagger-canary-v2_1", 1, server="tagger-canary-v2"), False),
    ("seldon", "CanaryErrorRate", "the canary fails", seldon("tagger-canary-v2_1", 1, server="tagger-canary-v2"), True),
    ("seldon_shared", "ModelErrorRate", "half fail", seldon("tagger_1", 1, server="models"), True),
    ("seldon_shared", "ModelErrorRate", "another's fail", seldon("reviews_1", 1, server="models"), False),
    # Triton as KServe runs it, and its canary.
    (
        "kserve_triton",
        "CanaryErrorRate",
        "half fail",
        {
            f'nv_inference_request_success{{{by_service(f"{CANARY_SERVICE}-predictor")},model="tagger"}}': "0+60x30",
            f'nv_inference_request_failure{{{by_service(f"{CANARY_SERVICE}-predictor")},model="tagger",reason="X"}}': (
                "0+60x30"
            ),
        },
        True,
    ),
    # The gateway tells the sides apart, for servers that count no failures too.
    ("sklearnserver", "ModelGatewayErrorRate", "half are 500", gateway_5xx("rule/0", 50), True),
    ("sklearnserver", "CanaryGatewayErrorRate", "the stable side's are 500", gateway_5xx("rule/0", 50), False),
    ("sklearnserver", "CanaryGatewayErrorRate", "half are 500", gateway_5xx("rule/4/backend/1", 50), True),
    ("sklearnserver", "CanaryGatewayErrorRate", "all traffic is its", gateway_5xx("rule/8", 50), True),
    ("sklearnserver", "CanaryGatewayErrorRate", "metadata alone", gateway_5xx("rule/6/backend/1", 50), False),
    ("sklearnserver", "CanaryGatewayErrorRate", "few of them", gateway_5xx("rule/4/backend/1", 10), False),
    ("triton", "CanaryGatewayErrorRate", "half are 500", gateway_5xx("rule/5/backend/1", 50), True),
    (
        "triton",
        "CanaryGatewayErrorRate",
        "its few errors do not vanish in the whole",
        {
            **gateway_5xx("rule/4/backend/1", 50),
            **{k: "0+600000x30" for k in list(gateway_5xx("rule/4/backend/0", 0))[:1]},
        },
        True,
    ),
    ("triton", "CanaryLatencyP99", "slow", slow("rule/4/backend/1"), True),
    ("triton", "CanaryLatencyP99", "the stable side is slow", slow("rule/4/backend/0"), False),
    ("triton", "ModelLatencyP99", "the stable side is slow", slow("rule/4/backend/0"), True),
    ("triton", "ModelLatencyP99", "the canary is slow", slow("rule/4/backend/1"), False),
    ("argo_rollouts", "CanaryGatewayErrorRate", "half are 500", gateway_5xx("rule/0/backend/1", 50), True),
    ("argo_rollouts", "CanaryLatencyP99", "slow", slow("rule/1/backend/1"), True),
    ("flagger", "CanaryGatewayErrorRate", "half are 500", gateway_5xx("rule/0/backend/1", 50), True),
    ("flagger", "ModelGatewayErrorRate", "the canary's are 500", gateway_5xx("rule/0/backend/1", 50), False),
    # Without a route of ours, the servers' own buckets.
    (
        "knative",
        "ModelLatencyP99",
        "slow",
        {
            f'request_predict_seconds_bucket{{{by_service("tagger-predictor")},model_name="tagger",le="{le}"}}': values
            for le, values in {"0.05": "0x30", "0.1": "0x30", "0.25": "0+60x30", "+Inf": "0+60x30"}.items()
        },
        True,
    ),
    # Queues.
    (
        "torchserve",
        "CanaryQueueTime",
        "16 ms",
        {
            f"ts_queue_latency_microseconds{{{by_service(CANARY_SERVICE)}}}": "0+960000x30",
            f"ts_inference_requests_total{{{by_service(CANARY_SERVICE)}}}": "0+60x30",
        },
        True,
    ),
    (
        "torchserve",
        "ModelQueueTime",
        "4 ms",
        {
            f"ts_queue_latency_microseconds{{{by_service('tagger')}}}": "0+240000x30",
            f"ts_inference_requests_total{{{by_service('tagger')}}}": "0+60x30",
        },
        False,
    ),
    (
        "tensorflow_serving",
        "ModelQueueTime",
        "16 ms",
        {
            f":tensorflow:serving:batching_session:queuing_latency_sum{{{by_service('tagger')}}}": "0+960000x30",
            f":tensorflow:serving:batching_session:queuing_latency_count{{{by_service('tagger')}}}": "0+60x30",
        },
        True,
    ),
    # Replicas, whoever makes them.
    ("triton", "CanaryNoReplicas", "none", available(CANARY_SERVICE, 0), True),
    ("triton", "CanaryNoReplicas", "the stable side has none", available("tagger", 0), False),
    ("mlserver", "ModelNoReplicas", "none", available("tagger-predictor", 0), True),
    ("mlserver", "CanaryNoReplicas", "none", available(f"{CANARY_SERVICE}-predictor", 0), True),
    ("flagger", "ModelNoReplicas", "outside a release the declared one has none", available("tagger", 0), False),
    ("flagger", "ModelNoReplicas", "none", available("tagger-primary", 0), True),
    (
        "knative",
        "ModelNoReplicas",
        "the revision before has none",
        {**available("tagger-predictor-00001-deployment", 0), **available("tagger-predictor-00002-deployment", 2)},
        False,
    ),
    ("knative", "ModelNoReplicas", "no revision has any", available("tagger-predictor-00001-deployment", 0), True),
    (
        "seldon",
        "ModelNoReplicas",
        "none",
        {'kube_statefulset_status_replicas_ready{namespace="shop",statefulset="tagger"}': "0x30"},
        True,
    ),
    (
        "seldon_shared",
        "ModelNoReplicas",
        "the shared server has none",
        {'kube_statefulset_status_replicas_ready{namespace="shop",statefulset="models"}': "0x30"},
        True,
    ),
    (
        "argo_rollouts",
        "ModelNoReplicas",
        "the stable pod is not ready, the canary's is",
        {
            'kube_pod_status_ready{namespace="shop",pod="tagger-6d4cf56db6-x2x7p",condition="true"}': "0x30",
            'kube_pod_status_ready{namespace="shop",pod="tagger-7c9f8b5d44-q8z2k",condition="true"}': "1x30",
            'up{namespace="shop",service="tagger",pod="tagger-6d4cf56db6-x2x7p"}': "1x30",
            'up{namespace="shop",service="tagger-canary",pod="tagger-7c9f8b5d44-q8z2k"}': "1x30",
        },
        True,
    ),
    (
        "argo_rollouts",
        "ModelNoReplicas",
        "one is ready",
        {
            'kube_pod_status_ready{namespace="shop",pod="tagger-6d4cf56db6-x2x7p",condition="true"}': "1x30",
            'up{namespace="shop",service="tagger",pod="tagger-6d4cf56db6-x2x7p"}': "1x30",
        },
        False,
    ),
    ("argo_rollouts", "ModelNoReplicas", "nobody tells of pods", {}, False),
    # Restarts, by each container's name and each controller's names of pods.
    ("tensorflow_serving", "ModelRestarts", "five", restarted("tensorflow-serving", "tagger-6d4cf56db6-x2x7p"), True),
    ("torchserve", "CanaryRestarts", "five", restarted("torchserve", "tagger-canary-v2-6d4cf56db6-x2x7p"), True),
    (
        "torchserve",
        "ModelRestarts",
        "the canary's",
        restarted("torchserve", "tagger-canary-v2-6d4cf56db6-x2x7p"),
        False,
    ),
    ("xgbserver", "ModelRestarts", "five", restarted("kserve-container", "tagger-predictor-6d4cf56db6-x2x7p"), True),
    (
        "knative",
        "ModelRestarts",
        "five",
        restarted("kserve-container", "tagger-predictor-00001-deployment-6d4cf56db6-x2x7p"),
        True,
    ),
    ("seldon", "ModelRestarts", "five", restarted("mlserver", "tagger-0"), True),
    ("seldon", "CanaryRestarts", "the stable side's", restarted("mlserver", "tagger-0"), False),
    ("flagger", "ModelRestarts", "five", restarted("triton", "tagger-primary-6d4cf56db6-x2x7p"), True),
    ("flagger", "CanaryRestarts", "five", restarted("triton", "tagger-6d4cf56db6-x2x7p"), True),
    # Nobody tells anything.
    ("torchserve", "ModelNotMeasured", "nothing", {}, True),
    (
        "torchserve",
        "ModelNotMeasured",
        "a server that nobody has asked yet",
        {f"up{{{by_service('tagger')}}}": "1x60"},
        False,
    ),
    ("torchserve", "ModelNotMeasured", "out of reach", {f"up{{{by_service('tagger')}}}": "0x60"}, True),
    ("seldon_shared", "ModelNotMeasured", "the shared server tells", {f"up{{{by_service('models')}}}": "1x60"}, False),
]
