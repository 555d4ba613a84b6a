"""The plan document: what an environment would be, cost and break, as data.

Everything that a reviewer reads (terminal, HTML, markdown, JSON) is a rendering of this and of nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from ..graph import Resource, ResourceGraph

if TYPE_CHECKING:
    from ..cost import Estimate
    from ..environment.target import Target
    from ..placement import Placement
    from ..repository.repository import RepositoryFile
    from ..resolve.resolved import ChosenTarget
    from ..sizing.cold_start import ColdStart
    from .changes import Changes
    from .cluster_lines import ClusterLine
    from .pool_lines import PoolLine
    from .verdicts import Verdict

Outcome = Literal["pass", "fail", "undetermined"]
BUDGET_POLICY = "budget"
"""Name of the rule that a budget line repeats for the environment as a whole."""


@dataclass(frozen=True, slots=True)
class StackPlan:
    """One stack of the environment, as its program declared it."""

    name: str
    layer: str
    """``foundation``, ``all`` or a department's name."""
    graph: ResourceGraph
    outputs: Mapping[str, Any]
    """May hold ``UNKNOWN`` and ``Secret``."""


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """A declared monthly budget beside what the estimate says."""

    department: str
    """``all`` for the budget of the whole environment."""
    budget_usd: Decimal
    estimated_usd: Decimal
    outcome: Outcome
    sentence: str
    broken: bool
    """Whether this stops a deployment: a failure where the environment's budget policy is mandatory, and in prod an
    undetermined outcome too."""


@dataclass(frozen=True, slots=True)
class PredictedStage:
    """How one model that executes is configured, and what it is to do at the objective's rate."""

    model: str
    max_batch_size: int
    max_queue_delay_us: int
    instances: int
    """In one replica, for each GPU where it runs on GPUs."""
    utilisation: float
    mean_batch: float
    queue_ms: float


@dataclass(frozen=True, slots=True)
class PredictedPlace:
    """What the needed replicas are to do: at the objective's rate, or over a week of the model's traffic."""

    needed_replicas: int | None
    """At the busiest time; None of a serverless endpoint."""
    p50_ms: float | None
    """None over a week."""
    p95_ms: float | None
    """None over a week."""
    p99_ms: float
    """Over a week that of all requests, cold starts too, at the worse end of what is assumed; infinite where more than
    one request in a hundred is refused."""
    utilisation: float | None
    """Of what the needed replicas can keep, at the busiest time; None of a serverless endpoint."""
    capacity: float | None
    """Requests per second that the needed replicas keep with room for bursts; None as before."""
    stages: tuple[PredictedStage, ...]
    """At the objective's rate."""
    source: str
    """Of the profile that it rests on."""
    basis: Literal["objective", "traffic"] = "objective"
    p99_low_ms: float | None = None
    """Over a week, at the better end of what is assumed."""


@dataclass(frozen=True, slots=True)
class ModelPlace:
    """Where one model runs."""

    cluster: str
    """Name of the cluster; of a managed target its region."""
    pool: str | None
    """None for a model without GPUs, and at a managed target."""
    overflow_pool: str | None
    accelerator: str | None
    min_replicas: int
    max_replicas: int
    prediction: PredictedPlace | None = None
    """None without an objective or a profile."""
    sleeps: bool = False
    """Whether there is no replica while nobody asks."""
    cold_start: ColdStart | None = None
    """Until one more replica answers; None where none is ever added, and at a managed target."""
    could_stream: bool = False
    """Whether its pods copy weights that they could read through a file driver."""
    target: Target = "kubernetes"
    instance_type: str | None = None
    """At a managed target, as the service names it; None where it has none, as serverless."""
    shares: tuple[tuple[str, int], ...] = ()
    """At a managed target, percent of the requests by version: ``("v3", 90), ("v4", 10)``."""
    serving_usd: Decimal | None = None
    """At a managed target, dollars a month for its instances or requests alone: what options are compared by. None
    where they have no price."""
    image: str | None = None
    """Of the server: a full reference, or ``registry:<repository>:<tag>`` of the image registry; None where the
    service or Seldon's installation names it."""


@dataclass(frozen=True, slots=True)
class RolloutLine:
    """Where the rollout of a model stands."""

    stable: int
    canary: int | None
    percent: int
    """Of the requests, to the canary; a controller moves it by itself from 0."""
    mirrored_percent: int
    steps: tuple[int, ...]
    next_percent: int | None
    """What the next promotion gives; None at the end, and where a controller promotes."""
    pause_minutes: int
    by: str
    gates: tuple[str, ...]
    """What the canary must hold: ``error_rate at most 0.01``."""
    canary_replicas: tuple[int, int] | None = None
    """Least and most pods that the canary has beside the stable ones, on each cluster. None where a controller or
    Knative brings them."""


@dataclass(frozen=True, slots=True)
class ModelLine:
    """One model: its objective, its places, its cost."""

    department: str
    model: str
    task: str
    release: str
    objective_p99_ms: float | None
    objective_requests_per_second: float | None
    monthly_usd: Decimal | None
    """Over all its clusters; None when nothing of it has a price."""
    usd_per_million: Decimal | None
    """Of inferences: those of its traffic, or if the objective's rate came all month, in every place; None without
    objective or price."""
    places: tuple[ModelPlace, ...]
    rollout: RolloutLine | None = None
    runtime: str = "triton"
    server: str = "triton"
    """What runs in the pods: the runtime itself, or the server that KServe or Seldon runs."""


@dataclass(frozen=True, slots=True)
class ModelRepository:
    """The files that the servers of one model load on one cluster."""

    department: str
    model: str
    cluster: str
    files: tuple[RepositoryFile, ...]
    url: str | None
    """Where somebody else's files are; then ``files`` is empty."""


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """A whole environment, planned."""

    environment: str
    tier: str
    version: str
    """Of Modelyard."""
    stacks: tuple[StackPlan, ...]
    policies: tuple[Verdict, ...]
    costs: Estimate
    placement: Placement
    budgets: tuple[BudgetLine, ...] = ()
    models: tuple[ModelLine, ...] = ()
    pools: tuple[PoolLine, ...] = ()
    """As declared, and which changes make them anew."""
    cluster_lines: tuple[ClusterLine, ...] = ()
    """The same of clusters."""
    notices: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    """Names of the declared clusters."""
    repositories: tuple[ModelRepository, ...] = ()
    root: str = ""
    """Folder of the project; files are shown relative to it."""
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Stack name to its exports."""
    policies_checked: tuple[str, ...] = ()
    """Names of the rules that ran; those without a verdict hold."""
    choices: tuple[ChosenTarget, ...] = ()
    """What running each model with a traffic profile was compared by."""
    changes: Changes | None = None
    """Since the plan that it was asked to be compared with."""

    @property
    def mandatory_violations(self) -> tuple[Verdict, ...]:
        return tuple(verdict for verdict in self.policies if verdict.level == "mandatory")

    @property
    def broken_budgets(self) -> tuple[BudgetLine, ...]:
        return tuple(line for line in self.budgets if line.broken)

    @property
    def broken(self) -> bool:
        """True when a mandatory policy or budget is broken: ``modelyard plan`` then exits 2."""
        return bool(self.mandatory_violations or self.broken_budgets)

    @property
    def exit_code(self) -> Literal[0, 2]:
        return 2 if self.broken else 0

    def resources(self) -> Iterator[Resource]:
        for stack in self.stacks:
            yield from stack.graph

    def resource_count(self) -> int:
        """Resources that a deployment would create: stacks and providers are not counted."""
        return sum(1 for resource in self.resources() if is_deployed(resource))


def is_deployed(resource: Resource) -> bool:
    """Whether the resource becomes something in a cloud or a cluster, rather than a grouping or a provider."""
    return resource.custom and not resource.type.startswith("pulumi:")
