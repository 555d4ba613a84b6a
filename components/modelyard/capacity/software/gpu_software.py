"""What makes the GPUs of a cluster usable and measured, as a Pulumi component."""

from typing import Any

import pulumi

from modelyard.capacity.software.dcgm_exporter import dcgm_exporter_values
from modelyard.capacity.software.device_plugin import device_plugin_values
from modelyard.capacity.software.dra_driver import NAMESPACE as DRA_NAMESPACE
from modelyard.capacity.software.dra_driver import dra_driver_values
from modelyard.capacity.software.efa_device_plugin import efa_values
from modelyard.capacity.software.gpu_operator import NAMESPACE as OPERATOR_NAMESPACE
from modelyard.capacity.software.gpu_operator import critical_pods_quota, gpu_operator_values
from modelyard.capacity.software.gpu_software_args import GpuSoftwareArgs
from modelyard.capacity.software.gpu_software_declaration import GpuSoftwareDeclaration
from modelyard.capacity.software.kubernetes_object import declare
from modelyard.capacity.software.namespaces import namespace
from modelyard.capacity.software.neuron import neuron_values
from modelyard.capacity.software.neuron_monitor import NAME as NEURON_MONITOR
from modelyard.capacity.software.neuron_monitor import neuron_monitor, neuron_pod_monitor
from modelyard.capacity.software.release import release
from modelyard.environment.environment import shown_path
from modelyard.environment.problem import InvalidEnvironment, Problem
from modelyard.governance.arguments import read_arguments
from modelyard.governance.ownership import Ownership
from modelyard.resolve.gpu_software import GpuNodes, GpuSoftwarePlan, decide_gpu_software, refused_gpu_software

_NAMESPACE = "kube-system"


class GpuSoftware(pulumi.ComponentResource):
    """NVIDIA's device plugin, or the GPU Operator where a pool needs it: to install the driver, or to cut GPUs by MIG
    on EKS. Neuron's device plugin where there is Inferentia or Trainium, that of EFA where nodes join it, and the DCGM
    exporter where there is a Prometheus.

    Nothing is installed twice: Bottlerocket, EKS Auto Mode and GKE bring a device plugin of their own. All runs on
    nodes labelled ``nvidia.com/gpu.present=true``, whatever their taints. Takes the Kubernetes provider of the cluster
    from ``opts``; what ``opts.depends_on`` names is installed before what measures.

    Raises:
        InvalidEnvironment: an argument is wrong, or the pools cannot share one cluster; before any resource is
            registered.
    """

    def __init__(self, name: str, args: GpuSoftwareArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = read_arguments(GpuSoftwareDeclaration, args, GpuSoftwareArgs, f"GpuSoftware {name}")
        ownership = Ownership.of(args["ownership"])
        plan = _plan(declared, f"GpuSoftware {name}")
        super().__init__("modelyard:index:GpuSoftware", name, {}, opts)
        self._name, self._declared, self._plan = name, declared, plan
        self._after_prometheus = pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None)
        if plan.device_plugin:
            values = device_plugin_values(plan.sharing, mig=plan.mig)
            self._release("device-plugin", "nvidia-device-plugin", values)
        if plan.operator:
            self._operator(ownership)
        if plan.dra:
            self._dra_driver(ownership)
        if plan.efa_pools:
            self._release("efa", "aws-efa-k8s-device-plugin", efa_values(plan.efa_pools))
        if plan.neuron:
            self._release("neuron", "neuron-helm-chart", neuron_values())
            if declared.monitoring and declared.neuron_monitor is not None:
                self._neuron_monitor(ownership)
        if plan.exporter and declared.monitoring:
            self._exporter()
        self.register_outputs({})

    def _operator(self, ownership: Ownership) -> None:
        declared = self._declared
        space = namespace(OPERATOR_NAMESPACE, "privileged", ownership)
        before = [declare(f"{self._name}-{OPERATOR_NAMESPACE}", space, pulumi.ResourceOptions(parent=self))]
        if declared.cloud == "gcp":
            quota = critical_pods_quota(ownership)
            within = pulumi.ResourceOptions(parent=self, depends_on=list(before))
            before.append(declare(f"{self._name}-{quota['metadata']['name']}", quota, within))
        values = gpu_operator_values(
            self._plan,
            cloud=declared.cloud,
            system_nodes=declared.system_nodes,
            monitoring=declared.monitoring,
            scrape_interval_seconds=declared.scrape_interval_seconds,
            pod_labels=declared.pod_labels,
        )
        opts = pulumi.ResourceOptions(parent=self, depends_on=before)
        if declared.monitoring:
            opts = pulumi.ResourceOptions.merge(self._after_prometheus, pulumi.ResourceOptions(depends_on=before))
        self._release("gpu-operator", "gpu-operator", values, namespace=OPERATOR_NAMESPACE, opts=opts)

    def _dra_driver(self, ownership: Ownership) -> None:
        declared = self._declared
        space = namespace(DRA_NAMESPACE, "privileged", ownership)
        before = declare(f"{self._name}-{DRA_NAMESPACE}", space, pulumi.ResourceOptions(parent=self))
        values = dra_driver_values(declared.cloud, system_nodes=declared.system_nodes)
        opts = pulumi.ResourceOptions(parent=self, depends_on=[before])
        self._release("dra-driver", "dra-driver-nvidia-gpu", values, namespace=DRA_NAMESPACE, opts=opts)

    def _neuron_monitor(self, ownership: Ownership) -> None:
        interval, image = self._declared.scrape_interval_seconds, self._declared.neuron_monitor
        declare(f"{self._name}-{NEURON_MONITOR}", neuron_monitor(ownership, image), pulumi.ResourceOptions(parent=self))
        monitor = neuron_pod_monitor(ownership, scrape_interval_seconds=interval)
        declare(f"{self._name}-{monitor['metadata']['name']}", monitor, self._after_prometheus)

    def _exporter(self) -> None:
        declared, plan = self._declared, self._plan
        values = dcgm_exporter_values(
            scrape_interval_seconds=declared.scrape_interval_seconds,
            cloud=declared.cloud,
            mig=plan.mig,
            shared=plan.shared,
            pod_labels=declared.pod_labels,
            beside_operator=plan.operator,
            claims=plan.dra,
        )
        self._release("dcgm-exporter", "dcgm-exporter", values, opts=self._after_prometheus)

    def _release(
        self,
        part: str,
        chart: str,
        values: dict[str, Any],
        *,
        namespace: str = _NAMESPACE,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        within = opts or pulumi.ResourceOptions(parent=self)
        release(f"{self._name}-{part}", chart, namespace=namespace, values=values, opts=within)


def _plan(declared: GpuSoftwareDeclaration, component: str) -> GpuSoftwarePlan:
    pools = [
        GpuNodes.of(
            declared.cloud,
            pool=pool.name,
            accelerator=pool.accelerator,
            image=pool.image,
            provisioner=pool.provisioner,
            driver_by=pool.driver_by,
            sharing=pool.sharing,
            dra=pool.dra,
            fabric=pool.fabric,
        )
        for pool in declared.pools
    ]
    refused = refused_gpu_software(declared.cloud, pools, declared.kubernetes_version)
    if refused:
        raise InvalidEnvironment(
            [
                Problem(component, shown_path(("pools", position, "_".join(map(str, steps)))), text)
                for position, (steps, text) in refused
            ]
        )
    return decide_gpu_software(declared.cloud, pools)
