"""Clouds that exist only on this machine.

They answer the engine as the real providers do in shape, refuse what they do not know, and keep nothing.
"""

from modelyard.offline.simulated.aws import SimulatedAws, SimulatedAwsAccount
from modelyard.offline.simulated.aws_native import SimulatedAwsNative, SimulatedAwsNativeAccount
from modelyard.offline.simulated.azure_native import SimulatedAzureNative, SimulatedAzureNativeSubscription
from modelyard.offline.simulated.docker import SimulatedDocker
from modelyard.offline.simulated.docker_build import SimulatedDockerBuild
from modelyard.offline.simulated.dynamic import DYNAMIC_PACKAGE, DynamicProviders
from modelyard.offline.simulated.gcp import SimulatedGcp, SimulatedGcpProject
from modelyard.offline.simulated.kubernetes import SimulatedKubernetes
from modelyard.offline.simulated.provider import Before, Checked, Created, Difference, Invoked, SimulatedProvider

Providers = dict[str, type[SimulatedProvider]]
"""Package name to its simulated provider."""


def all_providers() -> Providers:
    """Every simulated provider there is, by package name."""
    return {
        "aws": SimulatedAws,
        "aws-native": SimulatedAwsNative,
        "azure-native": SimulatedAzureNative,
        "docker": SimulatedDocker,
        "docker-build": SimulatedDockerBuild,
        "gcp": SimulatedGcp,
        "kubernetes": SimulatedKubernetes,
        DYNAMIC_PACKAGE: DynamicProviders,
    }


def served_packages() -> list[str]:
    """The packages that the real engine needs a plugin for; dynamic resources are served by its own."""
    return sorted(answering_providers().keys() - {DYNAMIC_PACKAGE})


def answering_providers() -> Providers:
    """The same for the real engine, where a function or a read cannot answer "unknown": every answer is made up."""
    return {
        "aws": SimulatedAwsAccount,
        "aws-native": SimulatedAwsNativeAccount,
        "azure-native": SimulatedAzureNativeSubscription,
        "docker": SimulatedDocker,
        "docker-build": SimulatedDockerBuild,
        "gcp": SimulatedGcpProject,
        "kubernetes": SimulatedKubernetes,
        DYNAMIC_PACKAGE: DynamicProviders,
    }


__all__ = [
    "Before",
    "Checked",
    "Created",
    "Difference",
    "DynamicProviders",
    "Invoked",
    "Providers",
    "SimulatedAws",
    "SimulatedAwsAccount",
    "SimulatedAwsNative",
    "SimulatedAwsNativeAccount",
    "SimulatedAzureNative",
    "SimulatedAzureNativeSubscription",
    "SimulatedDocker",
    "SimulatedDockerBuild",
    "SimulatedGcp",
    "SimulatedGcpProject",
    "SimulatedKubernetes",
    "SimulatedProvider",
    "all_providers",
    "answering_providers",
    "served_packages",
]
