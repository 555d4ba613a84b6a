"""What has to be installed on a cluster so that the GPUs of its pools are announced, shared, cut and measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..catalog import mig_profiles
from ..environment.gpu_pool import GpuPool, Provisioner
from ..environment.gpu_sharing import GpuSharing
from ..environment.target import Cloud
from .finding import Finding
from .gpu_announcer import Announcer, announcer, mig_config_name, plugin_config_name
from .node_image import DEFAULT_GPU_IMAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuNodes:
    """The nodes of one pool, as far as their software asks."""

    pool: str
    accelerator: str
    driver_by: str
    """image, cloud or gpu_operator."""
    announced_by: Announcer
    sharing: GpuSharing | None = None

    @classmethod
    def of(
        cls,
        cloud: Cloud,
        *,
        pool: str,
        accelerator: str,
        image: str | None,
        provisioner: Provisioner,
        driver_by: str | None,
        sharing: GpuSharing | None,
    ) -> GpuNodes:
        """With the cloud's own image and driver where none is named."""
        driver = driver_by or ("image" if cloud == "aws" else "cloud")
        by = announcer(
            cloud=cloud,
            accelerator=accelerator,
            image=image or DEFAULT_GPU_IMAGE[cloud],
            provisioner=provisioner,
            driver_by=driver,
            sharing=sharing,
        )
        return cls(pool=pool, accelerator=accelerator, driver_by=driver, announced_by=by, sharing=sharing)

    @classmethod
    def of_pool(cls, pool: GpuPool, cloud: Cloud) -> GpuNodes:
        return cls.of(
            cloud,
            pool=pool.name,
            accelerator=pool.accelerator,
            image=pool.image,
            provisioner=pool.provisioner,
            driver_by=pool.driver.by,
            sharing=pool.sharing,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuSoftwarePlan:
    """The software of one cluster's GPU nodes."""

    device_plugin: bool
    """NVIDIA's device plugin by its own chart."""
    operator: bool
    """NVIDIA's GPU Operator, which then announces GPUs in place of that chart."""
    operator_installs_driver: bool
    exporter: bool
    """NVIDIA's DCGM exporter by its own chart: on all nodes with NVIDIA GPUs, or beside the operator on those that it
    leaves alone."""
    neuron: bool
    """AWS Neuron's device plugin."""
    sharing: Mapping[str, GpuSharing] = field(default_factory=dict)
    """Settings of the device plugin by name, beside its default."""
    mig: bool = False
    """Whether the software here sees GPUs that are cut into MIG instances."""
    shared: bool = False
    """Whether pods share GPUs or instances on any pool, whoever sees to it."""
    mig_cuts: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """Settings of the MIG manager by name: a profile, and its instances per GPU."""


def decide_gpu_software(cloud: Cloud, pools: Sequence[GpuNodes]) -> GpuSoftwarePlan:
    """The software for these pools, none of which is refused; without any, for nodes with the cloud's own image that
    somebody else declares."""
    by = {each.announced_by for each in pools} or {"node" if cloud == "gcp" else "plugin"}
    ours = [each for each in pools if each.announced_by in ("plugin", "operator")]
    operator = "operator" in by
    named = {plugin_config_name(each.sharing): each.sharing for each in ours if each.sharing is not None}
    return GpuSoftwarePlan(
        device_plugin="plugin" in by and not operator,
        operator=operator,
        operator_installs_driver=any(each.driver_by == "gpu_operator" for each in pools),
        exporter="node" in by or ("plugin" in by and not operator),
        neuron="neuron" in by,
        sharing={name: named[name] for name in sorted(filter(None, named))},
        mig=any(each.sharing is not None and each.sharing.mig is not None for each in pools),
        shared=any(each.sharing is not None and each.sharing.clients > 1 for each in pools),
        mig_cuts={
            mig_config_name(each.accelerator, each.sharing.mig): _cut(each.accelerator, each.sharing.mig)
            for each in ours
            if each.announced_by == "operator" and each.sharing is not None and each.sharing.mig is not None
        },
    )


def refused_gpu_software(cloud: Cloud, pools: Sequence[GpuNodes]) -> list[tuple[int, Finding]]:
    """What pools of one cluster cannot ask of its software together, each with the pool's place in the list."""
    nvidia = [(position, each) for position, each in enumerate(pools) if each.announced_by != "neuron"]
    installs = [each.pool for _, each in nvidia if each.driver_by == "gpu_operator"]
    found: list[tuple[int, Finding]] = []
    for position, each in nvidia:
        if installs and each.driver_by != "gpu_operator":
            message = (
                f"is {each.driver_by}, and pool {installs[0]!r} of the same cluster has gpu_operator, which chooses "
                "one driver for all of a cluster's nodes by the system of any of them; write gpu_operator for all "
                "pools, or for none"
            )
            found.append((position, Finding(("driver", "by"), message)))
        if cloud != "aws" and each.driver_by == "gpu_operator" and each.sharing is not None and each.sharing.mig:
            message = (
                "is gpu_operator, and the cloud cuts GPUs into MIG instances when it installs the driver; write cloud, "
                "or delete sharing.mig"
            )
            found.append((position, Finding(("driver", "by"), message)))
    return found


def _cut(accelerator: str, profile: str) -> tuple[str, int]:
    return profile, mig_profiles.profile(accelerator, profile).instances_per_gpu
