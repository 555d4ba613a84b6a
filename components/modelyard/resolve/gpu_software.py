"""What has to be installed on a cluster so that the GPUs of its pools are announced, shared, cut and measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..catalog import mig_profiles
from ..environment.gpu_pool import GpuPool, Provisioner
from ..environment.gpu_sharing import GpuSharing
from ..environment.target import Cloud
from .finding import Finding
from .gpu_announcer import Announcer, announcer, mig_config_name, plugin_config_name
from .node_image import DEFAULT_GPU_IMAGE

_DRA_SINCE = (1, 34)
"""Release notes of Kubernetes 1.34: ``resource.k8s.io/v1``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuNodes:
    """The nodes of one pool, as far as their software asks."""

    pool: str
    accelerator: str
    driver_by: str
    """image, cloud or gpu_operator."""
    announced_by: Announcer
    image: str
    provisioner: Provisioner = "managed"
    sharing: GpuSharing | None = None
    dra: bool = False
    fabric: bool = False
    """Whether the nodes join the cloud's network for GPUs."""

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
        dra: bool = False,
        fabric: bool = False,
    ) -> GpuNodes:
        """With the cloud's own image and driver where none is named."""
        driver = driver_by or ("image" if cloud == "aws" else "cloud")
        chosen = image or DEFAULT_GPU_IMAGE[cloud]
        by = announcer(
            cloud=cloud,
            accelerator=accelerator,
            image=chosen,
            provisioner=provisioner,
            driver_by=driver,
            sharing=sharing,
            dra=dra,
        )
        return cls(
            pool=pool,
            accelerator=accelerator,
            driver_by=driver,
            announced_by=by,
            image=chosen,
            provisioner=provisioner,
            sharing=sharing,
            dra=dra,
            fabric=fabric,
        )

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
            dra=pool.dra,
            fabric=pool.fabric,
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
    dra: bool = False
    """NVIDIA's driver for Dynamic Resource Allocation."""
    efa_pools: tuple[str, ...] = ()
    """Pools on whose nodes AWS's EFA device plugin runs."""
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
        exporter=bool(by & {"node", "dra"}) or ("plugin" in by and not operator),
        neuron="neuron" in by,
        dra="dra" in by,
        efa_pools=tuple(each.pool for each in pools if _announces_efa(cloud, each)),
        sharing={name: named[name] for name in sorted(filter(None, named))},
        mig=any(each.sharing is not None and each.sharing.mig is not None for each in pools),
        shared=any(each.sharing is not None and each.sharing.clients > 1 for each in pools),
        mig_cuts={
            mig_config_name(each.accelerator, each.sharing.mig): _cut(each.accelerator, each.sharing.mig)
            for each in ours
            if each.announced_by == "operator" and each.sharing is not None and each.sharing.mig is not None
        },
    )


def _announces_efa(cloud: Cloud, nodes: GpuNodes) -> bool:
    """No image of EKS has the plugin, and Auto Mode's nodes do ("Manage EFA devices on Amazon EKS")."""
    return cloud == "aws" and nodes.fabric and nodes.provisioner != "auto_mode"


def refused_gpu_software(
    cloud: Cloud, pools: Sequence[GpuNodes], kubernetes_version: str | None = None
) -> list[tuple[int, Finding]]:
    """What pools of one cluster cannot ask of its software together, each with the pool's place in the list.

    Args:
        cloud: whose nodes they are.
        pools: of one cluster.
        kubernetes_version: of the cluster, for example 1.34; None: not known.
    """
    nvidia = [(position, each) for position, each in enumerate(pools) if each.announced_by not in ("neuron", "tpu")]
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
    for position, each in enumerate(pools):
        found += [(position, Finding(("dra",), message)) for message in _no_claims(cloud, each, kubernetes_version)]
    return found


def _no_claims(cloud: Cloud, nodes: GpuNodes, kubernetes_version: str | None) -> Iterator[str]:
    """Why the GPUs of a pool cannot be handed out by Dynamic Resource Allocation."""
    if not nodes.dra:
        return
    if kubernetes_version is not None and _version(kubernetes_version) < _DRA_SINCE:
        yield (
            f"needs Kubernetes 1.34 or later, whose resource.k8s.io/v1 is generally available, and the cluster has "
            f"{kubernetes_version}; raise kubernetes_version, or delete it"
        )
    if nodes.announced_by in ("neuron", "tpu"):
        yield f"is for NVIDIA GPUs, and the pool has {nodes.accelerator}; delete it"
        return
    if nodes.sharing is not None and nodes.sharing.clients > 1:
        way = "time_slicing" if nodes.sharing.time_slicing is not None else "mps"
        yield (
            f"gives a GPU to one pod by its claim, and NVIDIA's driver shares one among pods only where they name the "
            f"same claim, as replicas cannot; delete it, or sharing.{way}"
        )
    if nodes.sharing is not None and nodes.sharing.mig is not None and cloud == "aws":
        yield (
            "claims MIG instances that are there, and on EKS the GPU Operator cuts GPUs, which keeps away from these "
            "nodes; delete it, or sharing.mig"
        )
    own = announcer(
        cloud=cloud,
        accelerator=nodes.accelerator,
        image=nodes.image,
        provisioner=nodes.provisioner,
        driver_by=nodes.driver_by,
        sharing=None,
    )
    if cloud == "gcp":
        yield "takes the place of GKE's device plugin, which also installs the driver; delete it"
    elif own == "node":
        where = "EKS Auto Mode" if nodes.provisioner == "auto_mode" else "Bottlerocket"
        yield f"takes the place of a device plugin, and that of {where} cannot be left out; delete it"
    elif nodes.provisioner == "karpenter":
        yield "is not known to karpenter, which brings no node for a claim; write provisioner: managed, or delete it"
    elif own == "operator":
        yield "takes the place of the GPU Operator, which installs the driver here; write driver.by: cloud"


def _version(text: str) -> tuple[int, ...]:
    """Major and minor: of nodes of GKE, 1.35.2-gke.100."""
    return tuple(int(part) for part in text.split(".")[:2])


def _cut(accelerator: str, profile: str) -> tuple[str, int]:
    return profile, mig_profiles.profile(accelerator, profile).instances_per_gpu
