"""What an endpoint of Vertex AI refuses, before the first resource: each mistake one sentence, all at once."""

from __future__ import annotations

from typing import Any

import pytest

from .program import CANARY, refusal

SERIES_G2 = (
    "g2-standard-4, g2-standard-8, g2-standard-12, g2-standard-16, g2-standard-24, g2-standard-32, g2-standard-48, "
    "g2-standard-96"
)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"machine_type": "g2-standard-64"},
            "machine_type: 'g2-standard-64' is not a machine type that Vertex AI serves on; did you mean "
            f"'g2-standard-4'? Allowed: {SERIES_G2}",
        ),
        (
            {"machine_type": "n1-standard-4", "accelerator": "L4"},
            "n1-standard-4 takes T4, V100 and not L4; machine types with 1 L4: g2-standard-4, g2-standard-8, "
            "g2-standard-12, g2-standard-16, g2-standard-32",
        ),
        (
            {"machine_type": "n1-standard-32", "accelerator": "T4"},
            "n1-standard-32 takes 2 or 4 T4, not 1; machine types with 1 T4: n1-standard-2, n1-standard-4, "
            "n1-standard-8, n1-standard-16, n1-highmem-2, n1-highmem-4, n1-highmem-8, n1-highmem-16, n1-highcpu-4, "
            "n1-highcpu-8, n1-highcpu-16",
        ),
        (
            {"machine_type": "g2-standard-24", "accelerator_count": 3},
            "accelerator_count 3 does not fit g2-standard-24, which has 2 L4; machine types have 1, 2, 4 or 8 L4; set "
            "accelerator_count to one of these",
        ),
        (
            {"machine_type": "e2-standard-4", "accelerator_count": 1},
            "accelerator_count is 1 and no accelerator is named; name it, or delete accelerator_count",
        ),
        (
            {"accelerator": "H20"},
            "accelerator: 'H20' is not a known accelerator; did you mean 'H200'?",
        ),
        (
            {"region": "us-west4", "machine_type": "a2-highgpu-1g"},
            "region us-west4 has no A100-40GB, only L4, T4; regions with A100-40GB: us-central1, asia-southeast1, "
            "europe-west4",
        ),
        ({"region": "europe-west5"}, "region: 'europe-west5' is not a region of Vertex AI; did you mean 'europe-west"),
        (
            {"scaling": {"min_replicas": 5, "max_replicas": 2}},
            "scaling: min_replicas 5 exceeds max_replicas 2; raise max_replicas or lower min_replicas",
        ),
        (
            {"scaling": {"min_replicas": 0}},
            "scaling.min_replicas is 0 and Vertex AI keeps at least one replica; the nearest: one replica of the "
            "smallest machine that fits; scaling to zero is a preview of the beta API",
        ),
        (
            {"required_replicas": 3, "scaling": {"min_replicas": 2, "max_replicas": 4}},
            "required_replicas 3 exceeds scaling.min_replicas 2; lower it",
        ),
        (
            {"machine_type": "e2-standard-4", "scaling": {"target_gpu_utilization_percent": 80}},
            "scaling.target_gpu_utilization_percent needs a GPU, and e2-standard-4 has none; set target_cpu_percent",
        ),
        (
            {"fast_tryout": True, "scaling": {"max_replicas": 4}},
            "fast_tryout has one replica, and scaling.max_replicas is 4; delete one of them",
        ),
        (
            {"image": None},
            "image is missing: Vertex AI pulls from Artifact Registry alone and has no Triton of its own; push the "
            "server's image to a repository there and name it by digest, or name a prebuilt container",
        ),
        (
            {"image": "nvcr.io/nvidia/tritonserver:26.07-py3"},
            "image 'nvcr.io/nvidia/tritonserver:26.07-py3' is not in Artifact Registry, which alone Vertex AI pulls "
            "from; push it to us-central1-docker.pkg.dev/shop-prod/<repository>",
        ),
        ({"prebuilt": "sklearn-cpu.1-6"}, "image and prebuilt (sklearn-cpu.1-6) are both named; keep one"),
        (
            {"prebuilt": "xgboost-cpu.3-1", "image": None},
            "prebuilt: 'xgboost-cpu.3-1' is not a serving container of Vertex AI; did you mean 'xgboost-cpu.2-1'?",
        ),
        (
            {"prebuilt": "tf2-gpu.2-15", "image": None, "machine_type": "n1-standard-4"},
            "prebuilt tf2-gpu.2-15 needs a GPU, and n1-standard-4 has none; name an accelerator, or take tf2-cpu.2-15",
        ),
        (
            {"prebuilt": "sklearn-cpu.1-6", "image": None, "container": {"port": 9000}},
            "container is for an image of your own, and prebuilt is sklearn-cpu.1-6; delete one of them",
        ),
        (
            {"artefact": "s3://models/fraud/3"},
            "artefact: 's3://models/fraud/3' is not in Cloud Storage; name a folder there: gs://<bucket>/<folder>",
        ),
        (
            {"rollout": CANARY["rollout"]},
            "rollout.canary is version 4 and canary is missing, which says where its files lie; add it",
        ),
        (
            {"canary": CANARY["canary"]},
            "canary is for a rollout, and none names a canary; delete it, or add rollout.canary",
        ),
        (
            {**CANARY, "rollout": {"stable": 3, "canary": 4, "percent": 110}},
            "rollout.percent: is 110, and a canary gets at most 100 % of the traffic; allowed: 0 to 100",
        ),
        (
            {**CANARY, "rollout": {"stable": 3, "canary": 4, "percent": 15}},
            "rollout: percent 15 is none of the steps; allowed: 0, 10, 50, 100; did you mean 10?",
        ),
        (
            {**CANARY, "rollout": {"stable": 3, "canary": 4, "by": "flagger"}},
            "rollout.by flagger runs on clusters; delete it, and the declaration moves the traffic",
        ),
        ({**CANARY, "version": 2}, "version 2 is not rollout.stable, which is 3; delete version"),
        (
            {"endpoint": "peered"},
            "endpoint is peered and network is missing; name projects/<project number>/global/networks/<name>",
        ),
        (
            {**CANARY, "endpoint": "peered", "network": "projects/1/global/networks/main"},
            "endpoint is peered, which holds one version and splits no traffic; set endpoint: "
            "private_service_connect, or delete rollout.canary",
        ),
        (
            {"network": "projects/1/global/networks/main"},
            "network is for endpoint: peered, and endpoint is dedicated; delete it",
        ),
        (
            {"consumer_projects": ["web-prod"]},
            "consumer_projects is for endpoint: private_service_connect, and endpoint is dedicated; delete it",
        ),
        (
            {"endpoint": "shared", "container": {"grpc_port": 9001}},
            "container.grpc_port is not reached through a shared endpoint; set endpoint: dedicated",
        ),
        (
            {"spot": True, "reservation": {"kind": "any"}},
            "spot takes no reserved capacity, and reservation.kind is any; keep one",
        ),
        ({"reservation": {"kind": "specific"}}, "reservation: kind is specific and names is empty; name the"),
        (
            {"explanation": {"method": "xrai", "inputs": {"a": "A", "b": "B"}, "outputs": {"c": "C"}}},
            "explanation: method xrai explains one image, and inputs names 2; name one",
        ),
        (
            {"container": {"startup_probe": {"path": "/up", "command": ["up"]}}},
            "container.startup_probe: has both path and command; keep one",
        ),
        ({"container": {"predict_route": "predict"}}, "container.predict_route: 'predict'"),
        (
            {"env": {"API_TOKEN": "planted-value-1"}},
            "env.API_TOKEN: the value is secret, as the name API_TOKEN says; name one of Secret Manager in "
            "readable_secrets",
        ),
        (
            {"env": {"STORE": "x"}, "readable_secrets": {"STORE": "projects/shop-prod/secrets/store"}},
            "env.STORE is in readable_secrets too; delete one of them",
        ),
        (
            {"readable_secrets": {"STORE": "projects/shop-prod/secrets/store/versions/1"}},
            "readable_secrets.STORE: the value must be a secret of Secret Manager: projects/<project>/secrets/<name>",
        ),
        ({"env": {"THREADS": 4}}, "env.THREADS must be text; quote it"),
        ({"machine": "n1-standard-4"}, "machine: 'machine' is not an argument; did you mean 'machine_type'?"),
        ({"model": None}, "model: is missing and has no default; add it"),
    ],
)
def test_bad_arguments_are_refused(changes: dict[str, Any], said: str) -> None:
    message = refusal(**changes)
    assert said in message
    assert all(line.startswith("VertexEndpoint fraud: ") for line in message.splitlines())
    assert "planted-value-1" not in message


def test_all_mistakes_are_told_at_once() -> None:
    message = refusal(
        machine_type="g2-standard-64", region="nowhere1", scaling={"min_replicas": 5}, prebuilt="x", colour="blue"
    )
    assert [line.split(": ")[1] for line in message.splitlines()] == [
        "colour", "machine_type", "prebuilt", "region", "scaling",
    ]  # fmt: skip
