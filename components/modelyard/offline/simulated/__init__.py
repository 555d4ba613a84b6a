"""Clouds that exist only on this machine.

They answer the engine as the real providers do in shape, refuse what they do not know, and keep nothing.
"""

from modelyard.offline.simulated.aws import SimulatedAws, SimulatedAwsAccount
from modelyard.offline.simulated.docker import SimulatedDocker
from modelyard.offline.simulated.kubernetes import SimulatedKubernetes
from modelyard.offline.simulated.provider import Before, Checked, Created, Difference, Invoked, SimulatedProvider

Providers = dict[str, type[SimulatedProvider]]
"""Package name to its simulated provider."""


def all_providers() -> Providers:
    """Every simulated provider there is, by package name."""
    return {"aws": SimulatedAws, "docker": SimulatedDocker, "kubernetes": SimulatedKubernetes}


def answering_providers() -> Providers:
    """The same for the real engine, where a function or a read cannot answer "unknown": every answer is made up."""
    return {"aws": SimulatedAwsAccount, "docker": SimulatedDocker, "kubernetes": SimulatedKubernetes}


__all__ = [
    "Before",
    "Checked",
    "Created",
    "Difference",
    "Invoked",
    "Providers",
    "SimulatedAws",
    "SimulatedAwsAccount",
    "SimulatedDocker",
    "SimulatedKubernetes",
    "SimulatedProvider",
    "all_providers",
    "answering_providers",
]
