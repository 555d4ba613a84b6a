"""The shared part of an environment."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .amount import MonthlyUsd
from .cluster import Cluster
from .cost_assumptions import CostAssumptions
from .declaration import Declaration
from .department import CostCenter, Email
from .gateway import Gateway
from .image_registry import ImageRegistry
from .model_store import ModelStore
from .monitoring import Monitoring
from .names import EnvironmentName
from .patterns import ACCOUNT_PATTERN, NAME_PATTERN
from .policy_settings import PolicySettings


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
    clusters: Annotated[list[Cluster], Field(min_length=1)]
    image_registry: ImageRegistry = ImageRegistry()
    model_store: ModelStore = ModelStore()
    gateway: Gateway
    monitoring: Monitoring = Monitoring()
    policies: PolicySettings = PolicySettings()
    costs: CostAssumptions = CostAssumptions()
