"""Models on Neuron devices and TPU chips: which servers run there, what pods ask for, and what is refused in which
words."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from modelyard.catalog.accelerator_abilities import formats
from modelyard.catalog.served_accelerators import on_accelerator, servers_on
from modelyard.catalog.table import rows
from modelyard.environment.device import NEURON, TPU

from .world import PLATFORM, TOYS, lines, only_model, resolved, write

DIGEST = "sha256:" + "5" * 64
IMAGE = f"    image: registry.example.com/tagging@{DIGEST}\n"
PYTHON = {
    "config.pbtxt": (
        'name: "tagging"\nbackend: "python"\nmax_batch_size: 8\n'
        'input [{ name: "x", data_type: TYPE_FP32, dims: [ 4 ] }]\n'
        'output [{ name: "y", data_type: TYPE_FP32, dims: [ 2 ] }]\n'
        "instance_group [{ kind: KIND_%s }]\n"
    ),
    "1/model.py": (
        "class TritonPythonModel:\n    def execute(self, requests):\n        return [None for _ in requests]\n"
    ),
}
GKE = PLATFORM.replace(
    "    region: us-east-1\n    api_access: {bastion: true}\n",
    "    cloud: gcp\n    region: us-central1\n    gke: {project: northwind-ml}\n",
)
POOLS = PLATFORM.partition("    gpu_pools:\n")[2]
SENTENCE = "prod/departments/toys.yaml:%d: models[0]"


def on_neuron(pool: str = "{name: inf2, accelerator: Inferentia2, max_nodes: 4}") -> str:
    return PLATFORM.replace(POOLS, f"      - {pool}\n")


def on_tpu(pool: str = "{name: tpu, accelerator: TPU-v5e, max_nodes: 4}") -> str:
    return GKE.replace(POOLS, f"      - {pool}\n")


def tagging(pool: str, *, format: str = "python", image: str = IMAGE, more: str = "") -> str:
    plain = TOYS.replace("    format: onnx\n", f"    format: {format}\n")
    return plain.replace("    pool: l4\n    overflow_pool: l4-spot\n", f"    pool: {pool}\n{image}{more}")


def python(kind: str = "MODEL") -> dict[str, dict[str, str]]:
    return {"tagging": {name: text.replace("%s", kind) for name, text in PYTHON.items()}}


def written_with_archive(root: Path, platform: str, toys: str) -> Path:
    folder = write(root, platform, toys, {})
    made = root / "stacks" / "models" / "tagging" / "1"
    made.mkdir(parents=True)
    with zipfile.ZipFile(made / "tagging.mar", "w") as archive:
        named = {"modelName": "tagging", "modelVersion": "1.0", "handler": "handler.py"}
        archive.writestr("MAR-INF/MANIFEST.json", json.dumps({"runtime": "python", "model": named}))
        archive.writestr("handler.py", "def handle(data, context):\n    return data\n")
    return folder


def told(folder: Path) -> list[str]:
    """Without the place in the file."""
    return [line.partition(": ")[2].partition(" (model ")[0] for line in lines(folder)]


def test_triton_serves_a_python_model_on_neuron_devices(tmp_path: Path) -> None:
    model = only_model(write(tmp_path, on_neuron(), tagging("inf2"), python()))
    pool = model.pool
    assert pool is not None
    assert (pool.gpu_resource, pool.gpu_devices_per_node, pool.gpu_memory_mib) == (NEURON, 1, 32768)
    assert pool.taints == ((NEURON, "present", "NoSchedule"),)
    assert (pool.image, pool.asked_labels) == ("AL2023_x86_64_NEURON", {})
    assert "nvidia.com/gpu.present" not in pool.labels
    assert model.price_basis == "aws/us-east-1/inf2.xlarge/on_demand"


def test_torchserve_takes_all_chips_of_a_tpu_node(tmp_path: Path) -> None:
    pool_of = resolved(
        write(tmp_path, on_tpu("{name: tpu, accelerator: TPU-v6e, gpus_per_node: 4}"), "department: toys\n"
              "cost_center: CC-2000\nowner: toys@example.com\nmonthly_budget_usd: 500\nmodels: []\n")
    ).clusters[0].gpu_pools[0]  # fmt: skip
    assert (pool_of.instance_types, pool_of.gpu_resource, pool_of.gpu_devices_per_node) == (
        ("ct6e-standard-4t",), TPU, 4,
    )  # fmt: skip
    assert pool_of.asked_labels == {
        "cloud.google.com/gke-tpu-accelerator": "tpu-v6e-slice",
        "cloud.google.com/gke-tpu-topology": "2x2",
    }
    assert pool_of.taints == ((TPU, "present", "NoSchedule"),)
    assert pool_of.zones == ("us-central1-a", "us-central1-b", "us-central1-c")
    assert pool_of.gpu_memory_mib == 32 * 1024


def test_pods_may_ask_for_cores_in_place_of_devices(tmp_path: Path) -> None:
    pool = "{name: inf2, accelerator: Inferentia2, gpus_per_node: 6, sharing: {neuron_cores: true}}"
    two = "    resources: {gpus: 2, cpu: 2, memory_gib: 8, gpu_memory_gib: 15}\n"
    model = only_model(write(tmp_path, on_neuron(pool), tagging("inf2", more=two), python()))
    assert model.pool is not None
    assert model.pool.gpu_resource == "aws.amazon.com/neuroncore"
    assert (model.pool.gpu_devices_per_node, model.pool.gpu_memory_mib) == (12, 16384)
    assert model.pool.labels["modelyard.dev/gpu-sharing"] == "neuron-cores"


@pytest.mark.parametrize(
    ("platform", "toys", "kind", "expected"),
    [
        pytest.param(
            on_neuron(),
            tagging("inf2", image=""),
            "MODEL",
            ["models[0].image: is missing, and triton on Inferentia2 needs one of your own: with torch-neuronx beside "
             "Triton"],
            id="no image of one's own",
        ),
        pytest.param(
            on_neuron(),
            tagging("inf2"),
            "GPU",
            ["models[0].source: an instance group of model 'tagging' is of kind gpu, which is NVIDIA's, and pool "
             "'inf2' has Inferentia2; write kind: model, or cpu"],
            id="instances on GPUs",
        ),
        pytest.param(
            on_neuron("{name: inf2, accelerator: Inferentia2, gpus_per_node: 6}"),
            tagging("inf2", more="    resources: {gpus: 8}\n"),
            "MODEL",
            ["models[0].resources.gpus: 8 Neuron devices do not fit: a node of pool 'inf2' on cluster 'east' has 6, "
             "and no pool of the cluster has more"],
            id="more devices than a node has",
        ),
        pytest.param(
            on_neuron(),
            tagging("inf2", more="    resources: {gpu_memory_gib: 40}\n"),
            "MODEL",
            ["models[0].resources.gpu_memory_gib: 40 GiB do not fit: Inferentia2 reports 32 GiB"],
            id="more memory than a device has",
        ),
        pytest.param(
            on_neuron(),
            tagging("inf2", more="    scaling: {target_gpu_utilization_percent: 60}\n"),
            "MODEL",
            ["models[0].scaling.target_gpu_utilization_percent: is measured by DCGM on NVIDIA GPUs, and pool 'inf2' "
             "has Inferentia2; choose another target"],
            id="a target that nobody measures",
        ),
        pytest.param(
            on_neuron(),
            tagging("inf2").replace("    pool: inf2\n", ""),
            "MODEL",
            ["models[0]: has no pool, and cluster 'east' has no NVIDIA GPU on demand; name one of inf2 (Inferentia2) "
             "in pool for a model that is made for it"],
            id="no pool named",
        ),
        pytest.param(
            on_neuron().replace("max_nodes: 4}\n", "max_nodes: 4}\n      - {name: l4, accelerator: L4}\n"),
            tagging("inf2", more="    overflow_pool: l4\n"),
            "MODEL",
            ["models[0].overflow_pool: 'l4' offers nvidia.com/gpu and 'inf2' offers aws.amazon.com/neuron, and a pod "
             "asks for one kind; name two pools alike"],
            id="two kinds of devices",
        ),
        pytest.param(
            on_tpu(),
            tagging("tpu"),
            "MODEL",
            ["models[0].pool: 'tpu' has TPU-v5e, and triton has no backend for it; serve it with torchserve, or name a "
             "pool with NVIDIA GPUs"],
            id="Triton on TPUs",
        ),
    ],
)  # fmt: skip
def test_refused_in_these_words(tmp_path: Path, platform: str, toys: str, kind: str, expected: list[str]) -> None:
    assert told(write(tmp_path, platform, toys, python(kind))) == expected


def test_tritons_own_backends_know_nvidia_alone(tmp_path: Path) -> None:
    found = told(write(tmp_path, on_neuron(), tagging("inf2", format="onnx")))
    assert found == [
        "models[0].source: model 'tagging' is served by the backend onnxruntime, and on Inferentia2 Triton runs python "
        "alone; load the compiled model in a Python model"
    ]


OTHERS = {
    "tensorflow_serving": ("    runtime: tensorflow_serving\n", "savedmodel"),
    "mlserver": ("    runtime: kserve\n    kserve: {server: mlserver}\n", "sklearn"),
    "sklearnserver": ("    runtime: kserve\n    kserve: {server: sklearnserver}\n", "sklearn"),
    "xgbserver": ("    runtime: kserve\n    kserve: {server: xgbserver}\n", "xgboost"),
}


@pytest.mark.parametrize("server", OTHERS)
@pytest.mark.parametrize(
    ("platform", "pool", "accelerator", "resource", "able"),
    [
        (on_neuron(), "inf2", "Inferentia2", NEURON, "triton or torchserve"),
        (on_tpu(), "tpu", "TPU-v5e", TPU, "torchserve"),
    ],
)
def test_servers_that_do_not_run_there(
    tmp_path: Path, server: str, platform: str, pool: str, accelerator: str, resource: str, able: str
) -> None:
    runtime, format = OTHERS[server]
    row = on_accelerator(server, resource)
    assert row is not None
    found = told(write(tmp_path, platform, tagging(pool, format=format, more=runtime)))
    assert (
        f"models[0].pool: {pool!r} has {accelerator}, and {server} {row.reason}; serve it with {able}, or name a pool "
        "with NVIDIA GPUs"
    ) in found


def test_seldon_runs_its_own_servers(tmp_path: Path) -> None:
    runtime = "    runtime: seldon\n    seldon: {server: mlserver}\n"
    found = told(write(tmp_path, on_neuron(), tagging("inf2", format="sklearn", more=runtime)))
    assert (
        "models[0].pool: 'inf2' has Inferentia2, and Seldon's Servers ask for NVIDIA GPUs; serve it with triton or "
        "torchserve"
    ) in found


def test_a_pod_takes_all_chips_of_its_node(tmp_path: Path) -> None:
    platform = on_tpu("{name: tpu, accelerator: TPU-v5e, gpus_per_node: 4}")
    found = told(write(tmp_path, platform, tagging("tpu", format="torch_mar", more="    runtime: torchserve\n")))
    assert (
        "models[0].resources.gpus: is 1, and a pod takes all TPU chips of its node, of which pool 'tpu' has 4; write "
        "4, or name a pool of smaller machines"
    ) in found


def test_some_of_a_nodes_devices_need_a_scheduler_that_is_not_there(tmp_path: Path) -> None:
    pool = "{name: inf2, accelerator: Inferentia2, gpus_per_node: 6}"
    told_of = "model 'tagging' takes 2 of the 6 Neuron devices of a node of pool 'inf2', which may not be neighbours: "
    for gpus, noticed in ((1, False), (2, True), (6, False)):
        toys = tagging("inf2", more=f"    resources: {{gpus: {gpus}, cpu: 2, memory_gib: 8}}\n")
        notices = resolved(write(tmp_path / str(gpus), on_neuron(pool), toys, python())).notices
        assert any(notice.startswith(told_of) for notice in notices) is noticed


def test_every_server_is_looked_at_on_every_kind_of_accelerator() -> None:
    servers = {row["runtime"] for row in rows("runtime_formats.csv")}
    for resource in (NEURON, TPU):
        assert {each for each in servers if on_accelerator(each, resource) is not None} == servers
    assert servers_on(NEURON) == ("triton", "torchserve")
    assert servers_on(TPU) == ("torchserve",)
    for row in rows("served_accelerators.csv"):
        assert bool(row["formats"]) == bool(row["image"]) != bool(row["reason"]), row
        assert row["source"] and row["source_date"], row


@pytest.mark.parametrize(
    ("accelerator", "resource"), [("Inferentia2", NEURON), ("Trainium2", NEURON), ("TPU-v5p", TPU)]
)
def test_the_search_names_the_formats_that_servers_run_there(accelerator: str, resource: str) -> None:
    served = [on_accelerator(server, resource) for server in servers_on(resource)]
    assert {each.name for each in formats(accelerator)} == {name for row in served if row for name in row.formats}


def test_a_quota_of_tpus_counts_chips(tmp_path: Path) -> None:
    pool = "{name: tpu, accelerator: TPU-v5e, gpus_per_node: 4, max_nodes: 3}"
    toys = tagging("tpu", format="torch_mar", more="    runtime: torchserve\n    resources: {gpus: 4}\n")
    notices = resolved(written_with_archive(tmp_path, on_tpu(pool), toys)).notices
    told_of = (
        "the GPU pools of us-central1 run up to 12 TPU chips; check the project's quota 'TPU_LITE_PODSLICE_V5' there"
    )
    assert any(notice.startswith(told_of) for notice in notices)
    assert any(notice.startswith("nothing installed here measures the TPU chips of pool 'tpu'") for notice in notices)
    limited = on_tpu(pool).replace(
        "clusters:\n",
        "quotas: [{cloud: gcp, region: us-central1, family: TPU_LITE_PODSLICE_V5, limit: 8}]\nclusters:\n",
    )
    found = told(written_with_archive(tmp_path / "limited", limited, toys))
    assert found[0].startswith("quotas[0].limit: is 8, and the pools of us-central1 run up to ")
    assert "TPU chips of TPU_LITE_PODSLICE_V5" in found[0]
