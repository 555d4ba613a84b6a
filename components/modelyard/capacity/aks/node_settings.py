"""How nodes of AKS are hardened, as its API has it.

Follows "Host-based encryption on AKS", "Trusted launch for AKS", "Manage SSH for secure access to
AKS nodes" and "Enable FIPS for AKS node pools".
"""

from __future__ import annotations

from typing import Any

from ...environment.aks_nodes import AksNodes

_OF_THE_SDK = {
    "enableEncryptionAtHost": "enable_encryption_at_host",
    "enableFIPS": "enable_fips",
    "securityProfile": "security_profile",
}


def node_settings(nodes: AksNodes, *, gpu_driver: bool = False) -> dict[str, Any]:
    """Keys of an agent pool's profile. What is not asked for is left to AKS, so that pools stay as they are.

    Args:
        nodes: as declared.
        gpu_driver: whether AKS installs NVIDIA's driver, with which Secure Boot starts no node.
    """
    told: dict[str, Any] = {}
    if nodes.encryption_at_host:
        told["enableEncryptionAtHost"] = True
    if nodes.fips:
        told["enableFIPS"] = True
    profile: dict[str, Any] = {}
    if nodes.trusted_launch:
        profile |= {"enableVTPM": True, "enableSecureBoot": not gpu_driver}
    if not nodes.ssh:
        profile["sshAccess"] = "Disabled"
    return {**told, "securityProfile": profile} if profile else told


def agent_pool_settings(nodes: AksNodes, *, gpu_driver: bool = False) -> dict[str, Any]:
    """The same as arguments of the SDK's AgentPool."""
    return {_OF_THE_SDK[key]: value for key, value in node_settings(nodes, gpu_driver=gpu_driver).items()}


def undrainable(nodes: AksNodes) -> dict[str, str]:
    """For ``upgradeSettings``."""
    return {} if nodes.undrainable is None else {"undrainableNodeBehavior": nodes.undrainable.title()}
