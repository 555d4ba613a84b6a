"""What nodes of AKS are besides their machine."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from .declaration import Declaration


class AksNodes(Declaration):
    """How nodes of AKS are hardened, and what becomes of one that cannot be emptied."""

    encryption_at_host: bool = False
    """Whether temporary disks and caches are encrypted on the host too. The subscription needs the feature
    Microsoft.Compute/EncryptionAtHost, and the machine has to take it."""
    fips: bool = False
    """Whether nodes run the image with FIPS 140 modules; a change exchanges the nodes."""
    trusted_launch: bool = False
    """Whether nodes start from a measured boot with a virtual TPM. Secure Boot comes with it where AKS installs no GPU
    driver, which is not signed for it."""
    ssh: bool = True
    """Whether nodes run an SSH server, whose key nobody has. A change comes with the next node image."""
    undrainable: Literal["schedule", "cordon"] | None = None
    """A node that an upgrade cannot empty. schedule: it takes pods again, and the upgrade fails. cordon: it stays
    closed, and the upgrade goes on. Default: as AKS does, schedule."""

    @model_validator(mode="after")
    def _one_image(self) -> AksNodes:
        if self.fips and self.trusted_launch:
            raise ValueError("fips and trusted_launch are two images of AKS; write one of the two")
        return self
