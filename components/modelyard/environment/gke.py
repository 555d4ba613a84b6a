"""What only a cluster of GKE has."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from .declaration import Declaration
from .patterns import GOOGLE_KEY_PATTERN, GOOGLE_PROJECT_PATTERN, TIME_OF_DAY_PATTERN


class Gke(Declaration):
    """Settings of Google Kubernetes Engine."""

    project: Annotated[str, StringConstraints(pattern=GOOGLE_PROJECT_PATTERN)] | None = None
    """Id of the project. Default: managed.gcp.project."""
    release_channel: Literal["rapid", "regular", "stable", "extended"] = "regular"
    """How soon GKE upgrades control plane and nodes by itself."""
    maintenance_start: Annotated[str, StringConstraints(pattern=TIME_OF_DAY_PATTERN)] = "03:00"
    """When it may, every day for four hours, in UTC."""
    kms_key: Annotated[str, StringConstraints(pattern=GOOGLE_KEY_PATTERN)] | None = None
    """Cloud KMS key of the cluster's secrets, in its region. Default: Google's own key."""
    dns_endpoint: bool = True
    """Whether the API has a name that Google's IAM guards, beside the addresses in api_access."""
    binary_authorization: bool = False
    """Whether the project's policy of Binary Authorization decides which images run."""
    image_streaming: bool = True
    """Whether containers start while their images still load; images have to be in Artifact Registry."""
    cost_allocation: bool = True
    """Whether the billing export has the cost of each namespace."""
