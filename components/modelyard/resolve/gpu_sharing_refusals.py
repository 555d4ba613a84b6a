"""What a GPU pool may not ask of how its GPUs are shared, of its machine image and of its driver."""

from __future__ import annotations

from collections.abc import Iterator

from ..catalog import InstanceType, accelerators, mig_profiles
from ..catalog.neuron_cores import with_neuron_cores
from ..catalog.table import rows
from ..environment.cluster import SERVICE
from ..environment.device import NEURON, NVIDIA, TPU
from ..environment.gpu_pool import GpuPool
from ..environment.known_name import unknown
from ..environment.target import Cloud
from .finding import Finding
from .node_image import DEFAULT_GPU_IMAGE, images_of, node_image
from .pool_machines import architecture_of
from .refusal import refusal


def refused_sharing(pool: GpuPool, cloud: Cloud) -> Iterator[Finding]:
    """Of MIG profiles, time slicing and MPS."""
    sharing = pool.sharing
    if sharing is None:
        return
    if sharing.neuron_cores:
        if pool.accelerator not in with_neuron_cores():
            allowed = " and ".join(with_neuron_cores())
            steps, accelerator = ("sharing", "neuron_cores"), pool.accelerator
            yield refusal("neuron-cores-of-other-accelerator", *steps, accelerator=accelerator, allowed=allowed)
        return
    if accelerators.get(pool.accelerator).resource != NVIDIA:
        yield refusal("sharing-of-other-accelerator", "sharing", accelerator=pool.accelerator)
        return
    if pool.provisioner in ("karpenter", "auto_mode"):
        yield refusal("sharing-without-node-group", "sharing", provisioner=pool.provisioner)
    if sharing.mig is not None:
        yield from _mig(pool, sharing.mig, cloud)
        if sharing.mps is not None:
            yield refusal("mps-with-mig", "sharing", "mps", clients=sharing.mps)


def cloud_mig_profiles(cloud: Cloud, accelerator: str) -> dict[str, str]:
    """Profiles that the cloud itself cuts, by NVIDIA's name, with its own; EKS leaves it to NVIDIA's MIG manager."""
    if cloud == "aws":
        return {each.name: each.name for each in mig_profiles.profiles(accelerator)}
    return {
        row["profile"]: row["name"]
        for row in rows("cloud_mig_profiles.csv")
        if (row["cloud"], row["accelerator"]) == (cloud, accelerator)
    }


def refused_software(pool: GpuPool, cloud: Cloud, types: tuple[InstanceType, ...]) -> Iterator[Finding]:
    """Of the machine image and the driver."""
    yield from _image(pool, cloud, types)
    if accelerators.get(pool.accelerator).resource == TPU:
        yield from _of_tpu(pool)
        return
    if pool.image == "bottlerocket_nvidia" and accelerators.get(pool.accelerator).resource == NEURON:
        yield refusal("image-of-neuron", "image", image=pool.image)
    yield from _driver(pool, cloud)


def _mig(pool: GpuPool, profile: str, cloud: Cloud) -> Iterator[Finding]:
    steps = ("sharing", "mig")
    known = [each.name for each in mig_profiles.profiles(pool.accelerator)]
    offered = cloud_mig_profiles(cloud, pool.accelerator)
    if not known:
        able = ", ".join(mig_profiles.accelerators_with_mig())
        nearest = f"use time_slicing or mps, or one of {able}"
        yield refusal("mig-accelerator", *steps, accelerator=pool.accelerator, nearest=nearest)
    elif profile not in known:
        sentence = unknown(f"a MIG profile of {pool.accelerator}", profile, known)
        yield refusal("mig-profile", *steps, sentence=sentence)
    elif profile not in offered:
        rule = "mig-profile-of-gke" if cloud == "gcp" else "mig-profile-of-aks"
        allowed = ", ".join(offered) or "no profile"
        yield refusal(rule, *steps, profile=profile, accelerator=pool.accelerator, allowed=allowed)


def _image(pool: GpuPool, cloud: Cloud, types: tuple[InstanceType, ...]) -> Iterator[Finding]:
    allowed = images_of(cloud, gpu=True)
    if pool.image is not None and pool.image not in allowed:
        noun = f"an image of {SERVICE[cloud]} for nodes with GPUs"
        yield refusal("image-of-other-cloud", "image", sentence=unknown(noun, pool.image, allowed))
        return
    if pool.image is not None and pool.provisioner == "auto_mode":
        yield refusal("image-with-auto-mode", "image", image=pool.image)
        return
    image = pool.image or DEFAULT_GPU_IMAGE[cloud]
    for each in types[:1]:
        architecture = architecture_of(each.name)
        if node_image(cloud, image, architecture, accelerator=pool.accelerator) is None:
            able = [
                name
                for name in allowed
                if node_image(cloud, name, architecture, accelerator=pool.accelerator) is not None
            ]
            values = {"image": image, "architecture": architecture, "type": each.name, "allowed": ", ".join(able)}
            yield refusal("image-architecture", "image", **values)


def _of_tpu(pool: GpuPool) -> Iterator[Finding]:
    if pool.image not in (None, DEFAULT_GPU_IMAGE["gcp"]):
        yield refusal("image-of-tpu", "image", image=pool.image)
    for key, none in (("by", (None, "cloud")), ("version", ("default",))):
        if (value := getattr(pool.driver, key)) not in none:
            yield refusal("driver-of-tpu", "driver", key, value=value)


def _driver(pool: GpuPool, cloud: Cloud) -> Iterator[Finding]:
    by, image = pool.driver.by, pool.image or DEFAULT_GPU_IMAGE[cloud]
    if by == "image" and cloud != "aws":
        yield refusal("driver-image-outside-eks", "driver", "by")
    if by == "cloud" and cloud == "aws":
        yield refusal("driver-cloud-on-eks", "driver", "by")
    if by == "gpu_operator" and cloud == "aws":
        yield refusal("driver-operator-on-eks", "driver", "by")
    if by == "gpu_operator" and cloud == "gcp" and pool.provisioner == "compute_class":
        yield refusal("driver-operator-with-compute-class", "driver", "by")
    elif by == "gpu_operator" and cloud == "gcp" and image == "cos":
        yield refusal("driver-operator-on-cos", "driver", "by")
    if pool.driver.version != "default" and cloud != "gcp":
        yield refusal(
            "driver-version-outside-gke", "driver", "version", version=pool.driver.version, service=SERVICE[cloud]
        )
