"""What resolving gives: plain, complete, checked values that components only write down."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from ..environment.cluster import Cluster
from ..environment.department import Department
from ..environment.environment import Environment
from ..environment.existing_cluster import ExistingGke
from ..environment.inference_graph import InferenceGraph
from ..environment.model import Model
from ..environment.seldon import SeldonPipeline
from ..environment.target import CLOUD_OF, Cloud, ManagedTarget
from ..repository.repository import Repository, RepositoryFile
from ..sizing.choice import Choice
from ..sizing.choosing.option import ChoiceOfTarget
from .cluster_cloud import CloudAccount
from .controllers import Controller
from .image_build import ResolvedBuild
from .model_folder import ModelFolder
from .names import disk_encryption_set_id
from .resolved_pool import ResolvedCpuPool, ResolvedGpuPool


@dataclass(frozen=True, slots=True)
class ResolvedCluster:
    """A cluster with its zones and pools."""

    declared: Cluster
    physical_name: str
    zones: tuple[str, ...]
    """Empty for existing networks."""
    gpu_pools: tuple[ResolvedGpuPool, ...]
    cpu_pools: tuple[ResolvedCpuPool, ...] = ()
    controllers: frozenset[Controller] = frozenset()
    """What its models need and Modelyard installs there, beside what every cluster runs."""
    kserve: bool = False
    """Whether KServe is there for its models, by whose hand ever."""
    streams_weights: bool = False
    """Whether it needs its cloud's file driver for its models, and we make it."""
    account: CloudAccount = field(default_factory=CloudAccount)
    """Its project, or its subscription, tenant and resource group."""

    @property
    def location(self) -> str:
        """Region; of an existing GKE cluster its own location, which may be a zone."""
        existing = self.declared.existing
        return existing.location if isinstance(existing, ExistingGke) else self.declared.region

    @property
    def system_price_basis(self) -> str | None:
        """``<cloud>/<region>/<instance type>/on_demand`` of the nodes that take pods of no pool; None where somebody
        else's cluster decides."""
        if self.declared.existing is not None:
            return None
        return f"{self.declared.cloud}/{self.declared.region}/{self.declared.system_instance_types[0]}/on_demand"

    @property
    def disk_encryption_set_id(self) -> str | None:
        """AKS: of the key that volumes of the platform's own pods have; None: Microsoft's."""
        aks, account = self.declared.aks, self.account
        if aks.encrypt_disks and account.subscription_id is not None and account.resource_group is not None:
            return disk_encryption_set_id(account.subscription_id, account.resource_group, self.physical_name)
        return aks.disk_encryption_set_id

    def pool(self, name: str) -> ResolvedGpuPool | None:
        return next((pool for pool in self.gpu_pools if pool.declared.name == name), None)

    def cpu_pool(self, name: str | None) -> ResolvedCpuPool | None:
        return next((pool for pool in self.cpu_pools if pool.declared.name == name), None)


@dataclass(frozen=True, slots=True)
class Rollout:
    """How pods are exchanged so that a full pool cannot block it."""

    max_surge: int
    max_unavailable: int
    reason: str


@dataclass(frozen=True, slots=True)
class Artefact:
    """What is served of one version: exactly one of the three is set."""

    version: int
    repository: Repository | None = None
    """As Triton gets it."""
    folder: ModelFolder | None = None
    """As another runtime gets it."""
    url: str | None = None
    """``s3://bucket/prefix`` of somebody else's."""

    @property
    def files(self) -> tuple[RepositoryFile, ...]:
        """That are uploaded to the model store; none where they are somebody else's."""
        if self.repository is not None:
            return self.repository.files
        return self.folder.of_version(self.version) if self.folder is not None else ()

    @property
    def digest(self) -> str:
        """Changes when what is served changes: rolls the pods. Of the URL and the version where files are not ours."""
        if self.repository is not None:
            return self.repository.digest
        listed = "".join(f"{file.sha256} {file.key}\n" for file in self.files) or f"{self.url}\n{self.version}"
        return hashlib.sha256(listed.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """One model on one cluster."""

    declared: Model
    department: Department
    cluster: str
    pool: ResolvedGpuPool | None
    """None for a model without GPUs."""
    overflow_pool: ResolvedGpuPool | None
    price_basis: str | None
    """``<cloud>/<region>/<instance type>/<on_demand|spot|reserved>`` of the nodes that it runs on: its pool's, or for
    a model without GPUs the system nodes'; None where somebody else's cluster decides."""
    image: str | None
    """Full reference by digest, or ``registry:<repository>:<tag>`` for a repository of the image registry; None where
    Seldon's installation names it."""
    release: str
    """Of Triton; of another server the image's tag, empty where it has none."""
    format: str
    """That its server reads, as :mod:`modelyard.catalog.runtime_formats` names it."""
    stable: Artefact
    """The version that serves."""
    canary: Artefact | None
    """The version that is tried beside it."""
    min_replicas: int
    max_replicas: int
    rollout: Rollout
    sizing: Choice | None
    """None when there is no objective or no profile; then a notice says so."""
    hostname: str | None
    """Where it answers through the gateway; None in mode knative, where KServe's own ingress names the host."""
    build: ResolvedBuild | None = None
    """What ``image`` is built of; None: somebody else pushes it."""
    cpu_pool: ResolvedCpuPool | None = None
    """Of a model without GPUs that names one; None: any node without GPUs that nothing keeps it from."""

    @property
    def tolerated(self) -> tuple[tuple[str, str, str], ...]:
        """Taints of the nodes of its pools, those that a cloud puts on by itself included."""
        pools = [pool for pool in (self.pool, self.overflow_pool, self.cpu_pool) if pool is not None]
        return tuple(dict.fromkeys(taint for pool in pools for taint in (*pool.taints, *pool.cloud_taints)))

    @property
    def repository(self) -> Repository | None:
        """Triton's, of the version that serves."""
        return self.stable.repository

    @property
    def url(self) -> str | None:
        """``s3://bucket/prefix`` where the files are somebody else's."""
        return self.stable.url

    @property
    def files(self) -> tuple[RepositoryFile, ...]:
        """Of all versions that are served, each content once; none where they are somebody else's."""
        tried = self.canary.files if self.canary is not None else ()
        return tuple(dict.fromkeys((*self.stable.files, *tried)))


@dataclass(frozen=True, slots=True)
class ResolvedEndpoint:
    """One model at a managed service in one region: no cluster, no pool, no node."""

    declared: Model
    """Its ``target`` is where it runs, also where ``auto`` was declared."""
    department: Department
    target: ManagedTarget
    region: str
    image: str | None
    """Full reference by digest, or ``registry:<repository>:<tag>``, that the model names; None: the service's own for
    the release or format."""
    release: str
    """Of Triton; of another server empty."""
    format: str
    """That its server reads, as :mod:`modelyard.catalog.runtime_formats` names it."""
    stable: Artefact
    canary: Artefact | None
    instance_type: str | None
    """As the service names it; None where it has none to name, as serverless."""
    sizing: Choice | None
    """None when there is no objective, no profile or no instance of a known kind; then a notice says so."""
    build: ResolvedBuild | None = None
    """What ``image`` is built of; None: somebody else pushes it."""

    @property
    def versions(self) -> tuple[Artefact, ...]:
        """The stable one, and the canary's where there is one."""
        return (self.stable,) if self.canary is None else (self.stable, self.canary)

    @property
    def files(self) -> tuple[RepositoryFile, ...]:
        """Of all versions that are served, each content once; none where they are somebody else's."""
        return tuple(dict.fromkeys(file for version in self.versions for file in version.files))


@dataclass(frozen=True, slots=True)
class ChosenTarget:
    """What running a model in every place was compared by."""

    department: str
    model: str
    choice: ChoiceOfTarget
    taken: bool
    """Whether ``target: auto`` took it; otherwise it is shown beside what is declared."""
    told: str = ""
    """What of the declaration was not compared, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class ResolvedGraph:
    """One graph of models on one cluster."""

    declared: InferenceGraph
    department: Department
    cluster: str
    hostname: str | None
    """None in mode knative, where KServe's own ingress names the host."""


@dataclass(frozen=True, slots=True)
class ResolvedPipeline:
    """One pipeline of models on one cluster."""

    declared: SeldonPipeline
    department: Department
    cluster: str
    hostname: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """The whole environment, decided."""

    environment: Environment
    clusters: tuple[ResolvedCluster, ...]
    models: tuple[ResolvedModel, ...]
    notices: tuple[str, ...]
    """Sentences that the plan shows: what was left unchecked, and what nobody could reach."""
    graphs: tuple[ResolvedGraph, ...] = ()
    pipelines: tuple[ResolvedPipeline, ...] = ()
    endpoints: tuple[ResolvedEndpoint, ...] = ()
    """Models of managed targets, each once a region."""
    choices: tuple[ChosenTarget, ...] = ()
    """Of models with a traffic profile."""

    def managed_regions(self, cloud: Cloud) -> tuple[str, ...]:
        """Regions of a cloud in which a model has an endpoint, in declared order."""
        managed = self.environment.platform.managed
        used = {each.region for each in self.endpoints if CLOUD_OF[each.target] == cloud}
        return () if managed is None else tuple(region for region in managed.regions(cloud) if region in used)

    def cluster(self, name: str) -> ResolvedCluster:
        return next(cluster for cluster in self.clusters if cluster.declared.name == name)

    def hostnames(self, cluster: str) -> list[str]:
        """Everything that the gateway of a cluster answers for, each once."""
        claims = (*self.models, *self.graphs, *self.pipelines)
        found = (each.hostname for each in claims if each.cluster == cluster)
        return list(dict.fromkeys(name for name in found if name is not None))
