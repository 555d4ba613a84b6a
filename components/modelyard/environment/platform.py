"""The shared part of an environment."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints, model_validator

from .amount import MonthlyUsd
from .cluster import Cluster
from .cost_assumptions import CostAssumptions
from .declaration import Declaration
from .department import CostCenter, Email
from .gateway import Gateway
from .image_registry import ImageRegistry
from .image_verification import EnvironmentVerification
from .managed import Managed
from .model_store import ModelStore
from .monitoring import Monitoring
from .names import EnvironmentName
from .patterns import ACCOUNT_PATTERN, NAME_PATTERN
from .policy_settings import PolicySettings
from .quota import Quota

_NO_CLUSTER = Gateway(domain="no-cluster.invalid")
"""Stands where there is no cluster, and so no gateway to ask for."""


class Platform(Declaration):
    """``platform.yaml``"""

    environment: EnvironmentName
    """Same as the folder's name."""
    tier: Literal["dev", "staging", "prod"]
    """How strict policies are and what defaults are safe."""
    organization: Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=24)]
    """Prefixes names that must be unique in the world, such as buckets."""
    owner: Email
    cost_center: CostCenter
    monthly_budget_usd: MonthlyUsd | None = None
    """Of the whole environment."""
    layers: Literal["per_department", "all"] = "per_department"
    """``per_department``: a foundation stack and a stack for each department. ``all``: one stack."""
    aws_account_id: Annotated[str, StringConstraints(pattern=ACCOUNT_PATTERN)] | None = None
    """The only account that may be changed."""
    clusters: list[Cluster] = []
    """Where models are served on Kubernetes. None is needed where every model has a managed target."""
    quotas: list[Quota] = []
    """What the accounts may run at most. Default: unknown, and the plan names what to look up."""
    managed: Managed | None = None
    """Clouds whose managed services models may name as their target."""
    image_registry: ImageRegistry = ImageRegistry()
    image_verification: EnvironmentVerification | None = None
    """Whose signatures images need before they run. Default: nobody's."""
    model_store: ModelStore = ModelStore()
    gateway: Gateway = _NO_CLUSTER
    """Of every cluster; needed where there is one."""
    monitoring: Monitoring = Monitoring()
    policies: PolicySettings = PolicySettings()
    costs: CostAssumptions = CostAssumptions()

    @model_validator(mode="after")
    def _serves_somewhere(self) -> Platform:
        if not self.clusters and self.managed is None:
            raise ValueError(
                "there is neither a cluster nor a managed cloud, so no model could be served; add clusters, or managed "
                "with aws, gcp or azure"
            )
        if self.clusters and "gateway" not in self.model_fields_set:
            raise ValueError("gateway is missing, and clusters have one; add gateway: {domain: <domain>}")
        return self
