"""What an endpoint of Vertex AI declares: the endpoint that stays, the versions beside it, and who may do what."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from modelyard.graph import UNKNOWN

from ..aws.program import waits_for
from .program import CANARY, DEPLOYED, ENDPOINT, IMAGE, KEY, MODEL, SPLIT, all_of, inputs_of, planned


def test_one_version_is_uploaded_deployed_and_gets_all_requests() -> None:
    graph = planned().graph
    model, deployed = inputs_of(graph, MODEL, "fraud-v1"), inputs_of(graph, DEPLOYED, "fraud-v1")
    assert (model["modelId"], model["versionAliases"]) == ("prod-fraud", ["v1"])
    assert model["containerSpec"] == {
        "imageUri": IMAGE,
        "args": ["tritonserver", "--vertex-ai-default-model=fraud"],
        "predictRoute": "/v2/models/fraud/infer",
        "healthRoute": "/v2/health/ready",
        "ports": [{"containerPort": 8080}],
    }
    assert deployed["machineSpec"] == {
        "machineType": "g2-standard-8", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1,
    }  # fmt: skip
    assert (deployed["minReplicaCount"], deployed["maxReplicaCount"]) == (1, 1)
    assert inputs_of(graph, SPLIT)["shares"] == [{"version": 1, "percent": 100, "deployedModelId": UNKNOWN}]


def test_a_canary_stands_beside_the_stable_version_and_its_share_is_in_the_plan() -> None:
    graph = planned(**CANARY).graph
    shares = inputs_of(graph, SPLIT)["shares"]
    assert [(share["version"], share["percent"]) for share in shares] == [(3, 90), (4, 10)]
    assert set(all_of(graph, MODEL)) == set(all_of(graph, DEPLOYED)) == {"fraud-v3", "fraud-v4"}
    assert inputs_of(graph, MODEL, "fraud-v4")["artifactUri"] == "gs://models/toys/fraud/4"


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        ({"rollout": {"stable": 3, "canary": 4, "percent": 50}}, {SPLIT}),
        ({"rollout": {"stable": 3, "canary": 4, "percent": 0}}, {SPLIT}),
    ],
)
def test_a_promotion_and_a_rollback_change_the_split_and_nothing_else(change: Any, moves: set[str]) -> None:
    before, after = planned("up", **CANARY).graph, planned("up", **{**CANARY, **change}).graph
    told = {each.urn: dict(each.inputs) for each in before}
    assert set(told) == {each.urn for each in after}
    assert {each.type for each in after if dict(each.inputs) != told[each.urn]} == moves


def test_another_version_leaves_the_endpoint_and_what_stays_as_they_are() -> None:
    canary = planned("up", **CANARY).graph
    promoted = planned("up", rollout={"stable": 4}, artefact="gs://models/toys/fraud/4").graph
    assert inputs_of(canary, ENDPOINT) == inputs_of(promoted, ENDPOINT)
    assert inputs_of(canary, MODEL, "fraud-v4") == inputs_of(promoted, MODEL, "fraud-v4")
    assert inputs_of(canary, DEPLOYED, "fraud-v4") == inputs_of(promoted, DEPLOYED, "fraud-v4")
    assert "fraud-v3" not in all_of(promoted, DEPLOYED)


def test_everything_is_there_before_its_share_and_one_change_comes_after_the_other() -> None:
    graph = planned("up", **CANARY).graph
    split, (first, second) = all_of(graph, SPLIT)["fraud"], all_of(graph, DEPLOYED).values()
    endpoint = all_of(graph, ENDPOINT)["fraud"]
    assert waits_for(graph, split, first) and waits_for(graph, split, second)
    assert waits_for(graph, second, first), "an endpoint takes one change at a time"
    assert waits_for(graph, first, endpoint) and waits_for(graph, first, all_of(graph, MODEL)["fraud-v3"])
    rights = all_of(graph, "gcp:storage/bucketIAMMember:BucketIAMMember")
    assert waits_for(graph, second, rights["fraud-v4-read"])


def test_its_account_may_read_its_own_files_and_write_logs_and_metrics() -> None:
    graph = planned("up", **CANARY).graph
    member = "serviceAccount:prod-fraud-us-central1@shop-prod.iam.gserviceaccount.com"
    roles = all_of(graph, "gcp:projects/iAMMember:IAMMember").values()
    assert {(each.inputs["role"], each.inputs["member"]) for each in roles} == {
        ("roles/logging.logWriter", member), ("roles/monitoring.metricWriter", member),
    }  # fmt: skip
    reads = all_of(graph, "gcp:storage/bucketIAMMember:BucketIAMMember")
    assert {name: each.inputs["condition"]["expression"] for name, each in reads.items()} == {
        f"fraud-v{version}-read": f'resource.name.startsWith("projects/_/buckets/models/objects/toys/fraud/{version}/")'
        for version in (3, 4)
    }
    assert {(each.inputs["role"], each.inputs["bucket"]) for each in reads.values()} == {
        ("roles/storage.objectViewer", "models"),
    }  # fmt: skip
    used = {each.inputs["serviceAccount"] for each in all_of(graph, DEPLOYED).values()}
    assert used == {member.removeprefix("serviceAccount:")}


def test_an_account_of_ones_own_gets_no_rights_here() -> None:
    graph = planned(service_account="models@shop-prod.iam.gserviceaccount.com").graph
    assert not [each for each in graph if "iam" in each.type.lower() or "serviceaccount" in each.type.lower()]
    assert inputs_of(graph, DEPLOYED, "fraud-v1")["serviceAccount"] == "models@shop-prod.iam.gserviceaccount.com"


def test_its_account_may_read_the_secrets_that_are_named_and_no_others() -> None:
    secret = "projects/shop-keys/secrets/feature-store"
    graph = planned("up", readable_secrets={"FEATURES": secret, "AGAIN": secret}, env={"THREADS": "4"}).graph
    (right,) = all_of(graph, "gcp:secretmanager/secretIamMember:SecretIamMember").values()
    assert {key: right.inputs[key] for key in ("project", "secretId", "role", "member")} == {
        "project": "shop-keys",
        "secretId": "feature-store",
        "role": "roles/secretmanager.secretAccessor",
        "member": "serviceAccount:prod-fraud-us-central1@shop-prod.iam.gserviceaccount.com",
    }
    assert inputs_of(graph, MODEL, "fraud-v1")["containerSpec"]["env"] == [
        {"name": "AGAIN", "value": secret},
        {"name": "FEATURES", "value": secret},
        {"name": "THREADS", "value": "4"},
    ]
    assert waits_for(graph, all_of(graph, DEPLOYED)["fraud-v1"], right)


def test_requests_are_kept_in_big_query() -> None:
    graph = planned(request_log={"percent": 25, "retention_days": 30}, project_number="123456789012").graph
    assert inputs_of(graph, ENDPOINT)["predictRequestResponseLoggingConfig"] == {
        "enabled": True,
        "samplingRate": 0.25,
        "bigqueryDestination": {"outputUri": "bq://shop-prod.requests_prod_toys_fraud_us_central1.requests"},
    }
    dataset = inputs_of(graph, "gcp:bigquery/dataset:Dataset", "fraud-requests")
    assert (dataset["location"], dataset["defaultPartitionExpirationMs"]) == ("us-central1", 30 * 86_400_000)
    right = all_of(graph, "gcp:bigquery/datasetIamMember:DatasetIamMember")["fraud-requests"]
    agent = "serviceAccount:service-123456789012@gcp-sa-aiplatform.iam.gserviceaccount.com"
    assert (right.inputs["role"], right.inputs["member"]) == ("roles/bigquery.dataEditor", agent)
    assert waits_for(graph, all_of(graph, ENDPOINT)["fraud"], right)


def test_a_key_of_ones_own_encrypts_everything() -> None:
    graph = planned(kms_key=KEY, request_log={}, project_number="123456789012").graph
    assert inputs_of(graph, MODEL, "fraud-v1")["encryptionSpec"] == {"kmsKeyName": KEY}
    assert inputs_of(graph, ENDPOINT)["encryptionSpec"] == {"kmsKeyName": KEY}
    dataset = inputs_of(graph, "gcp:bigquery/dataset:Dataset", "fraud-requests")
    assert dataset["defaultEncryptionConfiguration"] == {"kmsKeyName": KEY}
    right = all_of(graph, "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember")["fraud-key"]
    assert right.inputs["role"] == "roles/cloudkms.cryptoKeyEncrypterDecrypter"
    assert waits_for(graph, all_of(graph, MODEL)["fraud-v1"], right)
    assert waits_for(graph, all_of(graph, ENDPOINT)["fraud"], right)


@pytest.mark.parametrize(
    ("changes", "has", "address"),
    [
        (
            {},
            {"dedicatedEndpointEnabled": True},
            "https://{number}.us-central1-123456789012.prediction.vertexai.goog{path}",
        ),
        ({"endpoint": "shared"}, {}, "https://us-central1-aiplatform.googleapis.com{path}"),
        (
            {"endpoint": "private_service_connect", "consumer_projects": ["web-prod"]},
            {"privateServiceConnectConfig": {"enablePrivateServiceConnect": True, "projectAllowlists": ["web-prod"]}},
            "{path}",
        ),
        (
            {"endpoint": "peered", "network": "projects/123/global/networks/main"},
            {"network": "projects/123/global/networks/main"},
            "",
        ),
    ],
)
def test_how_an_endpoint_is_reached(changes: Any, has: dict[str, Any], address: str) -> None:
    run = planned("up", **changes)
    inputs = inputs_of(run.graph, ENDPOINT)
    own = {"dedicatedEndpointEnabled", "privateServiceConnectConfig", "network"}
    assert {key: value for key, value in inputs.items() if key in own} == has
    number = inputs["name"]
    assert re.fullmatch(r"[1-9][0-9]{9}", number)
    path = f"/v1/projects/shop-prod/locations/us-central1/endpoints/{number}:rawPredict"
    assert run.outputs["predict_url"] == address.format(number=number, path=path)


def test_a_peered_endpoint_holds_one_version_and_says_that_there_is_a_gap() -> None:
    peered = {"endpoint": "peered", "network": "projects/123/global/networks/main"}
    run = planned("up", **peered)
    assert list(all_of(run.graph, DEPLOYED)) == ["fraud"] and all_of(run.graph, SPLIT) == {}
    assert [each.message for each in run.diagnostics] == [
        "model 'fraud': a peered endpoint of Vertex AI holds one version, so nobody answers while a new one takes its "
        "place; the nearest without a gap: endpoint: private_service_connect"
    ]


def test_the_number_of_an_endpoint_is_the_models_own() -> None:
    numbers = [
        inputs_of(planned("preview", **changes).graph, ENDPOINT)["name"]
        for changes in ({}, {"machine_type": "n1-standard-4"}, {"region": "us-east4"}, {"project": "shop-dev"})
    ]
    assert numbers[0] == numbers[1] and len(set(numbers)) == 3


def test_invokers_may_ask_this_endpoint_alone() -> None:
    graph = planned(invokers=["serviceAccount:web@shop-prod.iam.gserviceaccount.com"]).graph
    (right,) = all_of(graph, "gcp:vertex/aiEndpointIamMember:AiEndpointIamMember").values()
    assert right.inputs["role"] == "roles/aiplatform.user"
    assert right.inputs["endpoint"] == inputs_of(graph, ENDPOINT)["name"]


@pytest.mark.parametrize(
    ("changes", "machine", "targets"),
    [
        ({"machine_type": None}, {"machineType": "n1-standard-2"}, []),
        (
            {"machine_type": "n1-standard-8", "accelerator": "T4", "accelerator_count": 2, "target_cpu_percent": 70},
            {"machineType": "n1-standard-8", "acceleratorType": "NVIDIA_TESLA_T4", "acceleratorCount": 2},
            [("cpu/utilization", 70)],
        ),
        (
            {"scaling": {"max_replicas": 5, "target_gpu_utilization_percent": 80, "target_requests_per_second": 2.5}},
            {"machineType": "g2-standard-8", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1},
            [("accelerator/duty_cycle", 80), ("request_count", 150)],
        ),
        (
            {"machine_type": "a2-ultragpu-2g", "reservation": {"kind": "specific", "names": ["projects/p/x"]}},
            {
                "machineType": "a2-ultragpu-2g",
                "acceleratorType": "NVIDIA_A100_80GB",
                "acceleratorCount": 2,
                "reservationAffinity": {
                    "reservationAffinityType": "SPECIFIC_RESERVATION",
                    "key": "compute.googleapis.com/reservation-name",
                    "values": ["projects/p/x"],
                },
            },
            [],
        ),
    ],
)
def test_machines_and_what_replicas_grow_by(changes: Any, machine: Any, targets: Any) -> None:
    deployed = inputs_of(planned(**changes).graph, DEPLOYED, "fraud-v1")
    assert deployed["machineSpec"] == machine
    prefix = "aiplatform.googleapis.com/prediction/online/"
    told = deployed.get("autoscalingMetricSpecs", [])
    assert [(each["metricName"].removeprefix(prefix), each["target"]) for each in told] == targets


def test_a_canary_has_the_replicas_that_its_next_share_needs() -> None:
    scaling = {"min_replicas": 8, "max_replicas": 20}
    graph = planned(**CANARY, scaling=scaling, required_replicas=6).graph
    told = {name: each.inputs for name, each in all_of(graph, DEPLOYED).items()}
    assert [(each["minReplicaCount"], each["requiredReplicaCount"]) for each in told.values()] == [(8, 6), (4, 4)]
    assert {each["maxReplicaCount"] for each in told.values()} == {20}


def test_the_container_is_told_everything() -> None:
    container = {
        "port": 9000,
        "grpc_port": 9001,
        "shared_memory_mib": 512,
        "deployment_timeout_minutes": 30,
        "startup_probe": {"path": "/up", "failure_threshold": 60},
        "health_probe": {"command": ["/bin/ready"]},
        "liveness_probe": {},
    }
    spec = inputs_of(planned(container=container, env={"B": "2", "A": "1"}).graph, MODEL, "fraud-v1")["containerSpec"]
    times = {"periodSeconds": 10, "timeoutSeconds": 1, "failureThreshold": 3, "initialDelaySeconds": 0}
    assert spec == {
        "imageUri": IMAGE,
        "args": ["tritonserver", "--vertex-ai-default-model=fraud", "--allow-grpc=true", "--grpc-port=9001"],
        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
        "predictRoute": "/v2/models/fraud/infer",
        "healthRoute": "/v2/health/ready",
        "ports": [{"containerPort": 9000}],
        "grpcPorts": [{"containerPort": 9001}],
        "sharedMemorySizeMb": "512",
        "deploymentTimeout": "1800s",
        "startupProbe": {"httpGet": {"path": "/up", "port": 9000}, **times, "failureThreshold": 60},
        "healthProbe": {"exec": {"command": ["/bin/ready"]}, **times},
        "livenessProbe": {"httpGet": {"path": "/v2/health/ready", "port": 9000}, **times},
    }


@pytest.mark.parametrize(
    ("region", "registry"), [("us-central1", "us"), ("europe-west4", "europe"), ("me-west1", "europe")]
)
def test_a_prebuilt_container_comes_from_the_nearest_registry(region: str, registry: str) -> None:
    graph = planned(prebuilt="sklearn-cpu.1-6", image=None, machine_type="e2-standard-4", region=region).graph
    assert inputs_of(graph, MODEL, "fraud-v1")["containerSpec"] == {
        "imageUri": f"{registry}-docker.pkg.dev/vertex-ai/prediction/sklearn-cpu.1-6:latest"
    }


def test_answers_are_explained() -> None:
    explanation = {"method": "sampled_shapley", "inputs": {"amount": "AMOUNT"}, "outputs": {"score": "SCORE"}}
    assert inputs_of(planned(explanation=explanation).graph, MODEL, "fraud-v1")["explanationSpec"] == {
        "parameters": {"sampledShapleyAttribution": {"pathCount": 10}},
        "metadata": {
            "inputs": {"amount": {"inputTensorName": "AMOUNT"}},
            "outputs": {"score": {"outputTensorName": "SCORE"}},
        },
    }


def test_five_signals_have_alerts() -> None:
    policies = all_of(
        planned(p99_ms=200, requests_per_second=20, notification_channels=["projects/p/notificationChannels/1"]).graph,
        "gcp:monitoring/alertPolicy:AlertPolicy",
    )
    signals = {name.removeprefix("fraud-") for name in policies}
    assert signals == {"rate", "errors", "latency", "overhead", "saturation", "gpu", "memory"}
    (rate,) = policies["fraud-rate"].inputs["conditions"]
    assert rate["conditionThreshold"]["thresholdValue"] == 20
    assert rate["conditionThreshold"]["aggregations"][0]["perSeriesAligner"] == "ALIGN_RATE"
    (condition,) = policies["fraud-latency"].inputs["conditions"]
    threshold = condition["conditionThreshold"]
    assert threshold["thresholdValue"] == 200 and threshold["duration"] == "300s"
    assert threshold["aggregations"][0]["perSeriesAligner"] == "ALIGN_PERCENTILE_99"
    assert policies["fraud-latency"].inputs["displayName"] == "prod-fraud in us-central1: p99 is above 200 ms"
    number = inputs_of(planned().graph, ENDPOINT)["name"]
    for policy in policies.values():
        assert f'endpoint_id = "{number}"' in str(policy.inputs["conditions"])
        assert policy.inputs["notificationChannels"] == ["projects/p/notificationChannels/1"]
    assert "fraud-gpu" not in all_of(
        planned(machine_type="e2-standard-4").graph, "gcp:monitoring/alertPolicy:AlertPolicy"
    )


def test_errors_are_a_share_of_all_answers_and_processors_count_each() -> None:
    """Cloud Monitoring counts a busy processor as 1, so eight of them are full at 8."""
    policies = all_of(planned(p99_ms=200).graph, "gcp:monitoring/alertPolicy:AlertPolicy")
    (errors,), (full,) = (policies[f"fraud-{name}"].inputs["conditions"] for name in ("errors", "saturation"))
    shared = errors["conditionThreshold"]
    assert shared["filter"] == f'{shared["denominatorFilter"]} AND metric.labels.response_code = "5xx"'
    assert 'metric.type = "aiplatform.googleapis.com/prediction/online/response_count"' in shared["filter"]
    assert full["conditionThreshold"]["thresholdValue"] == pytest.approx(0.9 * 8)


def test_a_peered_endpoint_is_watched_by_what_it_publishes() -> None:
    peered = planned(endpoint="peered", network="projects/123/global/networks/main", p99_ms=200, requests_per_second=5)
    policies = all_of(peered.graph, "gcp:monitoring/alertPolicy:AlertPolicy")
    assert "fraud-overhead" not in policies
    filters = {name: each.inputs["conditions"][0]["conditionThreshold"]["filter"] for name, each in policies.items()}
    assert "prediction/online/private/prediction_latencies" in filters["fraud-latency"]
    assert "latency_type" not in filters["fraud-latency"]
    assert filters["fraud-errors"].endswith("metric.labels.response_code >= 500")
    assert "prediction/online/private/response_count" in filters["fraud-rate"]


def test_everything_that_can_says_whose_it_is() -> None:
    graph = planned("up", request_log={}).graph
    owner = {
        "department": "toys", "cost-center": "cc-2000", "environment": "prod", "managed-by": "modelyard",
        "model": "fraud",
    }  # fmt: skip
    for type_, key in (
        (ENDPOINT, "labels"),
        (MODEL, "labels"),
        (DEPLOYED, "labels"),
        ("gcp:bigquery/dataset:Dataset", "labels"),
        ("gcp:monitoring/alertPolicy:AlertPolicy", "userLabels"),
    ):
        for each in all_of(graph, type_).values():
            assert owner.items() <= each.inputs[key].items(), each.urn


def test_what_vertex_ai_cannot_is_one_line_with_the_nearest_that_it_can() -> None:
    asked = {
        "rollout": {"stable": 3, "canary": 4, "mirror_percent": 20, "sticky": {"cookie": "side"}},
        "canary": CANARY["canary"],
        "scaling": {"target_queue_ms": 5},
    }
    warned = [each.message for each in planned(**asked).diagnostics if each.severity == "warning"]
    assert warned == [
        "model 'fraud': Vertex AI does not do scaling.target_queue_ms; the nearest it can: the target of CPU or "
        "accelerator utilisation",
        "model 'fraud': Vertex AI does not do rollout.mirror_percent: 20; the nearest it can: log requests to BigQuery "
        "and send them to the new version again, at percent 0",
        "model 'fraud': Vertex AI does not do rollout.sticky; the nearest it can: an endpoint of the new version's "
        "own, which chosen callers are given",
    ]


def test_a_plan_says_it_in_the_same_words() -> None:
    """So that it says each once, where the component is part of an environment."""
    from modelyard.environment.model import Model
    from modelyard.serving.managed.capabilities import shortfalls

    rollout = {
        "stable": 3, "canary": 4, "mirror_percent": 20, "sticky": {"cookie": "side"},
        "gates": {"error_rate": 0.01, "p99_ms": 200, "business": {"query": "x", "min": 1}},
    }  # fmt: skip
    scaling = {
        "target_queue_ms": 5, "target_concurrency": 2, "max_replicas": 3,
        "schedules": [{"start": "08:00", "end": "20:00", "min_replicas": 2}],
    }  # fmt: skip
    model = Model.model_validate(
        {"name": "fraud", "task": "ranking", "source": "m", "target": "vertex", "rollout": rollout, "scaling": scaling}
    )
    told = [each.message for each in planned(rollout=rollout, canary=CANARY["canary"], scaling=scaling).diagnostics]
    assert sorted(told) == sorted(each.sentence("fraud") for each in shortfalls(model, "vertex"))
    assert len(told) == 8


def test_a_region_whose_gpus_nobody_lists_is_left_to_vertex_ai_and_said() -> None:
    run = planned(region="me-west1")
    assert [each.message for each in run.diagnostics] == [
        "which GPUs Vertex AI has in me-west1 is not known here; unchecked"
    ]


def test_importing_the_component_loads_nothing_of_the_sdk() -> None:
    program = (
        "import sys, modelyard.serving.vertex.endpoint; "
        "print([name for name in sys.modules if name.split('.')[0] in ('pulumi_gcp', 'google.auth', 'requests')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_the_sdk_one_sentence_says_what_to_install() -> None:
    program = """
import sys
sys.modules["pulumi_gcp"] = None
from modelyard.offline import ProgramFailed, run
from modelyard.serving.vertex.endpoint import VertexEndpoint
sys.path.insert(0, sys.argv[1])
from plan.gcp.program import arguments
try:
    run(lambda: VertexEndpoint("fraud", arguments()) and None, project="p", stack="s")
except ProgramFailed as failed:
    print(failed.__cause__)
"""
    tests = str(Path(__file__).resolve().parents[2])
    done = subprocess.run([sys.executable, "-c", program, tests], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "VertexEndpoint needs the package pulumi-gcp; pip install modelyard[gcp]"
