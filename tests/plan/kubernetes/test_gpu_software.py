"""The software of GPU nodes: what each kind of pool needs on each cloud, once, with the settings that it asks for."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from modelyard.capacity.software.department_namespace import DepartmentNamespace
from modelyard.capacity.software.gpu_software import GpuSoftware
from modelyard.environment.gpu_pool import GpuPool
from modelyard.graph import ResourceGraph
from modelyard.resolve.gpu_pool import resolve_gpu_pool

from .program import PLATFORM, SHOP, graph_of, one, refusal, waits_for

L4 = {"name": "l4", "accelerator": "L4"}
A100 = {"name": "a100", "accelerator": "A100-40GB"}
NEURON = {"name": "inf", "accelerator": "Inferentia2"}
TPU = {"name": "tpu", "accelerator": "TPU-v5e"}
ROCKET = {**L4, "name": "rocket", "image": "bottlerocket_nvidia"}
AUTO = {**L4, "name": "auto", "provisioner": "auto_mode"}
CUT = {**A100, "name": "cut", "sharing": {"mig": "1g.10gb"}}
SLICED = {**L4, "name": "sliced", "sharing": {"time_slicing": 4}}
MPS = {**L4, "name": "mps", "sharing": {"mps": 2}}
CLAIMED = {**L4, "name": "claimed", "dra": True}
BY_OPERATOR = {**L4, "image": "ubuntu", "driver_by": "gpu_operator"}

EFA_POOL = {**L4, "name": "wide", "fabric": True}

PLUGIN, EXPORTER, OPERATOR, NEURONS = "nvidia-device-plugin", "dcgm-exporter", "gpu-operator", "neuron-helm-chart"
DRA = "dra-driver-nvidia-gpu"
EFA = "aws-efa-k8s-device-plugin"


def software(cloud: str, *pools: dict[str, Any], **more: Any) -> Any:
    arguments: Any = {"ownership": PLATFORM.args(), "cloud": cloud, "pools": list(pools), **more}
    return lambda opts: GpuSoftware("prod-east", arguments, opts)


def planned(cloud: str, *pools: dict[str, Any], **more: Any) -> ResourceGraph:
    return graph_of(software(cloud, *pools, **more))


def values(graph: ResourceGraph, chart: str) -> dict[str, Any]:
    return one(graph, "Release", chart).inputs["values"]


INSTALLED = [
    ("aws", [], [PLUGIN, EXPORTER]),
    ("aws", [L4], [PLUGIN, EXPORTER]),
    ("aws", [ROCKET], [EXPORTER]),
    ("aws", [AUTO], [EXPORTER]),
    ("aws", [L4, ROCKET], [PLUGIN, EXPORTER]),
    ("aws", [NEURON], [NEURONS]),
    ("aws", [L4, NEURON], [PLUGIN, EXPORTER, NEURONS]),
    ("aws", [CUT], [OPERATOR]),
    ("aws", [CUT, L4], [OPERATOR]),
    ("aws", [CUT, ROCKET], [OPERATOR, EXPORTER]),
    ("aws", [{**CUT, "image": "bottlerocket_nvidia"}], [EXPORTER]),
    ("gcp", [], [EXPORTER]),
    ("gcp", [L4, CUT, SLICED], [EXPORTER]),
    ("gcp", [TPU], []),
    ("gcp", [TPU, L4], [EXPORTER]),
    ("gcp", [BY_OPERATOR], [OPERATOR]),
    ("azure", [L4], [PLUGIN, EXPORTER]),
    ("azure", [CUT], [PLUGIN, EXPORTER]),
    ("azure", [BY_OPERATOR], [OPERATOR]),
    ("aws", [CLAIMED], [DRA, EXPORTER]),
    ("aws", [CLAIMED, L4], [DRA, PLUGIN, EXPORTER]),
    ("aws", [EFA_POOL], [PLUGIN, EXPORTER, EFA]),
    ("aws", [{**EFA_POOL, "image": "bottlerocket_nvidia"}], [EXPORTER, EFA]),
    ("aws", [{**EFA_POOL, "provisioner": "karpenter"}], [PLUGIN, EXPORTER, EFA]),
    ("aws", [{**EFA_POOL, "provisioner": "auto_mode"}], [EXPORTER]),
    ("aws", [{**EFA_POOL, "dra": True}], [DRA, EXPORTER, EFA]),
    ("aws", [{**NEURON, "fabric": True}], [NEURONS, EFA]),
    ("gcp", [EFA_POOL], [EXPORTER]),
    ("azure", [EFA_POOL], [PLUGIN, EXPORTER]),
    ("azure", [CLAIMED], [DRA, EXPORTER]),
    ("azure", [{**CUT, "dra": True}], [DRA, EXPORTER]),
]


@pytest.mark.parametrize(("cloud", "pools", "charts"), INSTALLED)
def test_what_is_installed(cloud: str, pools: list[dict[str, Any]], charts: list[str]) -> None:
    releases = planned(cloud, *pools).of_type("kubernetes:helm.sh/v3:Release")
    assert sorted(each.inputs["name"] for each in releases) == sorted(charts)


@pytest.mark.parametrize(("cloud", "pools", "charts"), INSTALLED)
def test_without_a_prometheus_nothing_measures(cloud: str, pools: list[dict[str, Any]], charts: list[str]) -> None:
    graph = planned(cloud, *pools, monitoring=False)
    releases = {each.inputs["name"]: each.inputs for each in graph.of_type("kubernetes:helm.sh/v3:Release")}
    assert sorted(releases) == sorted(chart for chart in charts if chart != EXPORTER)
    if OPERATOR in releases:
        assert releases[OPERATOR]["values"]["dcgmExporter"] == {"enabled": False}


def declared(pool: dict[str, Any]) -> GpuPool:
    driver = {"driver": {"by": pool["driver_by"]}} if "driver_by" in pool else {}
    return GpuPool.model_validate({**{key: value for key, value in pool.items() if key != "driver_by"}, **driver})


REGIONS = {"aws": "us-east-1", "gcp": "us-central1", "azure": "eastus"}


@pytest.mark.parametrize("cloud", ["aws", "azure"])
@pytest.mark.parametrize(
    ("shared", "config", "settings"),
    [
        (
            {"time_slicing": 4},
            "time-slicing-4",
            {
                "timeSlicing": {
                    "failRequestsGreaterThanOne": True,
                    "resources": [{"name": "nvidia.com/gpu", "replicas": 4}],
                }
            },
        ),
        ({"mps": 3}, "mps-3", {"mps": {"resources": [{"name": "nvidia.com/gpu", "replicas": 3}]}}),
    ],
    ids=["time slicing", "mps"],
)
def test_nodes_name_the_settings_by_which_their_gpus_are_shared(
    cloud: Any, shared: dict[str, int], config: str, settings: dict[str, Any]
) -> None:
    accelerator = {"accelerator": "L4"} if cloud == "aws" else {"accelerator": "A100-80GB"}
    pool = {**accelerator, "name": "shared", "sharing": shared}
    nodes = resolve_gpu_pool(declared(pool), cluster="east", region=REGIONS[cloud], cloud=cloud)
    assert nodes.labels["nvidia.com/device-plugin.config"] == config
    # The control daemon of MPS runs on nodes with this label alone.
    assert ("nvidia.com/mps.capable" in nodes.labels) is ("mps" in shared)
    given = values(planned(cloud, pool, {**accelerator, "name": "whole"}), PLUGIN)["config"]
    files = {name: yaml.safe_load(text) for name, text in given["map"].items()}
    assert files == {"whole": {"version": "v1"}, config: {"version": "v1", "sharing": settings}}
    assert given["default"] == "whole"


@pytest.mark.parametrize(
    ("cloud", "pool"), [("gcp", SLICED), ("gcp", MPS), ("aws", {**SLICED, "image": "bottlerocket_nvidia"})], ids=str
)
def test_where_the_node_shares_by_itself_it_names_no_settings(cloud: Any, pool: dict[str, Any]) -> None:
    labels = resolve_gpu_pool(declared(pool), cluster="east", region=REGIONS[cloud], cloud=cloud).labels
    assert not {"nvidia.com/device-plugin.config", "nvidia.com/mps.capable", "nvidia.com/mig.config"} & set(labels)
    assert labels["nvidia.com/gpu.deploy.operands"] == "false"


def test_the_mig_manager_of_eks_finds_how_each_pool_is_cut() -> None:
    big = {"name": "big", "accelerator": "A100-80GB", "sharing": {"mig": "1g.10gb"}}
    found = values(planned("aws", CUT, big), OPERATOR)
    configs = yaml.safe_load(found["migManager"]["config"]["data"]["config.yaml"])["mig-configs"]
    assert configs == {
        "all-disabled": [{"devices": "all", "mig-enabled": False}],
        "1g.10gb-x4": [{"devices": "all", "mig-enabled": True, "mig-devices": {"1g.10gb": 4}}],
        "1g.10gb-x7": [{"devices": "all", "mig-enabled": True, "mig-devices": {"1g.10gb": 7}}],
    }
    assert found["migManager"]["config"]["default"] == "all-disabled"
    assert found["migManager"]["env"] == [{"name": "WITH_REBOOT", "value": "true"}]
    assert (found["driver"], found["toolkit"], found["mig"]) == (
        {"enabled": False},
        {"enabled": False},
        {"strategy": "single"},
    )
    pool = {**CUT, "gpus_per_node": 8}
    nodes = resolve_gpu_pool(declared(pool), cluster="east", region="us-east-1")
    assert nodes.labels["nvidia.com/mig.config"] == "1g.10gb-x4"


def test_aks_announces_the_instances_that_it_cut_like_gpus() -> None:
    graph = planned("azure", CUT)
    assert values(graph, PLUGIN)["migStrategy"] == "single"
    assert {"name": "NVIDIA_MIG_MONITOR_DEVICES", "value": "all"} in values(graph, EXPORTER)["extraEnv"]
    assert "migStrategy" not in values(planned("azure", A100), PLUGIN)


@pytest.mark.parametrize(("pool", "shared"), [(L4, False), (CUT, False), (SLICED, True), (MPS, True)], ids=str)
def test_every_pod_that_shares_a_gpu_is_named(pool: dict[str, Any], shared: bool) -> None:
    found = values(planned("azure", pool), EXPORTER).get("extraEnv", [])
    assert ({"name": "KUBERNETES_VIRTUAL_GPUS", "value": "true"} in found) is shared
    operated = values(planned("aws", CUT, pool), OPERATOR)["dcgmExporter"]
    assert (operated.get("env") == [{"name": "KUBERNETES_VIRTUAL_GPUS", "value": "true"}]) is shared
    assert operated["serviceMonitor"]["honorLabels"] is True


def test_on_gke_the_exporter_is_handed_the_driver_and_finds_devices_by_name() -> None:
    found = values(planned("gcp", L4), EXPORTER)
    assert {"name": "DCGM_EXPORTER_KUBERNETES_GPU_ID_TYPE", "value": "device-name"} in found["extraEnv"]
    (driver,) = found["extraHostVolumes"]
    assert driver["hostPath"] == "/home/kubernetes/bin/nvidia"
    mounted = {mount["name"]: mount["mountPath"] for mount in found["extraVolumeMounts"]}
    assert mounted[driver["name"]] == "/usr/local/nvidia"
    assert found["securityContext"] == {"privileged": True, "allowPrivilegeEscalation": True}


def test_metrics_take_over_the_labels_that_are_named_and_no_others() -> None:
    graph = planned("aws", CUT, ROCKET, pod_labels=["modelyard.dev/model"])
    wanted = {"enablePodLabels": True, "podLabelAllowlistRegex": [r"^modelyard\.dev/model$"]}
    assert values(graph, EXPORTER)["kubernetes"] == wanted
    assert wanted.items() <= values(graph, OPERATOR)["dcgmExporter"].items()


def expressions(found: dict[str, Any]) -> list[tuple[str, str]]:
    required = found["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    (term,) = required["nodeSelectorTerms"]
    return [(each["key"], each["operator"]) for each in term["matchExpressions"]]


def test_no_node_has_two_device_plugins_or_two_exporters() -> None:
    present, left_alone = ("nvidia.com/gpu.present", "In"), "nvidia.com/gpu.deploy.operands"
    together = planned("aws", L4, ROCKET)
    assert expressions(values(together, PLUGIN)) == [present, (left_alone, "NotIn")]
    assert expressions(values(together, EXPORTER)) == [present]
    beside = planned("aws", CUT, ROCKET)
    assert expressions(values(beside, EXPORTER)) == [present, (left_alone, "In")]


def test_the_operator_installs_driver_and_toolkit_where_it_is_asked_to_and_waits_for_its_namespace() -> None:
    graph = planned("gcp", BY_OPERATOR, system_nodes={"modelyard.dev/pool": "system"})
    found = values(graph, OPERATOR)
    assert [found[part] for part in ("driver", "toolkit", "cdi")] == [{"enabled": True}] * 3
    assert found["migManager"] == {"enabled": False}
    assert found["operator"]["nodeSelector"] == {"kubernetes.io/os": "linux", "modelyard.dev/pool": "system"}
    space, quota = one(graph, "Namespace", "gpu-operator"), one(graph, "ResourceQuota", "critical-pods")
    assert space.inputs["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "privileged"
    for before in (space, quota):
        assert waits_for(graph, one(graph, "Release", OPERATOR), before)
    nodes = resolve_gpu_pool(declared(BY_OPERATOR), cluster="east", region="us-central1", cloud="gcp")
    assert nodes.labels["gke-no-default-nvidia-gpu-device-plugin"] == "true"
    assert not planned("azure", BY_OPERATOR).of_type("kubernetes:core/v1:ResourceQuota")


def test_gpus_that_are_claimed_have_no_device_plugin_and_are_measured_by_claim() -> None:
    graph = planned("aws", CLAIMED, L4, kubernetes_version="1.34")
    nodes = resolve_gpu_pool(declared(CLAIMED), cluster="east", region="us-east-1").labels
    assert nodes["modelyard.dev/gpu-allocation"] == "claim"
    assert nodes["nvidia.com/gpu.deploy.operands"] == "false"
    assert expressions(values(graph, PLUGIN)) == [
        ("nvidia.com/gpu.present", "In"),
        ("nvidia.com/gpu.deploy.operands", "NotIn"),
    ]
    driver = values(graph, DRA)
    assert expressions(driver["kubeletPlugin"]) == [("modelyard.dev/gpu-allocation", "In")]
    assert driver["resources"] == {"gpus": {"enabled": True}, "computeDomains": {"enabled": False}}
    assert values(graph, EXPORTER)["kubernetesDRA"] == {"enabled": True}
    assert waits_for(graph, one(graph, "Release", DRA), one(graph, "Namespace", "nvidia-dra-driver"))


def test_the_exporter_reads_claims_as_kubernetes_serves_them_and_labels_of_pods_on_instances() -> None:
    """``resource.k8s.io/v1`` (pull request 654 of the exporter) and labels under MIG (660) came with 4.8.3."""
    image = values(planned("aws", L4), EXPORTER)["image"]
    assert image["repository"] == "nvcr.io/nvidia/k8s/dcgm-exporter"
    release = image["tag"].split("-")[1]
    assert tuple(map(int, release.split("."))) >= (4, 8, 3)


def test_efa_is_announced_on_the_nodes_that_have_it_alone() -> None:
    graph = planned("aws", EFA_POOL, L4, {**NEURON, "fabric": True})
    given = values(graph, EFA)
    assert given["supportedInstanceLabels"] == {"keys": ["modelyard.dev/pool"], "values": ["wide", "inf"]}
    assert {"operator": "Exists", "effect": "NoSchedule"} in given["tolerations"]


def test_a_department_may_claim_gpus_in_its_own_namespace() -> None:
    def declare(opts: Any) -> None:
        DepartmentNamespace("prod-east-shop", {"ownership": SHOP.args(), "gpu_claims": True}, opts)

    graph = graph_of(declare)
    claim = one(graph, "ResourceClaimTemplate", "gpu")
    assert claim.inputs["metadata"]["namespace"] == "shop"
    assert claim.inputs["spec"] == {
        "spec": {"devices": {"requests": [{"name": "gpu", "exactly": {"deviceClassName": "gpu.nvidia.com"}}]}}
    }
    assert waits_for(graph, claim, one(graph, "Namespace", "shop"))


NO_CLAIMS = [
    (
        "aws",
        {},
        "1.33",
        "needs Kubernetes 1.34 or later, whose resource.k8s.io/v1 is generally available, and the cluster has 1.33; "
        "raise kubernetes_version, or delete it",
    ),
    ("aws", {"accelerator": "Inferentia2"}, None, "is for NVIDIA GPUs, and the pool has Inferentia2; delete it"),
    (
        "aws",
        {"sharing": {"mps": 2}},
        None,
        "gives a GPU to one pod by its claim, and NVIDIA's driver shares one among pods only where they name the same "
        "claim, as replicas cannot; delete it, or sharing.mps",
    ),
    (
        "azure",
        {"sharing": {"time_slicing": 4}},
        None,
        "gives a GPU to one pod by its claim, and NVIDIA's driver shares one among pods only where they name the same "
        "claim, as replicas cannot; delete it, or sharing.time_slicing",
    ),
    (
        "aws",
        {"accelerator": "A100-40GB", "sharing": {"mig": "1g.5gb"}},
        None,
        "claims MIG instances that are there, and on EKS the GPU Operator cuts GPUs, which keeps away from these "
        "nodes; delete it, or sharing.mig",
    ),
    (
        "aws",
        {"image": "bottlerocket_nvidia"},
        None,
        "takes the place of a device plugin, and that of Bottlerocket cannot be left out; delete it",
    ),
    (
        "aws",
        {"provisioner": "auto_mode"},
        None,
        "takes the place of a device plugin, and that of EKS Auto Mode cannot be left out; delete it",
    ),
    (
        "aws",
        {"provisioner": "karpenter"},
        None,
        "is not known to karpenter, which brings no node for a claim; write provisioner: managed, or delete it",
    ),
    ("gcp", {}, None, "takes the place of GKE's device plugin, which also installs the driver; delete it"),
    (
        "azure",
        {"driver_by": "gpu_operator"},
        None,
        "takes the place of the GPU Operator, which installs the driver here; write driver.by: cloud",
    ),
]


@pytest.mark.parametrize(("cloud", "changes", "version", "said"), NO_CLAIMS, ids=[each[3][:40] for each in NO_CLAIMS])
def test_claims_are_refused_where_there_can_be_none(
    cloud: str, changes: dict[str, Any], version: str | None, said: str
) -> None:
    more = {} if version is None else {"kubernetes_version": version}
    assert refusal(software(cloud, {**CLAIMED, **changes}, **more)) == f"GpuSoftware prod-east: pools[0].dra: {said}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("azure", BY_OPERATOR, {**L4, "name": "plain"}),
            "GpuSoftware prod-east: pools[1].driver_by: is cloud, and pool 'l4' of the same cluster has gpu_operator, "
            "which chooses one driver for all of a cluster's nodes by the system of any of them; write gpu_operator "
            "for all pools, or for none",
        ),
        (
            ("azure", {**CUT, "driver_by": "gpu_operator"}),
            "GpuSoftware prod-east: pools[0].driver_by: is gpu_operator, and the cloud cuts GPUs into MIG instances "
            "when it installs the driver; write cloud, or delete sharing.mig",
        ),
        (("aws", {**L4, "accelerator": "L5"}), "pools[0].accelerator: 'L5' is not a known accelerator; allowed: T4"),
        (
            ("aws", {**L4, "provisionr": "managed"}),
            "pools[0].provisionr: 'provisionr' is not a known key; did you mean 'provisioner'?",
        ),
    ],
    ids=["two drivers", "cut without the cloud's driver", "unknown accelerator", "unknown key"],
)
def test_what_pools_cannot_have_together_is_refused(arguments: tuple[Any, ...], said: str) -> None:
    assert said in refusal(software(*arguments))


def test_neuron_devices_are_measured_by_an_image_that_is_named_by_digest() -> None:
    image = f"public.ecr.aws/neuron/neuron-monitor:1.3.0@sha256:{'5' * 64}"
    graph = planned("aws", NEURON, neuron_monitor=image, scrape_interval_seconds=30)
    (daemons,) = graph.of_type("kubernetes:apps/v1:DaemonSet")
    pod = daemons.inputs["spec"]["template"]["spec"]
    (term,) = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert term["matchExpressions"][0]["values"] == ["Inferentia2", "Trainium1", "Trainium2"]
    (container,) = pod["containers"]
    assert (container["image"], container["ports"][0]["containerPort"]) == (image, 8000)
    (monitor,) = graph.of_type("kubernetes:monitoring.coreos.com/v1:PodMonitor")
    assert monitor.inputs["spec"]["podMetricsEndpoints"][0]["interval"] == "30s"
    without = planned("aws", NEURON, neuron_monitor=image, monitoring=False)
    assert without.of_type("kubernetes:apps/v1:DaemonSet") == []
    assert planned("aws", NEURON).of_type("kubernetes:apps/v1:DaemonSet") == []
    assert planned("aws", L4, neuron_monitor=image).of_type("kubernetes:apps/v1:DaemonSet") == []
