"""What nodes are told when they start: local disks, and on Bottlerocket how GPUs are shared.

EKS adds to it what a node needs to join ("Customize managed nodes with launch templates"). AL2023 reads a NodeConfig
(nodeadm API, ``node.eks.aws/v1alpha1``), Bottlerocket its settings in TOML. On AL2023 NVIDIA's device plugin and MIG
manager, which are pods, share GPUs; Bottlerocket has both in the image and reads the settings at boot
(``settings.kubelet-device-plugins``).
"""

from __future__ import annotations

import base64
import json

from ...catalog import accelerators
from ...environment.gpu_sharing import GpuSharing

_BOUNDARY = "modelyard"
_STATE = ("/var/lib/containerd", "/var/lib/kubelet", "/var/log/pods")
"""What lies on local disks: images, emptyDir volumes, logs."""
_SOCI = "/var/lib/soci-snapshotter"
"""Where images lie too that come in parts."""
_BOTTLEROCKET_PARALLEL_PULL = (
    "[settings.container-runtime]",
    'snapshotter = "soci"',
    "[settings.container-runtime-plugins.soci-snapshotter]",
    'pull-mode = "parallel-pull-unpack"',
)
"""Since Bottlerocket 1.44 (``settings.container-runtime-plugins``)."""


def node_user_data(
    ami_type: str, *, local_disks: bool, sharing: GpuSharing | None, accelerator: str, parallel_pull: bool = False
) -> str | None:
    """As a launch template takes it, base64; None where nothing has to be said.

    Args:
        ami_type: EKS ``amiType``.
        local_disks: whether images, logs and emptyDir volumes lie on the machine's own disks, striped.
        sharing: how GPUs are shared.
        accelerator: name of the catalogue.
        parallel_pull: whether images come in many parts at a time, by the SOCI snapshotter.
    """
    text = node_settings(
        ami_type, local_disks=local_disks, sharing=sharing, accelerator=accelerator, parallel_pull=parallel_pull
    )
    return base64.b64encode(text.encode()).decode() if text else None


def node_settings(
    ami_type: str, *, local_disks: bool, sharing: GpuSharing | None, accelerator: str, parallel_pull: bool = False
) -> str | None:
    """The same, as text."""
    if ami_type.startswith("BOTTLEROCKET"):
        parts = [
            *(_bottlerocket_disks(parallel_pull) if local_disks else ()),
            *(_BOTTLEROCKET_PARALLEL_PULL if parallel_pull else ()),
            *_bottlerocket_sharing(sharing, accelerator),
        ]
        return "\n".join(parts) + "\n" if parts else None
    if not local_disks and not parallel_pull:
        return None
    config = "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n"
    if parallel_pull:
        config += "  featureGates:\n    FastImagePull: true\n"
    if local_disks:
        config += "  instance:\n    localStorage:\n      strategy: RAID0\n"
    return (
        f'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="{_BOUNDARY}"\n\n'
        f"--{_BOUNDARY}\nContent-Type: application/node.eks.aws\n\n---\n{config}\n--{_BOUNDARY}--\n"
    )


def _bottlerocket_disks(parallel_pull: bool) -> list[str]:
    kept = (*_STATE, _SOCI) if parallel_pull else _STATE
    commands = [
        ["apiclient", "ephemeral-storage", "init"],
        ["apiclient", "ephemeral-storage", "bind", "--dirs", *kept],
    ]
    return [
        "[settings.bootstrap-commands.local-disks]",
        f"commands = {json.dumps(commands)}",
        'mode = "always"',
        "essential = true",
    ]


def _bottlerocket_sharing(sharing: GpuSharing | None, accelerator: str) -> list[str]:
    if sharing is None:
        return []
    top: list[str] = ["[settings.kubelet-device-plugins.nvidia]"]
    below: list[str] = []
    if sharing.mig is not None:
        top.append('device-partitioning-strategy = "mig"')
        model = f"{accelerator.partition('-')[0].lower()}.{int(accelerators.get(accelerator).memory_gib)}gb"
        below += ["[settings.kubelet-device-plugins.nvidia.mig.profile]", f'"{model}" = "{sharing.mig}"']
    if sharing.clients > 1:
        way = "mps" if sharing.mps is not None else "time-slicing"
        top.append(f'device-sharing-strategy = "{way}"')
        below += [
            f"[settings.kubelet-device-plugins.nvidia.{way}]",
            f"replicas = {sharing.clients}",
            # Pods ask for nvidia.com/gpu, shared or not.
            "rename-by-default = false",
        ]
    return [*top, *below]
