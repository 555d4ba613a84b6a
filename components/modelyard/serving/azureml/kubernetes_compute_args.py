"""Arguments of :class:`~modelyard.serving.azureml.kubernetes_compute.AzureMLKubernetesCompute`.

The annotations stay real objects (no postponed evaluation): Pulumi's component analyzer reads them.
"""

from collections.abc import Mapping
from typing import NotRequired, TypedDict

import pulumi

from modelyard.governance.ownership import OwnershipArgs


class AzureMLExtensionArgs(TypedDict):
    """Azure ML's extension of a cluster, which runs its router and its deployments there."""

    router: NotRequired[str]
    """How the router is reached: loadBalancer, nodePort or clusterIP. Default: nodePort."""
    router_ha: NotRequired[bool]
    """Three routers, which need three nodes; false: one. Default: true."""
    tls_secret: NotRequired[str]
    """Secret in the namespace azureml with cert.pem and key.pem; needed unless insecure."""
    tls_name: NotRequired[str]
    """Name that the certificate is for; needed unless insecure."""
    insecure: NotRequired[bool]
    """Plain HTTP, for a trial. Default: false."""
    install_gpu_plugin: NotRequired[bool]
    """Whether the extension brings NVIDIA's device plugin. Default: false."""
    version: NotRequired[str]
    """Pinned version. Default: the newest of release_train, with minor upgrades by itself."""
    release_train: NotRequired[str]
    """stable or preview. Default: stable."""


class AzureMLInstanceTypeArgs(TypedDict):
    """A size of deployments on one's own nodes."""

    cpu: NotRequired[float]
    """Cores. Default: 2."""
    memory_gib: NotRequired[float]
    """Memory in GiB. Default: 8."""
    gpus: NotRequired[int]
    """GPUs. Default: 0."""
    node_selector: NotRequired[Mapping[str, str]]
    """Labels of the nodes. Default: any node."""


class AzureMLKubernetesComputeArgs(TypedDict):
    """A Kubernetes cluster of one's own that Azure Arc knows, as a compute of a workspace."""

    ownership: OwnershipArgs
    """Who pays: the platform."""
    location: str
    """Azure location of the workspace, for example westeurope."""
    resource_group: pulumi.Input[str]
    """Resource group of the workspace."""
    workspace: pulumi.Input[str]
    """Name of the workspace."""
    compute: str
    """Name of the compute in the workspace."""
    cluster: str
    """Resource id of the connected cluster."""
    extension: NotRequired[AzureMLExtensionArgs]
    """Settings of Azure ML's extension, which is installed so. Default: none is installed."""
    extension_installed: NotRequired[bool]
    """Whether somebody else has installed the extension. Default: false."""
    namespace: NotRequired[str]
    """Namespace of the pods; it must be there. Default: default."""
    instance_types: NotRequired[Mapping[str, AzureMLInstanceTypeArgs]]
    """Sizes by name. Default: one, called defaultinstancetype by the extension, with 2 cores and 2 GiB."""
