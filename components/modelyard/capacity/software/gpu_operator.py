"""NVIDIA's GPU Operator, which installs a driver, announces, measures and cuts GPUs: values of its chart.

Follows values.yaml of the chart ``gpu-operator`` at the pinned version, "NVIDIA GPU Operator with Amazon EKS",
"NVIDIA GPU Operator with Google GKE" and "NVIDIA GPU Operator with Azure Kubernetes Service" of its documentation, and
NVIDIA's mig-parted for the MIG manager's settings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from ...environment.target import Cloud
from ...governance.ownership import Ownership
from ...resolve.gpu_software import GpuSoftwarePlan
from .dcgm_exporter import label_patterns
from .device_plugin import DEFAULT_CONFIG, GPU_TOLERATIONS, plugin_configs

NAMESPACE = "gpu-operator"
_PLUGIN_CONFIG = "modelyard-device-plugin"
_MIG_CONFIG = "modelyard-mig"
_WHOLE_GPUS = "all-disabled"


def gpu_operator_values(
    plan: GpuSoftwarePlan,
    *,
    cloud: Cloud,
    system_nodes: Mapping[str, str],
    monitoring: bool,
    scrape_interval_seconds: int,
    pod_labels: Sequence[str] = (),
) -> dict[str, Any]:
    """Values for a cluster whose pools need the operator.

    The container toolkit comes with the driver, where the operator installs that; an image that has the driver has
    both. Without the toolkit there is no CDI either: NVIDIA's runtime is then the node's own.

    Args:
        plan: what the pools need.
        cloud: whose nodes they are.
        system_nodes: labels of the nodes that the operator itself runs on.
        monitoring: whether there is a Prometheus.
        scrape_interval_seconds: how often GPUs are measured.
        pod_labels: keys of labels that metrics take over from the pods.
    """
    nodes = dict(system_nodes)
    installs = plan.operator_installs_driver
    exporter: dict[str, Any] = {"enabled": monitoring}
    if monitoring:
        exporter["serviceMonitor"] = {
            "enabled": True,
            "interval": f"{scrape_interval_seconds}s",
            "scrapeTimeout": f"{min(10, scrape_interval_seconds)}s",
            "honorLabels": True,
        }
        if plan.shared:
            exporter["env"] = [{"name": "KUBERNETES_VIRTUAL_GPUS", "value": "true"}]
        if pod_labels:
            exporter |= {"enablePodLabels": True, "podLabelAllowlistRegex": label_patterns(pod_labels)}
    plugin: dict[str, Any] = {"enabled": True}
    if plan.sharing:
        plugin["config"] = {
            "create": True,
            "name": _PLUGIN_CONFIG,
            "default": DEFAULT_CONFIG,
            "data": plugin_configs(plan.sharing),
        }
    return {
        "driver": {"enabled": installs},
        "toolkit": {"enabled": installs},
        "cdi": {"enabled": installs},
        "mig": {"strategy": "single"},
        "migManager": _mig_manager(plan, cloud),
        "devicePlugin": plugin,
        "dcgmExporter": exporter,
        "daemonsets": {"tolerations": GPU_TOLERATIONS},
        "operator": {"nodeSelector": {"kubernetes.io/os": "linux", **nodes}},
        "node-feature-discovery": {
            # On every GPU node: one without its labels would lose the operator's, and its pods.
            "worker": {"tolerations": GPU_TOLERATIONS},
            "master": {"nodeSelector": nodes},
            "gc": {"nodeSelector": nodes},
        },
        **{part: {"enabled": False} for part in ("vgpuDeviceManager", "vfioManager", "sandboxDevicePlugin")},
        "ccManager": {"enabled": False},
    }


def mig_configs(cuts: Mapping[str, tuple[str, int]]) -> str:
    """The MIG manager's file: by name, how every GPU of a node is cut."""
    configs: dict[str, Any] = {_WHOLE_GPUS: [{"devices": "all", "mig-enabled": False}]}
    for name, (profile, count) in sorted(cuts.items()):
        configs[name] = [{"devices": "all", "mig-enabled": True, "mig-devices": {profile: count}}]
    return yaml.safe_dump({"version": "v1", "mig-configs": configs}, sort_keys=False)


def critical_pods_quota(ownership: Ownership) -> dict[str, Any]:
    """GKE lets pods of the system's priority classes run only where a quota says how many."""
    classes = ["system-node-critical", "system-cluster-critical"]
    scope = {"operator": "In", "scopeName": "PriorityClass", "values": classes}
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "critical-pods", "namespace": NAMESPACE, "labels": ownership.kubernetes_labels()},
        "spec": {"hard": {"pods": "10000"}, "scopeSelector": {"matchExpressions": [scope]}},
    }


def _mig_manager(plan: GpuSoftwarePlan, cloud: Cloud) -> dict[str, Any]:
    if not plan.mig_cuts:
        return {"enabled": False}
    values: dict[str, Any] = {
        "enabled": True,
        "config": {
            "create": True,
            "name": _MIG_CONFIG,
            "default": _WHOLE_GPUS,
            "data": {"config.yaml": mig_configs(plan.mig_cuts)},
        },
    }
    if cloud == "aws":
        # A virtual machine may not reset its GPUs, which changing the mode asks of an A100: the node starts again.
        values["env"] = [{"name": "WITH_REBOOT", "value": "true"}]
    return values
