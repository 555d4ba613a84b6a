"""What makes the GPUs of a cluster usable and measured, as a Pulumi component."""

from typing import NotRequired, TypedDict

import pulumi

from modelyard.capacity.software.dcgm_exporter import dcgm_exporter_values
from modelyard.capacity.software.device_plugin import device_plugin_values
from modelyard.capacity.software.release import release
from modelyard.governance.arguments import check_keys

_NAMESPACE = "kube-system"


class GpuSoftwareArgs(TypedDict):
    """Software on the GPU nodes of one cluster."""

    monitoring: NotRequired[bool]
    """Whether prometheus-operator is installed, so that GPUs are measured too. Default: true."""
    scrape_interval_seconds: NotRequired[int]
    """How often GPUs are measured. Default: 15."""


class GpuSoftware(pulumi.ComponentResource):
    """NVIDIA's device plugin, and the DCGM exporter where there is a Prometheus.

    Both run on nodes labelled ``nvidia.com/gpu.present=true``, whatever their taints. Takes the Kubernetes provider of
    the cluster from ``opts``; what ``opts.depends_on`` names is installed before the exporter.

    Raises:
        InvalidEnvironment: an argument is unknown.
    """

    def __init__(self, name: str, args: GpuSoftwareArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_keys(args, GpuSoftwareArgs, f"GpuSoftware {name}")
        super().__init__("modelyard:index:GpuSoftware", name, {}, opts)
        release(
            f"{name}-device-plugin",
            "nvidia-device-plugin",
            namespace=_NAMESPACE,
            values=device_plugin_values(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        if args.get("monitoring", True):
            release(
                f"{name}-dcgm-exporter",
                "dcgm-exporter",
                namespace=_NAMESPACE,
                values=dcgm_exporter_values(scrape_interval_seconds=args.get("scrape_interval_seconds", 15)),
                opts=pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None),
            )
        self.register_outputs({})
